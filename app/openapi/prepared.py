"""Working something out in a process of its own: the seconds it takes hold nobody up, and its memory goes when that ends."""

import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Lock, Thread


class Prepared:
    """The bytes that `work` makes, made once: by a child if `begin` was called, else by whoever asks first."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._work = work
        self._lock = Lock()
        self._found: bytes | None = None

    def get(self) -> bytes:
        """Return the bytes, waiting for whoever is at work on them."""
        with self._lock:
            if self._found is None:
                self._found = self._work()
            return self._found

    def begin(self) -> None:
        """Start the work in a copy of this process. Before there are threads: a lock that one held would stay held in the copy."""
        context = get_context("fork")
        here, there = context.Pipe(duplex=False)
        child = context.Process(target=self._send, args=(here, there), daemon=True)
        child.start()
        there.close()

        def receive() -> None:
            try:
                with here:
                    self._found = here.recv_bytes()
            except (EOFError, OSError):
                return  # it was killed, or failed with a traceback of its own: whoever asks does the work
            finally:
                self._lock.release()
                child.join()

        self._lock.acquire()
        Thread(target=receive, daemon=True).start()

    def _send(self, here: Connection, there: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C is for the service; nobody wants a traceback from here
        here.close()  # or sending would wait for itself when whoever began this was killed
        with suppress(BrokenPipeError):
            there.send_bytes(self._work())
