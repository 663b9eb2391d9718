"""A case: where it stands, who works on it, how it came and what was wanted."""

from app.domain.terms.base import Term


class Stage(Term):
    """The six stages of a case, in the order of 条例第45条 with 送达 added by the users."""

    ACCEPT = "accept", "受理"
    REVIEW = "review", "审核"
    HANDLE = "handle", "办理"
    REPLY = "reply", "答复"
    DELIVER = "deliver", "送达"
    ARCHIVE = "archive", "归档"


class State(Term):
    """Where a case stands; each state belongs to one stage (`stage`)."""

    REGISTERED = "registered", "已登记待受理"
    REVIEWING = "reviewing", "审核中"
    AWAITING_CORRECTION = "awaiting_correction", "待申请人补正"
    HANDLING = "handling", "办理中"
    AWAITING_PAYMENT = "awaiting_payment", "待申请人缴费"
    SECTION_REVIEW = "section_review", "科室审核中"
    LEADER_REVIEW = "leader_review", "待签发"
    SIGNED = "signed", "已签发待发出"
    DELIVERING = "delivering", "送达中"
    DELIVERED = "delivered", "已送达待归档"
    CLOSED = "closed", "已结案待归档"
    ARCHIVED = "archived", "已归档"

    @property
    def stage(self) -> Stage:
        return _STAGE_OF[self]


_STAGE_OF = {
    State.REGISTERED: Stage.ACCEPT,
    State.REVIEWING: Stage.REVIEW,
    State.AWAITING_CORRECTION: Stage.REVIEW,
    State.HANDLING: Stage.HANDLE,
    State.AWAITING_PAYMENT: Stage.HANDLE,
    State.SECTION_REVIEW: Stage.REPLY,
    State.LEADER_REVIEW: Stage.REPLY,
    State.SIGNED: Stage.REPLY,
    State.DELIVERING: Stage.DELIVER,
    State.DELIVERED: Stage.DELIVER,
    State.CLOSED: Stage.ARCHIVE,
    State.ARCHIVED: Stage.ARCHIVE,
}


class CaseKind(Term):
    """What is asked of the agency. Each kind has a workflow of its own; only disclosure is counted in table three."""

    DISCLOSURE = "disclosure", "政府信息公开申请"
    RECTIFICATION = "rectification", "更正申请"
    COMPLAINT = "complaint", "投诉举报"


class CaseOrigin(Term):
    """How a case came into this service."""

    REGISTERED = "registered", "在本服务登记"
    LEDGER = "ledger", "由台账导入"


class RectificationOutcome(Term):
    """What becomes of a request to correct a record about the applicant (条例第41条)."""

    CORRECTED = "corrected", "已更正"
    FORWARDED = "forwarded", "转送有权机关并告知"
    TOLD_WHOM = "told_whom", "告知向有权机关提出"
    REFUSED = "refused", "不予更正"


class ComplaintOutcome(Term):
    """What the supervising department does about a complaint (条例第47条第2款、第51条)."""

    UPHELD = "upheld", "督促整改"
    CRITICISED = "criticised", "通报批评"
    UNFOUNDED = "unfounded", "不成立"
    TRANSFERRED = "transferred", "转有权机关处理"


class Role(Term):
    """What a caller may do; a user holds one or several, an API key exactly one."""

    INTAKE_CLERK = "intake_clerk", "登记员"
    HANDLER = "handler", "经办人"
    REVIEWER = "reviewer", "科室审核人"
    LEGAL_REVIEWER = "legal_reviewer", "合法性审查人"
    SECRECY_REVIEWER = "secrecy_reviewer", "保密审查人"
    APPROVER = "approver", "签发人"
    ARCHIVIST = "archivist", "归档员"
    AGENCY_SUPERVISOR = "agency_supervisor", "机关督办员"
    CITY_SUPERVISOR = "city_supervisor", "全市督办员"
    PORTAL = "portal", "对接平台"
    SCRIPT_READER = "script_reader", "只读脚本"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


class Scope(Term):
    """What an interface key may be narrowed to, within its role; a key without scopes may do all its role allows."""

    READ = "read", "查询"
    REGISTER = "register", "登记申请"
    SUPPLEMENT = "supplement", "转交申请人的补正、撤回和附件"
    PAYMENT = "payment", "登记缴费"
    DELIVERY = "delivery", "登记送达回执"
    SUBSCRIBE = "subscribe", "订阅回调"
    WORK = "work", "其他办理操作"


class RowResult(Term):
    """What became of one application of many that were sent together."""

    CREATED = "created", "已登记"
    EXISTING = "existing", "此前已经登记"
    REFUSED = "refused", "退回"


class Channel(Term):
    """How the application reached the agency; decides the date of receipt (条例第31条)."""

    IN_PERSON = "in_person", "当面提交"
    ORAL = "oral", "口头申请（工作机构代填）"
    REGISTERED_MAIL = "registered_mail", "挂号信、特快专递等需签收的邮寄"
    ORDINARY_MAIL = "ordinary_mail", "平常信函等无需签收的邮寄"
    INTERNET = "internet", "互联网渠道"
    FAX = "fax", "传真"


class ApplicantKind(Term):
    """The applicant columns of the annual report's table three (国办公开办函〔2021〕30号)."""

    NATURAL_PERSON = "natural_person", "自然人"
    COMMERCIAL_ENTERPRISE = "commercial_enterprise", "商业企业"
    RESEARCH_INSTITUTION = "research_institution", "科研机构"
    PUBLIC_WELFARE_ORG = "public_welfare_org", "社会公益组织"
    LEGAL_SERVICE_ORG = "legal_service_org", "法律服务机构"
    OTHER_ORG = "other_org", "其他"


class IdType(Term):
    """The identity document named in the application (条例第29条第2款第1项)."""

    RESIDENT_ID = "resident_id", "居民身份证"
    RESIDENCE_PERMIT_HMT = "residence_permit_hmt", "港澳台居民居住证"
    PASSPORT = "passport", "护照"
    CREDIT_CODE = "credit_code", "统一社会信用代码"
    OTHER = "other", "其他证件"


class Carrier(Term):
    """The form in which the applicant wants the information (条例第29条第2款第3项、第40条)."""

    PAPER = "paper", "纸质"
    ELECTRONIC = "electronic", "电子文本"
    DISC = "disc", "光盘"


class DeliveryMethod(Term):
    """The way by which the applicant wants to receive it (条例第29条第2款第3项、第40条)."""

    POST = "post", "邮寄"
    EMAIL = "email", "电子邮件"
    PICKUP = "pickup", "当面领取"
    WEB = "web", "网上获取"
    FAX = "fax", "传真"
    INSPECT = "inspect", "查阅、抄录"


class ReasonKind(Term):
    """Of what sort an obstacle is."""

    ROLE = "role", "权限"
    STATE = "state", "状态"
    GUARD = "guard", "条件"
    DOCUMENT = "document", "材料"
