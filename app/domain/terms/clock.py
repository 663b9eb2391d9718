"""The clock and the calendar."""

from app.domain.terms.base import Term


class ClockState(Term):
    """What the statutory clock does on a day."""

    IDLE = "idle", "未起算"
    RUNNING = "running", "计时中"
    PAUSED = "paused", "停止计时"
    STOPPED = "stopped", "已答复或已结案"
    ABANDONED = "abandoned", "逾期视为放弃"


class NodeKind(Term):
    """The key nodes of a case, each a date by which somebody must have acted."""

    RECEIPT_CONFIRMATION = "receipt_confirmation", "与申请人确认收到"
    CORRECTION_NOTICE = "correction_notice", "补正告知期限"
    CORRECTION_REPLY = "correction_reply", "申请人补正期限"
    LOCAL_LIMIT = "local_limit", "内控答复期限"
    STATUTORY = "statutory", "法定答复期限"
    HANDLING_LIMIT = "handling_limit", "办理期限（非法定）"
    CONSULTATION_REPLY = "consultation_reply", "征求意见回复期限"
    FEE_PAYMENT = "fee_payment", "信息处理费缴纳期限"
    RECONSIDERATION = "reconsideration", "申请行政复议期限"
    LITIGATION = "litigation", "提起行政诉讼期限"
    LITIGATION_AFTER_RECONSIDERATION = "litigation_after_reconsideration", "不服复议决定起诉期限"


class DayKind(Term):
    """What a day is in an agency's working calendar."""

    WORKDAY = "workday", "工作日"
    REST_DAY = "rest_day", "周末休息"
    HOLIDAY = "holiday", "法定节假日"
    MAKEUP_WORKDAY = "makeup_workday", "调休上班"
    REGIONAL_HOLIDAY = "regional_holiday", "区域假日"
    REGIONAL_WORKDAY = "regional_workday", "区域调休上班"


class Unit(Term):
    """What a limit is counted in."""

    WORKDAYS = "workdays", "个工作日"
    DAYS = "days", "日"
    MONTHS = "months", "个月"


class ReceiptReading(Term):
    """How an application received on a rest day is read; the law is silent."""

    SAME_DAY = "same_day", "以当日为收到日（从严）"
    NEXT_WORKDAY = "next_workday", "视为其后首个工作日收到（从宽）"


class PauseReading(Term):
    """Which boundary days of a consultation are not counted; 条例第33条第3款 only says "所需时间"."""

    OPEN = "open", "发出当日、收到意见当日都计（最严）"
    HALF_OPEN = "half_open", "发出当日计、收到意见当日不计（默认）"
    CLOSED = "closed", "发出当日、收到意见当日都不计（从宽）"


class Waiting(Term):
    """Whom a clock that does not run is waiting for."""

    CONSULTATION = "consultation", "征求意见，所需时间不计入答复期限"
    CORRECTION = "correction", "等待申请人补正"
    PAYMENT = "payment", "等待申请人缴费"
    REASONS = "reasons", "等待申请人说明理由"


class NodeParty(Term):
    """Who must act by a node."""

    AGENCY = "agency", "本机关"
    APPLICANT = "applicant", "申请人"
    CONSULTED = "consulted", "被征求意见方"


class LineKind(Term):
    """What a day is in the day-by-day explanation of a deadline."""

    BASE = "base", "起算日，当日不计"
    COUNTED = "counted", "计入"
    REST = "rest", "休息日，不计"
    PAUSED = "paused", "征求意见期间，不计"
    SUPERSEDED = "superseded", "重新起算前，不计入现期限"
    OVERDUE = "overdue", "超过期限"
