"""Subscriptions to the feed: who is told of what, where. Sending is `webhook_deliveries` and the worker.

An administrator subscribes for an agency: the receiver is told of that agency and all below it, like a script's key. A portal
or script subscribes with its own key, and is told what that key sees, as long as its system has one.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import contains_eager

from app.config import Settings
from app.domain import webhooks
from app.domain.actor import Actor
from app.domain.terms import Role, WebhookDeliveryState, WebhookStop
from app.errors import ActionRefused, Invalid, NotFound
from app.models import Agency, Webhook, WebhookDelivery, WebhookTry
from app.services import agencies, journal, outbound, sealing, secret_box
from app.services.desk import Desk

MOST = 20
"""Receivers of one agency or one system."""

_PURPOSE = "webhook"


def visible(desk: Desk) -> Select[Webhook]:
    """Select the subscriptions this caller keeps: a key its system's own, an administrator those of the agencies."""
    wanted = select(Webhook).join(Webhook.agency).options(contains_eager(Webhook.agency))
    if desk.actor.is_key:
        return wanted.where(Webhook.system == desk.actor.system)
    return wanted.where(Agency.path.startswith(desk.actor.agency_path, autoescape=True))


def listing(desk: Desk, page: int, size: int) -> tuple[Sequence[Webhook], int]:
    """Return one page, the newest first, and the number of all."""
    wanted = visible(desk)
    total = desk.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Webhook.id).subquery())) or 0
    return desk.session.scalars(wanted.order_by(Webhook.id.desc()).offset((page - 1) * size).limit(size)).all(), total


def one(desk: Desk, webhook_id: int, *, hold: bool = False) -> Webhook:
    """Find a subscription, locked with `hold`; raises `NotFound`."""
    wanted = visible(desk).where(Webhook.id == webhook_id)
    found = desk.session.scalar(wanted.with_for_update(of=Webhook) if hold else wanted)
    if found is None:
        raise NotFound
    return found


def create(desk: Desk, *, label: str, url: str, events: Sequence[str], agency_code: str | None) -> tuple[Webhook, str]:
    """Subscribe from now on; returns the row and, this once, its secret. Raises `Invalid`, `NotFound`, `ActionRefused`."""
    actor = desk.actor
    if actor.is_key == (agency_code is not None):
        message = "接口密钥只能为自己订阅，不填机关代码" if actor.is_key else "请填写为哪个机关订阅"
        raise Invalid(
            message, reasons=[{"kind": "field", "code": "missing", "field": "agency_code", "message": message}]
        )
    outbound.check_address(desk.settings, url)
    agency = agencies.by_code(desk, agency_code) if agency_code is not None else None
    agency = agency or desk.session.get_one(Agency, actor.agency_id)
    same = Webhook.system == actor.system if actor.is_key else Webhook.system.is_(None)
    kept = desk.session.scalar(select(func.count(Webhook.id)).where(Webhook.agency_id == agency.id, same)) or 0
    if kept >= MOST:
        message = f"已有{kept}个回调，最多{MOST}个"
        raise ActionRefused(message, reasons=[{"kind": "state", "code": "too_many", "message": message}])
    row = Webhook(
        agency=agency,
        role=Role.PORTAL if Role.PORTAL in actor.roles else Role.SCRIPT_READER,
        system=actor.system if actor.is_key else None,
        label=label,
        url=url,
        events=[*events],
        secret="",
        cursor=sealing.newest(desk.session),
        failures=0,
        created_by=actor.name,
        created_at=desk.now,
    )
    desk.session.add(row)
    desk.session.flush()
    fresh = secrets.token_bytes(webhooks.SECRET_BYTES)
    row.secret = _sealed(desk.settings, row, fresh)
    _note(desk, row, "webhook_created", "新增回调", events=row.events)
    return row, webhooks.secret_of(fresh)


def change(desk: Desk, webhook_id: int, *, label: str, url: str, events: Sequence[str]) -> Webhook:
    """Replace what a subscription says; holds for what has not been sent yet."""
    row = one(desk, webhook_id, hold=True)
    outbound.check_address(desk.settings, url)
    row.label, row.url, row.events = label, url, [*events]
    _note(desk, row, "webhook_changed", "修改回调", events=row.events)
    return row


