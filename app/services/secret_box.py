"""Keeping short secrets that must be read again, such as those of second factors: AES-256-GCM under the service's key.

What only has to be recognised (tokens, keys, codes) is stored as a digest instead.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SUITE = "1"  # AES-256-GCM, 96-bit random nonce, key by HKDF-SHA-256; stored with the text, so that another may follow
_NONCE = 12


def seal(key: bytes, purpose: str, owner: str, secret: bytes) -> str:
    """Encrypt a secret; `purpose` picks the derived key, and only the same `owner` can open it."""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_derived(key, purpose)).encrypt(nonce, secret, _bound(purpose, owner))
    return f"{_SUITE}:{base64.b64encode(nonce + sealed).decode()}"


def open_sealed(key: bytes, purpose: str, owner: str, text: str) -> bytes | None:
    """Decrypt what `seal` made; None when it was altered, belongs to another owner or was made with another key."""
    suite, _, content = text.partition(":")
    try:
        raw = base64.b64decode(content, validate=True)
        if suite != _SUITE or len(raw) <= _NONCE:
            return None
        return AESGCM(_derived(key, purpose)).decrypt(raw[:_NONCE], raw[_NONCE:], _bound(purpose, owner))
    except (InvalidTag, ValueError):
        return None


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"disclosure:{purpose}".encode()).derive(key)


def _bound(purpose: str, owner: str) -> bytes:
    return f"{purpose}\0{owner}".encode()
