"""Links offered before an application is submitted, and what publishing spares: offers taken up, requests that no longer come."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.domain.commands.publication import Outcome, Sought
from app.domain.subject import document_numbers, subject
from app.domain.terms import Role, SuggestionOutcome
from app.errors import Clash, Invalid, NotFound
from app.models import Agency, Case, CatalogueDocument, Evaluation, Subject, Suggestion
from app.services import journal, likeness, topics
from app.services.desk import Desk
from app.services.figures.scope import Scope
from app.services.visibility import in_reach

OFFERERS = (Role.INTAKE_CLERK, Role.PORTAL)
OFFERED = 5
"""Links offered for one application: more are read by nobody."""

WINDOW = dt.timedelta(days=90)
"""How long before and after a publication the requests for it are counted; a choice of ours."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A published document that may be what is wanted."""

    suggestion_id: int
    item_no: int
    score: int
    document: CatalogueDocument


@dataclass(frozen=True, slots=True)
class Effect:
    """What one publication has brought about; `after` is None until its window has passed or begun."""

    document: CatalogueDocument
    agency: Agency
    requests_before: int
    requests_after: int
    days_after: int
    offered: int
    used: int


def offer(desk: Desk, sought: Sought) -> list[Offer]:
    """Find what is published already among what somebody is about to apply for; the application stays free.

    Raises Invalid for an agency the caller cannot register for.
    """
    agency = desk.session.scalar(select(Agency).where(Agency.code == sought.agency_code))
    if agency is None or not in_reach(desk.actor, agency):
        message = "没有这个受文机关，或者您不能为它登记"
        reason = {"kind": "field", "code": "unknown_agency", "field": "agency_code", "message": message, "basis": ""}
        raise Invalid(message, reasons=[reason])
    documents = published(desk, agency.id)
    best: dict[int, tuple[int, int]] = {}
    for no, item in enumerate(sought.items, 1):
        for document_id, score in matching(documents, *topics.asked([item])):
            if score > best.get(document_id, (0, 0))[0]:
                best[document_id] = (score, no)
    chosen = sorted(best.items(), key=lambda pair: (-pair[1][0], pair[0]))[:OFFERED]
    rows = [
        Suggestion(
            document_id=document_id,
            agency_id=agency.id,
            offered_on=desk.today,
            score=score,
            outcome=SuggestionOutcome.OFFERED,
        )
        for document_id, (score, _) in chosen
    ]
    desk.session.add_all(rows)
    desk.session.flush()
    if rows:
        journal.record(desk, "links_offered", "提示已公开信息", agency_id=agency.id, data={"links": len(rows)})
    return [
        Offer(row.id, no, score, documents[document_id])
        for row, (document_id, (score, no)) in zip(rows, chosen, strict=True)
    ]


def published(desk: Desk, agency_id: int) -> dict[int, CatalogueDocument]:
    """Return an agency's published documents by id."""
    rows = desk.session.scalars(
        select(CatalogueDocument).where(
            CatalogueDocument.agency_id == agency_id, CatalogueDocument.published_on.is_not(None)
        )
    )
    return {row.id: row for row in rows}


def matching(documents: dict[int, CatalogueDocument], *texts: str) -> list[tuple[int, int]]:
    """Return (document id, score) of those that are asked for, most alike first; the same number scores 100."""
    numbers = set(document_numbers(*texts))
    same = {key: 100 for key, row in documents.items() if row.document_no in numbers}
    subjects = {key: row.subject for key, row in documents.items()}
    found = dict(likeness.ranked(subject(*texts), subjects, least=likeness.SIMILAR)) | same
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def conclude(desk: Desk, suggestion_id: int, given: Outcome) -> Suggestion:
    """Enter what the applicant did with a link. Raises NotFound, Clash where it was entered before."""
    row = desk.session.get(Suggestion, suggestion_id, with_for_update=True)
    agency = desk.session.get(Agency, row.agency_id) if row else None
    if row is None or agency is None or not in_reach(desk.actor, agency):
        raise NotFound
    if row.outcome is not SuggestionOutcome.OFFERED:
        raise Clash("结果已经登记")
    row.outcome, row.closed_on = given.outcome, desk.today
    desk.session.flush()
    return row


def effects(desk: Desk, scope: Scope) -> Sequence[Effect]:
    """Measure each publication: requests for the same in equal spans before and after it, and links taken up."""
    offers = (
        select(
            Suggestion.document_id,
            func.count().label("offered"),
            func.count().filter(Suggestion.outcome == SuggestionOutcome.USED).label("used"),
        )
        .group_by(Suggestion.document_id)
        .subquery()
    )
    rows = desk.session.execute(
        select(CatalogueDocument, Agency, func.coalesce(offers.c.offered, 0), func.coalesce(offers.c.used, 0))
        .join(Agency, Agency.id == CatalogueDocument.agency_id)
        .outerjoin(offers, offers.c.document_id == CatalogueDocument.id)
        .where(scope.holds(CatalogueDocument.agency_id), CatalogueDocument.published_on.is_not(None))
        .order_by(CatalogueDocument.published_on.desc(), CatalogueDocument.id.desc())
        .limit(200)
    ).all()
    days = _requests(desk, [row[0].id for row in rows])
    return [_effect(desk, row[0], row[1], days.get(row[0].id, []), row[2], row[3]) for row in rows]


def _requests(desk: Desk, document_ids: list[int]) -> dict[int, list[tuple[dt.date, int]]]:
    """Count the requests for what was published, by day: those of the group that was evaluated, and by number."""
    found: dict[int, list[tuple[dt.date, int]]] = {}
    rows = desk.session.execute(
        select(CatalogueDocument.id, Case.received_on, func.count(Case.id.distinct()))
        .join(Evaluation, Evaluation.document_id == CatalogueDocument.id)
        .join(
            Subject,
            (Subject.agency_id == CatalogueDocument.agency_id)
            & ((Subject.group_id == Evaluation.group_id) | (Subject.document_no == CatalogueDocument.document_no)),
        )
        .join(Case, Case.id == Subject.case_id)
        .where(CatalogueDocument.id.in_(document_ids), Case.received_on.is_not(None))
        .group_by(CatalogueDocument.id, Case.received_on)
    )
    for document_id, received_on, number in rows:
        assert received_on, "selected with a day"
        found.setdefault(document_id, []).append((received_on, number))
    return found


def _effect(
    desk: Desk, row: CatalogueDocument, agency: Agency, days: list[tuple[dt.date, int]], offered: int, used: int
) -> Effect:
    on = row.published_on
    assert on, "selected as published"
    span = min(WINDOW, desk.today - on)
    return Effect(
        document=row,
        agency=agency,
        requests_before=sum(number for day, number in days if on - span <= day < on),
        requests_after=sum(number for day, number in days if on < day <= on + span),
        days_after=span.days,
        offered=offered,
        used=used,
    )
