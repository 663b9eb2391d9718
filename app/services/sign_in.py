"""Signing in with a password, and leaving. Knows nothing of HTTP.

Short transactions, none open while a password is hashed: `begin` counts the try and finds whom it names, `conclude`
writes down how it ended and gives a code or asks for the second factor (`second_step`).
"""

import datetime as dt
import re
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain.actor import Actor
from app.models import AccessToken, Agency, User
from app.services import credentials, identity, journal, rates, second_step, tries
from app.services.expenses import Expense, of_source
from app.services.second_step import SecondStep
from app.services.sign_in_codes import Code, Grant, record

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class Try:
    """One try at signing in. Without `user_id` nobody has this name; `password_hash` is then None and never matches."""

    username: str
    user_id: int | None
    password_hash: str | None
    earlier: tuple[str, ...]
    """Hashes of passwords that may not be taken again."""
    counted: tries.Counted


@dataclass(frozen=True, slots=True)
class NewPasswordNeeded:
    """The password is right and opens nothing but its replacement; `why` in Chinese."""

    why: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out about a try while no transaction was open.

    `new_hash` belongs to a new password that may be taken, `renewed_hash` to the same one with today's parameters.
    """

    matches: bool
    new_hash: str | None = None
    renewed_hash: str | None = None


def check(session: Session, address: str, now: dt.datetime, settings: Settings) -> None:
    """Refuse a source that signs in too often, with a read only; raises `TooManyRequests`."""
    rates.check(session, of_source(settings, Expense.SIGN_IN, address), now)


def begin(session: Session, username: str, address: str, now: dt.datetime, settings: Settings) -> Try:
    """Count the try and find whom it names; raises `TooManyRequests` when it comes too early."""
    rates.take(session, of_source(settings, Expense.SIGN_IN, address), now)
    name = username.strip().casefold()
    counted = tries.count(session, name, address, now, settings.key)
    wanted = name if USERNAME.fullmatch(name) else ""
    user = session.scalar(select(User).where(User.username == wanted))
    if user is None:
        return Try(name, None, None, (), counted)
    return Try(name, user.id, user.password_hash, credentials.past(session, user.id, settings), counted)


def conclude(
    session: Session, trial: Try, grant: Grant, now: dt.datetime, settings: Settings, proof: Proof, *, enrol: bool
) -> Code | SecondStep | NewPasswordNeeded | None:
    """Write down how the try ended and say what comes next; None for a wrong name or password.

    `enrol`: the person wants to set up a second factor now.
    """
    user = _still_same(session, trial) if proof.matches else None
    if user is None:
        _record_failure(session, trial, now)
        return None
    tries.take_back(session, trial.counted, now)
    tries.clear(session, now)
    rates.clear(session, now)
    if why := credentials.must_be_replaced(user, now, settings):
        if proof.new_hash is None:
            return NewPasswordNeeded(why)
        credentials.replace(session, user, proof.new_hash, now)
        record(session, user, now, "password_changed", "修改密码")
    elif proof.renewed_hash is not None:
        user.password_hash = proof.renewed_hash
    return second_step.go_on(session, user, grant, now, enrol=enrol)


def end(session: Session, token: str, now: dt.datetime) -> None:
    """Log out: end the sign-in of this token; an unknown one is no error (RFC 7009, 2.2)."""
    user_id = session.scalar(
        delete(AccessToken).where(AccessToken.digest == identity.digest(token)).returning(AccessToken.user_id)
    )
    if user_id is not None:
        record(session, session.get_one(User, user_id), now, "signed_out", "退出登录")


def _still_same(session: Session, trial: Try) -> User | None:
    """Return the person, unless disabled or given another password while this one was being checked."""
    user = session.get(User, trial.user_id, with_for_update=True) if trial.user_id else None
    unchanged = user is not None and user.disabled_at is None and user.password_hash == trial.password_hash
    return user if unchanged else None


def _record_failure(session: Session, trial: Try, now: dt.datetime) -> None:
    named = session.get(User, trial.user_id) if trial.user_id else None
    record_stranger(session, named, now, "sign_in_failed", "登录失败")


def record_stranger(session: Session, named: User | None, now: dt.datetime, act: str, label: str) -> None:
    """Write down what somebody did who has not proven to be the person named: with the name when it is somebody's,
    without when it may be a mistyped password.
    """
    stranger = nobody(session)
    if stranger is None:
        return  # nothing is set up: there is nobody to sign in and no agency whose journal it could be
    journal.append(
        session,
        stranger,
        now,
        act,
        label,
        agency_id=named.agency_id if named else None,
        data={"username": named.username} if named else {},
    )


def nobody(session: Session) -> Actor | None:
    """Say a stranger as an actor, of the topmost agency; None before the service is set up."""
    root = session.execute(select(Agency.id, Agency.path).where(Agency.parent_id.is_(None)).limit(1)).one_or_none()
    if root is None:
        return None
    return Actor(name="unknown", label="未登录", agency_id=root.id, agency_path=root.path, roles=frozenset())
