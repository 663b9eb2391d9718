"""The job that tells receivers what happened. It runs in several lanes, each with one receiver at a time."""

import datetime as dt
import json
from collections.abc import Sequence

from app import __version__, db
from app.domain import webhooks as rules
from app.domain.terms import WebhookFailure
from app.house import House, committed
from app.schemas.feed import FeedItem
from app.services import outbound, webhook_deliveries
from app.services.desk import SHANGHAI
from app.services.outbound import Letter, Outcome
from app.services.webhook_deliveries import Parcel, Round

LOOK_S = 0.5
LANES = 3
CLEAR_S = 3600.0


def deliver_webhooks(house: House, now: dt.datetime) -> float:
    """Serve the receiver that has waited longest; looking costs one read."""
    with db.reader(house.engine) as session:
        if not webhook_deliveries.is_due(session, now):
            return LOOK_S
    with committed(house.engine) as session:
        taken = webhook_deliveries.take(session, house.settings, now)
    if taken is None:  # somebody else was first
        return LOOK_S
    if taken.parcels:
        outcomes = _sent(house, taken)
        with committed(house.engine) as session:
            webhook_deliveries.settle(session, taken, outcomes, house.now())
    return 0


def clear_webhook_log(house: House, now: dt.datetime) -> float:
    """Forget what was settled long ago."""
    with committed(house.engine) as session:
        webhook_deliveries.clear(session, now)
    return CLEAR_S


def _sent(house: House, taken: Round) -> Sequence[Outcome | None]:
    if not taken.secrets:  # the service's key was changed: unsigned messages go to nobody
        return [Outcome(WebhookFailure.UNSIGNED, None, 0), *(None for _ in taken.parcels[1:])]
    now = house.now()
    letters = [letter(parcel, taken.secrets, now) for parcel in taken.parcels]
    return outbound.post_all(house.settings, taken.url, letters)


def letter(parcel: Parcel, secrets: Sequence[bytes], now: dt.datetime) -> Letter:
    """Write a message: the event as the feed gives it, in the envelope of Standard Webhooks, signed."""
    event = parcel.event
    content = {
        "type": event.type if event else rules.TEST,
        "timestamp": (event.at if event else parcel.at).astimezone(SHANGHAI).isoformat(),
        "data": FeedItem.of(event).model_dump(mode="json", by_alias=True) if event else {},
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "content-type": "application/json",
        "user-agent": f"disclosure-webhooks/{__version__}",
        "webhook-id": parcel.name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": rules.signatures(secrets, parcel.name, now, body),
    }
    return Letter(body, headers)
