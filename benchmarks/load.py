"""Callers over plain sockets: the client shares the machine with the server and must cost as little as it can."""

import asyncio
import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from socket import create_server, socket
from typing import Any

import uvicorn

Request = Callable[[int], bytes]
"""Gives the n-th request, whole."""


@dataclass
class Tally:
    """What one run saw."""

    seconds: float = 0
    statuses: Counter[int] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.waits_s) / self.seconds

    @property
    def told(self) -> str:
        """The statuses, where there was any other than success."""
        if all(status < 400 for status in self.statuses):
            return ""
        return "**" + " ".join(f"{status}×{number}" for status, number in sorted(self.statuses.items())) + "**"


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    """Send one request over an open connection and read its answer: status and body."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    body = await reader.readexactly(int(lengths[0].split(b":")[1])) if lengths else b""
    return int(head.split(b" ", 2)[1]), body


async def _one(port: int, request: Request, numbers: Iterator[int], until: float, tally: Tally) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (before := time.perf_counter()) < until and (number := next(numbers, None)) is not None:
        status, _ = await exchange(reader, writer, request(number))
        tally.statuses[status] += 1
        tally.waits_s.append(time.perf_counter() - before)
    writer.close()
    await writer.wait_closed()


async def _all(port: int, request: Request, numbers: Iterator[int], connections: int, seconds: float) -> Tally:
    tally, began = Tally(), time.perf_counter()
    await asyncio.gather(*(_one(port, request, numbers, began + seconds, tally) for _ in range(connections)))
    tally.seconds = time.perf_counter() - began
    return tally


def load(port: int, request: Request, connections: int, seconds: float, numbers: Iterator[int] | None = None) -> Tally:
    """Ask over several connections at once, each waiting for its answer before it asks again; by the clock, or until there
    are no more numbers.
    """
    return asyncio.run(_all(port, request, numbers or count(), connections, seconds))


def ask(port: int, request: bytes) -> tuple[int, bytes]:
    """Ask once."""

    async def once() -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        found = await exchange(reader, writer, request)
        writer.close()
        await writer.wait_closed()
        return found

    return asyncio.run(once())


@contextmanager
def serving(build: Callable[[], Any]) -> Iterator[int]:
    """Serve an application in a process of its own, as `serve` does; gives its port."""
    listener = create_server(("127.0.0.1", 0), backlog=256)
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(build, listener), daemon=True)
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listener.close()


def _serve(build: Callable[[], Any], listener: socket) -> None:
    app = build()
    gc.collect()
    gc.freeze()  # as `serve` does
    uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False)).run(sockets=[listener])
