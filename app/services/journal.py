"""Appending to the journal. An act whose row cannot be written does not happen: same session, same transaction."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.models import Case, JournalEntry
from app.services.desk import Desk


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
    desk.session.add(
        JournalEntry(
            agency_id=case.agency_id if case else agency_id or desk.actor.agency_id,
            case_id=case.id if case else None,
            act=act,
            label=label,
            actor=desk.actor.name,
            actor_label=desk.actor.label,
            on=on or desk.today,
            at=desk.now,
            state=case.state.value if case else None,
            data=dict(data or {}),
        )
    )
