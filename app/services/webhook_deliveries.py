"""Events on their way to receivers: put there once each, tried in the order of each case, with a log of every try.

* **No event is lost or doubled on its way in**: a subscription has a cursor over the feed, moved in the transaction that writes
  the rows; (webhook, sequence) is unique.
* **One worker at a time per receiver**, by a lease on its row that whoever crashed lets go of in time. So the order of a case
  holds across processes, and a slow receiver takes one worker and no more.
* **The first undelivered event of a case goes first**; other cases pass by one that the receiver refuses.
* **What was sent and not written down is sent again**, under the same id.
"""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.config import Settings
from app.domain import webhooks as rules
from app.domain.actor import Actor
from app.domain.terms import WebhookDeliveryState, WebhookFailure, WebhookStop
from app.errors import ActionRefused, NotFound
from app.models import ApiKey, Webhook, WebhookDelivery, WebhookTry
from app.services import feed, journal, sealing, webhooks
from app.services.desk import Desk
from app.services.feed import Event
from app.services.outbound import Outcome, longest_s
from app.services.visibility import everywhere

STEP = 500  # events put on their way at once
BATCH = 50  # messages sent under one lease
SETTLING_S = 5.0
"""How long a lease lasts beyond what a batch can take; what remains of it is the wait after a worker was killed."""

KEPT = dt.timedelta(days=30)
"""How long the log of what is settled is kept."""

CLEARED = 1000
TRIALS = 0
"""The lane of trials, which wait for nothing and are tried once."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to be sent; no event: a trial."""

    delivery_id: int
    name: str
    event: Event | None
    at: dt.datetime  # of a trial


@dataclass(frozen=True, slots=True)
class Round:
    """What a worker has taken on for one receiver, and until when it is nobody else's."""

    webhook_id: int
    url: str
    secrets: Sequence[bytes]
    parcels: Sequence[Parcel]
    until: dt.datetime


def _heads(now: dt.datetime) -> ColumnElement[bool]:
    """Build the condition that a delivery is the next of its case and its time has come; over `Webhook` too."""
    earlier = aliased(WebhookDelivery)
    behind = exists().where(
        earlier.webhook_id == WebhookDelivery.webhook_id,
        earlier.lane == WebhookDelivery.lane,
        earlier.state == WebhookDeliveryState.PENDING,
        earlier.sequence < WebhookDelivery.sequence,
    )
    may = and_(Webhook.disabled_at.is_(None), or_(Webhook.rests_until.is_(None), Webhook.rests_until <= now))
    return and_(
        WebhookDelivery.webhook_id == Webhook.id,
        WebhookDelivery.state == WebhookDeliveryState.PENDING,
        WebhookDelivery.due_at <= now,
        or_(WebhookDelivery.sequence.is_(None), and_(may, ~behind)),
    )


def _due(now: dt.datetime, newest: int) -> ColumnElement[bool]:
    free = or_(Webhook.claimed_until.is_(None), Webhook.claimed_until <= now)
    behind = and_(Webhook.disabled_at.is_(None), Webhook.cursor < newest)
    return and_(free, or_(behind, exists().where(_heads(now)).correlate(Webhook)))


def is_due(session: Session, now: dt.datetime) -> bool:
    """Tell whether there is anything to do."""
    return session.scalar(select(Webhook.id).where(_due(now, sealing.newest(session))).limit(1)) is not None


def take(session: Session, settings: Settings, now: dt.datetime) -> Round | None:
    """Take on what is due for the receiver that has waited longest; None when nothing is due for anybody.

    Puts its next events on their way first. A round without parcels is worth looking again.
    """
    newest = sealing.newest(session)
    row = session.scalar(
        select(Webhook)
        .where(_due(now, newest))
        .order_by(Webhook.served_at.is_not(None), Webhook.served_at, Webhook.id)
        .limit(1)
        .options(joinedload(Webhook.agency, innerjoin=True))
        .with_for_update(of=Webhook, skip_locked=True)
    )
    if row is None:
        return None
    row.served_at = now
    if row.disabled_at is None and row.system is not None and not _has_key(session, row.system, now):
        _stop(session, row, WebhookStop.KEY_ENDED, now)
    if row.disabled_at is None and row.cursor < newest:
        _put_on_the_way(session, row, newest, now)
    session.flush()
    found = session.scalars(
        select(WebhookDelivery)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(Webhook.id == row.id, _heads(now))
        .order_by(WebhookDelivery.sequence)
        .limit(BATCH)
    ).all()
    until = now + dt.timedelta(seconds=longest_s(settings) + SETTLING_S)
    if found:
        row.claimed_until = until
    events = feed.of(session, [one.sequence for one in found if one.sequence is not None])
    parcels = [
        Parcel(
            one.id,
            rules.message_id(row.id, one.sequence, one.id),
            events[one.sequence] if one.sequence is not None else None,
            one.created_at,
        )
        for one in found
    ]
    return Round(row.id, row.url, webhooks.signing_secrets(settings, row, now), parcels, until)


