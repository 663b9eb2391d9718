"""Coming in through the government's own sign-in: who is on the way, and whom the issuer's name stands for here.

Rights come from here alone: a subject that no administrator has linked to a person opens nothing, and no claim gives a
role. An administrator's account cannot be linked; its password and second factor are its own.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.errors import Clash, Forbidden
from app.models import SingleSignOnStart, User, UserIdentity
from app.services import (
    identity,
    journal,
    permissions,
    rates,
    second_factors,
    second_step,
    sign_in,
    sign_in_codes,
    users,
)
from app.services.desk import Desk
from app.services.expenses import Expense, of_source
from app.services.openid import Claims
from app.services.second_step import SecondStep
from app.services.sign_in_codes import Code, Grant

LIFE = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Start:
    """What goes to the issuer (`state`, `nonce`, `challenge`) and what stays in the person's browser (`browser`)."""

    state: str
    browser: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        return sign_in_codes.challenge_of(self.verifier)


def begin(session: Session, grant: Grant, address: str, now: dt.datetime, settings: Settings) -> Start:
    """Remember who goes to the issuer for which client, a row before anybody has proven anything.

    Raises `TooManyRequests`.
    """
    rates.take(session, of_source(settings, Expense.SINGLE_SIGN_ON, address), now)
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session.execute(delete(SingleSignOnStart).where(SingleSignOnStart.expires_at < now))
    session.add(
        SingleSignOnStart(
            digest=identity.digest(state),
            browser=identity.digest(browser),
            client_id=grant.client_id,
            redirect_uri=grant.redirect_uri,
            challenge=grant.challenge,
            state=grant.state,
            expires_at=now + LIFE,
        )
    )
    return _start(state, browser, settings.key)


def take_up(session: Session, state: str, browser: str, now: dt.datetime, key: bytes) -> tuple[Start, Grant] | None:
    """Find the sign-in a `state` belongs to, once; None for an unknown one, an old one and one of another browser."""
    found = session.execute(
        delete(SingleSignOnStart)
        .where(SingleSignOnStart.digest == identity.digest(state))
        .returning(
            SingleSignOnStart.browser,
            SingleSignOnStart.client_id,
            SingleSignOnStart.redirect_uri,
            SingleSignOnStart.challenge,
            SingleSignOnStart.state,
            SingleSignOnStart.expires_at,
        )
    ).one_or_none()
    if found is None or found.expires_at <= now:
        return None
    if not secrets.compare_digest(found.browser, identity.digest(browser)):
        return None
    return _start(state, browser, key), Grant(found.client_id, found.redirect_uri, found.challenge, found.state)


def conclude(
    session: Session, claims: Claims, grant: Grant, now: dt.datetime, settings: Settings
) -> Code | SecondStep | None:
    """Go on with the person the issuer has named; None when nobody here is linked to that name, or is disabled.

    A second factor that the issuer asserts counts where the settings say so, but never for an administrator.
    """
    linked = select(User).join(UserIdentity, UserIdentity.user_id == User.id)
    user = session.scalar(
        linked.where(UserIdentity.issuer == settings.oidc_issuer, UserIdentity.subject == claims.subject)
    )
    if user is None or user.disabled_at is not None:
        sign_in.record_stranger(session, user, now, "single_sign_on_refused", "统一身份认证未关联在用账号")
        return None
    sign_in_codes.record(session, user, now, "single_sign_on", "统一身份认证通过")
    if claims.methods & set(settings.oidc_second_factor) and not second_factors.is_compulsory(session, user.id):
        return sign_in_codes.give(session, user.id, grant, now, now)
    return second_step.go_on(session, user, grant, now, enrol=False)


def link(desk: Desk, user_id: int, name: str) -> UserIdentity:
    """Link a person to a subject of the issuer; raises `Forbidden` for administrators, `Clash` for a subject in use."""
    if not desk.settings.oidc_issuer:
        raise Clash("没有配置统一身份认证（DISCLOSURE_OIDC_ISSUER）")
    user = users.another(desk, user_id, "不能关联自己的账号")
    if permissions.ADMINS & {held.role for held in user.roles}:
        raise Forbidden("管理员只能用密码和动态口令登录，不能关联统一身份认证")
    issuer = desk.settings.oidc_issuer
    taken = select(UserIdentity.user_id).where(UserIdentity.issuer == issuer, UserIdentity.subject == name)
    if desk.session.scalar(taken.where(UserIdentity.user_id != user.id)) is not None:
        raise Clash("这个统一身份认证账号已关联其他用户")
    own = _of(desk, user)
    if own is None:
        own = UserIdentity(issuer=issuer, subject=name, user_id=user.id, created_at=desk.now)
        desk.session.add(own)
    else:
        own.subject, own.created_at = name, desk.now
        identity.end_sign_ins(desk.session, user.id)
    desk.session.flush()
    journal.record(
        desk, "single_sign_on_linked", "关联统一身份认证", agency_id=user.agency_id, data={"username": user.username}
    )
    return own


def unlink(desk: Desk, user_id: int) -> User:
    """Take a person's link away and end the sign-ins; without a link nothing changes."""
    user = users.another(desk, user_id, "不能取消自己的关联")
    if (own := _of(desk, user)) is not None:
        desk.session.delete(own)
        identity.end_sign_ins(desk.session, user.id)
        data = {"username": user.username}
        journal.record(desk, "single_sign_on_unlinked", "取消关联统一身份认证", agency_id=user.agency_id, data=data)
    return user


def _of(desk: Desk, user: User) -> UserIdentity | None:
    own = select(UserIdentity).where(UserIdentity.user_id == user.id, UserIdentity.issuer == desk.settings.oidc_issuer)
    return desk.session.scalar(own)


def _start(state: str, browser: str, key: bytes) -> Start:
    """Derive what binds the issuer's answer from the state, so that it need not be stored."""
    nonce, verifier = (
        hmac.new(key, f"single sign-on\0{what}\0{state}".encode(), hashlib.sha256).hexdigest()
        for what in ("nonce", "verifier")
    )
    return Start(state, browser, nonce, verifier)
