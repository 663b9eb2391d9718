"""Where bytes are kept: each under the digest of its content, written once and never changed.

A file is on the disk, whole, before the row that names it is committed; a file whose row was rolled back does no harm
and is used again when the same content comes. `Store` is all a store of objects elsewhere (S3) has to be.
"""

import hashlib
import logging
import os
import secrets
from pathlib import Path
from typing import Protocol

from app.config import Settings
from app.errors import Unavailable

log = logging.getLogger(__name__)


class Store(Protocol):
    """Bytes by their SHA-256, in hex."""

    def put(self, content: bytes) -> str:
        """Keep `content`; when this returns, it survives a power cut. Raises `Unavailable` if it cannot be kept."""

    def get(self, digest: str) -> bytes:
        """Return what `put` was given. Raises `Unavailable` if it is gone or no longer what it was."""

    def drop(self, digest: str) -> None:
        """Throw away what nothing refers to any more; nothing happens if it is gone already."""


def store_of(settings: Settings) -> Store:
    """Return the store of this installation."""
    return FolderStore(settings.data_dir / "files")


class FolderStore:
    """A directory on this machine: `files/ab/abcdef…`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        try:
            if not path.exists() or path.stat().st_size != len(content):
                self._write(path, content)
        except OSError as error:  # a full disk above all: nothing is committed then
            log.exception("a file could not be kept")
            raise Unavailable("文件不能保存，请联系运行维护人员") from error
        return digest

    def get(self, digest: str) -> bytes:
        try:
            content = self._path(digest).read_bytes()
        except OSError as error:
            log.exception("the file %s cannot be read", digest)
            raise Unavailable("文件不能读取，请联系运行维护人员") from error
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
