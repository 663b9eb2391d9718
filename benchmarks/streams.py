"""A thousand open streams: how long an act takes until all receivers have it, and what the streams hold in memory.

Run from the repository root: `python -m benchmarks.streams [--streams 1000] [--acts 60] [--kinds sqlite postgresql]`. One process
serves, one does the jobs that seal the journal, this one listens and registers cases one after the other. An event's delay
runs from the moment its act says it was recorded, which is before the commit, until a receiver here has read it.
"""

import argparse
import asyncio
import datetime as dt
import json
import multiprocessing
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from app import db
from app.config import Settings
from app.domain.terms import Role
from app.house import House
from app.main import create_app
from app.models import Keyring
from app.workers.jobs import JOBS
from app.workers.runner import working
from benchmarks.databases import asked_for, each
from benchmarks.load import exchange, serving
from benchmarks.results import Figure, machine, table, waits
from tests.town import BUREAU, SHANGHAI, application, town

PER_ACCOUNT = 20
PAUSE_S = 0.25  # between two acts: clerks, not a flood
PATIENCE_S = 30.0
JOB_CONNECTIONS = 6


class Listeners:
    """Streams of one server, and how long each event took to each of them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._recorded: dict[bytes, float] = {}  # when, by the event's line
        self._open: list[tuple[asyncio.Task[None], asyncio.StreamWriter]] = []
        self.delays_s: list[float] = []
        self._news = asyncio.Event()

    async def open(self, tokens: Sequence[str], count: int) -> None:
        """Open so many streams, each account its share."""
        for number in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(_request("GET", "/feed/stream", tokens[number // PER_ACCOUNT]))
            await reader.readuntil("之后开始".encode())
            self._open.append((asyncio.create_task(self._listen(reader)), writer))

    async def have_heard(self, count: int) -> None:
        """Wait until so many events have arrived, those of all streams together."""
        while len(self.delays_s) < count:
            self._news.clear()
            await self._news.wait()

    async def close(self) -> None:
        for task, writer in self._open:
            task.cancel()
            writer.close()
        await asyncio.gather(*(task for task, _ in self._open), return_exceptions=True)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                heard = time.time()
                if line not in self._recorded:
                    self._recorded[line] = dt.datetime.fromisoformat(json.loads(line[6:])["at"]).timestamp()
                self.delays_s.append(heard - self._recorded[line])
                self._news.set()


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    of_body = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n{of_body}\r\n"
    return head.encode() + body


async def _followed(port: int, tokens: Sequence[str], clerk: str, streams: int, acts: int) -> tuple[list[float], float]:
    """Listen while cases come in; returns every delay, and the MiB that the server holds more than without listeners."""
    before = _resident(port)
    listeners = Listeners(port)
    await listeners.open(tokens, streams)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(application(submitted_at=dt.datetime.now(SHANGHAI).isoformat())).encode()
    for _ in range(acts):
        status, _answer = await exchange(reader, writer, _request("POST", "/cases", clerk, body))
        assert status == 201, status
        await asyncio.sleep(PAUSE_S)
    async with asyncio.timeout(PATIENCE_S):
        await listeners.have_heard(streams * acts)
    heard, held = listeners.delays_s, _resident(port) - before
    await listeners.close()
    writer.close()
    return heard, held


def _resident(port: int) -> float:
    """MiB of the process that listens on a port: the newest child of this one but the worker."""
    (server,) = (child for child in multiprocessing.active_children() if child.name != "jobs")
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def _jobs(settings: Settings, begun: Any) -> None:
    engine = db.engine_of(
        settings, connections=JOB_CONNECTIONS, keyring=Keyring(settings.cipher_suite, settings.master_keys)
    )
    with working(House.of(settings, engine, lambda: dt.datetime.now(dt.UTC)), JOBS):
        begun.set()
        Event().wait()


def measure(kind: str, url: str, folder: Path, streams: int, acts: int) -> list[Figure]:
    now = dt.datetime.now(SHANGHAI)
    with town(url, folder, now=f"{now:%Y-%m-%d %H:%M}") as place:
        place.register(submitted_at=place.now.isoformat())
        names = [f"listener{number}" for number in range(-(-streams // PER_ACCOUNT))]
        for name in names:
            place.hire(name, BUREAU, Role.HANDLER)
        tokens = [place.headers(name)["Authorization"] for name in names]
        clerk, settings = place.headers("dengji")["Authorization"], place.settings
    processes = multiprocessing.get_context("spawn")
    begun = processes.Event()
    jobs = processes.Process(target=_jobs, args=(settings, begun), name="jobs", daemon=True)
    jobs.start()
    begun.wait()
    try:
        with serving(lambda: create_app(settings)) as port:
            asyncio.run(_followed(port, tokens, clerk, 1, 2))  # warms up
            delays, held = asyncio.run(_followed(port, tokens, clerk, streams, acts))
    finally:
        jobs.kill()
        jobs.join()
    where = f"{kind}, {streams} streams"
    milliseconds = [delay * 1000 for delay in delays]
    return [
        Figure("from an act to its receivers", where, "ms", milliseconds, more=waits(delays), bar="p99 ≤ 500 ms"),
        Figure("memory that the streams hold", where, "MiB", [held], bar="≤ 200 MiB"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--acts", type=int, default=60)
    asked_for(parser)
    given = parser.parse_args()
    print(machine(), flush=True)
    figures: list[Figure] = []
    for kind, databases, folder in each(given.kinds):
        figures += measure(kind, databases.new(), folder / kind, given.streams, given.acts)
    print(f"\n{table(figures)}")


if __name__ == "__main__":
    main()
