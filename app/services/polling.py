"""What scripts poll: cases past or near a limit, in a stable order, by keyset."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    UnaryExpression,
    literal,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import operators

from app.domain.terms import NodeKind, RemedyNode, State
from app.models import Agency, Case, Remedy, RunningClock
from app.services import clocks, cursors
from app.services.desk import Desk
from app.services.visibility import visible_cases

T = TypeVar("T")
Kind = Literal["statutory", "local", "node", "remedy"]
Place = tuple[dt.date, int, int]
"""Where a line stands in a list: its day, 0 for a case's own limit and 1 for a remedy's, its id."""

When = Callable[[InstrumentedAttribute[dt.date | None]], ColumnElement[bool]]

_DATES: dict[Kind, InstrumentedAttribute[dt.date | None]] = {
    "statutory": RunningClock.overdue_after,
    "local": RunningClock.target_on,
    "node": RunningClock.next_node_on,
    "remedy": Remedy.next_on,
}
CASE, REMEDY = 0, 1
_ARMS: dict[Kind, tuple[int, ...]] = {
    "statutory": (CASE,),
    "local": (CASE,),
    "node": (CASE, REMEDY),  # what a remedy wants of the agency is a key node as well
    "remedy": (REMEDY,),
}


@dataclass(frozen=True, slots=True)
class Due:
    """One case as a poller sees it: no personal data."""

    id: int
    case_no: str
    version: int
    agency_code: str
    region: str
    state: State
    handler: str | None
    limit_on: dt.date
    due_on: dt.date | None
    target_on: dt.date | None
    next_node: NodeKind | RemedyNode | None
    next_node_on: dt.date | None
    provisional: bool
    remedy_id: int | None

    @property
    def place(self) -> Place:
        return self.limit_on, *((REMEDY, self.remedy_id) if self.remedy_id else (CASE, self.id))


@dataclass(frozen=True, slots=True)
class Batch:
    """A page of a poll; together with the calendars of `edition`, all that its answer is made from."""

    as_of: dt.date
    edition: int
    items: list[Due]
    next: str | None


def overdue(desk: Desk, kind: Kind, agency: str | None, limit: int, cursor: str | None) -> Batch:
    """Cases whose limit of that kind has passed, longest overdue first."""
    return _batch(desk, "overdue", kind, agency, limit, cursor, lambda column: column < desk.today)


def due_soon(desk: Desk, kind: Kind, within_workdays: int, agency: str | None, limit: int, cursor: str | None) -> Batch:
    """Cases whose limit falls today or within that many working days of their agency's region, soonest first."""
    lasts = {
        region: desk.book.of(region).nth_after(desk.today, within_workdays) if within_workdays else desk.today
        for region in desk.session.scalars(select(Agency.region).distinct())
    }
    latest = max(lasts.values())
    differ = len(set(lasts.values())) > 1

    def within(column: InstrumentedAttribute[dt.date | None]) -> ColumnElement[bool]:
        when = (column >= desk.today) & (column <= latest)
        if not differ:
            return when
        return when & or_(*((Agency.region == region) & (column <= last) for region, last in lasts.items()))

    return _batch(desk, f"soon:{within_workdays}", kind, agency, limit, cursor, within)


def query(
    desk: Desk, kind: Kind, agency: str | None, limit: int, after: tuple[dt.date, int] | None, when: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Build the statement over cases; its plan is held to an index by a test."""
    place = (after[0], CASE, after[1]) if after else None
    return _query(desk, kind, CASE, agency, limit, place, when)


def _query(
    desk: Desk, kind: Kind, arm: int, agency: str | None, limit: int, after: Place | None, when: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    own = arm == CASE
    column, row_id = (_DATES[kind], RunningClock.case_id) if own else (Remedy.next_on, Remedy.id)
    agency_id = RunningClock.agency_id if own else Case.agency_id
    statement: Select[*tuple[Any, ...]] = (
        select(
            Case.id,
            Case.case_no,
            Case.version,
            Agency.code,
            Agency.region,
            Case.state,
            Case.handler,
            column,
            RunningClock.due_on if own else clocks.DUE_ON,
            RunningClock.target_on if own else clocks.TARGET_ON,
            RunningClock.next_node if own else Remedy.next_node,
            RunningClock.next_node_on if own else Remedy.next_on,
            RunningClock.provisional if own else Remedy.provisional,
            null().cast(Integer) if own else Remedy.id,
        )
        .select_from(RunningClock if own else Remedy)
        .join(Case, Case.id == (RunningClock.case_id if own else Remedy.case_id))
        .join(Agency, Agency.id == agency_id)
        .where(visible_cases(desk.actor, _beside_the_order(desk, agency_id.expression)), when)
        .order_by(column, row_id)
        .limit(limit)
    )
    if not own:
        statement = statement.outerjoin(Case.clock)
    elif kind != "node":
        statement = statement.where(RunningClock.overdue_after.is_not(None))
    if agency:
        statement = statement.where(_beside_the_order(desk, Agency.code.expression) == agency)
    return statement.where(_beyond(column, row_id, arm, after)) if after else statement


def _beside_the_order(desk: Desk, column: ColumnElement[T]) -> ColumnElement[T]:
    """Say a column so that SQLite finds no case by it: it would read all cases of the agencies and sort them.

    The index that has the cases in the wanted order holds their agency too. PostgreSQL knows what a limit is worth.
    """
    if desk.session.get_bind().dialect.name != "sqlite":
        return column
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def _beyond(
    column: InstrumentedAttribute[dt.date | None], row_id: InstrumentedAttribute[int], arm: int, after: Place
) -> ColumnElement[bool]:
    """Build the condition that a row stands behind a place; on one day cases stand before remedies."""
    day, last_arm, last_id = after
    if arm == last_arm:
        return tuple_(column, row_id) > tuple_(literal(day, Date), literal(last_id))
    return column >= day if arm > last_arm else column > day


def _batch(desk: Desk, what: str, kind: Kind, agency: str | None, limit: int, cursor: str | None, when: When) -> Batch:
    scope = (desk.actor.name, what, kind, agency or "", str(limit))
    after: Place | None = None
    if cursor:
        day, arm, row_id = cursors.read(desk.settings.key, scope, cursor)
        after = (dt.date.fromisoformat(day), int(arm), int(row_id))
    rows = [
        Due(*row)
        for arm in _ARMS[kind]
        for row in desk.session.execute(
            _query(desk, kind, arm, agency, limit + 1, after, when(_DATES[kind] if arm == CASE else Remedy.next_on))
        )
    ]
    rows = sorted(rows, key=lambda due: due.place)[: limit + 1]
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        last_on, last_arm, last_id = page[-1].place
        following = cursors.make(desk.settings.key, scope, [last_on.isoformat(), last_arm, last_id])
    return Batch(desk.today, desk.book.edition, page, following)
