"""What only a real connection shows: bodies too large to be read, and what is no HTTP."""

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.databases import Databases
from tests.hostile import beset, check
from tests.servers import serving
from tests.town import Town


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with beset(databases, tmp_path_factory.mktemp("faults")) as opened:
        yield opened


@pytest.fixture(scope="module")
def origin(place: Town) -> Iterator[str]:
    with serving(place.client.app) as address:
        yield address


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size >> 16):
        yield b"[" * (1 << 16)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_20_megabytes_are_refused_before_they_are_parsed(origin: str, place: Town, kind: str, *, chunked: bool) -> None:
    body: Any = pieces(20 << 20) if chunked else b"[" * (20 << 20)
    status = _post_until_answered(origin, place, kind, body)
    assert status == 413


@pytest.mark.parametrize(("chunked", "status"), [(False, 401), (True, 413)], ids=["declared", "chunked"])
@pytest.mark.parametrize("credential", ["", "Authorization: Bearer made-up\r\n", "X-API-Key: dk_aaaaaaaa_b\r\n"])
def test_a_strangers_upload_is_not_read(origin: str, credential: str, *, chunked: bool, status: int) -> None:
    kind = f"multipart/form-data; boundary=x\r\n{credential}X-A: b"
    body: Any = pieces(20 << 20) if chunked else b"[" * (20 << 20)
    assert _post_until_answered(origin, None, kind, body) == status


def test_an_upload_of_somebody_known_is_read_beyond_what_a_body_may_be(origin: str, place: Town) -> None:
    case = place.register()
    file = {"file": ("说明.txt", "字".encode() * (1 << 20), "text/plain")}
    address = f"{origin}/api/v1/cases/{case['id']}/attachments"
    answer = httpx.post(address, headers=place.headers("dengji"), files=file, data={"kind": "other"}, timeout=30)
    assert answer.status_code == 201, answer.text


def _post_until_answered(address: str, place: Town | None, kind: str, body: bytes | Iterator[bytes]) -> int:
    """Send a body as far as the server takes it; it may answer and close before the end."""
    where = urlsplit(address)
    head = f"POST /api/v1/cases HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
    if place:
        head += f"Authorization: {place.headers('dengji')['Authorization']}\r\n"
    with socket.create_connection((where.hostname, where.port or 0), timeout=10) as connection:
        try:
            if isinstance(body, bytes):
                connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
                connection.sendall(body)
            else:
                connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
                for piece in body:
                    connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = connection.recv(65536)
    head_sent, _, content = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head_sent
    assert len(content) < 4096
    return int(answer.split()[1])


WIRE: dict[str, bytes] = {
    "noise": b"\x00\x01\x02\r\n\r\n",
    "two lengths": b"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "endless length": b"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "unknown method": b"STEAL /api/v1/cases HTTP/1.1\r\nHost: x\r\n\r\n",
    "line end in a header": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n",
}


@pytest.mark.parametrize("sent", WIRE.values(), ids=WIRE.keys())
def test_what_is_no_http_is_refused_like_anything_else(origin: str, sent: bytes) -> None:
    where = urlsplit(origin)
    with socket.create_connection((where.hostname, where.port or 0), timeout=10) as connection:
        connection.sendall(sent)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"server:" not in answer.lower()
    assert b'"code":"malformed_request"' in answer


def test_a_redirect_never_follows_the_host_a_caller_claims(origin: str) -> None:
    for path in ("/api/v1/cases/", "/docs/", "/healthz/"):
        answer = httpx.get(f"{origin}{path}", headers={"Host": "evil.example"}, follow_redirects=False, timeout=60)
        assert answer.status_code == 404
        check(answer)
