"""Appending to the journal. An act whose row cannot be written does not happen: same session, same transaction."""

import datetime as dt
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.domain import seals
from app.domain.actor import Actor
from app.domain.facts import Past
from app.domain.workflow import COMMANDS
from app.models import Case, JournalEntry
from app.services.desk import Desk, shanghai_date

log = logging.getLogger(__name__)


def record(
    desk: Desk,
    act: str,
    label: str,
    *,
    case: Case | None = None,
    agency_id: int | None = None,
    on: dt.date | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append one row: who did what to which case, on which legal day, with which content."""
    append(desk.session, desk.actor, desk.now, act, label, case=case, agency_id=agency_id, on=on, data=data)


def append(
    session: Session,
    actor: Actor,
    at: dt.datetime,
    act: str,
    label: str,
    *,
    case: Case | None = None,
    agency_id: int | None = None,
    on: dt.date | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append one row for acts that happen at no desk, such as signing in."""
    entry = JournalEntry(
        agency_id=case.agency_id if case else agency_id or actor.agency_id,
        case_id=case.id if case else None,
        act=act,
        label=label,
        actor=actor.name,
        actor_label=actor.label,
        on=on or shanghai_date(at),
        at=at,
        state=case.state.value if case else None,
        data=dict(data or {}),
    )
    entry.mark = seals.mark_of(key_of(session), entry, secrets.token_hex(16), seals.data_digest(entry.data))
    session.add(entry)


def append_alike(session: Session, content: JournalEntry, cases: Iterable[tuple[int, int, str]]) -> int:
    """Append the same row for many cases, each given as (case id, agency id, state); returns how many.

    `content` is a pattern, and not added itself.
    """
    key, data_sha256 = key_of(session), seals.data_digest(content.data)
    fields = ("act", "label", "actor", "actor_label", "on", "at", "data")
    shared = {name: getattr(content, name) for name in fields}
    nonce, rows = secrets.token_hex(8), []
    for number, (content.case_id, content.agency_id, content.state) in enumerate(cases):
        mark = seals.mark_of(key, content, f"{nonce}{number:016x}", data_sha256)
        own = {"case_id": content.case_id, "agency_id": content.agency_id, "state": content.state, "mark": mark}
        rows.append(shared | own)
    if rows:
        session.execute(insert(JournalEntry), rows)
    return len(rows)


def key_of(session: Session) -> bytes:
    """Return the key of the marks (`db.give_journal_key`); a database without one, in a test, is marked with none."""
    key = session.get_bind().get_execution_options().get("journal_key")
    return bytes(key()) if key else b""


def read(session: Session, ids: Sequence[int]) -> dict[int, JournalEntry | None]:
    """Read rows by id; None for one whose columns hold what the service could not have written, as by another's hand."""
    try:
        rows = session.scalars(select(JournalEntry).where(JournalEntry.id.in_(ids)))
        return {row.id: row for row in rows}
    except (ValueError, TypeError, LookupError) as unreadable:
        if len(ids) == 1:
            log.warning("row %d of the journal cannot be read: %s", ids[0], type(unreadable).__name__)
            return {ids[0]: None}
        middle = len(ids) // 2
        return read(session, ids[:middle]) | read(session, ids[middle:])


_PAST = (
    select(JournalEntry.act, JournalEntry.data, JournalEntry.on, JournalEntry.actor)
    .where(JournalEntry.case_id == bindparam("case_id"), JournalEntry.act.in_(COMMANDS))
    .order_by(JournalEntry.id)
)


def past_of(session: Session, case_id: int) -> tuple[Past, ...]:
    """Read back the steps a case has taken, in the order they were recorded."""
    rows = session.execute(_PAST, {"case_id": case_id})
    return tuple(
        Past(COMMANDS[act].model_validate(data["command"] | {"on": on}), actor) for act, data, on, actor in rows
    )
