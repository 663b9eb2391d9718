"""Appending to the journal. An act whose row cannot be written does not happen: same session, same transaction."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.facts import Past
from app.domain.terms import State
from app.domain.workflow import COMMANDS
from app.models import Case, JournalEntry
from app.services.desk import Desk, shanghai_date


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
    session.add(entry)


def record_many(
    desk: Desk,
    act: str,
    label: str,
    agency_id: int,
    state_and_data: Mapping[int, tuple[State, Mapping[str, Any]]],
) -> None:
    """Append one row for each of many cases of an agency, at once: by case id, its state and what is noted."""
    shared = {
        "agency_id": agency_id,
        "act": act,
        "label": label,
        "actor": desk.actor.name,
        "actor_label": desk.actor.label,
        "on": desk.today,
        "at": desk.now,
    }
    rows = [
        shared | {"case_id": case_id, "state": state.value, "data": dict(data)}
        for case_id, (state, data) in state_and_data.items()
    ]
    desk.session.execute(insert(JournalEntry), rows)


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
