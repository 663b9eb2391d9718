"""`python -m app serve` as a network sees it: its headers, and what a request may take up in size and time."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.http.requests import HTTPS_ONLY, SAFE_HEADERS
from app.migrate import migrate
from tests.databases import MIGRATED_AT

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
HEAD_S, BODY_S, HEAD_LIMIT = 0.6, 1.0, 8192  # as short as a busy machine bears
LISTED = "https://portal.example"

SETTINGS = {
    "DISCLOSURE_HEAD_SECONDS": str(HEAD_S),
    "DISCLOSURE_BODY_SECONDS": str(BODY_S),
    "DISCLOSURE_HEAD_LIMIT": str(HEAD_LIMIT),
    "DISCLOSURE_CONNECTIONS": "40",
    "DISCLOSURE_PUBLIC_URL": "https://ysq.example",
    "DISCLOSURE_CORS_ORIGINS": json.dumps([LISTED]),
    "DISCLOSURE_TRUSTED_PROXIES": "127.0.0.2",
    "DISCLOSURE_RATE_SETUP": '{"at_once": 3, "every_s": 3600}',
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("serving")
    migrate(f"sqlite:///{folder / 'disclosure.sqlite3'}", MIGRATED_AT)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | SETTINGS | {"DISCLOSURE_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-X", "utf8", "-m", "app", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + PATIENCE_S
            while not _listens(port):
                assert time.monotonic() < until, "the server did not come up"
                time.sleep(0.05)
            yield port
        finally:
            server.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def connected(port: int, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))


def rest(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def asked(port: int, request: bytes, source: str = "127.0.0.1") -> bytes:
    """Send bytes and read the answer to its end."""
    with connected(port, source) as connection:
        connection.sendall(request)
        return rest(connection)


def one(connection: socket.socket) -> int:
    """Read one whole answer and leave the connection open; returns the status."""
    answer = b""
    while True:
        answer += connection.recv(65536)
        status, headers, body = got(answer)
        if b"\r\n\r\n" in answer and len(body) == int(headers["content-length"]):
            return status


def got(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    """Take an answer apart: status, headers in small letters, body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def refused(answer: bytes) -> str:
    """Hold an answer to what every refusal is; returns its code."""
    status, headers, body = got(answer)
    assert headers["content-type"] == "application/problem+json"
    assert {name.lower() for name in SAFE_HEADERS | HTTPS_ONLY} <= set(headers)
    assert "server" not in headers
    problem: dict[str, Any] = json.loads(body)
    assert (problem["status"], problem["request_id"]) == (status, headers["x-request-id"])
    assert len(body) == int(headers["content-length"]) < 4096
    return f"{status} {problem['code']}"


GET = "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n"
POST = "POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/nowhere", 404), ("/api/v1/cases", 401), ("/docs", 200), ("/board", 200)]
)
def test_no_answer_names_the_server_and_each_has_the_safe_headers(port: int, path: str, status: int) -> None:
    found, headers, _ = got(asked(port, GET.format(path, "").encode()))
    assert found == status
    assert "server" not in headers
    assert {name.lower() for name in SAFE_HEADERS | HTTPS_ONLY} <= set(headers)
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


# Sizes

LONG = "x" * HEAD_LIMIT

TOO_LARGE: dict[str, tuple[bytes, str]] = {
    "one long header": (GET.format("/healthz", f"X-A: {LONG}\r\n").encode(), "431 head_too_large"),
    "many headers": (GET.format("/healthz", "X-A: b\r\n" * 120).encode(), "431 head_too_large"),
    "a long address": (GET.format(f"/{LONG}", "").encode(), "414 address_too_long"),
    "a long query": (GET.format(f"/healthz?{LONG}", "").encode(), "414 address_too_long"),
    "a header without end": (b"GET / HTTP/1.1\r\nX-A: " + b"x" * 9000, "431 head_too_large"),
    "an address without end": (b"GET /" + b"x" * 9000, "414 address_too_long"),
    "headers without end": (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 3000, "431 head_too_large"),
    "a declared body": (f"{POST}Content-Length: 1048577\r\n\r\n".encode(), "413 too_large"),
    "a chunked body": (
        f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode() + b"100000\r\n" + b" " * 0x100000 + b"\r\n1\r\n \r\n",
        "413 too_large",
    ),
}


