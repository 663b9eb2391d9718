"""The service on a real port, for tests of what only a real server and a real client show."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn

from app.config import Settings
from app.http.server import configured


@contextmanager
def serving(app: Any, port: int = 0, settings: Settings | None = None) -> Iterator[str]:
    """Run an application as `serve` does, on a free port of this machine or on the one named; gives its origin."""
    listening = socket.create_server(("127.0.0.1", port))  # accepts from now on; who comes early waits
    server = uvicorn.Server(configured(app, settings or Settings()))
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
