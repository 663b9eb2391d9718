"""What deserves an evaluation: asked for by several people, or refused and not examined for long (条例第44条、第18条)."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import exists, or_, select

from app.domain.nodes import add_months
from app.domain.terms import EvaluationSource, EvaluationStatus
from app.models import Agency, CatalogueDocument, Evaluation
from app.services.desk import Desk
from app.services.figures import hot
from app.services.figures.scope import Scope

LEAST_APPLICANTS = 2
"""条例第44条第1款 speaks of several applicants: two are several."""

MONTHS = 24
"""How far back requests are counted, and how long an evaluation holds."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to evaluate; either what cases ask for, or a document of the catalogue."""

    source: EvaluationSource
    title: str
    agency_code: str
    agency_name: str
    case_id: int | None
    document_id: int | None
    requests: int
    applicants: int
    opened: int
    review_by: dt.date | None


def of(desk: Desk, scope: Scope, limit: int) -> list[Candidate]:
    """List the candidates: most asked first, then documents due for examination, longest due first."""
    earliest = add_months(desk.today, -MONTHS)
    busy = select(Evaluation.group_id).where(
        Evaluation.group_id.is_not(None),
        or_(Evaluation.status != EvaluationStatus.KEPT, Evaluation.decided_on >= earliest),
    )
    known = set(desk.session.scalars(busy))
    asked = [
        Candidate(
            EvaluationSource.FREQUENCY,
            one.title,
            one.agency_code,
            one.agency_name,
            one.group_id,
            None,
            one.requests,
            one.applicants,
            one.opened,
            None,
        )
        for one in hot.since(desk, scope, earliest, limit + len(known))
        if one.applicants >= LEAST_APPLICANTS and one.group_id not in known
    ]
    return [*asked[:limit], *_to_review(desk, scope, limit)]


def _to_review(desk: Desk, scope: Scope, limit: int) -> list[Candidate]:
    under_way = exists().where(
        Evaluation.document_id == CatalogueDocument.id,
        Evaluation.status.in_((EvaluationStatus.OPEN, EvaluationStatus.TO_PUBLISH)),
    )
    rows = desk.session.execute(
        select(CatalogueDocument, Agency)
        .join(Agency, Agency.id == CatalogueDocument.agency_id)
        .where(scope.holds(CatalogueDocument.agency_id), CatalogueDocument.review_by <= desk.today, ~under_way)
        .order_by(CatalogueDocument.review_by, CatalogueDocument.id)
        .limit(limit)
    )
    return [
        Candidate(EvaluationSource.REVIEW, row.title, agency.code, agency.name, None, row.id, 0, 0, 0, row.review_by)
        for row, agency in rows
    ]
