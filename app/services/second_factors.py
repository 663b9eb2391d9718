"""The second factor of a person: setting it up, proving it, losing it. One code is good for one proof.

Whoever holds an administrator's role must have one; for others it opens what needs a fresh proof, such as personal data
in the clear. Tries are counted and slowed like those of passwords, apart from them.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.domain import totp
from app.domain.terms import Role
from app.errors import Clash, Forbidden, Invalid
from app.models import AccessToken, RecoveryCode, SecondFactor, SignInStep, User, UserRole
from app.services import identity, journal, permissions, secret_box, tries, users
from app.services.desk import Desk

ISSUER = "依申请公开办理服务"
WRONG = "动态口令或者备用码不正确；用过的不能再用"
_PURPOSE = "second factor"
_RECOVERY_CODES = 10
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 that are not read as one another: 16 of them are 80 bits


def of_user(session: Session, user_id: int) -> SecondFactor | None:
    """Find a person's second factor in use; None where none has been confirmed."""
    return session.scalar(
        select(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))
    )


def is_compulsory(session: Session, user_id: int) -> bool:
    """Tell whether a person must prove a second factor at every sign-in."""
    admin = select(UserRole.role).where(UserRole.user_id == user_id, UserRole.role.in_(permissions.ADMINS))
    return session.scalar(admin.limit(1)) is not None


def left(session: Session, user_id: int) -> int:
    """Count the recovery codes that are still good."""
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def begin(session: Session, user: User, now: dt.datetime, key: bytes) -> bytes:
    """Make a secret to be put into an app and return it; raises `Clash` when a factor is in use already.

    One that was begun and not confirmed is shown again: the person may have reloaded the page after scanning it.
    """
    found = session.get(SecondFactor, user.id, with_for_update=True)
    if found is not None and found.confirmed_at is not None:
        raise Clash("您已经设置了动态口令；要更换，请先移除")
    if found is not None and (known := _secret(found, key)) is not None:
        return known
    secret = totp.fresh_secret()
    sealed = secret_box.seal(key, _PURPOSE, str(user.id), secret)
    if found is None:
        session.add(SecondFactor(user_id=user.id, sealed_secret=sealed, created_at=now, last_step=0))
    else:
        found.sealed_secret, found.created_at = sealed, now
    session.flush()
    return secret


def confirm(session: Session, user: User, code: str, now: dt.datetime, key: bytes) -> list[str] | None:
    """Take the first code of a secret that was begun; returns the recovery codes, this once, or None for a wrong code."""
    found = session.get(SecondFactor, user.id, with_for_update=True)
    if found is None or found.confirmed_at is not None or not _takes(session, found, code, now, key):
        return None
    found.confirmed_at = now
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(_RECOVERY_CODES)]
    session.add_all(RecoveryCode(digest=_digest(key, user.id, code), user_id=user.id) for code in codes)
    session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def proves(session: Session, user_id: int, typed: str, now: dt.datetime, key: bytes) -> bool:
    """Tell whether what was typed is the code of this moment or a recovery code, and use it up."""
    found = of_user(session, user_id)
    if found is None:
        return False
    if _takes(session, found, typed, now, key):
        return True
    plain = re.sub(r"[\s-]", "", typed).casefold()
    used = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.digest == _digest(key, user_id, plain), RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.user_id)
    ).one_or_none()
    return used is not None


def forget(session: Session, user_id: int) -> None:
    """Drop a person's factor with its recovery codes and with the sign-ins that wait for a code."""
    for table in (RecoveryCode, SecondFactor, SignInStep):
        session.execute(delete(table).where(table.user_id == user_id))


def current_code(session: Session, user_id: int, now: dt.datetime, key: bytes) -> str:
    """Return the code an authenticator app would show; for a demo city, where nobody has put the secret into an app."""
    found = session.get_one(SecondFactor, user_id)
    secret = _secret(found, key)
    step = max(totp.step_of(now), found.last_step + 1)  # used already: the next one counts as well
    return totp.code_of(secret, step) if secret else ""


def begin_own(desk: Desk) -> bytes:
    """Begin setting up the caller's own factor."""
    return begin(desk.session, _own(desk), desk.now, desk.settings.key)


