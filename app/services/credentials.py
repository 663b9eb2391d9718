"""A person's password: what stands against a new one, when one is too old, and how one takes another's place."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain import passwords
from app.models import PastPassword, User
from app.services import identity
from app.services.passwords import Hasher


def past(session: Session, user_id: int, settings: Settings) -> tuple[str, ...]:
    """Return the hashes of earlier passwords that may not be taken again, the newest first; none in the modern profile."""
    if not passwords.is_classified(settings.password_profile):
        return ()
    kept = select(PastPassword.password_hash).where(PastPassword.user_id == user_id)
    return tuple(session.scalars(kept.order_by(PastPassword.id.desc()).limit(settings.password_history - 1)))


def objections(
    new: str, old: str | None, username: str, earlier: Sequence[str], hasher: Hasher, settings: Settings
) -> tuple[str, ...]:
    """Say in Chinese what is wrong with a new password; the earlier ones are compared only when nothing else is.

    `old` is the one it takes the place of, if the person has just typed it.
    """
    if old is not None and passwords.plain(new) == passwords.plain(old):
        return ("新密码不能与原密码相同",)
    found = passwords.objections(new, username, settings.password_profile)
    if not found and any(hasher.matches(hashed, new) for hashed in earlier):
        return (f"新密码不能与最近{settings.password_history}次用过的密码相同",)
    return found


def must_be_replaced(user: User, now: dt.datetime, settings: Settings) -> str:
    """Say in Chinese why a password opens nothing but its own replacement; empty when it opens the door."""
    if user.password_is_temporary:
        return "请先把临时密码换成自己的密码"
    life = dt.timedelta(days=settings.password_days)
    if (
        passwords.is_classified(settings.password_profile)
        and (user.password_changed_at or user.created_at) + life <= now
    ):
        return f"密码已使用满{settings.password_days}天，请换成新的密码"
    return ""


def replace(session: Session, user: User, new_hash: str, now: dt.datetime, *, temporary: bool = False) -> None:
    """Put a new password in the old one's place, remember the old one, and end every sign-in that it opened."""
    if not user.password_is_temporary:  # a temporary one was nobody's choice
        session.add(PastPassword(user_id=user.id, password_hash=user.password_hash, given_up_at=now))
    user.password_hash, user.password_is_temporary, user.password_changed_at = new_hash, temporary, now
    identity.end_sign_ins(session, user.id)
    session.flush()
    oldest = select(PastPassword.id).where(PastPassword.user_id == user.id).order_by(PastPassword.id.desc()).offset(24)
    session.execute(delete(PastPassword).where(PastPassword.id.in_(oldest)))
