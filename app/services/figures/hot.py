"""What is asked for most: requests for the same information of the same agency, counted together."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.domain.period import Period
from app.domain.replies import REPLIES
from app.domain.terms import ReplyFamily, ReplyKind
from app.models import Agency, Applicant, Case, Subject
from app.services import persons
from app.services.desk import Desk
from app.services.figures.scope import Scope

_OPENED = tuple(kind for kind in ReplyKind if REPLIES[kind].family in {ReplyFamily.GRANT, ReplyFamily.PARTIAL})


@dataclass(frozen=True, slots=True)
class Hot:
    """One subject: asked how often, by how many people, and how often it was given out."""

    group_id: int  # the case that asked first
    agency_code: str
    agency_name: str
    title: str
    document_no: str | None
    requests: int
    applicants: int
    opened: int
    refused: int


def subjects(desk: Desk, scope: Scope, period: Period, limit: int, *, least: int = 2) -> list[Hot]:
    """Rank the subjects asked for at least `least` times in the period, most asked first."""
    return _ranked(desk, scope, period.first, period.last, limit, least)


def since(desk: Desk, scope: Scope, first: dt.date, limit: int) -> list[Hot]:
    """Rank the subjects asked for more than once since a day."""
    return _ranked(desk, scope, first, desk.today, limit, 2)


def _ranked(desk: Desk, scope: Scope, first: dt.date, last: dt.date, limit: int, least: int) -> list[Hot]:
    found = desk.session.execute(_ranking(scope, first, last, limit, least)).all()
    veils = persons.veils_of(desk, [case.id for case, *_ in found])  # an applicant may be named in what he asked for
    return [Hot(case.id, code, name, veils[case.id].over(case.title), *rest) for case, code, name, *rest in found]


def _ranking(scope: Scope, first: dt.date, last: dt.date, limit: int, least: int) -> Select[*tuple[Any, ...]]:
    who = func.coalesce(Applicant.id_digest, Applicant.name_digest)
    counted = (
        select(
            Subject.group_id,
            func.count().label("requests"),
            func.count(who.distinct()).label("applicants"),
            func.count().filter(Case.outcome.in_(_OPENED)).label("opened"),
            func.count().filter(Case.outcome.is_not(None) & Case.outcome.not_in(_OPENED)).label("refused"),
            func.max(Subject.document_no).label("document_no"),
        )
        .join(Case, Case.id == Subject.case_id)
        .join(Applicant, Applicant.case_id == Case.id)
        .where(scope.requests(), Case.received_on.between(first, last))
        .group_by(Subject.group_id)
        .having(func.count() >= least)
        .order_by(func.count().desc(), Subject.group_id)
        .limit(limit)
        .subquery()
    )
    return (
        select(
            Case, Agency.code, Agency.name, counted.c.document_no,
            counted.c.requests, counted.c.applicants, counted.c.opened, counted.c.refused,
        )
        .join(Case, Case.id == counted.c.group_id)
        .join(Agency, Agency.id == Case.agency_id)
        .order_by(counted.c.requests.desc(), counted.c.group_id)
    )  # fmt: skip
