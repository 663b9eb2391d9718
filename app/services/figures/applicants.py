"""Who applies most, for 条例第35条 (数量、频次明显超过合理范围); told with masked names, to those who may see the cases."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.domain.period import Period
from app.domain.terms import ApplicantKind, ReplyKind
from app.models import Applicant, Case
from app.models.keyring import keyring_of
from app.services.desk import Desk
from app.services.figures.scope import Scope

_REPEATED = (ReplyKind.REJECT_REPEAT, ReplyKind.REJECT_EXCESSIVE)


@dataclass(frozen=True, slots=True)
class Frequent:
    """One applicant, known by the digest of his identity number."""

    name: str | None
    kind: ApplicantKind
    requests: int
    agencies: int
    refused_as_repeat: int
    latest_case_id: int


def frequent(desk: Desk, scope: Scope, period: Period, limit: int, least: int) -> list[Frequent]:
    """Rank the applicants who gave an identity number and applied at least `least` times in the period."""
    counted = (
        select(
            func.max(Case.id).label("latest"),
            func.count().label("requests"),
            func.count(Case.agency_id.distinct()).label("agencies"),
            func.count().filter(Case.outcome.in_(_REPEATED)).label("refused"),
        )
        .join(Applicant, Applicant.case_id == Case.id)
        .where(
            scope.requests(),
            Case.received_on.between(period.first, period.last),
            Applicant.id_digest.is_not(None),
        )
        .group_by(Applicant.id_digest)
        .having(func.count() >= least)
        .order_by(func.count().desc(), func.max(Case.id))
        .limit(limit)
        .subquery()
    )
    rows = desk.session.execute(
        select(Applicant, counted.c.requests, counted.c.agencies, counted.c.refused)
        .join(counted, counted.c.latest == Applicant.case_id)
        .order_by(counted.c.requests.desc(), counted.c.latest)
    ).all()
    keyring_of(desk.session).fetch(desk.session, [who.case_id for who, *_ in rows])
    return [
        Frequent(who.name, who.kind, requests, agencies, refused, who.case_id)
        for who, requests, agencies, refused in rows
    ]
