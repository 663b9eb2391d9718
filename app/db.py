"""Engines and sessions for the two databases the service runs on; what differs between them stands here."""

import logging
import sqlite3
from collections.abc import Callable
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

from app.config import Settings

log = logging.getLogger(__name__)

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers never wait for the writer
    "PRAGMA synchronous = FULL",  # an acknowledged write survives a power cut, not only a killed process
    "PRAGMA foreign_keys = ON",  # off by default in SQLite
    "PRAGMA busy_timeout = 10000",  # another process (worker, command line) may hold the write lock for a moment
    "PRAGMA cache_size = -65536",  # 64 MiB of pages
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 16000",  # 64 MiB: a sweep over all cases rewrites the same index pages many times
)


def build_engine(url: str, *, connections: int = 16, keyring: object = None) -> Engine:
    """Make an engine for `url`; at most `connections` at once, so callers must hold a slot first.

    `keyring` opens the sealed columns (`app.models.keyring`); without one they can neither be read nor written.
    """
    engine = _engine(url, connections)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "begin", _declare_reach)
        event.listen(engine, "reset", _leave_no_transaction)
    return with_keys(engine, keyring) if keyring else engine


def with_keys(engine: Engine, keyring: object) -> Engine:
    """Give an engine its keys, unless it has been made with some."""
    return engine if "keyring" in engine.get_execution_options() else engine.execution_options(keyring=keyring)


def everywhere(engine: Engine) -> Engine:
    """Let an engine's transactions read every agency's rows: for jobs, the command line, and what happens at no desk.

    Any other sees none until `services.visibility.bind` has said for whom it works (row-level security, PostgreSQL).
    """
    return engine.execution_options(reach="*")


def _declare_reach(connection: Connection) -> None:
    if reach := connection.get_execution_options().get("reach"):
        connection.exec_driver_sql("SELECT set_config('app.agencies', %s, true)", (reach,))


def _leave_no_transaction(connection: DBAPIConnection, _record: ConnectionPoolEntry, state: PoolResetState) -> None:
    """Roll back what a COMMIT that failed has left open; the driver asks the server only if there is something."""
    if not state.terminate_only:
        connection.rollback()


def _engine(url: str, connections: int) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            hide_parameters=True,  # an error's text goes to the log, and what was to be stored may be personal
            connect_args={"check_same_thread": False, "timeout": 10},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        pool_pre_ping=True,  # a database that was restarted costs one round trip, not one failed request
        connect_args={
            "connect_timeout": 5,
            # Dates are decided in Python; a server in another zone must not shift an instant it prints.
            "options": "-c timezone=UTC -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000",
        },
    )


def engine_of(settings: Settings, *, connections: int, keyring: object) -> Engine:
    """Make an engine for jobs and the command line: it sees every agency's rows and writes the journal."""
    engine = everywhere(build_engine(settings.url, connections=connections, keyring=keyring))
    give_journal_key(engine, settings)
    return engine


def give_journal_key(engine: Engine, settings: Settings) -> None:
    """Let sessions of this engine mark the rows of the journal as the service's (`services.journal`).

    As a function: the key may have to be made first, and not every command writes.
    """
    engine.update_execution_options(journal_key=lambda: settings.journal_key)


def reader(engine: Engine) -> Session:
    return Session(engine, autoflush=False)


def still(engine: Engine) -> Session:
    """Open a session that sees the database as of its first statement, however many follow and whoever writes."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    return reader(engine)


def writer(engine: Engine) -> Session:
    """Open a session whose transaction may write. On SQLite it takes the write lock at BEGIN, so two never deadlock."""
    return Session(writing(engine))


def writing(engine: Engine) -> Engine:
    """Return the engine for writing transactions; whoever begins many keeps it, for making it costs like a statement."""
    return engine if "writes" in engine.get_execution_options() else engine.execution_options(writes=True)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # sqlite3 would begin by itself, late and deferred; `_begin_sqlite` does it
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    options: dict[str, Any] = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def listen(engine: Engine, channel: str, stop: Event, hear: Callable[[], None]) -> None:
    """Call `hear` whenever PostgreSQL notifies `channel`, on a connection of its own, until told to stop.

    A broken connection is made again. What was notified meanwhile is lost: whoever listens must also look by himself.
    """
    import psycopg  # only a process that serves from PostgreSQL

    arguments, named = engine.dialect.create_connect_args(engine.url)
    while not stop.is_set():
        try:
            with psycopg.connect(*arguments, **named, autocommit=True) as connection:
                connection.execute(f'LISTEN "{channel}"')
                while not stop.is_set():
                    for _ in connection.notifies(timeout=_EAR_S, stop_after=1):
                        hear()
        except psycopg.Error as error:
            log.warning("listening to PostgreSQL failed, again in %.0f s: %s", _DEAF_S, type(error).__name__)
            stop.wait(_DEAF_S)


_EAR_S, _DEAF_S = 0.5, 5.0
