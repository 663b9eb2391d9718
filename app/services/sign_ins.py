"""Sign-ins that go on: a person's own as that person sees them, ending them, and how many there may be at once."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain.actor import Actor
from app.errors import Forbidden, Invalid
from app.models import AccessToken, User
from app.services import identity, journal, permissions, users
from app.services.desk import Desk
from app.services.passwords import Hasher

NAMED = 16
"""Characters of a token's digest that name a sign-in: enough to tell it from others, and nothing opens with them."""


@dataclass(frozen=True, slots=True)
class OwnSignIn:
    """One of the caller's sign-ins. `ends_at`: at the latest, or earlier when it is not used."""

    id: str
    current: bool
    begun_at: dt.datetime
    used_at: dt.datetime
    ends_at: dt.datetime
    second_factor_at: dt.datetime | None


def own(desk: Desk, current: str) -> list[OwnSignIn]:
    """List the caller's sign-ins that go on, the one last used first; `current` is the digest of the one in use."""
    rows = desk.session.scalars(
        select(AccessToken)
        .where(AccessToken.user_id == _own_id(desk.session, desk.actor), _going_on(desk.now, desk.settings))
        .order_by(AccessToken.used_at.desc(), AccessToken.created_at.desc())
    )
    idle = dt.timedelta(minutes=desk.settings.token_idle_minutes)
    return [
        OwnSignIn(
            id=row.digest[:NAMED],
            current=row.digest == current,
            begun_at=row.created_at,
            used_at=row.used_at,
            ends_at=min(row.expires_at, row.used_at + idle),
            second_factor_at=row.second_factor_at,
        )
        for row in rows
    ]


def end_own(
    desk: Desk, current: str, ids: Sequence[str] | None, password: str | None, hasher: Hasher, address: str
) -> int:
    """End sign-ins of the caller's, or all but the one in use; returns how many.

    The caller proves first to be the person: by a second factor proven lately, or by the password. Whoever found a screen
    unlocked locks nobody out. Raises `Forbidden` without a proof, and `Invalid` for a wrong password or an unknown id.
    """
    user_id = _own_id(desk.session, desk.actor)
    _require_proof(desk, current, password, hasher, address)
    known = {one.id: one for one in own(desk, current)}
    if strange := [name for name in ids or () if name not in known]:
        message = f"没有这个登录：{'、'.join(strange)}"
        raise Invalid(
            message, reasons=[{"kind": "field", "code": "unknown_sign_in", "field": "ids", "message": message}]
        )
    wanted = {name for name, one in known.items() if not one.current} if ids is None else set(ids)
    digests = desk.session.scalars(select(AccessToken.digest).where(AccessToken.user_id == user_id))
    ended = _end(desk.session, AccessToken.digest.in_([digest for digest in digests if digest[:NAMED] in wanted]))
    journal.record(desk, "sign_ins_ended", "撤销登录", data={"username": desk.actor.name, "count": ended})
    return ended


def end_of(desk: Desk, user_id: int) -> int:
    """End every sign-in of another person, whose account stays open; returns how many. Raises as `users.another`."""
    user = users.another(desk, user_id, "请用“撤销自己的其他登录”")
    ended = _end(desk.session, AccessToken.user_id == user.id)
    journal.record(
        desk,
        "sign_ins_ended",
        "撤销登录",
        agency_id=user.agency_id,
        data={"username": user.username, "count": ended},
    )
    return ended


def end_all(desk: Desk, current: str) -> int:
    """End every sign-in of everybody the caller manages, but the one in use; returns how many."""
    managed = users.visible(desk).with_only_columns(User.id)
    ended = _end(desk.session, and_(AccessToken.user_id.in_(managed), AccessToken.digest != current))
    journal.record(desk, "sign_ins_ended", "撤销所有人的登录", data={"count": ended})
    return ended


def keep_within(session: Session, user: User, fresh: str, now: dt.datetime, settings: Settings) -> int:
    """End the sign-ins of a person that are too many beside a fresh one, those unused for longest; returns how many."""
    session.scalars(select(User.id).where(User.id == user.id).with_for_update()).one()  # one after the other
    later = (
        select(AccessToken.digest)
        .where(AccessToken.user_id == user.id, AccessToken.digest != fresh, _going_on(now, settings))
        .order_by(AccessToken.used_at.desc(), AccessToken.created_at.desc())
        .offset(settings.sign_ins_at_once - 1)
    )
    return _end(session, AccessToken.digest.in_(session.scalars(later).all()))


def _going_on(now: dt.datetime, settings: Settings) -> ColumnElement[bool]:
    return and_(AccessToken.expires_at > now, AccessToken.used_at > identity.used_after(now, settings))


def _end(session: Session, which: ColumnElement[bool]) -> int:
    ended: Iterable[str] = session.scalars(delete(AccessToken).where(which).returning(AccessToken.digest))
    return len(list(ended))


def _own_id(session: Session, actor: Actor) -> int:
    if actor.is_key:
        raise Forbidden("接口密钥不登录")
    return session.scalars(select(User.id).where(User.username == actor.name)).one()


def _require_proof(desk: Desk, current: str, password: str | None, hasher: Hasher, address: str) -> None:
    if password is not None:
        users.prove_password(desk, password, hasher, address, "密码")
        return
    proven_at = desk.session.scalar(select(AccessToken.second_factor_at).where(AccessToken.digest == current))
    if not permissions.is_fresh(proven_at, desk.now, desk.settings):
        message = "请填写登录密码，或者先用“验证动态口令”验证，再撤销登录"
        raise Invalid(message, reasons=[{"kind": "field", "code": "missing", "field": "password", "message": message}])