def confirm_own(desk: Desk, sign_in: str, code: str, address: str) -> list[str]:
    """Confirm the caller's own factor in the sign-in with this digest; raises `Invalid` for a wrong code."""
    user = _own(desk)
    counted = tries.count(desk.session, user.username, address, desk.now, desk.settings.key, tries.SECOND_FACTOR)
    codes = confirm(desk.session, user, code, desk.now, desk.settings.key)
    if codes is None:
        journal.record(desk, "second_factor_failed", "动态口令不正确")
        raise Invalid(WRONG, keeps=True)
    tries.take_back(desk.session, counted, desk.now)
    journal.record(desk, "second_factor_set_up", "设置动态口令")
    mark_proven(desk.session, sign_in, desk.now)
    return codes


def prove_own(desk: Desk, sign_in: str, typed: str, address: str) -> None:
    """Prove the caller's factor afresh in the sign-in with this digest; raises `Invalid` for a wrong code."""
    user = _own(desk)
    if of_user(desk.session, user.id) is None:
        raise Clash("您还没有设置动态口令")
    counted = tries.count(desk.session, user.username, address, desk.now, desk.settings.key, tries.SECOND_FACTOR)
    if not proves(desk.session, user.id, typed, desk.now, desk.settings.key):
        journal.record(desk, "second_factor_failed", "动态口令不正确")
        raise Invalid(WRONG, keeps=True)
    tries.take_back(desk.session, counted, desk.now)
    journal.record(desk, "second_factor_proven", "验证动态口令")
    mark_proven(desk.session, sign_in, desk.now)


def remove_own(desk: Desk) -> None:
    """Give the caller's factor up, to set up another; the sign-ins stay, without the proof."""
    user = _own(desk)
    forget(desk.session, user.id)
    proof = update(AccessToken).where(AccessToken.user_id == user.id).values(second_factor_at=None)
    desk.session.execute(proof)
    journal.record(desk, "second_factor_removed", "移除动态口令")


def reset(desk: Desk, user_id: int) -> User:
    """Drop another person's factor after the telephone was lost; raises `Forbidden` for an administrator's.

    Whoever could do that to another administrator would be half-way to being that administrator.
    """
    user = users.another(desk, user_id, "请用“移除动态口令”移除自己的")
    held: set[Role] = {held.role for held in user.roles}
    if permissions.ADMINS & held:
        raise Forbidden("管理员的动态口令不能由其他管理员重置；请在服务器上用 recover 命令")
    forget(desk.session, user.id)
    identity.end_sign_ins(desk.session, user.id)
    journal.record(
        desk, "second_factor_reset", "重置动态口令", agency_id=user.agency_id, data={"username": user.username}
    )
    return user


def mark_proven(session: Session, sign_in: str, now: dt.datetime) -> None:
    """Write down that a second factor was proven in a sign-in."""
    session.execute(update(AccessToken).where(AccessToken.digest == sign_in).values(second_factor_at=now))


def _own(desk: Desk) -> User:
    if desk.actor.is_key:
        raise Forbidden("接口密钥没有动态口令")
    return desk.session.scalars(select(User).where(User.username == desk.actor.name).with_for_update()).one()


def _takes(session: Session, found: SecondFactor, code: str, now: dt.datetime, key: bytes) -> bool:
    """Tell whether the code is right and later than the last one taken; of two at once, one is taken."""
    secret = _secret(found, key)
    step = totp.matching_step(secret, code, now, after=found.last_step) if secret else None
    if step is None:
        return False
    taken = session.execute(
        update(SecondFactor)
        .where(SecondFactor.user_id == found.user_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.user_id)
        .execution_options(synchronize_session="fetch")
    ).one_or_none()
    return taken is not None


def _secret(found: SecondFactor, key: bytes) -> bytes | None:
    return secret_box.open_sealed(key, _PURPOSE, str(found.user_id), found.sealed_secret)


def _digest(key: bytes, user_id: int, code: str) -> str:
    return hmac.new(key, f"recovery\0{user_id}\0{code}".encode(), hashlib.sha256).hexdigest()
