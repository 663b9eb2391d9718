"""Appending to the journal. An act whose row cannot be written does not happen: same session, same transaction."""

import datetime as dt
import logging
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.domain import seals
from app.domain.actor import Actor
from app.domain.facts import Past
from app.domain.terms import State
from app.domain.workflow import COMMANDS
from app.models import Case, JournalEntry
from app.models.sealed import seal_row
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
    private: Mapping[str, Any] | None = None,
) -> None:
    """Append one row: who did what to which case, on which legal day, with which content.

    `data` is read by feeds and holds codes, numbers and dates only; what was written in words is `private`, sealed with
    the case's key.
    """
    append(
        *(desk.session, desk.actor, desk.now, act, label),
        case=case,
        agency_id=agency_id,
        on=on,
        data=data,
        private=private,
    )


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
    private: Mapping[str, Any] | None = None,
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
    if private:
        entry.private = dict(private)
        seal_row(session, entry)  # now: the mark covers what the database will have
    entry.mark = seals.mark_of(key_of(session), entry, secrets.token_hex(16))
    session.add(entry)


def key_of(session: Session) -> bytes:
    """Return the key of the marks (`db.give_journal_key`).

    Raises LookupError for an engine without: a row marked with no key would never be sealed, which nobody would notice
    before the journal is verified, and anybody could make one.
    """
    key = session.get_bind().get_execution_options().get("journal_key")
    if key is None:
        raise LookupError("this engine was made without the journal's key: db.give_journal_key(engine, settings)")
    return bytes(key())


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


def record_many(desk: Desk, act: str, label: str, cases: Iterable[tuple[int, int, State, Mapping[str, Any]]]) -> int:
    """Append one row for each of many cases at once: case id, agency id, state, what is noted; returns how many."""
    key, nonce = key_of(desk.session), secrets.token_hex(8)
    rows: list[dict[str, Any]] = []
    noted: Mapping[str, Any] = {}
    data_sha256 = seals.data_digest(noted)
    for number, (case_id, agency_id, state, data) in enumerate(cases):
        if data is not noted:  # most often the same for all of them
            noted, data_sha256 = data, seals.data_digest(data)
        row = {
            "agency_id": agency_id,
            "case_id": case_id,
            "act": act,
            "label": label,
            "actor": desk.actor.name,
            "actor_label": desk.actor.label,
            "on": desk.today,
            "at": desk.now,
            "state": state.value,
            "private_sealed": None,
        }
        mark = seals.mark_of_fields(key, row, f"{nonce}{number:016x}", data_sha256)
        rows.append(row | {"data": dict(data), "mark": mark})
    if rows:
        desk.session.execute(insert(JournalEntry), rows)
    return len(rows)


_PAST = (
    select(JournalEntry)
    .where(JournalEntry.case_id.in_(bindparam("case_ids", expanding=True)), JournalEntry.act.in_(COMMANDS))
    .order_by(JournalEntry.case_id, JournalEntry.id)
)


def pasts_of(session: Session, case_ids: Sequence[int]) -> dict[int, tuple[Past, ...]]:
    """Read back the steps cases have taken, each in the order they were recorded, with one query."""
    found: dict[int, list[Past]] = defaultdict(list)
    for row in session.scalars(_PAST, {"case_ids": case_ids}):
        assert row.case_id is not None, "a step is taken with a case"
        command = COMMANDS[row.act].model_validate(row.whole["command"] | {"on": row.on})
        found[row.case_id].append(Past(command, row.actor))
    return {case_id: tuple(past) for case_id, past in found.items()}