def _put_on_the_way(session: Session, row: Webhook, newest: int, now: dt.datetime) -> None:
    events = feed.read(session, row.cursor, newest, STEP, webhooks.viewer(row))
    _enter(session, row, events, now)
    row.cursor = events[-1].sequence if len(events) == STEP else newest


def _enter(session: Session, row: Webhook, events: Sequence[Event], now: dt.datetime) -> int:
    rows = [
        {
            "webhook_id": row.id,
            "sequence": event.sequence,
            "lane": event.case_id or -event.agency_id,
            "type": event.type,
            "state": WebhookDeliveryState.PENDING,
            "tries": 0,
            "due_at": now,
            "created_at": now,
        }
        for event in events
        if rules.wants(row.events, event.type)
    ]
    if rows:
        session.execute(insert(WebhookDelivery), rows)
    return len(rows)


def settle(session: Session, taken: Round, outcomes: Sequence[Outcome | None], now: dt.datetime) -> None:
    """Write down what became of a round, and let go of the receiver."""
    row = session.scalar(
        select(Webhook)
        .where(Webhook.id == taken.webhook_id)
        .options(joinedload(Webhook.agency, innerjoin=True))
        .with_for_update(of=Webhook)
    )
    if row is None:  # deleted meanwhile, with its log
        return
    if row.claimed_until == taken.until:
        row.claimed_until = None
    tried = {parcel.delivery_id: outcome for parcel, outcome in zip(taken.parcels, outcomes, strict=True) if outcome}
    for one in session.scalars(select(WebhookDelivery).where(WebhookDelivery.id.in_(tried))):
        outcome = tried[one.id]
        session.add(
            WebhookTry(
                delivery_id=one.id, at=now, status=outcome.status, failure=outcome.failure, took_ms=outcome.took_ms
            )
        )
        one.tries += 1
        if one.state is not WebhookDeliveryState.PENDING:  # somebody else was faster, after a lease ran out
            continue
        if outcome.failure is None:
            one.state, one.settled_at = WebhookDeliveryState.DELIVERED, now
            if one.sequence is not None:
                row.failures, row.failing_since, row.rests_until = 0, None, None
        elif one.sequence is None:
            one.state, one.settled_at = WebhookDeliveryState.GIVEN_UP, now
        else:
            _failed(session, row, one, outcome, now)


def _failed(session: Session, row: Webhook, one: WebhookDelivery, outcome: Outcome, now: dt.datetime) -> None:
    assert outcome.failure is not None
    row.failures += 1
    row.failing_since = row.failing_since or now
    one.failing_since = one.failing_since or now
    jitter = random.random()  # noqa: S311 — spreads the load, keeps no secret
    one.due_at = now + rules.pause(one.tries, jitter)
    if rules.rests(outcome.failure, row.failures):
        asked = dt.timedelta(seconds=min(outcome.again_after_s or 0, 24 * 3600))
        row.rests_until = now + max(rules.pause(row.failures, jitter), asked)
        # The whole receiver waits; its messages need not wait longer than that.
        one.due_at = row.rests_until
    if outcome.failure is WebhookFailure.GONE:
        _stop(session, row, WebhookStop.GONE, now)
    elif row.failing_since + rules.PATIENCE <= now:
        _stop(session, row, WebhookStop.FAILING, now)
    elif one.failing_since + rules.PATIENCE <= now:  # the receiver takes others
        one.state, one.settled_at = WebhookDeliveryState.GIVEN_UP, now


