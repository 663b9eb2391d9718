"""What a person's day is made of: how urgent a case is, whose turn it is, who is reminded of what."""

from app.domain.terms.base import Term


class Urgency(Term):
    """How near the next date of a case is, most urgent first."""

    LATE = "late", "已逾期"
    TODAY = "today", "今天到期"
    SOON = "soon", "三个工作日内到期"
    LATER = "later", "尚有时间"
    NONE = "none", "没有本机关的期限"


class WorklistView(Term):
    """Whose work is listed."""

    MINE = "mine", "轮到我办的"
    TEAM = "team", "本单位在办的全部案件"


class ReminderTier(Term):
    """Who is reminded, from the nearest to the case upwards."""

    HANDLER = "handler", "经办人"
    SECTION_LEADER = "section_leader", "科室审核人"
    SUPERVISOR = "supervisor", "督办员"
