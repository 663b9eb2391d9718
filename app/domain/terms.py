"""Every code list of the service with its Chinese label: the one glossary 中文 ↔ code.

A member is its English code (what the API sends and the database stores) and carries `label`, what a clerk reads.
Adding a member to a list that a database CHECK repeats needs a migration; a test compares the two.
"""

from enum import StrEnum


class Term(StrEnum):
    """A code with a Chinese label."""

    label: str

    def __new__(cls, code: str, label: str = "") -> "Term":
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


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


class ConsultationKind(Term):
    """Whose opinion is sought; the time it takes is not counted (条例第33条第3款)."""

    THIRD_PARTY = "third_party", "征求第三方意见"
    CO_PRODUCER = "co_producer", "征求共同制作机关意见"
    OTHER_AGENCY = "other_agency", "征求其他机关意见"


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


class ReasonKind(Term):
    """Of what sort an obstacle is."""

    ROLE = "role", "权限"
    STATE = "state", "状态"
    GUARD = "guard", "条件"
    DOCUMENT = "document", "材料"


class ProofKind(Term):
    """What proves that the reply reached the applicant."""

    POSTAL_RECEIPT = "postal_receipt", "邮政妥投回执"
    SIGNED_RECEIPT = "signed_receipt", "送达回证（签收）"
    SENDING_LOG = "sending_log", "电子发送与收悉记录"
    PUBLIC_NOTICE = "public_notice", "公告记录"


class ReviewKind(Term):
    """Who looked at a draft of the reply."""

    SECTION = "section", "科室审核"
    SECRECY = "secrecy", "保密审查"
    LEGAL = "legal", "合法性审查"
    LEADER = "leader", "签发"


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


class ReplyFamily(Term):
    """The six groups of results in the annual report's table three (国办公开办函〔2021〕30号)."""

    GRANT = "grant", "予以公开"
    PARTIAL = "partial", "部分公开"
    DENY = "deny", "不予公开"
    UNABLE = "unable", "无法提供"
    REJECT = "reject", "不予处理"
    OTHER = "other", "其他处理"


class ReplyKind(Term):
    """How a request, or one item of it, was answered; what follows from each kind stands in `replies.REPLIES`.

    The order is that of the annual report's rows; `replies.overall` relies on it.
    """

    GRANT_PUBLISHED = "grant_published", "已主动公开，告知获取途径"
    GRANT = "grant", "予以公开"
    PARTIAL = "partial", "部分公开（区分处理）"
    DENY_STATE_SECRET = "deny_state_secret", "属于国家秘密，不予公开"
    DENY_LAW = "deny_law", "法律、行政法规禁止公开"
    DENY_SECURITY = "deny_security", "危及国家安全、公共安全、经济安全、社会稳定，不予公开"
    DENY_THIRD_PARTY = "deny_third_party", "损害第三方合法权益，不予公开"
    DENY_INTERNAL = "deny_internal", "内部事务信息，不予公开"
    DENY_PROCESS = "deny_process", "过程性信息，不予公开"
    DENY_ENFORCEMENT = "deny_enforcement", "行政执法案卷信息，不予公开"
    DENY_QUERY = "deny_query", "行政查询事项，告知依有关规定办理"
    UNABLE_NOT_EXIST = "unable_not_exist", "经检索不存在"
    UNABLE_NOT_OURS = "unable_not_ours", "不属于本机关负责公开"
    UNABLE_CREATE = "unable_create", "没有现成信息，需要加工、分析"
    UNABLE_UNCLEAR = "unable_unclear", "补正后申请内容仍不明确"
    REJECT_PETITION = "reject_petition", "信访、投诉、举报，不作为申请处理"
    REJECT_REPEAT = "reject_repeat", "重复申请，不予重复处理"
    REJECT_PUBLICATION = "reject_publication", "要求提供公开出版物，告知获取途径"
    REJECT_EXCESSIVE = "reject_excessive", "数量、频次明显不合理，不予处理"
    REJECT_REISSUE = "reject_reissue", "要求确认或重新出具已获取信息，不予处理"
    CLOSED_NO_CORRECTION = "closed_no_correction", "逾期不补正，不再处理"
    CLOSED_NO_PAYMENT = "closed_no_payment", "逾期不缴费，不再处理"
    CLOSED_OTHER = "closed_other", "其他处理（撤回申请、非政府信息等）"


