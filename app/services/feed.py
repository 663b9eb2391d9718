"""The feed: what happened, in the order of the journal's numbers, without anything that says whose case it is.

A number is given after the commit and without a gap (`services.sealing`), so that whoever has read up to one has missed nothing
before it, and never sees a row twice.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.terms import CaseKind, State
from app.models import Agency, Case, JournalEntry, Seal
from app.services import clocks, cursors, sealing
from app.services.desk import Desk
from app.services.visibility import everywhere, visible_cases, visible_events

MOVES = ("due_on", "target_on")


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the journal as others may know it. The last three fields are for deciding who: they leave with no answer."""

    sequence: int
    at: dt.datetime
    on: dt.date
    act: str
    label: str
    agency_code: str
    case_id: int | None
    case_no: str | None
    case_kind: CaseKind | None
    state: State | None
    moves: dict[str, dict[str, str | None]]  # of due_on and target_on, as `clocks.moved` says them
    agency_id: int
    agency_path: str
    portal: str | None

    @property
    def type(self) -> str:
        """What subscribers choose by: `case.accept`, `agency.user_created`."""
        return f"{'agency' if self.case_id is None else 'case'}.{self.act}"


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in order; whoever goes on reads those after `next`."""

    items: list[Event]
    next: int


def page(desk: Desk, after: int, limit: int) -> Batch:
    """Read the next events the caller may see."""
    newest = sealing.newest(desk.session)  # first: everything up to it is committed, whatever is sealed meanwhile
    with everywhere(desk.session):  # a case that was handed on keeps its number in the events of its former agency
        items = read(desk.session, after, newest, limit, desk.actor)
    return Batch(items, items[-1].sequence if len(items) == limit else max(after, newest))


def read(session: Session, after: int, up_to: int, limit: int, actor: Actor | None = None) -> list[Event]:
    """Read the events after one number and up to another; of one actor's, or all of them."""
    statement = query(actor).where(Seal.sequence > after, Seal.sequence <= up_to).order_by(Seal.sequence).limit(limit)
    return [_event(*row) for row in session.execute(statement)]


def of(session: Session, sequences: Iterable[int]) -> dict[int, Event]:
    """Read events by their numbers."""
    rows = session.execute(query(None).where(Seal.sequence.in_(sequences)))
    return {event.sequence: event for event in (_event(*row) for row in rows)}


def query(actor: Actor | None) -> Select[*tuple[Any, ...]]:
    """Build the statement without its bounds; its plan is held to an index by a test."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Seal.sequence,
            JournalEntry.at,
            JournalEntry.on,
            JournalEntry.act,
            JournalEntry.label,
            Agency.code,
            JournalEntry.case_id,
            Case.case_no,
            Case.kind,
            JournalEntry.state,
            JournalEntry.data,
            Seal.agency_id,
            Agency.path,
            Case.portal,
        )
        .select_from(Seal)
        .join(JournalEntry, JournalEntry.id == Seal.entry_id)
        .join(Agency, Agency.id == Seal.agency_id)
        .outerjoin(Case, Case.id == JournalEntry.case_id)
    )
    return statement if actor is None else statement.where(visible_events(actor))


def _event(
    sequence: int,
    at: dt.datetime,
    on: dt.date,
    act: str,
    label: str,
    agency_code: str,
    case_id: int | None,
    case_no: str | None,
    case_kind: CaseKind | None,
    state: str | None,
    data: dict[str, Any],
    agency_id: int,
    agency_path: str,
    portal: str | None,
) -> Event:
    moves = {name: data[name] for name in MOVES if case_id is not None and _is_move(data.get(name))}
    shown = State(state) if state else None
    known = (sequence, at, on, act, label, agency_code, case_id, case_no, case_kind, shown, moves)
    return Event(*known, agency_id, agency_path, portal)


def _is_move(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"from", "to"}


@dataclass(frozen=True, slots=True)
class Known:
    """A case as the feed up to a number tells of it; its dates are today's."""

    event: Event
    due_on: dt.date | None
    target_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    sequence: int
    items: Sequence[Known]
    next: str | None


def snapshot(desk: Desk, limit: int, cursor: str | None) -> Snapshot:
    """List the caller's cases as of one number, the same for all pages, to go on from by the feed.

    States are read back from the journal up to that number: nothing that happens between two pages shows in them.
    """
    session, scope = desk.session, (desk.actor.account, "snapshot", str(limit))
    sequence, after = cursors.read(desk.settings.key, scope, cursor) if cursor else (sealing.newest(session), 0)
    last = (
        select(func.max(Seal.sequence))
        .join(JournalEntry, JournalEntry.id == Seal.entry_id)
        .where(JournalEntry.case_id == Case.id, Seal.sequence <= sequence)
        .correlate(Case)
        .scalar_subquery()
    )
    cases = session.execute(
        select(Case.id, clocks.DUE_ON, clocks.TARGET_ON, last)
        .outerjoin(Case.clock)
        .where(visible_cases(desk.actor), Case.id > after, last.is_not(None))
        .order_by(Case.id)
        .limit(limit + 1)
    ).all()
    shown = cases[:limit]
    found = of(session, [number for *_, number in shown])
    more = len(cases) > limit
    return Snapshot(
        sequence=sequence,
        items=[Known(found[number], due_on, target_on) for _, due_on, target_on, number in shown],
        next=cursors.make(desk.settings.key, scope, [sequence, shown[-1][0]]) if more else None,
    )
