"""Interface keys of portals and scripts: one agency, one role, an end; shown once, stored as a digest."""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.domain.terms import Role, Scope
from app.errors import Invalid, NotFound
from app.models import Agency, ApiKey
from app.services import agencies, identity, journal, permissions
from app.services.desk import Desk

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def visible(desk: Desk) -> Select[ApiKey]:
    """Select the keys of the agencies this caller may manage."""
    return (
        select(ApiKey)
        .join(ApiKey.agency)
        .where(Agency.path.startswith(desk.actor.agency_path, autoescape=True))
        .options(joinedload(ApiKey.agency))
    )


def listing(desk: Desk, page: int, size: int) -> tuple[Sequence[ApiKey], int]:
    """Return one page of the keys, the newest first, and the number of all."""
    wanted = visible(desk)
    total = desk.session.scalar(select(func.count()).select_from(wanted.with_only_columns(ApiKey.id).subquery())) or 0
    return desk.session.scalars(wanted.order_by(ApiKey.id.desc()).offset((page - 1) * size).limit(size)).all(), total


def create(
    desk: Desk,
    *,
    label: str,
    agency_code: str,
    role: Role,
    valid_days: int,
    scopes: Collection[Scope] | None = None,
    replaces: int | None = None,
    networks: Sequence[str] | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; returns its row and, this once, the key itself.

    One that takes another's place belongs to the same system: it sees the cases that one brought and gets the answers
    that one was given. Raises `Invalid` for a role no system may hold and for a key of another agency or role. `networks`, as
    CIDR, are the only places it may be used from.
    """
    if role not in permissions.KEY_ROLES:
        raise Invalid(f"{role.label}不能授予接口密钥")
    agency = agencies.by_code(desk, agency_code)
    agencies.refuse_closed(agency)
    before = desk.session.scalar(visible(desk).where(ApiKey.id == replaces)) if replaces is not None else None
    if replaces is not None and (before is None or before.agency_id != agency.id or before.role is not role):
        message = "接替的密钥须是同一机关、同一角色的密钥"
        raise Invalid(
            message, reasons=[{"kind": "field", "code": "not_applicable", "field": "replaces", "message": message}]
        )
    prefix = "".join(secrets.choice(LETTERS) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    key = ApiKey(
        prefix=prefix,
        digest=identity.digest(secret),
        label=label,
        agency=agency,
        role=role,
        networks=list(networks) if networks else None,
        system=before.system if before else prefix,
        scopes=None if scopes is None else [scope.value for scope in Scope if scope in scopes],
        created_by=desk.actor.name,
        created_at=desk.now,
        expires_at=desk.now + dt.timedelta(days=valid_days),
    )
    desk.session.add(key)
    desk.session.flush()
    journal.record(
        desk,
        "key_created",
        "新增接口密钥",
        agency_id=agency.id,
        data={"prefix": prefix, "label": label, "role": role.value, "expires_at": key.expires_at.isoformat()}
        | ({"networks": key.networks} if key.networks else {})
        | ({"scopes": key.scopes} if key.scopes is not None else {})
        | ({"replaces": before.prefix} if before else {}),
    )
    return key, f"dk_{prefix}_{secret}"


def revoke(desk: Desk, key_id: int) -> ApiKey:
    """Withdraw a key at once; a withdrawn one stays as it is. Raises `NotFound`."""
    key = desk.session.scalar(visible(desk).where(ApiKey.id == key_id))
    if key is None:
        raise NotFound
    if key.revoked_at is None:
        key.revoked_at = desk.now
        journal.record(
            desk,
            "key_revoked",
            "撤销接口密钥",
            agency_id=key.agency_id,
            data={"prefix": key.prefix, "label": key.label},
        )
    return key
