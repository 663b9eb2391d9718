"""The way back in for somebody nobody else can help: an administrator who has lost the password or the telephone.

Whoever runs the command on the machine gets a code, once; the person types it into a page together with a new password.
The code stands in no address, so that no log of a proxy keeps it. Both ends are written into the journal.
"""

import datetime as dt
import secrets

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.errors import NotFound
from app.models import RecoveryToken, User
from app.services import credentials, identity, second_factors, sign_in_codes, tries

LIFE = dt.timedelta(hours=1)


def issue(session: Session, username: str, now: dt.datetime) -> str:
    """Make a code for an account in use and return it, to be printed once; an earlier one becomes void.

    Raises `NotFound` for an unknown or disabled account.
    """
    user = session.scalar(select(User).where(User.username == username))
    if user is None or user.disabled_at is not None:
        raise NotFound(f"没有登录名为 {username} 的在用账号")
    token = secrets.token_urlsafe(32)
    session.execute(delete(RecoveryToken).where(RecoveryToken.user_id == user.id))
    session.add(RecoveryToken(digest=identity.digest(token), user_id=user.id, expires_at=now + LIFE))
    sign_in_codes.record(session, user, now, "recovery_issued", "在服务器上发给恢复码", {"by": "command_line"})
    return token


def count(session: Session, username: str, address: str, now: dt.datetime, key: bytes) -> None:
    """Count a try; raises `TooManyRequests` when it comes too early. Right ones are not taken back: they are few."""
    tries.count(session, username.strip().casefold(), address, now, key, tries.RECOVERY)


def find(session: Session, username: str, token: str, now: dt.datetime) -> User | None:
    """Find whose code this is; None for a wrong, used or old one, and for one of another person."""
    return session.scalar(
        select(User)
        .join(RecoveryToken, RecoveryToken.user_id == User.id)
        .where(
            RecoveryToken.digest == identity.digest(token),
            RecoveryToken.used_at.is_(None),
            RecoveryToken.expires_at > now,
            User.username == username.strip().casefold(),
            User.disabled_at.is_(None),
        )
    )


def look(session: Session, username: str, token: str, now: dt.datetime, settings: Settings) -> tuple[str, ...] | None:
    """Return the hashes of passwords that a right code's owner may not take again; None for a wrong code."""
    user = find(session, username, token, now)
    if user is None:
        return None
    earlier = credentials.past(session, user.id, settings)
    return (user.password_hash, *earlier) if earlier else ()


def complete(session: Session, username: str, token: str, new_hash: str, now: dt.datetime) -> bool:
    """Use the code up: a new password, no second factor, no sign-in left. False when the code holds no longer."""
    user = find(session, username, token, now)
    if user is None:
        return False
    used = session.execute(
        update(RecoveryToken)
        .where(RecoveryToken.digest == identity.digest(token), RecoveryToken.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryToken.user_id)
    ).one_or_none()
    if used is None:
        return False
    credentials.replace(session, user, new_hash, now)
    second_factors.forget(session, user.id)
    sign_in_codes.record(session, user, now, "recovered", "用恢复码重设密码和动态口令")
    return True
