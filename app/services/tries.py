"""How long somebody must wait after failed sign-ins: growing, per account and per source, never a lock.

An outsider must not be able to keep a clerk out by failing in the clerk's name. So an account that has signed in from
a source before is *familiar* there: from that source only the failures made there count, and the failures of strangers
elsewhere delay only strangers. A try is counted as failed before the password is looked at and taken back afterwards;
a hundred tries at the same moment therefore wait like a hundred tries in a row.
"""

import datetime as dt
import hashlib
import hmac
import ipaddress
from dataclasses import dataclass

from sqlalchemy import delete, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import TooManyRequests
from app.models import SignInTries

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


SECOND_FACTOR = "second factor"
RECOVERY = "recovery"


def count(session: Session, username: str, address: str, now: dt.datetime, key: bytes, *, what: str = "") -> Counted:
    """Count a try as failed; one that comes too early raises `TooManyRequests` with the seconds to wait, uncounted.

    `what` keeps tries at something else than passwords apart: a known password must not clear the count of codes.
    """
    apart = (what,) if what else ()
    account, here, source = (
        _subject(key, "account", username, *apart),
        _subject(key, "here", username, _network(address), *apart),
        _subject(key, "source", _network(address), *apart),
    )
    rows = {
        subject: _row(session, subject, now) for subject in sorted((account, here, source))
    }  # one order: no deadlock
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
    stale = SignInTries.familiar.is_(False) & (SignInTries.last_at < now - FORGOTTEN_AFTER)
    session.execute(delete(SignInTries).where(or_(stale, SignInTries.last_at < now - UNFAMILIAR_AFTER)))


def _row(session: Session, subject: str, now: dt.datetime) -> SignInTries:
    row = session.get(SignInTries, subject, with_for_update=True)
    if row is None:
        row = SignInTries(subject=subject, failures=0, last_at=now, familiar=False)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another try of the same subject came first
            row = session.get_one(SignInTries, subject, with_for_update=True)
    if row.failures and row.last_at < now - FORGOTTEN_AFTER:
        row.failures = 0
    return row


def _subject(key: bytes, *parts: str) -> str:
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _network(address: str) -> str:
    """Return the source an address belongs to: one holder has a whole /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
