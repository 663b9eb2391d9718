"""Who of many is still signed in: for those who hold a connection open for hours, asked for all of them at once."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.config import Settings
from app.domain.actor import Actor
from app.models import ApiKey
from app.services import identity


def actors_now(session: Session, holders: Collection[str], now: dt.datetime, settings: Settings) -> dict[str, Actor]:
    """Find who stands behind each holder now: the digest of a token, or `key:<prefix>`; whoever may no longer is left out."""
    tokens = [holder for holder in holders if not holder.startswith("key:")]
    prefixes = [holder.removeprefix("key:") for holder in holders if holder.startswith("key:")]
    found = {digest: sign_in.actor for digest, sign_in in identity.sign_ins(session, tokens, now, settings).items()}
    if prefixes:
        keys = session.scalars(select(ApiKey).where(ApiKey.prefix.in_(prefixes)).options(joinedload(ApiKey.agency)))
        found |= {f"key:{key.prefix}": identity.system_behind(key) for key in keys if identity.holds(key, now)}
    return found
