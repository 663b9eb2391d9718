"""Signed checkpoints of the journal, in a file outside of the database: how far it went and what it said until then.

One line of JSON for each time the sealer went on. Whoever owns the database can rewrite every row and every hash in it; the
lines of this file then no longer agree. Keep it, or a copy of it, where the database's owner cannot write.
"""

import base64
import binascii
import datetime as dt
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from app.config import Settings
from app.domain.seals import canonical
from app.services import sealing

log = logging.getLogger(__name__)

FILE = "journal.checkpoints"
_LONGEST_LINE = 4096  # bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root over the first `sequence` rows, as the service once saw and signed it."""

    sequence: int
    root: str


class Signer:
    """The service's Ed25519 key pair: whoever has the public key can test what it signed, and nobody else can sign."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        """The public key, base64 of its 32 bytes."""
        return base64.b64encode(self._private.public_key().public_bytes_raw()).decode()

    def sign(self, value: dict[str, object]) -> str:
        """Sign a JSON object in its canonical form; returns base64."""
        return base64.b64encode(self._private.sign(canonical(value))).decode()


def is_signed(public_key: str, value: dict[str, object], signature: str) -> bool:
    """Tell whether the owner of the public key signed this object."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), canonical(value))
    except (InvalidSignature, binascii.Error, ValueError, TypeError):
        return False
    return True


def fingerprint(public_key: str) -> str:
    """Return what people compare: the first 16 bytes of the key's SHA-256 in groups of four characters."""
    digest = hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def path_of(settings: Settings) -> Path:
    return settings.data_dir / FILE


def keep(session: Session, settings: Settings, now: dt.datetime) -> bool:
    """Sign how far the journal has gone, if it has gone on since the last line of this machine's file.

    Returns False, and signs nothing, when the database no longer says what the last line says.
    """
    head = sealing.head(session)
    path = path_of(settings)
    last = _last(path)
    if last and (head is None or sealing.root_at(session, last.sequence) != last.root):
        log.error("the journal is not what it was at checkpoint %d: run `python -m app verify journal`", last.sequence)
        return False
    if head is not None and (last is None or last.sequence < head.sequence):
        _append(path, Signer(settings.journal_seed), head, now)
    return True


def _append(path: Path, signer: Signer, head: sealing.Head, now: dt.datetime) -> None:
    said: dict[str, object] = {"sequence": head.sequence, "root": head.root, "at": now.isoformat()}
    # The line break before it ends a line that a crash cut short.
    line = "\n" + json.dumps(said | {"signature": signer.sign(said)}) + "\n"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())  # one call: lines of several processes do not mix
        os.fsync(file)
    finally:
        os.close(file)


def _last(path: Path) -> Checkpoint | None:
    """Read the last whole line; a line that a crash cut short counts for nothing."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_LINE))
            lines = file.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        try:
            said = json.loads(line)
            return Checkpoint(said["sequence"], said["root"])
        except (ValueError, KeyError, TypeError):
            continue
    return None


def read(path: Path, public_key: str) -> Iterator[Checkpoint | int]:
    """Give every checkpoint of a file; for a line that the service did not sign, its number instead, from 1."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                said = json.loads(line)
            except ValueError:
                continue  # between two lines, being written just now, or cut short by a crash: it says nothing
            try:
                signature = said.pop("signature")
                found = Checkpoint(int(said["sequence"]), str(said["root"]))
            except (ValueError, KeyError, TypeError, AttributeError):
                yield number
                continue
            yield found if is_signed(public_key, said, signature) else number