def rotate(desk: Desk, webhook_id: int) -> tuple[Webhook, str]:
    """Give a new secret; the former one signs beside it for `webhooks.GRACE`."""
    row = one(desk, webhook_id, hold=True)
    former = _opened(desk.settings, row, row.secret)
    fresh = secrets.token_bytes(webhooks.SECRET_BYTES)
    row.former_secret = _sealed(desk.settings, row, former) if former else None
    row.former_until = desk.now + webhooks.GRACE
    row.secret = _sealed(desk.settings, row, fresh)
    _note(desk, row, "webhook_secret_rotated", "更换回调密钥")
    return row, webhooks.secret_of(fresh)


def disable(desk: Desk, webhook_id: int) -> Webhook:
    """Send nothing more; what happens meanwhile is kept for when it is enabled again."""
    row = one(desk, webhook_id, hold=True)
    if row.disabled_at is None:
        row.disabled_at, row.disabled_why = desk.now, WebhookStop.BY_HAND
        _note(desk, row, "webhook_disabled", "停用回调", why=WebhookStop.BY_HAND.value)
    return row


def enable(desk: Desk, webhook_id: int, *, skip_missed: bool) -> Webhook:
    """Send again, at once and from where it stopped, or with `skip_missed` from now on."""
    row = one(desk, webhook_id, hold=True)
    if row.disabled_at is None and not skip_missed and row.rests_until is None:
        return row
    row.disabled_at = row.disabled_why = row.failing_since = row.rests_until = None
    row.failures = 0
    waiting = WebhookDelivery.webhook_id == row.id, WebhookDelivery.state == WebhookDeliveryState.PENDING
    if skip_missed:
        row.cursor = sealing.newest(desk.session)
        gone = select(WebhookDelivery.id).where(*waiting)
        desk.session.execute(delete(WebhookTry).where(WebhookTry.delivery_id.in_(gone)))
        desk.session.execute(delete(WebhookDelivery).where(*waiting))
    else:
        desk.session.execute(update(WebhookDelivery).where(*waiting).values(due_at=desk.now, failing_since=None))
    _note(desk, row, "webhook_enabled", "启用回调", skip_missed=skip_missed)
    return row


def remove(desk: Desk, webhook_id: int) -> None:
    """Delete a subscription with its log."""
    row = one(desk, webhook_id, hold=True)
    _note(desk, row, "webhook_deleted", "删除回调")
    own = select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == row.id)
    desk.session.execute(delete(WebhookTry).where(WebhookTry.delivery_id.in_(own)))
    desk.session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == row.id))
    desk.session.delete(row)


def viewer(row: Webhook) -> Actor:
    """Say whose eyes a subscription has; its agency must be loaded."""
    return Actor(
        name=f"webhook:{row.id}",
        label=row.label,
        agency_id=row.agency_id,
        agency_path=row.agency.path,
        before=frozenset(row.agency.predecessors),
        roles=frozenset({row.role}),
        is_key=row.system is not None,
        system=row.system or "",
    )


def signing_secrets(settings: Settings, row: Webhook, now: dt.datetime) -> list[bytes]:
    """Return the secrets that sign now, the newest first; none where they were sealed with another key of the service."""
    former = row.former_secret if row.former_until and row.former_until > now else None
    opened = (_opened(settings, row, sealed) for sealed in (row.secret, former) if sealed)
    return [secret for secret in opened if secret]


def _sealed(settings: Settings, row: Webhook, secret: bytes) -> str:
    return secret_box.seal(settings.key, _PURPOSE, str(row.id), secret)


def _opened(settings: Settings, row: Webhook, sealed: str) -> bytes | None:
    return secret_box.open_sealed(settings.key, _PURPOSE, str(row.id), sealed)


def _note(desk: Desk, row: Webhook, act: str, label: str, **more: object) -> None:
    where = urlsplit(row.url)
    data = {
        "webhook": row.id,
        "url": f"{where.scheme}://{where.netloc}{where.path}",
        **more,
    }  # a query may hold secrets
    journal.record(desk, act, label, agency_id=row.agency_id, data=data)