class RemedyOrder(Term):
    """Whether reconsideration must come before a lawsuit (复议法第23条)."""

    REVIEW_FIRST = "review_first", "复议前置"
    EITHER = "either", "可以复议，也可以直接起诉"


class AgencyKind(Term):
    """What an agency is under 行政复议法第24–28条, which decides where its replies are reconsidered."""

    PROVINCIAL_GOVERNMENT = "provincial_government", "省、自治区、直辖市人民政府"
    LOCAL_GOVERNMENT = "local_government", "市、县、乡镇人民政府"
    DEPARTMENT = "department", "地方人民政府工作部门"
    DISPATCHED_OFFICE = "dispatched_office", "人民政府派出机关"
    DISPATCHED_BODY = "dispatched_body", "工作部门派出机构"
    DISTRICT_BODY = "district_body", "直辖市、设区的市工作部门按行政区划设立的派出机构"
    AUTHORIZED_ORGANIZATION = "authorized_organization", "地方管理的授权组织"
    JUSTICE_DEPARTMENT = "justice_department", "地方司法行政部门"
    VERTICAL = "vertical", "海关、金融、外汇、税务、国家安全等机关"
    STATE_COUNCIL_DEPARTMENT = "state_council_department", "国务院部门"
    STATE_COUNCIL_BODY = "state_council_body", "国务院部门的派出机构或其管理的授权组织"


class ReportRow(Term):
    """The rows of the annual report's table three, in printed order (国办公开办函〔2021〕30号)."""

    NEW_RECEIVED = "new_received", "一、本年新收政府信息公开申请数量"
    CARRIED_OVER = "carried_over", "二、上年结转政府信息公开申请数量"
    GRANTED = "granted", "三(一)予以公开"
    PARTIALLY_GRANTED = "partially_granted", "三(二)部分公开"
    DENIED_STATE_SECRET = "denied_state_secret", "三(三)1 属于国家秘密"
    DENIED_LAW_FORBIDDEN = "denied_law_forbidden", "三(三)2 其他法律行政法规禁止公开"
    DENIED_SECURITY = "denied_three_security_one_stability", "三(三)3 危及“三安全一稳定”"
    DENIED_THIRD_PARTY_RIGHTS = "denied_third_party_rights", "三(三)4 保护第三方合法权益"
    DENIED_INTERNAL_AFFAIRS = "denied_internal_affairs", "三(三)5 属于三类内部事务信息"
    DENIED_PROCESS_INFO = "denied_process_info", "三(三)6 属于四类过程性信息"
    DENIED_ENFORCEMENT_FILE = "denied_enforcement_file", "三(三)7 属于行政执法案卷"
    DENIED_ADMIN_QUERY = "denied_admin_query", "三(三)8 属于行政查询事项"
    UNABLE_NOT_HELD = "unable_not_held", "三(四)1 本机关不掌握相关政府信息"
    UNABLE_NEEDS_CREATION = "unable_needs_creation", "三(四)2 没有现成信息需要另行制作"
    UNABLE_STILL_UNCLEAR = "unable_still_unclear", "三(四)3 补正后申请内容仍不明确"
    REJECTED_PETITION = "rejected_petition", "三(五)1 信访举报投诉类申请"
    REJECTED_REPEAT = "rejected_repeat", "三(五)2 重复申请"
    REJECTED_PUBLICATION = "rejected_publication", "三(五)3 要求提供公开出版物"
    REJECTED_EXCESSIVE = "rejected_excessive", "三(五)4 无正当理由大量反复申请"
    REJECTED_CONFIRM_OR_REISSUE = "rejected_confirm_or_reissue", "三(五)5 要求行政机关确认或重新出具已获取信息"
    OTHER_NO_CORRECTION = "other_no_correction", "三(六)1 逾期不补正不再处理"
    OTHER_NO_PAYMENT = "other_no_payment", "三(六)2 逾期不缴费不再处理"
    OTHER_OTHER = "other_other", "三(六)3 其他"
    RESULT_TOTAL = "result_total", "三(七)总计"
    CARRIED_FORWARD = "carried_forward", "四、结转下年度继续办理"


