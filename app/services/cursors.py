"""Opaque page cursors, bound to the caller and the query: one made for another question is refused."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from app.errors import BadCursor

_TAG = 16  # bytes of HMAC-SHA-256 kept


def make(key: bytes, scope: tuple[str, ...], position: list[Any]) -> str:
    """Seal a position in a listing for the caller and filters in `scope`."""
    payload = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_tag(key, scope, payload) + payload).decode().rstrip("=")


def read(key: bytes, scope: tuple[str, ...], cursor: str) -> list[Any]:
    """Open a cursor. Raises BadCursor when it is altered, or made for another caller or filter."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCursor from error
    tag, payload = raw[:_TAG], raw[_TAG:]
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != cursor:  # unused bits of the last character were set
        raise BadCursor
    if not hmac.compare_digest(tag, _tag(key, scope, payload)):
        raise BadCursor
    position: list[Any] = json.loads(payload)
    return position


def _tag(key: bytes, scope: tuple[str, ...], payload: bytes) -> bytes:
    return hmac.digest(key, b"cursor\0" + "\0".join(scope).encode() + b"\0" + payload, hashlib.sha256)[:_TAG]
