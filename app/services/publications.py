"""From request to publication: the catalogue, evaluations, publication in 20 working days, and what it spares people."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, Select, func, select

from app.domain import nodes
from app.domain.commands import PLAIN, Strict
from app.domain.commands.publication import (
    Attribution,
    DocumentEntry,
    EvaluationDecision,
    EvaluationEntry,
    Publication,
)
from app.domain.limits import LIMITS
from app.domain.masking import Veil
from app.domain.settings import AgencySettings
from app.domain.subject import document_numbers, subject
from app.domain.terms import DisclosureAttribute, EvaluationSource, EvaluationStatus, Role
from app.errors import Clash, Invalid, NotFound
from app.models import Agency, Case, CatalogueDocument, Evaluation, Subject
from app.services import files, journal, persons, topics
from app.services.desk import Desk
from app.services.visibility import visible_rows

EDITORS = (Role.HANDLER, Role.REVIEWER, Role.APPROVER, Role.AGENCY_SUPERVISOR)
DECIDERS = (Role.APPROVER, Role.AGENCY_SUPERVISOR)

_PUBLIC = frozenset({DisclosureAttribute.PUBLISH, DisclosureAttribute.REDACTED})
BASIS = LIMITS["publication"].article


class Query(Strict):
    """What a catalogue is narrowed to."""

    agency: str | None = Field(None, max_length=64, description="机关代码")
    attribute: DisclosureAttribute | None = Field(None, description="公开属性")
    published: bool | None = Field(None, description="true 只看已发布的，false 只看没有发布的")
    review_due: bool | None = Field(None, description="true 只看已到定期评估审查之日的")
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=100), PLAIN] = Field(20, description="每页件数")


class EvaluationQuery(Strict):
    """What a list of evaluations is narrowed to."""

    agency: str | None = Field(None, max_length=64, description="机关代码")
    status: EvaluationStatus | None = Field(None, description="状态")
    source: EvaluationSource | None = Field(None, description="来源")
    page: Annotated[int, Field(ge=1, le=10_000), PLAIN] = Field(1, description="第几页")
    size: Annotated[int, Field(ge=1, le=100), PLAIN] = Field(20, description="每页件数")


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A document with its agency."""

    row: CatalogueDocument
    agency: Agency
    review_due: bool


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation with its agency, its document and the day by which it must be published."""

    row: Evaluation
    agency: Agency
    document: CatalogueDocument | None
    publish_by: dt.date | None
    late: bool
    left_workdays: int | None
    veil: Veil


def enter(desk: Desk, entry: DocumentEntry) -> Catalogued:
    """Enter a document of the caller's own agency. Raises Clash for a document number entered before."""
    agency = desk.session.get_one(Agency, desk.actor.agency_id)
    row = _entered(desk, agency, entry.title, entry.document_no, entry)
    row.formed_on = entry.formed_on
    if entry.formed_on and entry.formed_on > desk.today:
        raise _invalid("formed_on", "形成之日不能晚于今天")
    desk.session.flush()
    _record(desk, agency.id, "document_catalogued", "登记公开属性", document_id=row.id, attribute=entry.attribute.value)
    return _catalogued(desk, row, agency)


def attribute(desk: Desk, document_id: int, given: Attribution) -> Catalogued:
    """Change the attribute of a document; what was published stays so. Raises NotFound, Clash."""
    row, agency = _document(desk, document_id, lock=True)
    if row.published_on and given.attribute not in _PUBLIC:
        raise Clash("已经发布的文件，不能改为不公开；确需撤回的，先在平台上撤下")
    _attribute(desk, row, agency, given)
    _record(desk, agency.id, "attribute_changed", "更改公开属性", document_id=row.id, attribute=given.attribute.value)
    return _catalogued(desk, row, agency)


def catalogue(desk: Desk, query: Query) -> tuple[list[Catalogued], int]:
    """Return one page of the documents of the caller's agency, for supervisors of all below; and how many there are."""
    wanted = _documents(desk)
    if query.agency:
        wanted = wanted.where(Agency.code == query.agency)
    if query.attribute:
        wanted = wanted.where(CatalogueDocument.attribute == query.attribute)
    if query.published is not None:
        published = CatalogueDocument.published_on.is_not(None)
        wanted = wanted.where(published if query.published else ~published)
    if query.review_due:
        wanted = wanted.where(CatalogueDocument.review_by <= desk.today)
    total, rows = _page(desk, wanted, CatalogueDocument.id, query.page, query.size)
    return [_catalogued(desk, *row) for row in rows], total