def _stop(session: Session, row: Webhook, why: WebhookStop, now: dt.datetime) -> None:
    if row.disabled_at is not None:
        return
    row.disabled_at, row.disabled_why = now, why
    actor = Actor(
        name="work", label="后台工作", agency_id=row.agency_id, agency_path=row.agency.path, roles=frozenset()
    )
    data = {"webhook": row.id, "why": why.value}
    journal.append(session, actor, now, "webhook_disabled", "停用回调", agency_id=row.agency_id, data=data)


def _has_key(session: Session, system: str, now: dt.datetime) -> bool:
    held = select(ApiKey.id).where(ApiKey.system == system, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
    return session.scalar(held.limit(1)) is not None


def clear(session: Session, now: dt.datetime) -> None:
    """Forget the oldest of what was settled longer than `KEPT` ago."""
    old = session.scalars(
        select(WebhookDelivery.id)
        .where(WebhookDelivery.settled_at < now - KEPT)
        .order_by(WebhookDelivery.id)
        .limit(CLEARED)
    ).all()
    if old:
        session.execute(delete(WebhookTry).where(WebhookTry.delivery_id.in_(old)))
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))


def listing(
    desk: Desk, webhook_id: int, state: WebhookDeliveryState | None, before: int | None, size: int
) -> Sequence[WebhookDelivery]:
    """List deliveries, the newest first, before the id `before`; raises `NotFound`."""
    webhooks.one(desk, webhook_id)
    wanted = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if state is not None:
        wanted = wanted.where(WebhookDelivery.state == state)
    if before is not None:
        wanted = wanted.where(WebhookDelivery.id < before)
    return desk.session.scalars(wanted.order_by(WebhookDelivery.id.desc()).limit(size)).all()


def one(desk: Desk, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    """Find one delivery; raises `NotFound`."""
    webhooks.one(desk, webhook_id)
    found = desk.session.get(WebhookDelivery, delivery_id)
    if found is None or found.webhook_id != webhook_id:
        raise NotFound
    return found


def tries_of(session: Session, deliveries: Sequence[WebhookDelivery]) -> Sequence[WebhookTry]:
    """Return the tries of some deliveries, in their order."""
    ids = [delivery.id for delivery in deliveries]
    return session.scalars(select(WebhookTry).where(WebhookTry.delivery_id.in_(ids)).order_by(WebhookTry.id)).all()


def trial(desk: Desk, webhook_id: int) -> WebhookDelivery:
    """Put a message without an event on its way, also to a receiver that is disabled or rests."""
    row = webhooks.one(desk, webhook_id, hold=True)
    found = WebhookDelivery(
        webhook_id=row.id,
        sequence=None,
        lane=TRIALS,
        type=rules.TEST,
        state=WebhookDeliveryState.PENDING,
        tries=0,
        due_at=desk.now,
        created_at=desk.now,
    )
    desk.session.add(found)
    desk.session.flush()
    data = {"webhook": row.id}
    journal.record(desk, "webhook_tested", "试投递", agency_id=row.agency_id, data=data)
    return found


def replay(desk: Desk, webhook_id: int, first: int, last: int) -> int:
    """Put the events of these numbers on their way again, under the ids they had; returns how many. Raises `ActionRefused`."""
    row = webhooks.one(desk, webhook_id, hold=True)
    if last > row.cursor:
        message = f"第 {row.cursor} 号之后的事件尚未投递过，会自动投递"
        raise ActionRefused(message, reasons=[{"kind": "state", "code": "not_sent_yet", "message": message}])
    with everywhere(desk.session):  # by the receiver's eyes; the administrator is shown none of it
        seen = feed.read(desk.session, first - 1, last, last - first + 1, webhooks.viewer(row))
    events = [event for event in seen if rules.wants(row.events, event.type)]
    known = {
        found.sequence: found
        for found in desk.session.scalars(
            select(WebhookDelivery).where(
                WebhookDelivery.webhook_id == row.id, WebhookDelivery.sequence.between(first, last)
            )
        )
    }
    for event in events:
        if again := known.get(event.sequence):
            again.state, again.due_at = WebhookDeliveryState.PENDING, desk.now
            again.settled_at = again.failing_since = None
    _enter(desk.session, row, [event for event in events if event.sequence not in known], desk.now)
    data = {"webhook": row.id, "from": first, "to": last, "events": len(events)}
    journal.record(desk, "webhook_replayed", "重新投递", agency_id=row.agency_id, data=data)
    return len(events)
