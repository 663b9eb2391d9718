"""Whether anything was committed since: the state of a database as one short text, equal only while its content is.

PostgreSQL says which transactions a statement would see (`pg_current_snapshot`, since version 13): two equal answers of one
server since one start see the same rows. SQLite counts what other connections commit (`PRAGMA data_version`), for one
connection that writes nothing itself.
"""

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Callable
from threading import Lock

from sqlalchemy import Engine

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""After this a database that does not say its state is asked no more until it has; callers then ask it what they want to know."""

_SNAPSHOT = "SELECT pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text"


class Pulse:
    """Asks on a connection of its own, once for all who wait, in a thread."""

    def __init__(self, engine: Engine) -> None:
        self._connect, self._fault = _postgresql(engine) if engine.dialect.name == "postgresql" else _sqlite(engine)
        self._look: Callable[[], str] | None = None
        self._close: Callable[[], None] = _nothing
        self._held = Lock()  # while a thread uses the connection
        self._left = False
        self._one = asyncio.Lock()
        self._next: asyncio.Task[str | None] | None = None
        self._looking: asyncio.Future[str] | None = None

    async def state(self) -> str | None:
        """Return the state as of now or later; None when it cannot be told.

        Whoever comes while somebody else's look is under way waits for the next one: that look may have been before his
        own last write.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._after_the_other())
        return await asyncio.shield(self._next)

    def close(self) -> None:
        """Close the connection; one that is being waited for closes when it has answered."""
        self._left = True
        self._drop()

    async def _after_the_other(self) -> str | None:
        async with self._one:
            self._next = None  # who comes from here on may not have this one's answer
            if self._looking is not None and not self._looking.done():
                return None
            self._looking = asyncio.get_running_loop().run_in_executor(None, self._told)
            done, _ = await asyncio.wait((self._looking,), timeout=PATIENCE_S)
            if not done:
                return None
            try:
                return self._looking.result()
            except (self._fault, OSError) as error:
                log.info("the state of the database was not told: %s", type(error).__name__)
                self._drop()
                return None

    def _told(self) -> str:
        try:
            with self._held:
                if self._look is None:
                    self._look, self._close = self._connect()
                return self._look()
        finally:
            if self._left:
                self._drop()

    def _drop(self) -> None:
        if self._held.acquire(blocking=False):
            self._close()
            self._look, self._close = None, _nothing
            self._held.release()


def _nothing() -> None:
    pass


_Opened = tuple[Callable[[], str], Callable[[], None]]
"""How to look at a state, and how to end it."""


def _postgresql(engine: Engine) -> tuple[Callable[[], _Opened], type[Exception]]:
    import psycopg

    arguments, named = engine.dialect.create_connect_args(engine.url)

    def opened() -> _Opened:
        connection = psycopg.connect(*arguments, **named, connect_timeout=5, autocommit=True)
        cursor = connection.cursor()

        def look() -> str:
            [told] = cursor.execute(_SNAPSHOT, prepare=True).fetchall()
            return str(told[0])

        return look, connection.close

    return opened, psycopg.Error


def _sqlite(engine: Engine) -> tuple[Callable[[], _Opened], type[Exception]]:
    path = engine.url.database or ":memory:"

    def opened() -> _Opened:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        begun = secrets.token_hex(8)  # the count is this connection's own and means nothing to another

        def look() -> str:
            [version] = connection.execute("PRAGMA data_version").fetchone()
            return f"{begun} {version}"

        return look, connection.close

    return opened, sqlite3.Error
