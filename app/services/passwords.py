"""Hashing passwords: argon2id, 64 MiB and three passes each (RFC 9106, second recommended option)."""

import base64
import os
import secrets
import threading

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY as STRENGTH

from app.domain import passwords

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is read as another when written on paper


class Hasher:
    """Makes and checks password hashes, at most `at_once` at a time: their memory is bounded, whoever asks."""

    def __init__(self, at_once: int, strength: Parameters = STRENGTH) -> None:
        self._argon2 = PasswordHasher.from_parameters(strength)
        self._free = threading.BoundedSemaphore(at_once)
        self._nobody = _hash_of_nothing(strength)
        self.checked = 0
        """How many passwords were checked, for known and unknown names alike; an operator's measure of load."""

    def make(self, password: str) -> str:
        with self._free:
            return self._argon2.hash(passwords.plain(password))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Tell whether the password is the hashed one. Without a hash (nobody has this name) the work is the same."""
        with self._free:
            self.checked += 1
            try:
                return self._argon2.verify(hashed or self._nobody, passwords.plain(password))
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, hashed: str) -> bool:
        """Tell whether a hash was made with other parameters than new ones are, so that it should be made again."""
        return self._argon2.check_needs_rehash(hashed)


def _hash_of_nothing(strength: Parameters) -> str:
    """Make up a hash that no known password has: checking against it costs what checking a real one costs."""

    def text(length: int) -> str:
        return base64.b64encode(os.urandom(length)).decode().rstrip("=")

    cost = f"m={strength.memory_cost},t={strength.time_cost},p={strength.parallelism}"
    return f"$argon2id$v={strength.version}${cost}${text(strength.salt_len)}${text(strength.hash_len)}"


def temporary() -> str:
    """Make a password to be told to its owner, who replaces it at the first sign-in: 100 random bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
