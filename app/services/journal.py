"""Appending to the journal. An act whose row cannot be written does not happen: same session, same transaction."""

import datetime as dt
import json
import logging
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from app.domain import seals
from app.domain.actor import Actor
from app.domain.facts import Past
from app.domain.terms import State
from app.domain.workflow import COMMANDS
from app.models import Case, JournalEntry
from app.models.direct import enter, enter_many
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
    enter(session, entry)


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


Line = tuple[int, int, str, int]
"""One of many rows: id of the case, id of the agency, code of the state, and which of the things noted it notes."""


def record_many(desk: Desk, act: str, label: str, cases: Iterable[tuple[int, int, State, Mapping[str, Any]]]) -> int:
    """Append one row for each of many cases at once: case id, agency id, state, what is noted; returns how many."""
    places: dict[int, int] = {}  # by identity: most often the same for many
    noted: list[Mapping[str, Any]] = []
    lines: list[Line] = []
    for case_id, agency_id, state, data in cases:
        place = places.setdefault(id(data), len(noted))
        if place == len(noted):
            noted.append(data)
        lines.append((case_id, agency_id, state.value, place))
    record_lines(desk, act, label, lines, noted)
    return len(lines)


def record_lines(desk: Desk, act: str, label: str, lines: Sequence[Line], noted: Sequence[Mapping[str, Any]]) -> None:
    """Append rows that note a few things between them, in the order given."""
    if not lines:
        return
    same = {
        "act": act,
        "label": label,
        "actor": desk.actor.name,
        "actor_label": desk.actor.label,
        "on": desk.today,
        "at": desk.now,
    }
    blank = dict.fromkeys(("agency_id", "case_id", "state", "private_sealed"))
    marker = seals.Marker(key_of(desk.session), same | blank)
    digests = [seals.data_digest(data) for data in noted]
    content = ((case_id, agency_id, state, digests[place]) for case_id, agency_id, state, place in lines)
    _append_lines(desk.session, same, lines, marker.marks(secrets.token_hex(8), content), noted)


_MANY = text(
    """
    WITH noted AS MATERIALIZED (
        SELECT place - 1 AS place, CAST(data AS jsonb) AS data
        FROM unnest(CAST(:noted AS text[])) WITH ORDINALITY AS given (data, place))
    INSERT INTO journal (agency_id, case_id, act, label, actor, actor_label, "on", at, state, data, mark)
    SELECT agency_id, case_id, :act, :label, :actor, :actor_label, :on, :at, state, data, mark
    FROM unnest(CAST(:case_ids AS bigint[]), CAST(:agency_ids AS bigint[]), CAST(:states AS text[]),
        CAST(:places AS bigint[]), CAST(:marks AS text[])) AS given (case_id, agency_id, state, place, mark)
    JOIN noted USING (place)
    """
)
"""One statement for all rows: sent one by one, a million of them cost several times as much on the way."""


def _append_lines(
    session: Session,
    same: Mapping[str, Any],
    lines: Sequence[Line],
    marks: Sequence[str],
    noted: Sequence[Mapping[str, Any]],
) -> None:
    if session.get_bind().dialect.name == "postgresql":
        names = ("case_ids", "agency_ids", "states", "places")
        arrays = {name: array([line[place] for line in lines]) for place, name in enumerate(names)}
        written = [json.dumps(data) for data in noted]
        session.execute(_MANY, dict(same) | arrays | {"marks": array(marks), "noted": written})
        return
    columns: dict[str, Sequence[Any]] = {
        "case_id": [case_id for case_id, _, _, _ in lines],
        "agency_id": [agency_id for _, agency_id, _, _ in lines],
        "state": [state for _, _, state, _ in lines],
        "data": [noted[place] for _, _, _, place in lines],
        "mark": marks,
    }
    enter_many(session, JournalEntry, same, columns)


def array(values: Iterable[int | str]) -> str:
    """Write numbers or codes as PostgreSQL's text of an array, which its driver would make one value at a time."""
    return f"{{{','.join(map(str, values))}}}"


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
