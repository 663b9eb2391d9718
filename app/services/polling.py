"""What scripts poll: cases past or near a limit, in a stable order, by keyset."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, Select, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.terms import NodeKind, State
from app.models import Agency, Case
from app.services import cursors
from app.services.desk import Desk
from app.services.visibility import visible_cases

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
    """A page of a poll; together with the calendars of `edition`, all that its answer is made from."""

    as_of: dt.date
    edition: int
    items: list[Due]
    next: str | None


def overdue(desk: Desk, kind: Kind, agency: str | None, limit: int, cursor: str | None) -> Batch:
    """Cases whose limit of that kind has passed, longest overdue first."""
    return _batch(desk, "overdue", kind, agency, limit, cursor, _DATES[kind] < desk.today)


def due_soon(desk: Desk, kind: Kind, within_workdays: int, agency: str | None, limit: int, cursor: str | None) -> Batch:
    """Cases whose limit falls today or within that many working days of their agency's region, soonest first."""
    lasts = {
        region: desk.book.of(region).nth_after(desk.today, within_workdays) if within_workdays else desk.today
        for region in desk.session.scalars(select(Agency.region).distinct())
    }
    column = _DATES[kind]
    when = (column >= desk.today) & (column <= max(lasts.values()))
    if len(set(lasts.values())) > 1:
        when &= or_(*((Agency.region == region) & (column <= last) for region, last in lasts.items()))
    return _batch(desk, f"soon:{within_workdays}", kind, agency, limit, cursor, when)


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
        .where(visible_cases(desk.actor), when)
        .order_by(column, Case.id)
        .limit(limit)
    )
    if kind != "node":
        statement = statement.where(Case.overdue_after.is_not(None))
    if agency:
        statement = statement.where(Agency.code == agency)
    if after:
        statement = statement.where(tuple_(column, Case.id) > tuple_(literal(after[0], Date), literal(after[1])))
    return statement


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
    return Batch(desk.today, desk.book.edition, page, following)
