"""A process that has everything imported and forks a process that serves or works for each order, with a fault if asked.

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
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, create_engine, event

from app import db
from app.cli.run import work
from app.config import Settings
from app.house import House
from app.http.doors import opened
from app.main import create_app
from app.models import Keyring
from app.workers.jobs import JOBS
from app.workers.runner import working
from tests.faults.mutants import MUTANTS


class Death(StrEnum):
    """Where around COMMIT a process ends."""

    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"  # before anybody is told


@dataclass(frozen=True, slots=True)
class Order:
    """What to serve, and what is to go wrong. Without a port: do what `python -m app work` does, and nothing goes wrong."""

    environment: dict[str, str]
    port: int | None
    log: str
    die_at: int = 0  # before the n-th statement of the first writing transaction, from 1
    die: Death | None = None
    mutant: str = ""
    file_limit: int = 0  # bytes of any one file
    clock_offset_s: float = 0.0
    sealing: bool = False  # with the job that gives the journal's rows their places in the feed


class Dying:
    """Ends the process at a boundary of a writing transaction, as kill -9 would."""

    def __init__(self, engine: Engine, order: Order) -> None:
        self._left, self._death = order.die_at, order.die
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._before_commit)
        self._do_commit = engine.dialect.do_commit
        engine.dialect.do_commit = self._commit  # type: ignore[method-assign] # there is no event after COMMIT

    def _statement(self, connection: Connection, *_more: object) -> None:
        if connection.get_execution_options().get("writes"):
            self._left -= 1
            if self._left == 0:
                os._exit(9)

    def _before_commit(self, _connection: Connection) -> None:
        if self._death is Death.BEFORE_COMMIT:
            os._exit(9)

    def _commit(self, dbapi_connection: Any) -> None:
        self._do_commit(dbapi_connection)
        if self._death is Death.AFTER_COMMIT:
            os._exit(9)


def fork(app: FastAPI, order: Order) -> int:
    """Fork a process that serves; returns its number."""
    if number := os.fork():
        return number
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.close(0)
        os.environ.update(order.environment)
        if order.port is None:
            work()
        else:
            _serve(app, order, order.port)
    finally:
        os._exit(0)


def _serve(app: FastAPI, order: Order, port: int) -> None:
    settings = Settings()
    keyring = Keyring(settings.cipher_suite, settings.master_keys)
    engine = db.build_engine(settings.url, connections=settings.readers + settings.writers_at_once, keyring=keyring)
    if order.die_at or order.die:
        Dying(engine, order)
    if order.mutant:
        MUTANTS[order.mutant]()
    if order.file_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_limit, order.file_limit))
    offset = dt.timedelta(seconds=order.clock_offset_s)
    house = app.state.house = House.of(settings, engine, lambda: dt.datetime.now(dt.UTC) + offset)
    listening = socket.create_server(("127.0.0.1", port), backlog=256)
    config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=5)
    jobs = [job for job in JOBS if order.sealing and job.name == "sealer"]
    with working(replace(house, engine=db.everywhere(engine)), jobs):
        uvicorn.Server(config).run(sockets=[listening])
    engine.dispose()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children here: they are no zombies then
    app = create_app(Settings(), engine=create_engine("sqlite://"))  # each child has a house of its own
    opened(app.routes)  # once, and not in every child
    for line in sys.stdin:
        given = json.loads(line)
        number = fork(app, Order(**given | {"die": Death(given["die"]) if given["die"] else None}))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def as_line(order: Order) -> str:
    return json.dumps(asdict(order)) + "\n"


if __name__ == "__main__":
    main()
