"""Signing a person in from the command line of the machine that holds the data, for scripts that try the service out.

Whoever can run this can read and write the database anyway; still it is refused in production, where a sign-in must prove
the person's password and second factor, and it stands in the journal like any other.
"""

import datetime as dt
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.errors import Forbidden, NotFound
from app.models import User
from app.services import identity, sign_in_codes
from app.services.sign_in_codes import Token


def open_for(session: Session, username: str, now: dt.datetime, settings: Settings) -> Token:
    """Sign somebody in; raises `Forbidden` in production and `NotFound` for an unknown or disabled account."""
    if settings.profile == "production":
        raise Forbidden("生产环境不能在命令行上代人登录：请在登录页用密码登录")
    user = session.scalar(select(User).where(User.username == username))
    if user is None or user.disabled_at is not None:
        raise NotFound(f"没有登录名为 {username} 的在用账号")
    no_code = identity.digest(secrets.token_urlsafe(32))  # there was none to take this sign-in back by
    return sign_in_codes.open_sign_in(session, user, no_code, now, settings, now, {"by": "command_line"})
