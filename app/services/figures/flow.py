"""How many requests came, went and stay, and how many were answered in time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, extract, func, or_, select

from app.domain.period import Period
from app.domain.replies import REPLIES
from app.domain.terms import ReplyFamily, ReplyKind
from app.models import Case, RunningClock
from app.services.desk import Desk
from app.services.figures.scope import Scope

ANSWERED = tuple(kind for kind in ReplyKind if REPLIES[kind].family is not ReplyFamily.OTHER)
"""The results that are replies, whose day is held against a limit; a case closed otherwise is neither in time nor late."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One agency's requests in a period, or the sum of several agencies'."""

    received: int = 0
    carried_over: int = 0
    closed: int = 0
    answered: int = 0
    answered_on_time: int = 0
    local_due: int = 0  # answered ones that had a local limit
    local_on_time: int = 0
    open: int = 0  # at the end of the period
    overdue_open: int = 0  # now

    @property
    def on_time_rate(self) -> float | None:
        """Of the replies of the period, those not later than the statutory day; None if there were none."""
        return _rate(self.answered_on_time, self.answered)

    @property
    def local_on_time_rate(self) -> float | None:
        """Of the replies that had a local limit, those not later than it."""
        return _rate(self.local_on_time, self.local_due)


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def total(flows: Sequence[Flow]) -> Flow:
    """Add up."""
    return Flow(**{part.name: sum(getattr(flow, part.name) for flow in flows) for part in fields(Flow)})


def by_agency(desk: Desk, scope: Scope, period: Period) -> dict[int, Flow]:
    """Count each agency's requests with one statement; agencies without any are left out."""
    first, last = period.first, period.last
    closed = Case.stopped_on.between(first, last)
    answered = closed & Case.outcome.in_(ANSWERED) & Case.final_due_on.is_not(None)
    local = answered & Case.final_target_on.is_not(None)
    counts: list[ColumnElement[Any]] = [
        Case.received_on.between(first, last),
        (Case.received_on < first) & or_(Case.stopped_on.is_(None), Case.stopped_on >= first),
        closed,
        answered,
        answered & (Case.stopped_on <= Case.final_due_on),
        local,
        local & (Case.stopped_on <= Case.final_target_on),
        (Case.received_on <= last) & or_(Case.stopped_on.is_(None), Case.stopped_on > last),
        RunningClock.overdue_after < desk.today,
    ]
    rows = desk.session.execute(
        select(Case.agency_id, *(func.count().filter(condition) for condition in counts))
        .outerjoin(Case.clock)
        .where(scope.requests(), or_(Case.stopped_on.is_(None), Case.stopped_on >= first))
        .group_by(Case.agency_id)
    )
    return {row[0]: Flow(**dict(zip(_COUNTED, row[1:], strict=True))) for row in rows}


_COUNTED = tuple(part.name for part in fields(Flow))


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the trend."""

    month: Period
    received: int
    closed: int
    answered: int
    answered_on_time: int

    @property
    def on_time_rate(self) -> float | None:
        return _rate(self.answered_on_time, self.answered)


def trend(desk: Desk, scope: Scope, months: Sequence[Period]) -> list[Month]:
    """Count the months given, in two statements, whatever their number."""
    first, last = months[0].first, months[-1].last
    answered = Case.outcome.in_(ANSWERED) & Case.final_due_on.is_not(None)
    received = _monthly(desk, scope, Case.received_on, first, last, func.count())
    closed = _monthly(
        desk, scope, Case.stopped_on, first, last,
        func.count(), func.count().filter(answered), func.count().filter(answered & (Case.stopped_on <= Case.final_due_on)),
    )  # fmt: skip
    return [Month(month, *received.get(month, (0,)), *closed.get(month, (0, 0, 0))) for month in months]


def _monthly(
    desk: Desk, scope: Scope, column: Any, first: dt.date, last: dt.date, *counts: ColumnElement[int]
) -> dict[Period, tuple[int, ...]]:
    year, month = extract("year", column), extract("month", column)
    rows = desk.session.execute(
        select(year, month, *counts).where(scope.requests(), column.between(first, last)).group_by(year, month)
    )
    return {Period(int(row[0]), int(row[1]), 1): tuple(row[2:]) for row in rows}
