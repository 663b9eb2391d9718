"""A hundred clerks and scripts at once: throughput and waiting at 16 and at 100 connections, on both databases.

Run from the repository root: `python -m benchmarks.http [--seconds 10] [--kinds sqlite postgresql]`. A real server process with
the settings of `serve`; of ten requests seven look at a case, one lists, one polls and one registers an application.
The client speaks HTTP over plain sockets, because it shares the machine with the server.
"""

import argparse
import asyncio
import datetime as dt
import json
import multiprocessing
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server, socket
from statistics import quantiles

import uvicorn

from app.config import Settings
from app.main import create_app
from tests.databases import PostgresDatabases, SqliteDatabases, postgresql_server
from tests.town import SHANGHAI, Town, application, town

CONNECTIONS = (16, 100)
CASES = 200


@dataclass
class Tally:
    """What one run saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)


class Requests:
    """The mix, as bytes ready to send."""

    def __init__(self, place: Town) -> None:
        token = place.headers("dengji")["Authorization"]
        self._head = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
        body = json.dumps(application(submitted_at=place.now.isoformat())).encode()
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._register = f"POST /api/v1/cases {self._head}{more}".encode() + body

    def one(self, chance: random.Random) -> bytes:
        kind = chance.randrange(10)
        if kind == 0:
            return self._register
        path = {1: "/cases?sort=due_on", 2: "/cases/overdue"}.get(kind) or f"/cases/{chance.randint(1, CASES)}"
        return f"GET /api/v1{path} {self._head}\r\n".encode()


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """Send one request over an open connection and read its answer; returns the status."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
    return int(head.split(b" ", 2)[1])


async def one_connection(port: int, requests: Requests, until: float, tally: Tally, seed: int) -> None:
    chance = random.Random(seed)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (before := time.perf_counter()) < until:
        status = await exchange(reader, writer, requests.one(chance))
        tally.statuses[status] += 1
        tally.waits_s.append(time.perf_counter() - before)
    writer.close()
    await writer.wait_closed()


async def load(port: int, requests: Requests, connections: int, seconds: float) -> Tally:
    tally, until = Tally(), time.perf_counter() + seconds
    await asyncio.gather(*(one_connection(port, requests, until, tally, seed) for seed in range(connections)))
    return tally


@contextmanager
def server(settings: Settings) -> Iterator[int]:
    """Run the service in a process of its own; gives its port."""
    listener = create_server(("127.0.0.1", 0), backlog=256)
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(settings, listener), daemon=True)
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listener.close()


def _serve(settings: Settings, listener: socket) -> None:
    config = uvicorn.Config(create_app(settings), log_level="warning", server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def measure(kind: str, url: str, folder: Path, seconds: float) -> None:
    today = dt.datetime.now(SHANGHAI)
    with town(url, folder, now=f"{today:%Y-%m-%d %H:%M}") as place:
        for _ in range(CASES):
            place.register(submitted_at=place.now.isoformat())
        requests, settings = Requests(place), place.settings
    rates = []
    with server(settings) as port:
        asyncio.run(load(port, requests, 8, 2))  # warms up
        for connections in CONNECTIONS:
            tally = asyncio.run(load(port, requests, connections, seconds))
            rates.append(len(tally.waits_s) / seconds)
            cuts = quantiles(tally.waits_s, n=100)
            waits = " ".join(f"p{cut} {cuts[cut - 1] * 1000:.0f} ms" for cut in (50, 95, 99))
            statuses = " ".join(f"{status}×{count}" for status, count in sorted(tally.statuses.items()))
            print(f"{kind:10} {connections:3} connections: {rates[-1]:5.0f} requests/s  {waits}  {statuses}")
            if broken := [status for status in tally.statuses if status >= 400]:
                raise SystemExit(f"answers that should not have been: {broken}")
    print(f"{kind:10} 100 against 16 connections: {rates[1] / rates[0]:.0%} of the throughput")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--kinds", nargs="*", default=["sqlite", "postgresql"])
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL may run as another account
        for kind in given.kinds:
            if kind == "sqlite":
                url = SqliteDatabases(folder).new()
            else:
                url = PostgresDatabases(stack.enter_context(postgresql_server(folder / "postgresql"))).new()
            measure(kind, url, folder, given.seconds)


if __name__ == "__main__":
    main()