def propose(desk: Desk, entry: EvaluationEntry) -> Evaluated:
    """Open an evaluation. Raises NotFound, Invalid, Clash where one is under way."""
    if (entry.case_id is None) == (entry.document_id is None):
        raise _invalid("case_id", "案件和目录中的文件填且只填一项")
    if entry.case_id is not None:
        row = _of_case(desk, entry.case_id, entry.source)
        same = Evaluation.group_id == row.group_id
    else:
        document, agency = _document(desk, entry.document_id or 0)
        if document.published_on:
            raise Clash("这份文件已经发布")
        row = _new(desk, agency.id, entry.source, document.title, 0)
        row.document_id = document.id
        same = Evaluation.document_id == document.id
    under_way = Evaluation.status.in_((EvaluationStatus.OPEN, EvaluationStatus.TO_PUBLISH))
    if desk.session.scalar(select(Evaluation.id).where(same, under_way).limit(1)):
        raise Clash("这一信息正在评估或者等待发布")
    desk.session.add(row)
    desk.session.flush()
    _record(desk, row.agency_id, "evaluation_opened", "提出公开评估", evaluation_id=row.id, source=row.source.value)
    return get(desk, row.id)


def _of_case(desk: Desk, case_id: int, source: EvaluationSource) -> Evaluation:
    case = files.open_file(desk, case_id).case
    topics.enter_each(desk.session, [case.id])  # unless that has been done
    asked = desk.session.get(Subject, case.id)
    group = asked.group_id if asked else case.id
    number = (
        select(func.count()).select_from(Subject).where(Subject.agency_id == case.agency_id, Subject.group_id == group)
    )
    first = desk.session.get(Case, group) or case
    title = persons.veils_of(desk, [first.id])[first.id].over(first.title)  # the catalogue names documents, nobody else
    row = _new(desk, case.agency_id, source, title, desk.session.scalar(number) or 1)
    row.group_id = group
    return row


def _new(desk: Desk, agency_id: int, source: EvaluationSource, title: str, requests: int) -> Evaluation:
    return Evaluation(
        agency_id=agency_id,
        source=source,
        title=title,
        requests=requests,
        opened_on=desk.today,
        opened_by=desk.actor.name,
        status=EvaluationStatus.OPEN,
    )


def decide(desk: Desk, evaluation_id: int, decision: EvaluationDecision) -> Evaluated:
    """Decide: to publish, whole or redacted, within 20 working days (条例第26条), or to keep it as it is."""
    row, agency = _evaluation(desk, evaluation_id)
    if row.status is not EvaluationStatus.OPEN:
        raise Clash(f"这项评估{row.status.label}")
    document = desk.session.get(CatalogueDocument, row.document_id) if row.document_id else None
    if document is None:
        asked = desk.session.get(Subject, row.group_id) if row.group_id else None
        number = decision.document_no or (asked.document_no if asked else None)
        document = _known(desk, agency.id, number) or _entered(
            desk, agency, decision.title or row.title, number, decision
        )
    _attribute(desk, document, agency, decision)
    desk.session.flush()
    row.document_id = document.id
    row.status = EvaluationStatus.TO_PUBLISH if decision.attribute in _PUBLIC else EvaluationStatus.KEPT
    row.opinion, row.decided_on, row.decided_by = decision.reason, desk.today, desk.actor.name
    _record(
        desk, agency.id, "evaluation_decided", "决定公开评估", evaluation_id=row.id, attribute=decision.attribute.value
    )
    return get(desk, row.id)


def publish(desk: Desk, evaluation_id: int, publication: Publication) -> Evaluated:
    """Enter that it was published: from here its link is offered to whoever is about to ask for it."""
    row, agency = _evaluation(desk, evaluation_id)
    if row.status is not EvaluationStatus.TO_PUBLISH or row.decided_on is None:
        raise Clash("须先评估决定公开，而且尚未发布")
    on = publication.published_on or desk.today
    if not row.decided_on <= on <= desk.today:
        raise _invalid("published_on", "发布之日须在决定之日与今天之间")
    document = desk.session.get_one(CatalogueDocument, row.document_id)
    document.url, document.published_on, document.updated_at = publication.url, on, desk.now
    document.review_by = None
    row.status, row.published_on = EvaluationStatus.PUBLISHED, on
    _record(desk, agency.id, "document_published", "登记主动公开", evaluation_id=row.id, document_id=document.id)
    return get(desk, row.id)


def get(desk: Desk, evaluation_id: int) -> Evaluated:
    """Return one evaluation. Raises NotFound."""
    desk.session.flush()
    row = desk.session.execute(_evaluations(desk).where(Evaluation.id == evaluation_id)).one_or_none()
    if row is None:
        raise NotFound
    evaluation, agency, document = row
    veil = persons.veils_of(desk, [evaluation.group_id])[evaluation.group_id]
    return _evaluated(desk, evaluation, agency, document, veil)


def evaluations(desk: Desk, query: EvaluationQuery) -> tuple[list[Evaluated], int]:
    """Return one page of the evaluations, newest first, and how many there are."""
    wanted = _evaluations(desk)
    if query.agency:
        wanted = wanted.where(Agency.code == query.agency)
    if query.status:
        wanted = wanted.where(Evaluation.status == query.status)
    if query.source:
        wanted = wanted.where(Evaluation.source == query.source)
    total, rows = _page(desk, wanted, Evaluation.id, query.page, query.size)
    veils = persons.veils_of(desk, (row.group_id for row, *_ in rows))
    return [_evaluated(desk, row, agency, document, veils[row.group_id]) for row, agency, document in rows], total


