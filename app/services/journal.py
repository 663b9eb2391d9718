"""Appending to the journal. An act whose row cannot be written does not happen: same session, same transaction."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.domain.facts import Past
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


_PAST = (
    select(JournalEntry)
    .where(JournalEntry.case_id == bindparam("case_id"), JournalEntry.act.in_(COMMANDS))
    .order_by(JournalEntry.id)
)


def past_of(session: Session, case_id: int) -> tuple[Past, ...]:
    """Read back the steps a case has taken, in the order they were recorded."""
    rows = session.scalars(_PAST, {"case_id": case_id})
    return tuple(
        Past(COMMANDS[row.act].model_validate(row.whole["command"] | {"on": row.on}), row.actor) for row in rows
    )
