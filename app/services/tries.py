"""How long somebody must wait after guessing wrong at a secret: growing, per account and per source, never a lock.

The secret is a password, or the query code of a case; `services.rates` limits how often anything else is done.

An outsider must not be able to keep a clerk out by failing in the clerk's name. So an account that has signed in from
a source before is *familiar* there: from that source only the failures made there count, and the failures of strangers
elsewhere delay only strangers. A try is counted as failed before the password is looked at and taken back afterwards;
a hundred tries at the same moment therefore wait like a hundred tries in a row.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from app.errors import TooManyRequests
from app.models import SignInTries
from app.services.rows import held
from app.services.subjects import network, subject

FORGOTTEN_AFTER = dt.timedelta(days=1)
UNFAMILIAR_AFTER = dt.timedelta(days=90)
LONGEST = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Counted:
    """A try that was counted: the account it names, the account at this source, and the source."""

    account: str
    here: str
    source: str
    familiar: bool
    at: dt.datetime
    source_before: dt.datetime  # when the source had last failed


def delay(failures: int, free: int) -> dt.timedelta:
    """Return the wait after so many failures: none for the first `free`, then 2, 4, 8 … seconds up to five minutes."""
    return min(dt.timedelta(seconds=2 ** min(failures - free, 16)), LONGEST) if failures > free else dt.timedelta()


FREE = 4
FREE_AT_SOURCE = 30
"""A whole office may stand behind one address."""


SECOND_FACTOR = ("second factor",)
RECOVERY = ("recovery",)


def count(
    session: Session, username: str, address: str, now: dt.datetime, key: bytes, realm: tuple[str, ...] = ()
) -> Counted:
    """Count a try as failed; one that comes too early raises `TooManyRequests` with the seconds to wait, uncounted.

    `realm` keeps what is tried apart: a wrong query code delays no sign-in, and a known password clears
    no count of one-time codes.
    """
    account, here, source = (
        subject(key, *realm, "account", username),
        subject(key, *realm, "here", username, network(address)),
        subject(key, *realm, "source", network(address)),
    )
    rows = {name: _row(session, name, now) for name in sorted((account, here, source))}  # one order: no deadlock
    familiar = rows[here].familiar
    judged = [(rows[here], FREE)] if familiar else [(rows[account], FREE), (rows[source], FREE_AT_SOURCE)]
    wait = max(row.last_at + delay(row.failures, free) - now for row, free in judged)
    if wait > dt.timedelta():
        seconds = -(-wait // dt.timedelta(seconds=1))
        raise TooManyRequests(f"尝试次数过多，请{seconds}秒后再试", headers={"Retry-After": str(seconds)})
    before = rows[source].last_at
    for row in {rows[here] if familiar else rows[account], rows[source]}:
        row.failures += 1
        row.last_at = now
    return Counted(account, here, source, familiar, now, before)


def take_back(session: Session, counted: Counted, now: dt.datetime) -> None:
    """Clear the account's failures after a success, and remember that the account is familiar at this source."""
    here = _row(session, counted.here, now)
    here.familiar, here.failures, here.last_at = True, 0, now
    if not counted.familiar:
        _row(session, counted.account, now).failures = 0
    source = _row(session, counted.source, now)
    source.failures = max(0, source.failures - 1)  # only this try: one known password must not clear a guesser's record
    if source.last_at == counted.at:
        source.last_at = counted.source_before


def clear(session: Session, now: dt.datetime) -> None:
    """Delete what is forgotten. With every sign-in, which are few; public questions leave it to them."""
    stale = SignInTries.familiar.is_(False) & (SignInTries.last_at < now - FORGOTTEN_AFTER)
    session.execute(delete(SignInTries).where(or_(stale, SignInTries.last_at < now - UNFAMILIAR_AFTER)))


def _row(session: Session, name: str, now: dt.datetime) -> SignInTries:
    row = held(session, SignInTries, name, lambda: SignInTries(subject=name, failures=0, last_at=now, familiar=False))
    if row.failures and row.last_at < now - FORGOTTEN_AFTER:
        row.failures = 0
    return row
