"""Webhooks after Standard Webhooks: names of messages, signatures, choice of events, and when to try again."""

import base64
import datetime as dt
import hmac
from collections.abc import Iterable, Sequence

from app.domain.terms import WebhookFailure

SECRET_PREFIX = "whsec_"  # noqa: S105 — the format's mark, not a secret
SECRET_BYTES = 32
PATTERN = r"^(\*|(case|agency)\.(\*|[a-z][a-z_]{0,60}))$"
"""What subscribers choose by: `*`, `case.*`, `case.accept`."""

TEST = "webhook.test"
"""The type of a message that is sent for trying the receiver; it is about nothing."""

GRACE = dt.timedelta(hours=24)
"""How long a replaced secret signs beside the new one."""

PATIENCE = dt.timedelta(days=7)
"""How long a receiver may fail, without one success, until it is left alone."""

_FIRST, _LONGEST = dt.timedelta(seconds=5), dt.timedelta(hours=6)
_STEP, _STEPS = 4, 8
_OF_RECEIVER = frozenset(WebhookFailure) - {WebhookFailure.REFUSED}
_SHAKY = 5


def secret_of(raw: bytes) -> str:
    """Write a secret as receivers' libraries take it."""
    return SECRET_PREFIX + base64.b64encode(raw).decode()


def message_id(webhook_id: int, sequence: int | None, delivery_id: int) -> str:
    """Name a message: the same however often it is sent, so that receivers know a repetition."""
    return f"msg_{webhook_id}_{sequence}" if sequence is not None else f"msg_{webhook_id}_test_{delivery_id}"


def signatures(secrets: Iterable[bytes], name: str, at: dt.datetime, body: bytes) -> str:
    """Sign the exact bytes sent with each secret: the value of `webhook-signature`."""
    signed = f"{name}.{int(at.timestamp())}.".encode() + body
    made = (base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets)
    return " ".join(f"v1,{signature}" for signature in made)


def wants(patterns: Sequence[str], event: str) -> bool:
    """Tell whether a subscriber to these patterns wants an event of that type."""
    return not {"*", f"{event.partition('.')[0]}.*", event}.isdisjoint(patterns)


def pause(failures: int, jitter: float) -> dt.timedelta:
    """Say how long to wait after the n-th failure in a row: 5 s, 20 s, 80 s … 6 h; `jitter` from 0 to 1 takes up to a quarter off.

    So that receivers that failed together are not all tried again together.
    """
    longest = min(_FIRST * int(_STEP ** min(failures - 1, _STEPS)), _LONGEST)
    return longest * (1 - jitter / 4)


def rests(failure: WebhookFailure, failures: int) -> bool:
    """Tell whether the receiver as a whole is left alone for a while, not only the message.

    One that refuses a message may take the next; one that is away, slow or broken will not, nor one that refuses all.
    """
    return failure in _OF_RECEIVER or failures >= _SHAKY
