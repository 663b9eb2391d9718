"""What scripts poll: cases past or near a limit, in a stable order, by keyset."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, Date, Select, UnaryExpression, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import operators

from app.domain.terms import NodeKind, State
from app.models import Agency, Case
from app.services import cursors
from app.services.desk import Desk
from app.services.visibility import visible_cases

T = TypeVar("T")
Kind = Literal["statutory", "local", "node"]

_DATES: dict[Kind, InstrumentedAttribute[dt.date | None]] = {
    "statutory": Case.overdue_after,
    "local": Case.target_on,
    "node": Case.next_node_on,
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
    next_node: NodeKind | None
    next_node_on: dt.date | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Batch:
    as_of: dt.date
    items: list[Due]
    next: str | None


def overdue(desk: Desk, kind: Kind, agency: str | None, limit: int, cursor: str | None) -> Batch:
    """Cases whose limit of that kind has passed, longest overdue first."""
    return _batch(desk, "overdue", kind, agency, limit, cursor, _DATES[kind] < desk.today)


def due_soon(desk: Desk, kind: Kind, within_workdays: int, agency: str | None, limit: int, cursor: str | None) -> Batch:
    """Cases whose limit falls today or within that many working days of the caller's region, soonest first."""
    last = max(
        desk.book.of(region).nth_after(desk.today, within_workdays) if within_workdays else desk.today
        for region in desk.session.scalars(select(Agency.region).distinct())
    )
    column = _DATES[kind]
    return _batch(
        desk, f"soon:{within_workdays}", kind, agency, limit, cursor, (column >= desk.today) & (column <= last)
    )


def query(
    desk: Desk, kind: Kind, agency: str | None, limit: int, after: tuple[dt.date, int] | None, when: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Build the statement; its plan is held to an index by a test."""
    column = _DATES[kind]
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
            Case.due_on,
            Case.target_on,
            Case.next_node,
            Case.next_node_on,
            Case.provisional,
        )
        .join(Agency, Agency.id == Case.agency_id)
        .where(visible_cases(desk.actor, _beside_the_order(desk, Case.agency_id.expression)), when)
        .order_by(column, Case.id)
        .limit(limit)
    )
    if kind != "node":
        statement = statement.where(Case.overdue_after.is_not(None))
    if agency:
        statement = statement.where(_beside_the_order(desk, Agency.code.expression) == agency)
    if after:
        statement = statement.where(tuple_(column, Case.id) > tuple_(literal(after[0], Date), literal(after[1])))
    return statement


def _beside_the_order(desk: Desk, column: ColumnElement[T]) -> ColumnElement[T]:
    """Say a column so that SQLite finds no case by it: it would read all cases of the agencies and sort them.

    The index that has the cases in the wanted order holds their agency too. PostgreSQL knows what a limit is worth.
    """
    if desk.session.get_bind().dialect.name != "sqlite":
        return column
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def _batch(
    desk: Desk, what: str, kind: Kind, agency: str | None, limit: int, cursor: str | None, when: ColumnElement[bool]
) -> Batch:
    scope = (desk.actor.name, what, kind, agency or "", str(limit))
    after = None
    if cursor:
        day, case_id = cursors.read(desk.settings.key, scope, cursor)
        after = (dt.date.fromisoformat(day), int(case_id))
    rows = [Due(*row) for row in desk.session.execute(query(desk, kind, agency, limit + 1, after, when))]
    page = rows[:limit]
    more = len(rows) > limit
    following = cursors.make(desk.settings.key, scope, [page[-1].limit_on.isoformat(), page[-1].id]) if more else None
    return Batch(desk.today, page, following)
