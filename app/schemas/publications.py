"""Hints, the catalogue, evaluations, offered links and what they spare."""

import datetime as dt

from pydantic import Field

from app.domain.masking import Veil
from app.domain.shape import Shape
from app.domain.terms import (
    DisclosureAttribute,
    EvaluationSource,
    EvaluationStatus,
    ReplyKind,
    State,
    SuggestionOutcome,
)
from app.models import CatalogueDocument, Suggestion
from app.services.candidates import Candidate
from app.services.publications import BASIS, Catalogued, Evaluated
from app.services.similar import Hints, Similar
from app.services.suggestions import Effect, Offer


class SimilarOut(Shape):
    """Another request that may be for the same."""

    case_id: int
    case_no: str
    title: str
    state: State
    state_label: str
    received_on: dt.date | None
    outcome: ReplyKind | None
    outcome_label: str | None
    score: int = Field(description="相似度，0—100；100 为内容相同或者文号相同")
    same_document: bool = Field(description="文号相同")
    same_applicant: bool = Field(description="同一申请人")
    may_be_repeated: bool = Field(
        description="同一申请人、内容相似且前件已经答复，可能属于条例第36条第（六）项；由人判断"
    )


class PublishedLink(Shape):
    """A published document about the same."""

    document_id: int
    title: str
    document_no: str | None
    url: str
    published_on: dt.date
    score: int


class HintsOut(Shape):
    """What is known about the subject of a case: hints only, never a refusal."""

    note: str
    items: list[SimilarOut] = Field(description="最多二十件，可能重复的在前")
    total: int
    applicants: int = Field(
        description="申请同一信息的不同申请人（含本件），两人以上可以纳入主动公开（条例第44条第1款）"
    )
    published: list[PublishedLink] = Field(description="已经主动公开的，可以直接告知获取途径（条例第36条第（一）项）")


class PublishedDocumentOut(Shape):
    """A document of the catalogue."""

    id: int
    agency_code: str
    agency_name: str
    title: str
    document_no: str | None
    formed_on: dt.date | None
    attribute: DisclosureAttribute
    attribute_label: str
    reason: str | None
    basis: str | None
    decided_on: dt.date
    review_by: dt.date | None = Field(description="下一次评估审查之日（条例第18条；间隔由机关设定）")
    review_due: bool
    url: str | None
    published_on: dt.date | None


class DocumentPage(Shape):
    items: list[PublishedDocumentOut]
    total: int
    page: int
    size: int


class EvaluationOut(Shape):
    """An evaluation and the publication that follows from it."""

    id: int
    agency_code: str
    agency_name: str
    source: EvaluationSource
    source_label: str
    title: str
    case_id: int | None = Field(description="最早申请这一信息的案件")
    document_id: int | None
    requests: int
    opened_on: dt.date
    status: EvaluationStatus
    status_label: str
    attribute: DisclosureAttribute | None
    attribute_label: str | None
    opinion: str | None
    decided_on: dt.date | None
    publish_by: dt.date | None = Field(description="自决定之日起20个工作日")
    basis: str = Field(description="条例第26条的20个工作日自信息形成或者变更之日起算；自决定之日起算是系统默认")
    left_workdays: int | None
    late: bool
    published_on: dt.date | None
    url: str | None


class EvaluationPage(Shape):
    items: list[EvaluationOut]
    total: int
    page: int
    size: int


class CandidateOut(Shape):
    """Something that deserves an evaluation."""

    source: EvaluationSource
    source_label: str
    title: str
    agency_code: str
    agency_name: str
    case_id: int | None
    document_id: int | None
    requests: int
    applicants: int
    opened: int
    review_by: dt.date | None


class CandidateList(Shape):
    items: list[CandidateOut]


class SuggestionOut(Shape):
    """A published document that may be what is wanted."""

    suggestion_id: int
    item_no: int = Field(description="对应第几项申请内容")
    title: str
    document_no: str | None
    url: str
    published_on: dt.date
    score: int


class SuggestionList(Shape):
    note: str
    items: list[SuggestionOut]


class SuggestionResult(Shape):
    suggestion_id: int
    outcome: SuggestionOutcome
    outcome_label: str
    closed_on: dt.date | None