class ReportForm(Term):
    """Which printed form a report follows; that of 2019 has one row for 其他处理 where that of 2021 has three."""

    TRIAL_2019 = "2019", "2019年试行格式（国办公开办函〔2019〕60号）"
    FORM_2021 = "2021", "2021年格式（国办公开办函〔2021〕30号）"


class RemedyTrack(Term):
    """The three blocks of the annual report's table four (国办公开办函〔2021〕30号)."""

    RECONSIDERATION = "reconsideration", "行政复议"
    LITIGATION_DIRECT = "litigation_direct", "行政诉讼：未经复议直接起诉"
    LITIGATION_AFTER_RECONSIDERATION = "litigation_after_reconsideration", "行政诉讼：复议后起诉"


class RemedyOutcome(Term):
    """The four outcomes within a block of table four; their sum is the block's total."""

    UPHELD = "upheld", "结果维持"
    CORRECTED = "corrected", "结果纠正"
    OTHER = "other", "其他结果"
    PENDING = "pending", "尚未审结"


class FeeMethod(Term):
    """The two tariffs of the information-processing fee; one request takes one of them (国办函〔2020〕109号第3条)."""

    PER_REQUEST = "per_request", "按件计收"
    PER_PAGE = "per_page", "按量计收"


class FeeNoticePart(Term):
    """What a fee notice must state (国办函〔2020〕109号，据四川省转发通知)."""

    BASIS = "basis", "收费依据"
    STANDARD = "standard", "收费标准"
    AMOUNT = "amount", "收费数额"
    PAYMENT = "payment", "缴纳方式"


class PersonalNumberKind(Term):
    """Numbers of a person that a reply should not carry openly (个人信息保护法第34条)."""

    RESIDENT_ID = "resident_id", "居民身份证号码"
    MOBILE_PHONE = "mobile_phone", "手机号码"


class SearchScope(Term):
    """Where the requested information was looked for; “不存在” needs at least the first two (最高法指导案例101号)."""

    BUSINESS_UNIT = "business_unit", "业务科室"
    ARCHIVE_ROOM = "archive_room", "档案室"
    SYSTEM = "system", "信息系统"
    OTHER = "other", "其他"


class Position(Term):
    """What a consulted party says to the disclosure (条例第32条、第34条)."""

    AGREES = "agrees", "同意公开"
    AGREES_IN_PART = "agrees_in_part", "同意部分公开"
    OBJECTS = "objects", "不同意公开"


class ContactWay(Term):
    """How the agency spoke with the applicant."""

    PHONE = "phone", "电话"
    MEETING = "meeting", "面谈"
    EMAIL = "email", "电子邮件"
    LETTER = "letter", "信函"
    OTHER = "other", "其他方式"


class LegalQualification(Term):
    """In what capacity somebody reviews the legality of a reply."""

    GOVERNMENT_COUNSEL = "government_counsel", "政府法律顾问"
    PUBLIC_LAWYER = "public_lawyer", "公职律师"
    LEGAL_UNIT = "legal_unit", "法制机构人员"


class SupplementKind(Term):
    """Why a second document follows a reply."""

    SUPPLEMENT = "supplement", "补充答复"
    CORRECTION = "correction", "更正答复"


class SendMethod(Term):
    """How the reply is in fact sent; public notice is the last resort."""

    POST = "post", "邮寄"
    EMAIL = "email", "电子邮件"
    PICKUP = "pickup", "当面领取"
    WEB = "web", "网上获取"
    FAX = "fax", "传真"
    INSPECT = "inspect", "查阅、抄录"
    PUBLIC_NOTICE = "public_notice", "公告送达"


