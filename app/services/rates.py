"""How often something may be done, counted in the database, so that all processes on it count together.

One row a subject, by the generic cell rate algorithm (ITU-T I.371): what is taken moves `spent_until` on by the time it
takes to earn it back; whoever is further ahead than his allowance waits. Nothing has to be counted or reset, and a
refused try costs nothing, so that `check` can turn a flood away with a read before it takes a writing slot.

For guessing at a secret use `services.tries`, whose waits grow with each failure.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import TooManyRequests
from app.models import RateLimit
from app.services.rows import held


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and then one more each time `every` has passed."""

    at_once: int
    every: dt.timedelta

    def wait(self, spent_until: dt.datetime, now: dt.datetime) -> dt.timedelta:
        """Return how long the next one has to wait; nothing or less when it need not."""
        return spent_until - now - self.every * (self.at_once - 1)


Wanted = Mapping[str, Rate]
"""What is about to be done counts against each of these subjects, made by `subjects.subject`."""


def check(session: Session, wanted: Wanted, now: dt.datetime) -> None:
    """Refuse what would have to wait, with a read only; raises `TooManyRequests` with the seconds."""
    rows = select(RateLimit.subject, RateLimit.spent_until).where(RateLimit.subject.in_(wanted))
    _refuse([wanted[subject].wait(until, now) for subject, until in session.execute(rows)])


def take(session: Session, wanted: Wanted, now: dt.datetime) -> None:
    """Count one against each subject, or against none; raises `TooManyRequests` with the seconds to wait."""
    rows = {subject: _row(session, subject, now) for subject in sorted(wanted)}  # one order: no deadlock
    _refuse([wanted[subject].wait(row.spent_until, now) for subject, row in rows.items()])
    for subject, row in rows.items():
        row.spent_until = max(row.spent_until, now) + wanted[subject].every


def clear(session: Session, now: dt.datetime) -> None:
    """Delete the rows that say no more than their absence. With every sign-in."""
    session.execute(delete(RateLimit).where(RateLimit.spent_until < now))


def _row(session: Session, subject: str, now: dt.datetime) -> RateLimit:
    return held(session, RateLimit, subject, lambda: RateLimit(subject=subject, spent_until=now))


def _refuse(waits: list[dt.timedelta]) -> None:
    wait = max(waits, default=dt.timedelta())
    if wait > dt.timedelta():
        seconds = -(-wait // dt.timedelta(seconds=1))
        raise TooManyRequests(f"请求过于频繁，请{seconds}秒后再试", headers={"Retry-After": str(seconds)})
