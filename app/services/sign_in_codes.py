"""From an authorization code to an access token (RFC 6749 4.1, RFC 7636, RFC 9700). Knows nothing of HTTP."""

import base64
import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.models import AccessToken, Agency, SignInCode, User
from app.services import identity, journal, sign_ins

CODE_LIFE = dt.timedelta(minutes=1)
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code will be bound to, and the client's own `state`, which goes back with it."""

    client_id: str
    redirect_uri: str
    challenge: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code for the client that asked."""

    value: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Token:
    """A fresh access token and the seconds it may live."""

    value: str
    seconds: int


def give(session: Session, user_id: int, grant: Grant, now: dt.datetime, second_factor_at: dt.datetime | None) -> Code:
    """Make a code for somebody who has proven who he is."""
    code = secrets.token_urlsafe(32)
    session.execute(delete(SignInCode).where(SignInCode.expires_at < now))
    session.add(
        SignInCode(
            digest=identity.digest(code),
            user_id=user_id,
            client_id=grant.client_id,
            redirect_uri=grant.redirect_uri,
            challenge=grant.challenge,
            second_factor_at=second_factor_at,
            expires_at=now + CODE_LIFE,
        )
    )
    return Code(code, grant)


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
            SignInCode.second_factor_at,
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
    data = {"second_factor": True} if found.second_factor_at else {}
    return open_sign_in(session, user, stored, now, settings, found.second_factor_at, data)


def open_sign_in(
    session: Session,
    user: User,
    code_digest: str,
    now: dt.datetime,
    settings: Settings,
    second_factor_at: dt.datetime | None,
    data: Mapping[str, Any],
) -> Token:
    """Make an access token and write the sign-in down; tokens that have ended are cleared away."""
    token = secrets.token_urlsafe(32)
    digest = identity.digest(token)
    life = dt.timedelta(hours=settings.token_hours)
    session.execute(delete(AccessToken).where(AccessToken.expires_at < now))
    session.add(
        AccessToken(
            digest=digest,
            user_id=user.id,
            code_digest=code_digest,
            second_factor_at=second_factor_at,
            created_at=now,
            used_at=now,
            expires_at=now + life,
        )
    )
    record(session, user, now, "signed_in", "登录", data)
    if ended := sign_ins.keep_within(session, user, digest, now, settings):
        record(session, user, now, "sign_ins_ended", "登录数超过上限，最久未用的失效", {"count": ended})
    return Token(token, int(life.total_seconds()))


def record(
    session: Session, user: User, now: dt.datetime, act: str, label: str, data: Mapping[str, Any] | None = None
) -> None:
    """Write down an act of a person who sits at no desk yet."""
    path = session.scalars(select(Agency.path).where(Agency.id == user.agency_id)).one()
    journal.append(session, identity.actor_of(user, path), now, act, label, data=data)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
