"""From request to publication: the disclosure attributes of a document and the evaluations that change them."""

from app.domain.terms.base import Term


class DisclosureAttribute(Term):
    """The four disclosure attributes of a document (公文公开属性)."""

    PUBLISH = "publish", "此件公开发布"
    WITHHOLD = "withhold", "此件不公开"
    ON_REQUEST = "on_request", "此件依申请公开"
    REDACTED = "redacted", "此件删减后公开"


class EvaluationSource(Term):
    """Why it is examined whether a document can be published."""

    FREQUENCY = "frequency", "多个申请人申请相同信息（条例第44条第1款）"
    SUGGESTION = "suggestion", "申请人建议主动公开（条例第44条第2款）"
    REVIEW = "review", "对不予公开的信息定期评估审查（条例第18条）"


class EvaluationStatus(Term):
    """How far an evaluation has come."""

    OPEN = "open", "待评估"
    TO_PUBLISH = "to_publish", "已决定公开，待发布"
    PUBLISHED = "published", "已发布"
    KEPT = "kept", "维持不主动公开"


class SuggestionOutcome(Term):
    """What became of a link that was offered before an application was submitted."""

    OFFERED = "offered", "已提示"
    USED = "used", "申请人已获取，不再申请"
    SUBMITTED = "submitted", "申请人仍提交申请"