class CheckCode(Term):
    """The checks before a reply leaves (`checks.CHECKS` says what each asks, on which article, how strictly)."""

    K01 = "K01", "超期答复"
    K02 = "K02", "补正告知超期或者二次补正"
    K03 = "K03", "延期手续不全"
    K04 = "K04", "信息不存在但检索不足"
    K05 = "K05", "未征求第三方意见"
    K06 = "K06", "第三方反对仍公开而未告知"
    K07 = "K07", "说理不足"
    K08 = "K08", "引用条款错误"
    K09 = "K09", "未判断能否区分处理"
    K10 = "K10", "答非所问"
    K11 = "K11", "答复主体错误"
    K12 = "K12", "不属本机关但未指引"
    K13 = "K13", "已公开但未给获取途径"
    K14 = "K14", "重复申请认定缺少前件"
    K15 = "K15", "信访类认定未告知渠道"
    K16 = "K16", "大量反复申请未先要求说明理由"
    K17 = "K17", "救济告知错误"
    K18 = "K18", "电子送达未提供网上复议渠道"
    K19 = "K19", "送达无凭证"
    K20 = "K20", "由快递公司寄送或者到付"
    K21 = "K21", "未保密审查"
    K22 = "K22", "可能泄露个人信息"
    K23 = "K23", "以“三需要”或者用途拒绝"
    K24 = "K24", "提供形式与申请不符"
    K25 = "K25", "加工制作理由不清"
    K26 = "K26", "收费程序错误"
    K27 = "K27", "国家秘密无证据"
    K28 = "K28", "文号重复、日期倒挂"
    K29 = "K29", "合法性审查缺失"
    K30 = "K30", "联系方式不足以送达"


class CheckGate(Term):
    """Where a check is asked at the latest."""

    SIGN = "sign", "签发前"
    DELIVER = "deliver", "发出前"
    ARCHIVE = "archive", "归档前"


class CheckLevel(Term):
    """What a check that finds something does."""

    BLOCKER = "blocker", "拦截"
    WARNING = "warning", "提示"


class Doc(Term):
    """The documents an agency issues in a case; what each must say stands in `documents`."""

    RECEIPT = "receipt", "登记回执"
    CORRECTION = "correction", "补正告知书"
    REASONS = "reasons", "说明理由告知书"
    EXTENSION = "extension", "延期答复告知书"
    CONSULT_THIRD_PARTY = "consult_third_party", "征求第三方意见书"
    CONSULT_APPLICANT = "consult_applicant", "征求意见告知书（致申请人）"
    NOTICE_THIRD_PARTY = "notice_third_party", "政府信息公开告知书（致第三方）"
    CONSULT_CO_PRODUCER = "consult_co_producer", "征求共同制作机关意见书"
    CONSULT_AGENCY = "consult_agency", "征求其他机关意见书"
    ASSIST = "assist", "协办函"
    FEE = "fee", "收费通知书"
    REPLY = "reply", "政府信息公开申请答复书"
    CLOSING = "closing", "结案告知书"
    TRANSFER = "transfer", "转办函"
    ARCHIVE_INDEX = "archive_index", "卷内目录"


class DocumentForm(Term):
    """The two forms of a document: one to edit in Word or WPS, one to send and to keep (PDF/A-2b)."""

    DOCX = "docx", "可编辑的文字文档"
    PDF = "pdf", "用于发送和归档的版式文档"


class AttachmentKind(Term):
    """What a file put into a case is."""

    APPLICATION = "application", "申请表或者申请材料"
    ID_PROOF = "id_proof", "身份证明"
    AUTHORITY_LETTER = "authority_letter", "授权委托书"
    EVIDENCE = "evidence", "证据和检索材料"
    REDACTED = "redacted", "区分处理后提供的材料"
    DELIVERY_PROOF = "delivery_proof", "送达凭证"
    PAYMENT_RECEIPT = "payment_receipt", "缴费票据"
    OTHER = "other", "其他附件"


class FileType(Term):
    """The types of file a case takes in, told by content, not by name."""

    PDF = "pdf", "PDF 文档"
    DOCX = "docx", "Word 文档（docx）"
    XLSX = "xlsx", "Excel 表格（xlsx）"
    OFD = "ofd", "OFD 版式文档"
    JPG = "jpg", "JPEG 图片"
    PNG = "png", "PNG 图片"
    TXT = "txt", "纯文本"