def _entered(desk: Desk, agency: Agency, title: str, document_no: str | None, given: Attribution) -> CatalogueDocument:
    number = next(iter(document_numbers(document_no)), document_no)
    if _known(desk, agency.id, number):
        raise Clash("目录中已经有这个文号的文件")
    row = CatalogueDocument(
        agency_id=agency.id, title=title, document_no=number, subject=subject(title), updated_at=desk.now
    )
    _attribute(desk, row, agency, given)
    desk.session.add(row)
    return row


def _known(desk: Desk, agency_id: int, document_no: str | None) -> CatalogueDocument | None:
    if document_no is None:
        return None
    number = next(iter(document_numbers(document_no)), document_no)
    return desk.session.scalar(
        select(CatalogueDocument).where(
            CatalogueDocument.agency_id == agency_id, CatalogueDocument.document_no == number
        )
    )


def _attribute(desk: Desk, row: CatalogueDocument, agency: Agency, given: Attribution) -> None:
    row.attribute, row.reason, row.basis = given.attribute, given.reason, given.basis
    row.decided_on, row.decided_by, row.updated_at = desk.today, desk.actor.name, desk.now
    months = AgencySettings.model_validate(agency.settings).refusal_review_months
    public = given.attribute is DisclosureAttribute.PUBLISH
    row.review_by = None if public else nodes.add_months(desk.today, months)


def _documents(desk: Desk) -> Select[CatalogueDocument, Agency]:
    return (
        select(CatalogueDocument, Agency)
        .join(Agency, Agency.id == CatalogueDocument.agency_id)
        .where(_seen(desk))
        .order_by(CatalogueDocument.id.desc())
    )


def _evaluations(desk: Desk) -> Select[Evaluation, Agency, CatalogueDocument | None]:
    return (
        select(Evaluation, Agency, CatalogueDocument)
        .join(Agency, Agency.id == Evaluation.agency_id)
        .outerjoin(CatalogueDocument, CatalogueDocument.id == Evaluation.document_id)
        .where(visible_rows(desk.actor, Evaluation.agency_id.expression))
        .order_by(Evaluation.id.desc())
    )


def _seen(desk: Desk) -> ColumnElement[bool]:
    """Build the condition that a document is one the caller may see: for a portal, what is published below its agency."""
    if Role.PORTAL in desk.actor.roles:
        below = Agency.path.startswith(desk.actor.agency_path, autoescape=True)
        return below & CatalogueDocument.published_on.is_not(None)
    return visible_rows(desk.actor, CatalogueDocument.agency_id.expression)


def _document(desk: Desk, document_id: int, *, lock: bool = False) -> tuple[CatalogueDocument, Agency]:
    wanted = _documents(desk).where(CatalogueDocument.id == document_id)
    row = desk.session.execute(wanted.with_for_update(of=CatalogueDocument) if lock else wanted).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _evaluation(desk: Desk, evaluation_id: int) -> tuple[Evaluation, Agency]:
    wanted = select(Evaluation, Agency).join(Agency, Agency.id == Evaluation.agency_id)
    wanted = wanted.where(Evaluation.id == evaluation_id, visible_rows(desk.actor, Evaluation.agency_id.expression))
    row = desk.session.execute(wanted.with_for_update(of=Evaluation)).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _page(desk: Desk, wanted: Any, key: Any, page: int, size: int) -> tuple[int, Sequence[Any]]:
    total = desk.session.scalar(
        select(func.count()).select_from(wanted.with_only_columns(key).order_by(None).subquery())
    )
    return total or 0, desk.session.execute(wanted.limit(size).offset((page - 1) * size)).all()


def _catalogued(desk: Desk, row: CatalogueDocument, agency: Agency) -> Catalogued:
    return Catalogued(row, agency, row.review_by is not None and row.review_by <= desk.today)


def _evaluated(
    desk: Desk, row: Evaluation, agency: Agency, document: CatalogueDocument | None, veil: Veil
) -> Evaluated:
    calendar = desk.book.of(agency.region)
    publishing = row.status in {EvaluationStatus.TO_PUBLISH, EvaluationStatus.PUBLISHED}
    by = nodes.publication_due(row.decided_on, calendar) if publishing and row.decided_on else None
    late = by is not None and (row.published_on or desk.today) > by
    left = calendar.count(desk.today, by) if by and row.published_on is None else None
    return Evaluated(row, agency, document, by, late, left, veil)


def _record(desk: Desk, agency_id: int, act: str, label: str, **data: Any) -> None:
    journal.record(desk, act, label, agency_id=agency_id, data=data)


def _invalid(field: str, message: str) -> Invalid:
    reason = {"kind": "field", "code": "not_applicable", "field": field, "message": message, "basis": ""}
    return Invalid(message, reasons=[reason])
