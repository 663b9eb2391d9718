"""What was refused to whom, written down for those who examine the journal: few rows however often somebody tries, and
nothing of what he sent but the numbers in the address.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.domain.actor import Actor
from app.services import journal
from app.services.sign_in import nobody

ACT, LABEL = "refused", "拒绝请求"

ROWS_AN_HOUR = 60
"""Rows about one caller; all strangers together are one. Beyond them only the 1st, 10th, 100th … refusal is told."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal in codes and numbers. `operation`: its id in the OpenAPI document; `ids`: those in the address."""

    operation: str
    status: int
    code: str
    reasons: tuple[str, ...]
    ids: Mapping[str, int]
    request_id: str


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is due. `times`: the how-manieth of its kind in this minute; or, if not `alone`, of any kind beyond the
    rows of this hour.
    """

    times: int
    alone: bool


class Tally:
    """Counts the refusals of this process and says which of them gets a row: of each kind (caller, operation, code) the
    1st, 10th, 100th … of a minute.

    In memory: counting a flood must cost the database nothing. Each process writes its own few rows.
    """

    def __init__(self) -> None:
        self._minute = self._hour = -1
        self._kinds: dict[tuple[str, str, str], int] = {}
        self._rows: dict[str, int] = {}
        self._beyond: dict[str, int] = {}

    def count(self, who: str, refusal: Refusal, now: dt.datetime) -> Due | None:
        """Count a refusal; returns the row that is due for it, if one is."""
        self._turn_over(int(now.timestamp()))
        if self._rows.get(who, 0) >= ROWS_AN_HOUR:
            self._beyond[who] = times = self._beyond.get(who, 0) + 1
            return Due(times, alone=False) if _is_told(times) else None
        kind = (who, refusal.operation, refusal.code)
        self._kinds[kind] = times = self._kinds.get(kind, 0) + 1
        if not _is_told(times):
            return None
        self._rows[who] = self._rows.get(who, 0) + 1
        return Due(times, alone=True)

    def _turn_over(self, second: int) -> None:
        if second // 60 != self._minute:
            self._minute = second // 60
            self._kinds.clear()
        if second // 3600 != self._hour:
            self._hour = second // 3600
            self._rows.clear()
            self._beyond.clear()


def _is_told(times: int) -> bool:
    return str(times).strip("0") == "1"


def record(session: Session, actor: Actor | None, refusal: Refusal, due: Due, now: dt.datetime) -> None:
    """Append the row, in the journal of the caller's agency; a stranger's in that of the topmost one."""
    who = actor or nobody(session)
    if who is None:
        return  # nothing is set up yet
    data = {"code": refusal.code, "status": refusal.status, "times": due.times, "request_id": refusal.request_id}
    if due.alone:
        data |= {"operation": refusal.operation, "reasons": [*refusal.reasons], "ids": dict(refusal.ids)}
    journal.append(session, who, now, ACT, LABEL, data=data)
