"""Signing in by authorization code with PKCE (RFC 6749 4.1, RFC 7636, RFC 9700). Knows nothing of HTTP.

Three short transactions, none open while a password is hashed: `begin` counts the try and finds whom it names,
`conclude` writes down how it ended and gives a code, `exchange` turns the code into a token once.
"""

import base64
import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain import passwords
from app.domain.actor import Actor
from app.models import AccessToken, Agency, SignInCode, User
from app.services import identity, journal, tries

CODE_LIFE = dt.timedelta(minutes=1)
USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code will be bound to."""

    client_id: str
    redirect_uri: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Try:
    """One try at signing in. Without `user_id` nobody has this name; `password_hash` is then None and never matches."""

    username: str
    user_id: int | None
    password_hash: str | None
    counted: tries.Counted


class Outcome(StrEnum):
    """How a try ended when it gave no code."""

    WRONG = "wrong"
    NEW_PASSWORD_NEEDED = "new_password_needed"  # noqa: S105 — an outcome, not a password


@dataclass(frozen=True, slots=True)
class Token:
    """A fresh access token and the seconds it may live."""

    value: str
    seconds: int


def begin(session: Session, username: str, address: str, now: dt.datetime, key: bytes) -> Try:
    """Count the try and find whom it names; raises `TooManyRequests` when it comes too early."""
    name = username.strip().casefold()
    counted = tries.count(session, name, address, now, key)
    wanted = name if USERNAME.fullmatch(name) else ""
    user = session.scalar(select(User).where(User.username == wanted))
    return Try(name, user.id if user else None, user.password_hash if user else None, counted)


def conclude(
    session: Session, trial: Try, grant: Grant, now: dt.datetime, *, matches: bool, new_hash: str | None
) -> str | Outcome:
    """Write down how the try ended; returns the code, or why there is none.

    `new_hash` replaces a temporary password, which opens nothing else.
    """
    user = _still_same(session, trial) if matches else None
    if user is None:
        _record_failure(session, trial, now)
        return Outcome.WRONG
    tries.take_back(session, trial.counted, now)
    tries.clear(session, now)
    if user.password_is_temporary:
        if new_hash is None:
            return Outcome.NEW_PASSWORD_NEEDED
        user.password_hash, user.password_is_temporary = new_hash, False
        identity.end_sign_ins(session, user.id)
        _record(session, user, now, "password_changed", "修改密码")
    code = secrets.token_urlsafe(32)
    session.execute(delete(SignInCode).where(SignInCode.expires_at < now))
    session.add(
        SignInCode(
            digest=identity.digest(code),
            user_id=user.id,
            client_id=grant.client_id,
            redirect_uri=grant.redirect_uri,
            challenge=grant.challenge,
            expires_at=now + CODE_LIFE,
        )
    )
    return code


def exchange(
    session: Session,
    code: str,
    *,
    client_id: str,
    redirect_uri: str,
    verifier: str,
    now: dt.datetime,
    settings: Settings,
) -> Token | None:
    """Turn a code into a token, once; None when the code does not hold.

    A code is used up by the first try, right or wrong. A second one ends what the first one opened (RFC 6749 10.5):
    one of the two was made by a thief.
    """
    stored = identity.digest(code)
    found = session.execute(
        update(SignInCode)
        .where(SignInCode.digest == stored, SignInCode.used_at.is_(None))
        .values(used_at=now)
        .returning(
            SignInCode.user_id,
            SignInCode.client_id,
            SignInCode.redirect_uri,
            SignInCode.challenge,
            SignInCode.expires_at,
        )
    ).one_or_none()
    if found is None:
        session.execute(delete(AccessToken).where(AccessToken.code_digest == stored))
        return None
    bound = (found.client_id, found.redirect_uri) == (client_id, redirect_uri)
    proven = VERIFIER.fullmatch(verifier) and secrets.compare_digest(challenge_of(verifier), found.challenge)
    user = session.get_one(User, found.user_id)
    if not (bound and proven and found.expires_at > now) or user.disabled_at is not None:
        return None
    token = secrets.token_urlsafe(32)
    life = dt.timedelta(hours=settings.token_hours)
    session.execute(delete(AccessToken).where(AccessToken.expires_at < now))
    session.add(
        AccessToken(
            digest=identity.digest(token),
            user_id=user.id,
            code_digest=stored,
            created_at=now,
            used_at=now,
            expires_at=now + life,
        )
    )
    _record(session, user, now, "signed_in", "登录")
    return Token(token, int(life.total_seconds()))


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def end(session: Session, token: str, now: dt.datetime) -> None:
    """Log out: end the sign-in of this token; an unknown one is no error (RFC 7009, 2.2)."""
    user_id = session.scalar(
        delete(AccessToken).where(AccessToken.digest == identity.digest(token)).returning(AccessToken.user_id)
    )
    if user_id is not None:
        _record(session, session.get_one(User, user_id), now, "signed_out", "退出登录")


def objections_to(new: str, again: str, old: str, username: str) -> tuple[str, ...]:
    """Say what is wrong with a password chosen at sign-in."""
    if new != again:
        return ("两次输入的新密码不一致",)
    if passwords.plain(new) == passwords.plain(old):
        return ("新密码不能与原密码相同",)
    return passwords.objections(new, username)


def _still_same(session: Session, trial: Try) -> User | None:
    """Return the person, unless disabled or given another password while this one was being checked."""
    user = session.get(User, trial.user_id, with_for_update=True) if trial.user_id else None
    unchanged = user is not None and user.disabled_at is None and user.password_hash == trial.password_hash
    return user if unchanged else None


def _record(session: Session, user: User, now: dt.datetime, act: str, label: str) -> None:
    path = session.scalars(select(Agency.path).where(Agency.id == user.agency_id)).one()
    journal.append(session, identity.actor_of(user, path), now, act, label)


def _record_failure(session: Session, trial: Try, now: dt.datetime) -> None:
    """Write down a failure: with the name when it is somebody's, without when it may be a mistyped password."""
    named = session.get(User, trial.user_id) if trial.user_id else None
    root = session.execute(select(Agency.id, Agency.path).where(Agency.parent_id.is_(None)).limit(1)).one_or_none()
    if root is None:
        return  # nothing is set up: there is nobody to sign in and no agency whose journal it could be
    nobody = Actor(name="unknown", label="未登录", agency_id=root.id, agency_path=root.path, roles=frozenset())
    journal.append(
        session,
        nobody,
        now,
        "sign_in_failed",
        "登录失败",
        agency_id=named.agency_id if named else root.id,
        data={"username": named.username} if named else {},
    )
