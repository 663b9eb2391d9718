"""Processes that serve or work, and can be started, killed and watched: forked by a nursery, or started like an operator's."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import IO

import httpx

from tests.faults.nursery import Order, as_line
from tests.servers import free_port

HERE = Path(__file__).parents[2]
SECRET = "test-secret-of-at-least-32-characters"


def environment_of(url: str, folder: Path) -> dict[str, str]:
    """Say to a process which database to serve; the jobs beside it would write at moments of their own.

    Webhooks may go to this machine.
    """
    return {
        "DISCLOSURE_DATABASE_URL": url,
        "DISCLOSURE_DATA_DIR": str(folder),
        "DISCLOSURE_SECRET": SECRET,
        "DISCLOSURE_WORK_IN_SERVE": "false",
        "DISCLOSURE_WEBHOOK_HTTP": "true",
        "DISCLOSURE_WEBHOOK_NETWORKS": '["127.0.0.0/8"]',
    }


class Nursery:
    """The process that forks; one is enough for all databases."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = Lock()

    def fork(self, order: Order) -> int:
        ordered, answered = self._process.stdin, self._process.stdout
        assert ordered is not None
        assert answered is not None
        with self._lock:
            ordered.write(as_line(order))
            ordered.flush()
            return int(answered.readline())

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            _close(stream)
        self._process.wait()


def _close(stream: IO[str] | None) -> None:
    if stream is not None:
        stream.close()


@contextmanager
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    try:
        yield opened
    finally:
        opened.close()


PATIENCE_S = 200
"""How long a process may take to its first answer; on a machine with far more to do than it can, a minute was too short."""


class Starting(Exception):
    """The process ended before it answered."""


@dataclass
class Child:
    """One process after another of the same kind."""

    nursery: Nursery | None  # none: started as an operator does, from nothing
    environment: Mapping[str, str]
    folder: Path
    _handle: int = field(default=-1, init=False)  # of the running process; readable when it has ended

    @property
    def _command(self) -> list[str]:
        """What an operator would type after `python -m app`."""
        raise NotImplementedError

    @property
    def log(self) -> Path:
        return self.folder / f"{'-'.join(self._command)}.log"

    @property
    def pid(self) -> int:
        """The number of the running process."""
        return self._pid

    def start(self, order: Order | None = None) -> None:
        """Start it, with a fault if the order says so."""
        raise NotImplementedError

    def _begin(self, order: Order) -> None:
        self._pid = self.nursery.fork(order) if self.nursery else self._spawn()
        self._handle = os.pidfd_open(self._pid)

    def _spawn(self) -> int:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app", *self._command],
                cwd=HERE,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
            )
        self._spawned = process
        return process.pid

    def ended(self, wait_s: float) -> bool:
        """Tell whether the process is gone, waiting a moment for it."""
        return bool(select.select([self._handle], [], [], wait_s)[0])

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish, as an operator does."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._handle < 0:
            return
        with suppress(ProcessLookupError):  # it may have ended by itself, which was the order
            signal.pidfd_send_signal(self._handle, number)
        if not self.ended(20):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            self.ended(20)
        os.close(self._handle)
        self._handle = -1
        if self.nursery is None:
            self._spawned.wait()


@dataclass
class Service(Child):
    """What `serve` is: one served process after another on the same port."""

    port: int = field(default_factory=free_port)
    recoveries_s: list[float] = field(default_factory=list)

    @property
    def _command(self) -> list[str]:
        return ["serve", "--port", str(self.port)]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, order: Order | None = None) -> None:
        """Start it, with a fault if the order says so, and wait for its first answer; notes how long that took."""
        began = time.perf_counter()
        plain = Order(dict(self.environment), self.port, str(self.log))
        self._begin(replace(order, environment=plain.environment, port=self.port, log=plain.log) if order else plain)
        give_up = began + PATIENCE_S
        with httpx.Client() as client:
            while time.perf_counter() < give_up:
                try:
                    client.get(f"{self.origin}/healthz").raise_for_status()
                except httpx.TransportError:
                    if self.ended(0.01):
                        raise Starting(self.log.read_text()[-2000:]) from None
                else:
                    self.recoveries_s.append(time.perf_counter() - began)
                    return
        raise Starting(f"no answer within {PATIENCE_S} s")

    @contextmanager
    def running(self, order: Order | None = None) -> Iterator[None]:
        self.start(order)
        try:
            yield
        finally:
            self.stop()


class Worker(Child):
    """What `work` is."""

    @property
    def _command(self) -> list[str]:
        return ["work"]

    def start(self, order: Order | None = None) -> None:
        """Start it; what it does shows when it does it."""
        assert order is None, "no fault is known for it"
        self._begin(Order(dict(self.environment), None, str(self.log)))


def faulty(**fault: object) -> Order:
    """Build an order with a fault; where and for whom the service fills in."""
    return replace(Order({}, None, ""), **fault)  # type: ignore[arg-type] # the fields of Order, by name
