"""Signing a person in from the command line of the machine that holds the data, for scripts that try the service out.

Whoever can run this can read and write the database anyway; still it is refused in production, where a sign-in must prove
the person's password, and it stands in the journal like any other.
"""

import datetime as dt
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.errors import Forbidden, NotFound
from app.models import AccessToken, Agency, User
from app.services import identity, journal
from app.services.sign_in import Token


def open_for(session: Session, username: str, now: dt.datetime, settings: Settings) -> Token:
    """Sign somebody in; raises `Forbidden` in production and `NotFound` for an unknown or disabled account."""
    if settings.profile == "production":
        raise Forbidden("生产环境不能在命令行上代人登录：请在登录页用密码登录")
    found = session.execute(
        select(User, Agency.path).join(Agency, Agency.id == User.agency_id).where(User.username == username)
    ).one_or_none()
    if found is None or found[0].disabled_at is not None:
        raise NotFound(f"没有登录名为 {username} 的在用账号")
    user, path = found
    value = secrets.token_urlsafe(32)
    life = dt.timedelta(hours=settings.token_hours)
    session.add(
        AccessToken(
            digest=identity.digest(value),
            user_id=user.id,
            code_digest=identity.digest(secrets.token_urlsafe(32)),  # there was no code to take this sign-in back by
            created_at=now,
            used_at=now,
            expires_at=now + life,
        )
    )
    data = {"by": "command_line"}
    journal.append(session, identity.actor_of(user, path), now, "signed_in", "登录", data=data)
    return Token(value, int(life.total_seconds()))
