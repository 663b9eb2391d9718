"""The code with which an applicant follows a case; only its digest is stored."""

import hashlib
import hmac
import secrets

_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is mistaken for another when read aloud
_LENGTH = 10  # 31^10 ≈ 8·10^14


def fresh() -> str:
    """Make a code."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def query_code_digest(key: bytes, code: str) -> str:
    """Return what is stored of a query code."""
    return hmac.new(key, b"query-code\0" + code.strip().upper().encode(), hashlib.sha256).hexdigest()
