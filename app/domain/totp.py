"""Time-based one-time passwords (RFC 6238) as every authenticator app makes them: HMAC-SHA-1, six digits, thirty seconds.

SHA-1 is what the apps know; its weakness is collisions, which do not help here (RFC 6238, 1.2; RFC 4226, appendix B.1).
"""

import base64
import datetime as dt
import hmac
import re
import secrets
from typing import Final
from urllib.parse import quote, urlencode

SECONDS: Final = 30
DIGITS: Final = 6
_SKEW = 1  # steps: a telephone's clock may be half a minute off, and typing takes a moment (RFC 6238, 5.2)
_SHAPE = re.compile(r"[0-9]{6}", re.ASCII)


def fresh_secret() -> bytes:
    """Make a secret of 160 bits, the length of the hash (RFC 4226, 4, R6)."""
    return secrets.token_bytes(20)


def step_of(moment: dt.datetime) -> int:
    """Return the number of the thirty seconds a moment lies in."""
    return int(moment.timestamp()) // SECONDS


def code_of(secret: bytes, step: int) -> str:
    """Return the code of one step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, code: str, moment: dt.datetime, *, after: int) -> int | None:
    """Find the step a typed code belongs to, later than `after`; None for a wrong one and for one used before.

    Every step is compared, right or wrong, in the same time.
    """
    typed = re.sub(r"\s", "", code)
    if not _SHAPE.fullmatch(typed):
        return None
    now = step_of(moment)
    steps = range(now - _SKEW, now + _SKEW + 1)
    fitting = [step for step in steps if hmac.compare_digest(code_of(secret, step), typed)]
    return max((step for step in fitting if step > after), default=None)


def as_text(secret: bytes) -> str:
    """Write a secret as the apps take it by hand: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, account: str, issuer: str) -> str:
    """Build the `otpauth` address that a QR code carries."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return f"otpauth://totp/{label}?{urlencode({'secret': as_text(secret), 'issuer': issuer}, quote_via=quote)}"
