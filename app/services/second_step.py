"""Between the first factor and the code for the client: proving the second one, or setting it up.

The person's browser holds a ticket and nothing else; what was asked for, by which client, waits in a row. The step serves
passwords and single sign-on alike.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.config import Settings
from app.models import SignInStep, User
from app.services import identity, second_factors, sign_in_codes, tries
from app.services.sign_in_codes import Code, Grant, record

LIFE = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """A sign-in that waits for its second factor.

    `secret` is to be put into an authenticator app; None when one is in use. `code` is what the app would show, in a demo
    city only.
    """

    ticket: str
    username: str
    grant: Grant
    secret: bytes | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code was wrong; the step goes on waiting."""

    step: SecondStep


@dataclass(frozen=True, slots=True)
class SetUp:
    """A factor was set up; the recovery codes are shown this once, and `go_on_from` finishes the sign-in."""

    ticket: str
    grant: Grant
    recovery_codes: list[str]


def go_on(session: Session, user: User, grant: Grant, now: dt.datetime, *, enrol: bool) -> Code | SecondStep:
    """Give the code to somebody who needs no second factor; let everybody else prove it, or set it up, first."""
    in_use = second_factors.of_user(session, user.id) is not None
    if not (in_use or enrol or second_factors.is_compulsory(session, user.id)):
        return sign_in_codes.give(session, user.id, grant, now, None)
    ticket = secrets.token_urlsafe(32)
    session.execute(delete(SignInStep).where(SignInStep.expires_at < now))
    session.add(
        SignInStep(
            digest=identity.digest(ticket),
            user_id=user.id,
            client_id=grant.client_id,
            redirect_uri=grant.redirect_uri,
            challenge=grant.challenge,
            state=grant.state,
            expires_at=now + LIFE,
        )
    )
    return SecondStep(ticket, user.username, grant)


def show(session: Session, ticket: str, now: dt.datetime, settings: Settings) -> SecondStep | None:
    """Say what the page has to show, beginning to set a factor up where there is none; None for a ticket that has ended."""
    found = _waiting(session, ticket, now)
    return _shown(session, ticket, *found, now, settings) if found else None


def take(
    session: Session, ticket: str, typed: str, address: str, now: dt.datetime, settings: Settings
) -> Code | SetUp | WrongCode | None:
    """Take what was typed; None for a ticket that has ended. Raises `TooManyRequests` when it comes too early."""
    found = _waiting(session, ticket, now)
    if found is None or found[0].passed_at is not None:
        return None
    step, user = found
    counted = tries.count(session, user.username, address, now, settings.key, tries.SECOND_FACTOR)
    if second_factors.of_user(session, user.id) is None:
        codes = second_factors.confirm(session, user, typed, now, settings.key)
        if codes is None:
            return WrongCode(_shown(session, ticket, step, user, now, settings))
        tries.take_back(session, counted, now)
        record(session, user, now, "second_factor_set_up", "设置动态口令")
        step.passed_at = now
        return SetUp(ticket, _grant(step), codes)
    if not second_factors.proves(session, user.id, typed, now, settings.key):
        record(session, user, now, "second_factor_failed", "动态口令不正确")
        return WrongCode(_shown(session, ticket, step, user, now, settings))
    tries.take_back(session, counted, now)
    return _give(session, step, now)


def go_on_from(session: Session, ticket: str, now: dt.datetime) -> Code | None:
    """Finish a sign-in whose factor has just been set up, when the recovery codes have been written down."""
    found = _waiting(session, ticket, now)
    return _give(session, found[0], now) if found and found[0].passed_at else None


def _give(session: Session, step: SignInStep, now: dt.datetime) -> Code:
    session.delete(step)
    return sign_in_codes.give(session, step.user_id, _grant(step), now, step.passed_at or now)


def _grant(step: SignInStep) -> Grant:
    return Grant(step.client_id, step.redirect_uri, step.challenge, step.state)


def _waiting(session: Session, ticket: str, now: dt.datetime) -> tuple[SignInStep, User] | None:
    """Find and lock the step of a ticket and its person; a disabled one waits for nothing."""
    step = session.get(SignInStep, identity.digest(ticket), with_for_update=True)
    if step is None or step.expires_at <= now:
        return None
    user = session.get_one(User, step.user_id)
    return (step, user) if user.disabled_at is None else None


def _shown(
    session: Session, ticket: str, step: SignInStep, user: User, now: dt.datetime, settings: Settings
) -> SecondStep:
    in_use = second_factors.of_user(session, user.id) is not None
    secret = None if in_use else second_factors.begin(session, user, now, settings.key)
    code = second_factors.current_code(session, user.id, now, settings.key) if settings.demo else ""
    return SecondStep(ticket, user.username, _grant(step), secret, code)
