"""What is done between acceptance and reply."""

from app.domain.terms.base import Term


class ConsultationKind(Term):
    """Whose opinion is sought; the time it takes is not counted (条例第33条第3款)."""

    THIRD_PARTY = "third_party", "征求第三方意见"
    CO_PRODUCER = "co_producer", "征求共同制作机关意见"
    OTHER_AGENCY = "other_agency", "征求其他机关意见"


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


class MessageKind(Term):
    """What a message between agencies is."""

    QUESTION = "question", "提问"
    ANSWER = "answer", "回答"
    NOTE = "note", "说明"


class ApplicantTask(Term):
    """What an agency asks of the applicant, told on the public progress page."""

    CORRECTION = "correction", "补正申请内容"
    REASONS = "reasons", "说明申请的理由"
    PAYMENT = "payment", "缴纳信息处理费"


class ReviewPoint(Term):
    """What a reviewer goes through: of an application (条例第29条、第30条、第35—39条), then of a draft of the reply."""

    IDENTITY = "identity", "身份证明和联系方式"
    WANTED = "wanted", "所需信息的描述"
    FORM = "form", "形式要求"
    AGENT = "agent", "代理手续"
    ASSISTANCE = "assistance", "阅读困难、视听障碍的帮助"
    PURPOSE = "purpose", "用途"
    EXCESSIVE = "excessive", "数量、频次"
    OURS = "ours", "是否本机关负责公开"
    PUBLISHED = "published", "是否已主动公开"
    REPEATED = "repeated", "是否重复申请"
    SPECIAL_QUERY = "special_query", "有无特别的查询规定"
    SEVERABLE = "severable", "能否区分处理"
    PROCESSING = "processing", "是否需要加工、分析"
    PETITION = "petition", "是否信访、投诉、举报"
    PUBLICATION = "publication", "是否索取公开出版物"
    THIRD_PARTY = "third_party", "是否涉及第三方"
    SEVERAL_MATTERS = "several_matters", "是否一事一申请"
    POLITICS = "politics", "政治关"
    LAW = "law", "法律关"
    POLICY = "policy", "政策关"
    SECRECY = "secrecy", "保密关"
    WORDING = "wording", "文字关"


class ReviewVerdict(Term):
    """What this service can say of a point of review; the judgement stays with the reviewer."""

    IN_ORDER = "in_order", "未发现问题"
    LOOK = "look", "请注意"
    JUDGE = "judge", "由审核人判断"
