"""Requests of a period by what they are: kind of reply, channel, kind of applicant, stage."""

from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.period import Period
from app.domain.terms import ApplicantKind, Channel, ReplyKind, Stage, State, Term
from app.models import Applicant, Case
from app.services.desk import Desk
from app.services.figures.scope import Scope

Code = TypeVar("Code", bound=Term)


def reply_kinds(desk: Desk, scope: Scope, period: Period) -> dict[ReplyKind, int]:
    """How the requests closed in the period were answered."""
    closed = Case.stopped_on.between(period.first, period.last)
    rows = desk.session.execute(
        select(Case.outcome, func.count())
        .where(scope.requests(), closed, Case.outcome.is_not(None))
        .group_by(Case.outcome)
    )
    found = {kind: count for kind, count in rows if kind}
    return {kind: found[kind] for kind in ReplyKind if kind in found}


def channels(desk: Desk, scope: Scope, period: Period) -> dict[Channel, int]:
    """By which way the requests received in the period came."""
    return _received(desk, scope, period, Channel, Case.channel)


def applicant_kinds(desk: Desk, scope: Scope, period: Period) -> dict[ApplicantKind, int]:
    """Who made the requests received in the period."""
    return _received(desk, scope, period, ApplicantKind, Applicant.kind)


def _received(
    desk: Desk, scope: Scope, period: Period, codes: type[Code], column: InstrumentedAttribute[Code]
) -> dict[Code, int]:
    counted = select(column, func.count()).select_from(Case)
    if column.class_ is Applicant:
        counted = counted.join(Applicant, Applicant.case_id == Case.id)
    rows = desk.session.execute(
        counted.where(scope.requests(), Case.received_on.between(period.first, period.last)).group_by(column)
    )
    found = dict(rows.all())
    return {code: found.get(code, 0) for code in codes}


def stages(desk: Desk, scope: Scope) -> dict[Stage, dict[State, int]]:
    """Where the requests stand now; of the archived ones, none."""
    rows = desk.session.execute(
        select(Case.state, func.count()).where(scope.requests(), Case.state != State.ARCHIVED).group_by(Case.state)
    )
    found = dict(rows.all())
    return {
        stage: {state: found.get(state, 0) for state in State if state.stage is stage and state is not State.ARCHIVED}
        for stage in Stage
    }


def applicants_by_agency(desk: Desk, scope: Scope, period: Period) -> dict[int, dict[ApplicantKind, int]]:
    """Who made the requests received in the period, agency by agency."""
    rows = desk.session.execute(
        select(Case.agency_id, Applicant.kind, func.count())
        .join(Applicant, Applicant.case_id == Case.id)
        .where(scope.requests(), Case.received_on.between(period.first, period.last))
        .group_by(Case.agency_id, Applicant.kind)
    )
    found: dict[int, dict[ApplicantKind, int]] = {}
    for agency_id, kind, number in rows:
        found.setdefault(agency_id, dict.fromkeys(ApplicantKind, 0))[kind] = number
    return found
