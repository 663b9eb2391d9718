"""A proxy before PostgreSQL that cuts a connection where it hurts: at COMMIT."""

import socket
from contextlib import suppress
from enum import Enum
from pathlib import Path
from threading import Lock, Thread

from sqlalchemy import URL, make_url


class Cut(Enum):
    """Where the next COMMIT is cut off."""

    BEFORE = "before"  # the server never sees it
    AFTER = "after"  # the server has done it, and its answer is lost
    RACING = "racing"  # sent, and cut off at once: nobody knows


class Proxy:
    """Listens on a port of this machine and passes bytes on, until `next` names a cut."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lock = Lock()
        self._open: list[socket.socket] = []
        self.next: Cut | None = None
        self.cuts = 0
        Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        host, port = self._listening.getsockname()
        through: URL = self._server.set(host=host, port=port).difference_update_query(["host", "port"])
        return through.render_as_string(hide_password=False)

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_error: object) -> None:
        for one in (self._listening, *self._open):
            _end(one)

    def _connect(self) -> socket.socket:
        query = self._server.query
        host = str(query.get("host") or self._server.host or "localhost")
        port = int(str(query.get("port") or self._server.port or 5432))
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        there = socket.socket(socket.AF_UNIX)
        there.connect(str(Path(host) / f".s.PGSQL.{port}"))
        return there

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                try:
                    there = self._connect()
                except OSError:  # the server is down
                    _end(here)
                    continue
                self._open += [here, there]
                Thread(target=self._forth, args=(here, there), daemon=True).start()

    def _forth(self, here: socket.socket, there: socket.socket) -> None:
        """Pass on what the service sends, and what comes back in a thread beside."""
        silent = [False]
        back = Thread(target=self._back, args=(here, there, silent), daemon=True)
        back.start()
        with suppress(OSError):
            while sent := here.recv(1 << 16):
                cut = self._cut(sent)
                if cut is Cut.BEFORE:
                    break
                silent[0] = cut is Cut.AFTER
                there.sendall(sent)
                if cut is Cut.RACING:
                    break
                if cut is Cut.AFTER:
                    back.join(5)  # until the server has said that it is done
                    break
        _end(here)
        _end(there)

    def _back(self, here: socket.socket, there: socket.socket, silent: list[bool]) -> None:
        with suppress(OSError):
            while received := there.recv(1 << 16):
                if silent[0]:
                    return
                here.sendall(received)
        _end(here)

    def _cut(self, sent: bytes) -> Cut | None:
        with self._lock:
            if self.next is None or b"COMMIT" not in sent:
                return None
            cut, self.next = self.next, None
            self.cuts += 1
            return cut


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