@pytest.mark.parametrize(("sent", "expected"), TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_what_is_too_large_is_refused_with_its_name(port: int, sent: bytes, expected: str) -> None:
    assert refused(asked(port, sent)) == expected


def test_a_refusal_reaches_a_caller_who_goes_on_sending(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-A: ")
        for _ in range(64):
            connection.sendall(b"x" * 65536)
        assert refused(rest(connection)) == "431 head_too_large"


def test_a_head_just_below_the_limit_is_taken(port: int) -> None:
    filling = "x" * (HEAD_LIMIT - 200)
    assert got(asked(port, GET.format("/healthz", f"X-A: {filling}\r\n").encode()))[0] == 200


# Times

SLOW: dict[str, tuple[bytes, bytes, float]] = {
    "a head byte by byte": (b"GET /healthz HTTP/1.1\r\n", b"x", HEAD_S),
    "line ends before a request": (b"\r\n", b"\r\n", HEAD_S),
    "a body byte by byte": (f"{POST}Content-Length: 1000\r\n\r\n".encode(), b" ", BODY_S),
    "chunk by chunk": (f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\n \r\n", BODY_S),
    "a body that never comes": (f"{POST}Content-Length: 1000\r\n\r\n".encode(), b"", BODY_S),
}


@pytest.mark.parametrize(("first", "drop", "limit_s"), SLOW.values(), ids=SLOW.keys())
def test_who_sends_too_slowly_is_refused_however_long_he_goes_on(
    port: int, first: bytes, drop: bytes, limit_s: float
) -> None:
    with connected(port) as connection:
        began = time.monotonic()
        connection.sendall(first)
        connection.settimeout(0.05)
        answer = b""
        while not answer:
            assert time.monotonic() - began < 20 * limit_s, "never refused"
            connection.sendall(drop)
            try:
                answer = connection.recv(65536)
            except TimeoutError:
                continue
        assert time.monotonic() - began >= 0.9 * limit_s
        connection.settimeout(10)
        assert refused(answer + rest(connection)) == "408 request_timeout"


def test_a_connection_on_which_nothing_is_asked_is_closed_without_a_word(port: int) -> None:
    with connected(port) as connection:
        assert rest(connection) == b""


def test_trickling_after_an_answer_does_not_keep_a_connection(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one(connection) == 200
        connection.sendall(b"\r\n")
        assert refused(rest(connection)) == "408 request_timeout"


def test_a_body_nobody_asked_for_does_not_keep_a_connection(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert one(connection) == 200
        connection.sendall(b" ")
        assert refused(rest(connection)) == "408 request_timeout"


def test_who_does_not_read_his_answers_is_not_waited_for(port: int) -> None:
    asked_for = 20
    with connected(port) as first:
        first.settimeout(PATIENCE_S)
        first.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        rest(first)  # a busy machine takes long to write the document the first time
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * asked_for)
        time.sleep(3 * BODY_S)
        got_back = b""
        try:
            while piece := connection.recv(1 << 20):
                got_back += piece
        except ConnectionResetError:
            pass
    assert got_back.count(b"HTTP/1.1 200 ") < asked_for


def test_who_reads_slowly_gets_all_of_it(port: int) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 6 + GET.format("/healthz", "").encode())
        got_back = b""
        while piece := connection.recv(1 << 18):
            got_back += piece
            time.sleep(BODY_S / 20)
    assert got_back.count(b"HTTP/1.1 200 ") == 7


def test_requests_one_after_another_and_at_once_are_all_answered(port: int) -> None:
    with connected(port) as connection:
        for _ in range(3):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert one(connection) == 200
            time.sleep(HEAD_S / 4)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + GET.format("/healthz", "").encode())
        assert rest(connection).count(b"HTTP/1.1 200 ") == 3


def test_an_answer_on_its_way_is_finished_before_the_nonsense_behind_it_ends_the_connection(port: int) -> None:
    answer = asked(port, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
    status, headers, body = got(answer)
    assert (status, len(body)) == (200, int(headers["content-length"]))


def test_broken_chunks_are_refused_and_nothing_behind_them_is_taken_for_a_request(port: int) -> None:
    broken = f"{POST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n".encode()
    assert refused(asked(port, broken + GET.format("/healthz", "").encode())) == "400 malformed_request"


def test_connections_beyond_the_limit_are_told_so(port: int) -> None:
    held = [connected(port) for _ in range(40)]
    try:
        assert refused(asked(port, b"")) == "503 unavailable"
    finally:
        for connection in held:
            connection.close()
    until = time.monotonic() + 10
    while got(asked(port, GET.format("/healthz", "").encode()))[0] != 200:
        assert time.monotonic() < until


# Whom a gateway and a browser may speak for


def tries_from(port: int, source: str, *named: str) -> list[int]:
    """Try to set the service up from an address that claims to speak for others; returns the statuses."""
    found = []
    for name in named:
        said = f"X-Forwarded-For: {name}\r\nX-Forwarded-Proto: https\r\nContent-Type: application/json\r\n"
        head = f"POST /api/v1/setup HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{said}Content-Length: 2\r\n\r\n{{}}"
        found.append(got(asked(port, head.encode(), source))[0])
    return found


def test_only_the_gateways_word_is_taken_for_where_a_request_comes_from(port: int) -> None:
    assert tries_from(port, "127.0.0.3", *(f"10.1.0.{n}" for n in range(5))) == [422, 422, 422, 429, 429]
    assert tries_from(port, "127.0.0.2", *(f"10.2.0.{n}" for n in range(5))) == [422] * 5
    assert tries_from(port, "127.0.0.2", *["10.3.0.1"] * 4) == [422, 422, 422, 429]
    behind_two = tries_from(port, "127.0.0.2", *(f"10.4.0.{n}, 10.5.0.1" for n in range(4)))
    assert behind_two == [422, 422, 422, 429], "what the caller wrote before the gateway's own word counts for nothing"


def test_a_refusal_for_asking_too_often_says_how_long_to_wait(port: int) -> None:
    tries_from(port, "127.0.0.4", *["x"] * 3)
    answer = asked(
        port,
        b"POST /api/v1/setup HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        b"Content-Length: 2\r\n\r\n{}",
        "127.0.0.4",
    )
    assert refused(answer) == "429 too_many_requests"
    assert 3500 < int(got(answer)[1]["retry-after"]) <= 3600


PREFLIGHT = (
    "OPTIONS {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: {}\r\nAccess-Control-Request-Method: {}\r\n\r\n"
)


@pytest.mark.parametrize(
    ("path", "origin", "method", "status", "allowed"),
    [
        ("/api/v1/cases", LISTED, "POST", 200, LISTED),
        ("/oauth/token", LISTED, "POST", 200, LISTED),
        ("/api/v1/cases", LISTED, "PATCH", 400, LISTED),
        ("/api/v1/cases", "https://portal.example.evil", "POST", 405, None),
        ("/api/v1/cases", "http://portal.example", "POST", 405, None),
        ("/api/v1/cases", "null", "POST", 405, None),
        ("/oauth/authorize", LISTED, "POST", 405, None),
        ("/docs", LISTED, "GET", 405, None),
    ],
)
def test_only_listed_sites_may_call_from_a_browser_and_only_the_interface(
    port: int, path: str, origin: str, method: str, status: int, allowed: str | None
) -> None:
    found, headers, _ = got(asked(port, PREFLIGHT.format(path, origin, method).encode()))
    assert found == status
    assert headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in headers
    assert {name.lower() for name in SAFE_HEADERS} <= set(headers)
    _, headers, _ = got(asked(port, GET.format(path, f"Origin: {origin}\r\nCookie: a=b\r\n").encode()))
    assert headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in headers
