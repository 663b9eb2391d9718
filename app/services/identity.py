"""Who calls: from a token or an interface key to the actor behind it. Knows nothing of HTTP.

Both are random and long, so that a plain SHA-256 digest is enough to store: there is nothing to guess. Each request
looks them up in the database, so that log-out, disabling and revocation hold from the next request on.
"""

import datetime as dt
import hashlib
import ipaddress
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session, joinedload

from app.config import Settings
from app.domain.actor import Actor
from app.domain.terms import Scope
from app.errors import Unauthenticated
from app.models import AccessToken, Agency, ApiKey, SignInCode, SignInStep, User, UserRole
from app.models.direct import PreparedStatement

KEY = re.compile(r"dk_([a-z0-9]{8})_(.+)")
MARKED_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that is going on: whose, the digest it is stored under, when its use was last written down, when it ends
    however much it is used, and when a second factor was last proven in it.
    """

    actor: Actor
    digest: str
    used_at: dt.datetime
    expires_at: dt.datetime
    second_factor_at: dt.datetime | None

    @property
    def holds_until(self) -> dt.datetime:
        """How long an answer may be given again without asking for the sign-in: its use is to be written down by then."""
        return min(self.used_at + MARKED_EVERY, self.expires_at)


def digest(secret: str) -> str:
    """Return what is stored of a random secret: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def refused() -> Unauthenticated:
    """Make the one answer for a missing, unknown, wrong, expired, idle or revoked token or key."""
    return Unauthenticated(headers={"WWW-Authenticate": "Bearer"})


def sign_in_of_token(session: Session, token: str, now: dt.datetime, settings: Settings) -> SignIn:
    """Find the sign-in a token stands for; raises `Unauthenticated`.

    One statement whatever is wrong with the token, so that neither answer nor time tells one cause from another.
    """
    stored = digest(token)
    rows = _ONE.rows(session, digest=stored, now=now, used_after=used_after(now, settings))
    if not rows:
        raise refused()
    return _sign_in(rows)


_SIGN_INS = (
    select(
        AccessToken.digest,
        User.username,
        User.display_name,
        User.agency_id,
        Agency.path,
        Agency.predecessors,
        AccessToken.used_at,
        AccessToken.expires_at,
        AccessToken.second_factor_at,
        UserRole.role,
    )
    .select_from(AccessToken)
    .join(User, User.id == AccessToken.user_id)
    .join(Agency, Agency.id == User.agency_id)
    .outerjoin(UserRole, UserRole.user_id == User.id)
    .where(
        AccessToken.expires_at > bindparam("now"),
        AccessToken.used_at > bindparam("used_after"),
        User.disabled_at.is_(None),
    )
    .order_by(AccessToken.digest)
)
_ONE = PreparedStatement(_SIGN_INS.where(AccessToken.digest == bindparam("digest")))  # every request asks
_SEVERAL = _SIGN_INS.where(AccessToken.digest.in_(bindparam("digests", expanding=True)))


def sign_ins(session: Session, digests: Collection[str], now: dt.datetime, settings: Settings) -> dict[str, SignIn]:
    """Find the sign-ins that go on behind these digests of tokens, by digest; those that ended are left out."""
    if not digests:
        return {}
    wanted = {"digests": list(digests), "now": now, "used_after": used_after(now, settings)}
    by_digest = groupby(session.execute(_SEVERAL, wanted), key=itemgetter(0))
    return {stored: _sign_in([*rows]) for stored, rows in by_digest}


def used_after(now: dt.datetime, settings: Settings) -> dt.datetime:
    """Say after which moment a sign-in has to have been used to go on."""
    return now - dt.timedelta(minutes=settings.token_idle_minutes)


def _sign_in(rows: Sequence[Sequence[Any]]) -> SignIn:
    """Put together what stands in the rows of one sign-in: one for each role."""
    stored, name, label, agency_id, path, predecessors, used_at, expires_at, second_factor_at, _role = rows[0]
    roles = frozenset(row[-1] for row in rows if row[-1] is not None)
    actor = Actor(
        name=name,
        label=label,
        agency_id=agency_id,
        agency_path=path,
        before=frozenset(predecessors),
        roles=roles,
    )
    return SignIn(actor, stored, used_at, expires_at, second_factor_at)


def actor_of_token(session: Session, token: str, now: dt.datetime, settings: Settings) -> Actor:
    """Find the person a token stands for; raises `Unauthenticated`."""
    return sign_in_of_token(session, token, now, settings).actor


def mark_used(session: Session, stored: str, now: dt.datetime) -> None:
    """Write down that a sign-in is in use, for its idle limit; does nothing when that was done within the minute."""
    session.execute(
        update(AccessToken)
        .where(AccessToken.digest == stored, AccessToken.used_at <= now - MARKED_EVERY)
        .values(used_at=now)
    )


def actor_of_key(session: Session, key: str, now: dt.datetime, address: str) -> Actor:
    """Find the system an interface key stands for; raises `Unauthenticated`."""
    return system_behind(shown_key(session, key, now, address))


def shown_key(session: Session, key: str, now: dt.datetime, address: str) -> ApiKey:
    """Find an interface key `dk_<prefix>_<secret>` with its agency; raises `Unauthenticated`.

    One that is held to networks is refused from elsewhere like a wrong one: a thief does not learn that it is right.
    """
    shaped = KEY.fullmatch(key)
    prefix, secret = shaped.groups() if shaped else ("", "")
    found = session.scalar(select(ApiKey).where(ApiKey.prefix == prefix).options(joinedload(ApiKey.agency)))
    same = secrets.compare_digest(found.digest if found else digest(""), digest(secret))
    if found is None or not same or not holds(found, now):
        raise refused()
    if found.networks and not _is_in(address, found.networks):
        raise refused()
    return found


def holds(key: ApiKey, now: dt.datetime) -> bool:
    """Tell whether a key is neither revoked nor expired."""
    return key.revoked_at is None and key.expires_at > now


def system_behind(key: ApiKey) -> Actor:
    """Say the system a key stands for as an actor; the key's agency must be loaded."""
    return Actor(
        name=f"key:{key.prefix}",
        label=key.label,
        agency_id=key.agency_id,
        agency_path=key.agency.path,
        before=frozenset(key.agency.predecessors),
        roles=frozenset({key.role}),
        is_key=True,
        system=key.system,
        scopes=frozenset(Scope) if key.scopes is None else frozenset(map(Scope, key.scopes)),
    )


def _is_in(address: str, networks: Sequence[str]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # not an address: a socket of this machine, or nothing known
        return False
    mapped = getattr(found, "ipv4_mapped", None)  # how a server listening on both kinds sees an IPv4 caller
    return any((mapped or found) in ipaddress.ip_network(network) for network in networks)


def end_sign_ins(session: Session, user_id: int) -> None:
    """End every sign-in of a person at once, those that are only begun included."""
    for table in (AccessToken, SignInCode, SignInStep):
        session.execute(delete(table).where(table.user_id == user_id))


def actor_of(user: User, agency_path: str) -> Actor:
    """Say a person as an actor without roles, for the record of an act of their own."""
    return Actor(
        name=user.username,
        label=user.display_name,
        agency_id=user.agency_id,
        agency_path=agency_path,
        roles=frozenset(),
    )