class EffectOut(Shape):
    """What one publication has brought about."""

    document_id: int
    title: str
    agency_code: str
    agency_name: str
    published_on: dt.date
    url: str
    days: int = Field(description="比较的天数，发布前后各这么多天，最多90天")
    requests_before: int
    requests_after: int
    offered: int = Field(description="向后来的申请人提示的次数")
    used: int = Field(description="其中申请人已获取、不再申请的")


class EffectList(Shape):
    items: list[EffectOut]


NO_REFUSAL = "仅供参考：相似不等于重复，是否属于重复申请由经办人判断，系统不自动拒绝"
FREE = "下列信息已经主动公开，可以直接获取；仍需申请的，不影响提交"


def hints_out(found: Hints) -> HintsOut:
    return HintsOut(
        note=NO_REFUSAL,
        items=[_similar(one) for one in found.similar],
        total=found.total,
        applicants=found.applicants,
        published=[_link(row, score) for row, score in found.published],
    )


def _similar(found: Similar) -> SimilarOut:
    plain = {name: getattr(found, name) for name in SimilarOut.model_fields if not name.endswith("_label")}
    return SimilarOut(
        **plain, state_label=found.state.label, outcome_label=found.outcome.label if found.outcome else None
    )


def _published(row: CatalogueDocument) -> tuple[str, dt.date]:
    assert row.url, "held by a CHECK"
    assert row.published_on, "held by a CHECK"
    return row.url, row.published_on


def _link(row: CatalogueDocument, score: int) -> PublishedLink:
    url, on = _published(row)
    return PublishedLink(
        document_id=row.id, title=row.title, document_no=row.document_no, url=url, published_on=on, score=score
    )


def document_out(found: Catalogued) -> PublishedDocumentOut:
    row = found.row
    same = ("id", "title", "document_no", "formed_on", "attribute", "reason", "basis", "decided_on", "review_by", "url")
    return PublishedDocumentOut(
        **Veil(()).over_all({name: getattr(row, name) for name in same if name != "url"}),
        url=row.url,
        published_on=row.published_on,
        agency_code=found.agency.code,
        agency_name=found.agency.name,
        attribute_label=row.attribute.label,
        review_due=found.review_due,
    )


def evaluation_out(found: Evaluated) -> EvaluationOut:
    row, document = found.row, found.document
    same = ("id", "source", "title", "document_id", "requests", "opened_on", "status", "opinion", "decided_on")
    attribute = document.attribute if document and row.decided_on else None
    return EvaluationOut(
        **found.veil.over_all({name: getattr(row, name) for name in (*same, "published_on")}),
        agency_code=found.agency.code,
        agency_name=found.agency.name,
        source_label=row.source.label,
        case_id=row.group_id,
        status_label=row.status.label,
        attribute=attribute,
        attribute_label=attribute.label if attribute else None,
        publish_by=found.publish_by,
        basis=BASIS,
        left_workdays=found.left_workdays,
        late=found.late,
        url=document.url if document else None,
    )


def candidate_out(found: Candidate) -> CandidateOut:
    plain = {name: getattr(found, name) for name in CandidateOut.model_fields if not name.endswith("_label")}
    return CandidateOut(**plain, source_label=found.source.label)


def suggestions_out(found: list[Offer]) -> SuggestionList:
    return SuggestionList(
        note=FREE if found else "没有找到已经主动公开的相同信息",
        items=[
            SuggestionOut(
                suggestion_id=one.suggestion_id,
                item_no=one.item_no,
                **_link(one.document, one.score).model_dump(exclude={"document_id"}),
            )
            for one in found
        ],
    )


def suggestion_result(row: Suggestion) -> SuggestionResult:
    return SuggestionResult(
        suggestion_id=row.id, outcome=row.outcome, outcome_label=row.outcome.label, closed_on=row.closed_on
    )


def effect_out(found: Effect) -> EffectOut:
    url, on = _published(found.document)
    return EffectOut(
        document_id=found.document.id,
        title=found.document.title,
        agency_code=found.agency.code,
        agency_name=found.agency.name,
        published_on=on,
        url=url,
        days=found.days_after,
        requests_before=found.requests_before,
        requests_after=found.requests_after,
        offered=found.offered,
        used=found.used,
    )
