"""`python -m app serve` as a network sees it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.http.requests import SAFE_HEADERS
from app.migrate import migrate
from tests.databases import MIGRATED_AT

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    migrate(f"sqlite:///{tmp_path / 'disclosure.sqlite3'}", MIGRATED_AT)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"DISCLOSURE_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL) as server:
        try:
            yield port
        finally:
            server.terminate()


def asked(port: int, request: bytes) -> bytes:
    """Send bytes and read the answer to its end; waits for the server to come up."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(request)
                return b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionRefusedError:
            assert time.monotonic() < until, "the server did not come up"
            time.sleep(0.1)


def test_no_answer_names_the_server_and_each_of_ours_has_the_safe_headers(port: int) -> None:
    for path, status in (("/healthz", 200), ("/nowhere", 404), ("/api/v1/cases", 401), ("/docs", 200)):
        head = asked(port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()).partition(
            b"\r\n\r\n"
        )[0]
        assert head.startswith(f"HTTP/1.1 {status} ".encode()), head
        names = {line.partition(b":")[0].lower().decode() for line in head.split(b"\r\n")[1:]}
        assert "server" not in names
        assert {name.lower() for name in SAFE_HEADERS} <= names
    assert b"\r\nserver:" not in asked(port, b"\x00\r\n\r\n").lower()
