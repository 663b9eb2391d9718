"""The reply: its kinds, its reviews and checks, how it is sent."""

from app.domain.terms.base import Term


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


class ReviewKind(Term):
    """Who looked at a draft of the reply."""

    SECTION = "section", "科室审核"
    SECRECY = "secrecy", "保密审查"
    LEGAL = "legal", "合法性审查"
    LEADER = "leader", "签发"


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


class ProofKind(Term):
    """What proves that the reply reached the applicant."""

    POSTAL_RECEIPT = "postal_receipt", "邮政妥投回执"
    SIGNED_RECEIPT = "signed_receipt", "送达回证（签收）"
    SENDING_LOG = "sending_log", "电子发送与收悉记录"
    PUBLIC_NOTICE = "public_notice", "公告记录"


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


class PersonalNumberKind(Term):
    """Numbers of a person that a reply should not carry openly (个人信息保护法第34条)."""

    RESIDENT_ID = "resident_id", "居民身份证号码"
    MOBILE_PHONE = "mobile_phone", "手机号码"
