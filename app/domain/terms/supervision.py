"""Supervision: marks, demands to an agency, lists of problems, and what lies behind a request."""

from app.domain.terms.base import Term


class Mark(Term):
    """The marks of the supervision lists."""

    YELLOW = "yellow", "黄牌：即将到期"
    RED = "red", "红牌：超期未办结"
    BLACK = "black", "黑牌：超期办结"


class SupervisionStatus(Term):
    """How far a supervision has come."""

    ISSUED = "issued", "待回复"
    ANSWERED = "answered", "已回复待审核"
    RETURNED = "returned", "退回重报"
    CLOSED = "closed", "已办结"


class ProblemSource(Term):
    """Where a problem of an agency was found."""

    SUPERVISION = "supervision", "督办"
    REMEDY = "remedy", "复议诉讼"
    BULLETIN = "bulletin", "季度通报"
    INSPECTION = "inspection", "检查评议"
    SELF = "self", "自查"


class UnderlyingProblem(Term):
    """What a request for information is really about; a list of ours, after what such requests are about in practice."""

    LAND = "land", "征地拆迁和补偿安置"
    HOUSING = "housing", "住房和物业"
    PLANNING = "planning", "规划建设"
    ENVIRONMENT = "environment", "环境保护"
    LABOUR = "labour", "劳动就业和社会保障"
    WELFARE = "welfare", "民政和救助"
    EDUCATION = "education", "教育"
    HEALTH = "health", "医疗卫生"
    FINANCE = "finance", "资金和项目"
    ENFORCEMENT = "enforcement", "行政执法"
    VILLAGE = "village", "村务和集体资产"
    OTHER = "other", "其他"


class FollowUpStatus(Term):
    """How far the problem behind a request has been taken up."""

    OPEN = "open", "待推动"
    IN_PROGRESS = "in_progress", "推动解决中"
    SOLVED = "solved", "已解决"
    NOT_SOLVABLE = "not_solvable", "已说明无法解决"
