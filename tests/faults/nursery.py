"""A process that has everything imported and forks a served process for each order, with a fault built in if asked.

Run by `services.Nursery` as `python -m tests.faults.nursery`: one order as JSON a line on standard input, the number of
the new process as the answer. A fork takes a tenth of the seconds that a start takes, and is a process like any other:
it listens, answers over HTTP and dies of kill -9.
"""

import datetime as dt
import json
import os
import resource
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, event

from app import db
from app.config import Settings
from app.main import create_app
from tests.faults.mutants import MUTANTS


@dataclass(frozen=True, slots=True)
class Order:
    """What to serve, and what is to go wrong."""

    environment: dict[str, str]
    port: int
    log: str
    die_at: int = 0  # at the n-th boundary of writing transactions, from 1
    mutant: str = ""
    file_limit: int = 0  # bytes of any one file
    clock_offset_s: float = 0.0


class Boundaries:
    """Counts the statement boundaries of writing transactions and ends the process at one, as kill -9 would.

    Before each statement, before COMMIT, and after COMMIT before anybody is told.
    """

    def __init__(self, engine: Engine, die_at: int) -> None:
        self._left = die_at
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._before_commit)
        self._do_commit = engine.dialect.do_commit
        engine.dialect.do_commit = self._commit  # type: ignore[method-assign] # there is no event after COMMIT

    def _pass(self) -> None:
        self._left -= 1
        if self._left == 0:
            os._exit(9)

    def _statement(self, connection: Connection, *_more: object) -> None:
        if connection.get_execution_options().get("writes"):
            self._pass()

    def _before_commit(self, connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            self._pass()

    def _commit(self, dbapi_connection: Any) -> None:
        self._do_commit(dbapi_connection)
        self._pass()


class Nursery:
    """Builds each application once, before the fork; its engine has opened no connection by then."""

    def __init__(self) -> None:
        self._apps: dict[str, tuple[FastAPI, Engine]] = {}
        self._offset = dt.timedelta()

    def _now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self._offset

    def run(self, order: Order) -> int:
        """Fork a process that serves; returns its number."""
        name = json.dumps(order.environment, sort_keys=True)
        if name not in self._apps:
            os.environ.update(order.environment)
            settings = Settings()
            engine = db.build_engine(settings.url, connections=settings.readers + settings.writers_at_once)
            self._apps[name] = create_app(settings, engine=engine, now=self._now), engine
        if number := os.fork():
            return number
        try:
            self._serve(order, *self._apps[name])
        finally:
            os._exit(0)

    def _serve(self, order: Order, app: FastAPI, engine: Engine) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.close(0)
        self._offset = dt.timedelta(seconds=order.clock_offset_s)
        if order.die_at:
            Boundaries(engine, order.die_at)
        if order.mutant:
            MUTANTS[order.mutant]()
        if order.file_limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_limit, order.file_limit))
        listening = socket.create_server(("127.0.0.1", order.port), backlog=256)
        config = uvicorn.Config(app, log_level="warning", server_header=False, ws="none", timeout_graceful_shutdown=5)
        uvicorn.Server(config).run(sockets=[listening])


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children here: they are no zombies then
    nursery = Nursery()
    for line in sys.stdin:
        number = nursery.run(Order(**json.loads(line)))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def as_line(order: Order) -> str:
    return json.dumps(asdict(order)) + "\n"


if __name__ == "__main__":
    main()
