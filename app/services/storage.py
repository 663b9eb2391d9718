"""Where bytes are kept: each under the digest of its content, written once and never changed.

A file is on the disk, whole, before the row that names it is committed; a file whose row was rolled back does no harm
and is used again when the same content comes. `Store` is all a store of objects elsewhere (S3) has to be.
"""

import hashlib
import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app import sealing
from app.config import Settings
from app.errors import Unavailable
from app.sealing import SealBroken, Suite

log = logging.getLogger(__name__)


class Store(Protocol):
    """Bytes by their SHA-256, in hex."""

    def put(self, content: bytes) -> str:
        """Keep `content`; when this returns, it survives a power cut. Raises `Unavailable` if it cannot be kept."""

    def has(self, digest: str) -> bool:
        """Tell whether something is kept under this digest; its content is not looked at."""

    def get(self, digest: str) -> bytes:
        """Return what `put` was given. Raises `Unavailable` if it is gone or no longer what it was."""

    def drop(self, digest: str) -> None:
        """Throw away what nothing refers to any more; nothing happens if it is gone already."""


def store_of(settings: Settings) -> Store:
    """Return the store of this installation."""
    return FolderStore(settings.data_dir / "files", lambda: Sealer(settings.cipher_suite, settings.master_keys().files))


@dataclass(frozen=True, slots=True)
class Sealer:
    """What files are sealed with."""

    suite: Suite
    key: bytes = field(repr=False)


class FolderStore:
    """A directory on this machine: `files/ab/abcdef…`. With a sealer the bytes on the disk are sealed; plain ones still open.

    The sealer is asked for when there is something to seal or to open.
    """

    def __init__(self, folder: Path, sealer: Callable[[], Sealer] | None = None) -> None:
        self._folder, self._sealer = folder, sealer

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        sealer = self._sealer() if self._sealer else None
        kept = sealing.seal_file(sealer.suite, sealer.key, content, digest) if sealer else content
        try:
            if not path.exists() or path.stat().st_size != len(kept):
                self._write(path, kept)
        except OSError as error:  # a full disk above all: nothing is committed then
            log.exception("a file could not be kept")
            raise Unavailable("文件不能保存，请联系运行维护人员") from error
        return digest

    def has(self, digest: str) -> bool:
        return self._path(digest).exists()

    def get(self, digest: str) -> bytes:
        try:
            content = self._path(digest).read_bytes()
        except OSError as error:
            log.exception("the file %s cannot be read", digest)
            raise Unavailable("文件不能读取，请联系运行维护人员") from error
        if self._sealer and sealing.is_sealed_file(content):
            with suppress(SealBroken):  # what does not open is damaged like any other
                content = sealing.unseal_file(self._sealer().key, content, digest)
        if hashlib.sha256(content).hexdigest() != digest:
            log.error("the file %s is damaged", digest)
            raise Unavailable("文件已经损坏，请联系运行维护人员从备份恢复")
        return content

    def drop(self, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _write(self, path: Path, content: bytes) -> None:
        """Write beside, then rename: a reader sees nothing or the whole."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with fresh.open("xb") as file:
                fresh.chmod(0o600)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
        finally:
            fresh.unlink(missing_ok=True)
        for folder in (path.parent, self._folder):  # the new names themselves
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
