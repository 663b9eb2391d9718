"""The supervision lists: coming due (yellow), overdue and open (red), overdue but done (black)."""

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.domain.period import Period
from app.domain.terms import Mark, State
from app.models import Agency, Case, RunningClock, Supervision
from app.services import clocks
from app.services.desk import Desk
from app.services.figures.flow import ANSWERED
from app.services.figures.scope import Scope

SOON_WORKDAYS = 5
"""From this many working days before the statutory day a request is marked yellow; a setting of ours."""


@dataclass(frozen=True, slots=True)
class Marked:
    """One request on a list."""

    case_id: int
    case_no: str
    agency_code: str
    agency_name: str
    region: str
    state: State
    handler: str | None
    received_on: dt.date
    due_on: dt.date
    stopped_on: dt.date | None
    mark: Mark
    workdays: int  # left until the day, or by which it was passed
    supervised: int  # supervisions about it


def condition(desk: Desk, mark: Mark, period: Period) -> ColumnElement[bool]:
    """Build the condition that a case bears a mark; the black one for replies given in the period."""
    if mark is Mark.YELLOW:
        last = max(
            desk.book.of(region).nth_after(desk.today, SOON_WORKDAYS)
            for region in desk.session.scalars(select(Agency.region).distinct())
        )
        return RunningClock.overdue_after.between(desk.today, last)
    if mark is Mark.RED:
        return RunningClock.overdue_after < desk.today
    late = Case.outcome.in_(ANSWERED) & (Case.stopped_on > Case.final_due_on)
    return late & Case.stopped_on.between(period.first, period.last)


def counts(desk: Desk, scope: Scope, period: Period) -> dict[str, dict[Mark, int]]:
    """Count the marks of each agency, by its code."""
    found: dict[str, dict[Mark, int]] = {}
    for mark in Mark:
        rows = desk.session.execute(
            select(Agency.code, func.count())
            .select_from(Case)
            .outerjoin(Case.clock)
            .join(Agency, Agency.id == Case.agency_id)
            .where(scope.requests(), condition(desk, mark, period))
            .group_by(Agency.code)
        )
        for code, number in rows:
            found.setdefault(code, dict.fromkeys(Mark, 0))[mark] = number
    return found


def listed(desk: Desk, scope: Scope, period: Period, mark: Mark, page: int, size: int) -> tuple[list[Marked], int]:
    """Return one page of a list, the most urgent first, and how many there are."""
    where = scope.requests() & condition(desk, mark, period)
    total = desk.session.scalar(select(func.count()).select_from(Case).outerjoin(Case.clock).where(where)) or 0
    rows = desk.session.execute(_page(where).limit(size).offset((page - 1) * size))
    return [_marked(desk, mark, *row) for row in rows], total


def _page(where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    supervised = select(func.count()).where(Supervision.case_id == Case.id).scalar_subquery()
    return (
        select(
            Case.id, Case.case_no, Agency.code, Agency.name, Agency.region, Case.state, Case.handler,
            Case.received_on, clocks.DUE_ON, Case.stopped_on, supervised,
        )
        .outerjoin(Case.clock)
        .join(Agency, Agency.id == Case.agency_id)
        .where(where)
        .order_by(clocks.DUE_ON, Case.id)
    )  # fmt: skip


def _marked(desk: Desk, mark: Mark, *row: Any) -> Marked:
    region, due_on, stopped_on = row[4], row[8], row[9]
    calendar = desk.book.of(region)
    days = (
        calendar.count(desk.today, due_on) if mark is Mark.YELLOW else calendar.count(due_on, stopped_on or desk.today)
    )
    return Marked(**dict(zip(_COLUMNS, row, strict=True)), mark=mark, workdays=days)


_COLUMNS = tuple(part.name for part in fields(Marked) if part.name not in {"mark", "workdays"})
