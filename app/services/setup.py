"""The first run: no default account and no default key, but one single-use token that opens one form once."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain import passwords
from app.domain.settings import AgencySettings
from app.domain.terms import Role
from app.errors import Forbidden, Invalid
from app.models import Agency, SetupToken, User, UserRole
from app.services import agencies, identity, journal, users
from app.services.passwords import Hasher

TOKEN_LIFE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of the first three people."""

    username: str
    display_name: str
    password: str


def prepare(session: Session, now: dt.datetime) -> str | None:
    """Make the set-up token and return it, to be printed once; None when there are users already.

    A token made before and not used becomes void.
    """
    if _has_users(session):
        return None
    token = secrets.token_urlsafe(32)
    session.execute(delete(SetupToken))
    session.add(SetupToken(digest=identity.digest(token), created_at=now))
    session.flush()
    return token


def complete(
    session: Session,
    token: str,
    *,
    code: str,
    name: str,
    region: str,
    administrators: Mapping[Role, Administrator],
    hasher: Hasher,
    now: dt.datetime,
    profile: passwords.Profile = "modern",
) -> Agency:
    """Use the token up and make the city's agency with its three administrators, all or nothing.

    Raises `Forbidden` for a token that is unknown, used or older than a day, `Invalid` for people who are not three.
    """
    used = session.execute(
        update(SetupToken)
        .where(
            SetupToken.digest == identity.digest(token),
            SetupToken.used_at.is_(None),
            SetupToken.created_at > now - TOKEN_LIFE,
        )
        .values(used_at=now)
        .returning(SetupToken.digest)
    ).one_or_none()
    if used is None or _has_users(session):
        raise Forbidden("初始化令牌无效、已经使用或者已经过期")
    if len({person.username for person in administrators.values()}) != len(administrators):
        raise Invalid("三名管理员须为三个不同的人")
    if len({person.password for person in administrators.values()}) != len(administrators):
        raise Invalid("三名管理员的密码不能相同")
    agency = Agency(code=code, name=name, region=region, settings=AgencySettings().model_dump(mode="json"))
    agencies.plant(session, agency, "/")
    for role, person in administrators.items():
        weak = passwords.objections(person.password, person.username, profile)
        users.require_no_objection(weak, f"{role.value}.password")
        user = User(
            username=person.username,
            display_name=person.display_name,
            agency_id=agency.id,
            password_hash=hasher.make(person.password),
            created_at=now,
            roles=[UserRole(role=role)],
        )
        session.add(user)
        journal.append(
            session,
            identity.actor_of(user, agency.path),
            now,
            "set_up",
            "系统初始化",
            data={"agency": code, "role": role.value},
        )
    session.flush()
    return agency


def _has_users(session: Session) -> bool:
    return session.scalar(select(User.id).limit(1)) is not None
