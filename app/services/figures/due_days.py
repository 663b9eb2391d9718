"""How many limits fall on each of the coming days."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.models import Case, Remedy, RunningClock
from app.services.desk import Desk
from app.services.figures.scope import Scope

WEEKS = 6


@dataclass(frozen=True, slots=True)
class DueDay:
    """One day: what falls due, and whether the scope's agency works then."""

    on: dt.date
    workday: bool
    requests: int  # by their statutory day
    remedies: int


def coming(desk: Desk, scope: Scope) -> Sequence[DueDay]:
    """Count the days of this week and the five that follow, from its Monday."""
    first = desk.today - dt.timedelta(days=desk.today.weekday())
    last = first + dt.timedelta(days=7 * WEEKS - 1)
    requests = dict(
        desk.session.execute(
            select(RunningClock.overdue_after, func.count())
            .join(Case, Case.id == RunningClock.case_id)
            .where(scope.requests(), RunningClock.overdue_after.between(first, last))
            .group_by(RunningClock.overdue_after)
        ).all()
    )
    remedies = dict(
        desk.session.execute(
            select(Remedy.next_on, func.count())
            .where(scope.holds(Remedy.agency_id), Remedy.next_on.between(first, last))
            .group_by(Remedy.next_on)
        ).all()
    )
    calendar = desk.book.of(scope.agency.region)
    days = (first + dt.timedelta(days=n) for n in range(7 * WEEKS))
    return [DueDay(on, calendar.is_workday(on), requests.get(on, 0), remedies.get(on, 0)) for on in days]
