"""Requests nobody should send: each refused with a small Chinese problem, never a 500, never with what was sent.

`DISCLOSURE_FULL=1` sends 100 000 broken bodies instead of 1 500 to each database.
"""

import json
import logging
import random
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.domain.terms import Role
from app.http.requests import SAFE_HEADERS
from app.openapi import operations
from app.services.permissions import CASE_ROLES
from tests.databases import Databases
from tests.servers import serving
from tests.sizes import FULL
from tests.town import BUREAU, CITY, CONCLUSION, Town, application, town

log = logging.getLogger(__name__)

BODIES = 100_000 if FULL else 1_500
EVERY = 1 if FULL else 29  # of the places where something may be sent back
SECRET = "不得出现在应答中"  # every hostile value holds it; no answer may


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep no line for each request: a hundred thousand of them took a third of the time."""
    caplog.set_level(logging.WARNING, "httpx2")
    caplog.set_level(logging.INFO, __name__)


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all of this: what is refused leaves no trace in it."""
    url = databases.new()
    with town(url, tmp_path_factory.mktemp("faults")) as opened:
        opened.hire("everything", BUREAU, *CASE_ROLES)
        for name, role in (("xitong", Role.SYSTEM_ADMIN), ("anquan", Role.SECURITY_ADMIN)):
            opened.hire(name, CITY, role)
        yield opened
    databases.drop(url)


@pytest.fixture(scope="module")
def origin(place: Town) -> Iterator[str]:
    with serving(place.client.app) as address:
        yield address


def check(answer: Any, *, sent: str = "") -> None:
    """Hold an answer to what every answer must be."""
    assert answer.status_code < 500, f"{answer.status_code} {answer.text[:300]} for {sent[:2000]}"
    for name in SAFE_HEADERS:
        assert name in answer.headers, (name, sent)
    assert "server" not in answer.headers
    assert answer.headers["x-request-id"]
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json", sent
    assert len(answer.content) < 4096, (len(answer.content), answer.text[:500], sent[:500])
    assert SECRET not in answer.text, (answer.text, sent)
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert any("\u4e00" <= character <= "\u9fff" for character in problem["title"])


def intake(**changes: Any) -> str:
    return json.dumps(application(**changes), ensure_ascii=False)


def replaced(value: str) -> str:
    """Put a JSON text in place of the applicant's name."""
    return intake().replace('"张三"', value)


JSON_BODIES: dict[str, str | bytes] = {
    "lone surrogate": replaced(f'"{SECRET}\\ud800"'),
    "lone surrogate as a name": intake().replace('"purpose"', '"\\udfff"').replace('"carrier"', '"\\udfff"'),
    "surrogates the wrong way round": replaced('"\\udc00\\ud800"'),
    "NaN": replaced("NaN"),
    "Infinity": replaced("-Infinity"),
    "1e999": replaced("1e999"),
    "30 digits": replaced("9" * 30),
    "5000 digits": replaced("9" * 5000),
    "NUL in a text": replaced(f'"{SECRET}\\u0000"'),
    "NUL in a name": intake().replace('"carrier"', '"\\u0000"'),
    "raw control character": replaced('"a\x01b"'),
    "same field twice": intake().replace('{"agency_code"', '{"agency_code": "x", "agency_code"', 1),
    "same field twice, deep": replaced('"x", "name": "y"'),
    "UTF-16": intake().encode("utf-16"),
    "UTF-16 without mark": intake().encode("utf-16-le"),
    "UTF-8 with mark": b"\xef\xbb\xbf" + intake().encode(),
    "GB18030": intake().encode("gb18030"),
    "overlong UTF-8": intake().encode().replace("张三".encode(), b"\xc0\xaf"),
    "surrogate in UTF-8": intake().encode().replace("张三".encode(), b"\xed\xa0\x80"),
    "deep list": "[" * 100_000,
    "deep list, closed": "[" * 50_000 + "]" * 50_000,
    "deep object": '{"a":' * 20_000 + "1" + "}" * 20_000,
    "list for an object": "[]",
    "null": "null",
    "empty": b" ",
    "trailing text": intake() + "x",
    "single quotes": intake().replace('"', "'"),
    "comment": "/* a */" + intake(),
    "unknown field": intake(**{SECRET: SECRET}),
    "many unknown fields": intake(**{f"field_{n}": SECRET for n in range(20_000)}),
    "many items": intake(items=[{"title": SECRET}] * 5_000),
    "many bad items": intake(items=[{"title": 1, "wrong": 2}] * 50),
    "long text": intake(purpose=SECRET * 20_000),
    "number for a text": replaced("1"),
    "object for a text": replaced(f'{{"$gt": "{SECRET}"}}'),
    "text for an object": intake(applicant=SECRET),
    "unknown code": intake(channel=SECRET),
    "year 0": intake(submitted_at="0000-01-01T00:00:00+08:00"),
    "first year, far east": intake(submitted_at="0001-01-01T00:00:00+14:00"),
    "last year, far west": intake(submitted_at="9999-12-31T23:59:59-12:00"),
    "no offset": intake(submitted_at="2026-03-02T09:00:00"),
    "absurd offset": intake(submitted_at="2026-03-02T09:00:00+99:99"),
    "seconds since 1970": intake(submitted_at=1772413200),
}


@pytest.mark.parametrize("body", JSON_BODIES.values(), ids=JSON_BODIES.keys())
def test_a_broken_body_is_refused_by_name(place: Town, body: str | bytes) -> None:
    sent = body.encode() if isinstance(body, str) else body
    headers = place.headers("dengji") | {"Content-Type": "application/json"}
    before = cases_in(place)
    answer = place.client.post("/api/v1/cases", content=sent, headers=headers)
    assert answer.status_code == 422, answer.text
    check(answer)
    assert cases_in(place) == before


def cases_in(place: Town) -> int:
    found: int = place.get("dengji", "/cases").json()["total"]
    return found


def test_a_date_beyond_every_calendar_is_the_callers_fault(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    asked = {"unclear": "年度不明", "required": "请补充年度", "reply_within_workdays": 10, "delivered_on": "9999-12-31"}
    answer = place.post("dengji", f"/cases/{case['id']}/request_correction", asked)
    assert answer.status_code in {409, 422}
    check(answer)


def _with_each_date_as(day: str, body: Any) -> Iterator[Any]:
    """Copies of a body, each with one of its dates (or instants) moved to another day."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from ({**body, name: changed} for changed in _with_each_date_as(day, value))
    elif isinstance(body, list):
        for place, value in enumerate(body):
            yield from ([*body[:place], changed, *body[place + 1 :]] for changed in _with_each_date_as(day, value))
    elif isinstance(body, str) and re.match(r"\d{4}-\d\d-\d\d", body):
        yield day + body[10:]


@pytest.mark.parametrize("day", ["0001-01-01", "1000-01-01", "9999-12-31"])
def test_the_first_and_the_last_of_all_days_break_no_operation(place: Town, day: str) -> None:
    document = place.client.get("/openapi.json").json()
    place.hire(f"anybody{day[:4]}", BUREAU, *CASE_ROLES)
    for _who, method, path, example in _targets(document):
        for body in _with_each_date_as(day, example):
            address = path.format_map({"case_id": _prepared(place, 2)} | dict.fromkeys(_names(path) - {"case_id"}, 1))
            answer = place.client.request(method, address, json=body, headers=place.headers(f"anybody{day[:4]}"))
            check(answer, sent=f"{method} {address} {json.dumps(body, ensure_ascii=False)}")


TYPES: dict[str, dict[str, str]] = {
    "none": {},
    "text": {"Content-Type": "text/plain"},
    "other JSON": {"Content-Type": "application/vnd.api+json"},
    "JSON in GBK": {"Content-Type": "application/json; charset=gbk"},
    "form": {"Content-Type": "application/x-www-form-urlencoded"},
    "upload": {"Content-Type": "multipart/form-data; boundary=x"},
    "XML": {"Content-Type": "application/xml"},
    "nonsense": {"Content-Type": ";;;=\xff"},
    "compressed": {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    "compressed twice": {"Content-Type": "application/json", "Content-Encoding": "gzip, br"},
}


@pytest.mark.parametrize("headers", TYPES.values(), ids=TYPES.keys())
def test_a_body_of_another_type_is_not_read_as_json(place: Town, headers: dict[str, str]) -> None:
    sent = {name.encode(): value.encode("latin-1") for name, value in (place.headers("dengji") | headers).items()}
    before = cases_in(place)
    answer = place.client.post("/api/v1/cases", content=intake(), headers=sent)
    assert answer.status_code == 415, answer.text
    check(answer)
    assert cases_in(place) == before


ADDRESSES: dict[str, tuple[str, int]] = {
    "underscore in a number": ("/cases/1_000", 422),
    "plus": ("/cases/+1", 422),
    "leading zero": ("/cases/01", 422),
    "Arabic digits": ("/cases/%D9%A1", 422),
    "decimal": ("/cases/1.0", 422),
    "negative": ("/cases/-1", 422),
    "zero": ("/cases/0", 422),
    "beyond the database": ("/cases/9223372036854775808", 422),
    "very long number": ("/cases/" + "9" * 50_000, 422),
    "very long name": (f"/{'a' * 50_000}", 404),
    "NUL": ("/cases/%00", 422),
    "NUL behind a number": ("/cases/1%00", 422),
    "broken UTF-8": ("/cases/%ff", 422),
    "space": ("/cases/%201", 422),
    "line end": ("/cases/1%0d%0aX-A:%201", 422),
    "parent folder": ("/cases/..%2f..%2fhealthz", 404),
    "slash at the end": ("/cases/", 404),
    "two slashes": ("//cases", 404),
    "capitals": ("/Cases", 404),
    "semicolon": ("/cases;x=1", 404),
    "no such action": (f"/cases/1/{'x' * 100}", 404),
    "NUL in a query": ("/cases?q=%00", 422),
    "NUL in a filter": ("/cases?handler=a%00b", 422),
    "surrogate in a query": ("/cases?q=%ed%a0%80", 200),
    "broken UTF-8 in a query": ("/cases?agency=%ff", 200),
    "underscore in a page": ("/cases?page=1_0", 422),
    "page beyond all": ("/cases?page=99999999999999999999999", 422),
    "unknown filter": (f"/cases?{SECRET}=1", 422),
    "3000 unknown filters": ("/cases?" + "&".join(f"a{n}=1" for n in range(3000)), 422),
    "5000 times the same": ("/cases?" + "q=x&" * 5000, 200),
    "search operators": ("/cases?q=%22*%22%20OR%20NEAR(a)%20-b%20%26%20!c%3A*", 200),
    "day that is none": ("/cases?due_from=2026-02-30", 422),
    "day as seconds": ("/cases?due_from=1772413200", 422),
    "first of all days": ("/cases?due_from=0001-01-01", 200),
    "last of all days": ("/cases?due_to=9999-12-31", 200),
    "two sortings": ("/cases?sort=-id,id", 422),
    "cursor made up": ("/cases/overdue?cursor=bm8", 422),
    "calendar before its time": ("/calendar/CN?from=0001-01-01&to=0001-01-02", 422),
    "calendar after its time": ("/calendar/CN?from=9999-12-30&to=9999-12-31", 422),
    "calendar backwards": ("/calendar/CN?from=2026-02-01&to=2026-01-01", 422),
    "calendar of a line end": ("/calendar/CN%0a?from=2026-01-01&to=2026-01-02", 422),
}


@pytest.mark.parametrize(("address", "status"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_a_tricky_address_is_taken_at_its_word(place: Town, address: str, status: int) -> None:
    answer = place.get("dengji", address, follow_redirects=False)
    assert answer.status_code == status, answer.text
    check(answer, sent=address)


HEADERS: dict[str, tuple[dict[str, str], int]] = {
    "version in words": ({"If-Match": "three"}, 422),
    "any version": ({"If-Match": "*"}, 422),
    "two versions": ({"If-Match": '"1", "2"'}, 422),
    "version with an underscore": ({"If-Match": '"1_0"'}, 422),
    "version in other digits": ({"If-Match": '"\xb2"'}, 422),
    "long version": ({"If-Match": f'"{"1" * 39}"'}, 422),
    "huge version": ({"If-Match": "9" * 38}, 412),
    "empty key": ({"Idempotency-Key": ""}, 422),
    "long key": ({"Idempotency-Key": "k" * 201}, 422),
    "key of odd bytes": ({"Idempotency-Key": "\xff\xfe"}, 200),
    "huge header": ({"X-Other": "x" * 60_000}, 200),
    "two sign-ins": ({"X-API-Key": "dk_aaaaaaaa_bbbb"}, 401),
    "empty token": ({"Authorization": "Bearer "}, 401),
    "other scheme": ({"Authorization": "Basic YTpi"}, 401),
    "token of odd bytes": ({"Authorization": "Bearer \xff\xfe"}, 401),
    "long token": ({"Authorization": "Bearer " + "x" * 50_000}, 401),
    "odd language": ({"Accept-Language": "\xff" * 100, "Accept": "image/png"}, 200),
    "proxy's word": ({"X-Forwarded-For": "\xff, ::1", "Forwarded": "for=_x", "X-Forwarded-Host": "evil"}, 200),
}


@pytest.mark.parametrize(("headers", "status"), HEADERS.values(), ids=HEADERS.keys())
def test_a_malformed_header_never_passes_for_a_good_one(place: Town, headers: dict[str, str], status: int) -> None:
    case = place.register()
    sent = {name.encode(): value.encode("latin-1") for name, value in (place.headers("dengji") | headers).items()}
    answer = place.client.post(f"/api/v1/cases/{case['id']}/accept", json={}, headers=sent)
    assert answer.status_code == status, answer.text
    check(answer, sent=str(headers))


def test_a_method_an_address_does_not_have_is_a_problem_that_names_those_it_has(place: Town) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD", "PROPFIND"):
        answer = place.client.request(method, "/api/v1/workflow", headers=place.headers("dengji"))
        assert answer.status_code == 405, method
        assert answer.headers["allow"] == "GET"
        assert place.client.request(method, "/api/v1/cases").headers["allow"] == "GET, POST"
        if method != "HEAD":
            check(answer)
            assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(("method", "path", "allowed"), [("GET", "/cases/bulk", "POST")])
def test_an_address_of_its_own_is_no_ill_written_id(place: Town, method: str, path: str, allowed: str) -> None:
    answer = place.client.request(method, f"/api/v1{path}", headers=place.headers("dengji"))
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    check(answer)
    assert place.get("dengji", "/cases/bulky").status_code == 422


def test_a_fault_of_our_own_says_nothing_of_itself(place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("app.services.cases.listing", fail)
    answer = place.get("dengji", "/cases")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert SECRET not in answer.text
    assert all(name in answer.headers for name in (*SAFE_HEADERS, "x-request-id"))


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


@pytest.mark.parametrize(
    "given", [{"kind": "redacted", "redactions": ""}, {"kind": "redacted"}, {"kind": "other", "redactions": "第2页"}]
)
def test_what_is_wrong_in_any_case_is_said_before_the_version_is_looked_at(place: Town, given: dict[str, str]) -> None:
    case = place.register()
    headers = place.headers("dengji") | {"If-Match": '"99"'}
    address, file = f"/api/v1/cases/{case['id']}/attachments", {"file": ("说明.txt", b"abc", "text/plain")}
    assert place.client.post(address, headers=headers, files=file, data=given).status_code == 422
    wrong = {"file": ("说明.txt", b"MZ\x90\x00\xff", "text/plain")}
    assert place.client.post(address, headers=headers, files=wrong, data={"kind": "other"}).status_code == 422
    blank = {"kind": "other", "note": "", "redactions": " "}
    assert place.client.post(address, headers=headers, files=file, data=blank).status_code == 412
    assert place.client.post(address, headers=place.headers("dengji"), files=file, data=blank).status_code == 201


@pytest.mark.parametrize("value", [1, 0, "true", "false", "yes", "off", 1.0, None])
def test_true_and_false_are_nothing_but_themselves(place: Town, value: Any) -> None:
    question = {"received_on": "2026-03-02", "readings": {"weekends_roll_over": value}}
    answer = place.client.post("/api/v1/clock/preview", json=question)
    assert answer.status_code == 422
    check(answer)


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


# Broken bodies by the thousand: the documented examples, with something in them turned hostile.

HOSTILE: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    10**15,
    -(2**53),
    0.5,
    1e308,
    -0.0,
    "",
    " ",
    "\t\n",
    SECRET,
    SECRET * 100,
    "\u202e" + SECRET,
    "\ufffe\uffff",
    "\U0001f600" * 50,
    "%s%n{0}{__class__}${7*7}{{7*7}}",
    "'; DROP TABLE cases; --",
    "=cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "1_000",
    "٣",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "2026-03-02",
    "2026-03-02T09:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2026-03-02T24:00:00Z",
    "in_person",
    "grant",
    "jingban",
    [],
    {},
    [None],
    [[]],
    {"": ""},
    {SECRET: SECRET},
    ["a"] * 60,
]


def hostile(body: Any, chance: random.Random) -> Any:
    """Return the body with one to three of its values replaced, dropped, doubled or joined by others."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        body = _changed(body, chance)
    return body


def _changed(body: Any, chance: random.Random) -> Any:
    if isinstance(body, dict) and body and chance.random() < 0.9:
        name = chance.choice(list(body))
        turn = chance.random()
        if turn < 0.1:
            return {other: value for other, value in body.items() if other != name}
        if turn < 0.2:
            return body | {chance.choice((SECRET, "extra", "")): chance.choice(HOSTILE)}
        return body | {name: _changed(body[name], chance)}
    if isinstance(body, list) and body and chance.random() < 0.8:
        place = chance.randrange(len(body))
        turn = chance.random()
        if turn < 0.15:
            return body * chance.choice((2, 60))
        return [*body[:place], _changed(body[place], chance), *body[place + 1 :]]
    return chance.choice(HOSTILE)


def test_thousands_of_broken_bodies_never_break_the_service(place: Town) -> None:
    document = place.client.get("/openapi.json").json()
    targets = list(_targets(document))
    assert len(targets) > 25
    chance, tally = random.Random(20260302), dict.fromkeys(range(200, 600), 0)
    cases = [_prepared(place, steps) for steps in range(6)]
    for turn in range(BODIES):
        who, method, path, example = targets[turn % len(targets)]
        if turn % 5_000 == 4_999:
            log.info("%s bodies so far", turn + 1)
        if turn % 500 == 499:  # some have been worked on to the end
            cases = [_prepared(place, steps) for steps in range(6)]
        body = hostile(example, chance)
        numbers = {"case_id": chance.choice(cases), "user_id": chance.randint(11, 20)}  # the staff keep their roles
        address = path.format_map(numbers | {name: chance.randint(1, 7) for name in _names(path) - numbers.keys()})
        headers = place.headers(who)
        if chance.random() < 0.1:
            headers["Idempotency-Key"] = str(chance.randint(1, 50))
        answer = place.client.request(method, address, json=body, headers=headers)
        check(answer, sent=f"{method} {address} {json.dumps(body, ensure_ascii=False)}")
        tally[answer.status_code] += 1
    found = {status: count for status, count in tally.items() if count}
    log.info("%s bodies: %s", BODIES, found)
    assert found[422] > BODIES / 2
    assert sum(count for status, count in found.items() if status < 300) > BODIES / 50, "too few got past the door"


def _marked(body: Any) -> Iterator[Any]:
    """Copies of a body with what must not come back in each of its places: as a text, as a name, in a list."""
    yield from (SECRET, [SECRET], {SECRET: SECRET}, {"x": {SECRET: 1}})
    if isinstance(body, dict):
        yield body | {SECRET: 1}
        for name, value in body.items():
            yield {SECRET if other == name else other: kept for other, kept in body.items()}
            yield from (body | {name: changed} for changed in _marked(value))
    elif isinstance(body, list):
        for place, value in enumerate(body):
            yield from ([*body[:place], changed, *body[place + 1 :]] for changed in _marked(value))


def test_nothing_that_was_sent_comes_back_from_any_place_of_any_body(place: Town) -> None:
    """Where chance would look for a long time: the name of a column in a table in a body, say."""
    document = place.client.get("/openapi.json").json()
    case, tried = _prepared(place, 2), 0
    bodies = [(target, body) for target in _targets(document) for body in _marked(target[3])]
    for (who, method, path, _example), body in bodies[::EVERY]:
        address = path.format_map({"case_id": case} | dict.fromkeys(_names(path) - {"case_id"}, 1))
        answer = place.client.request(method, address, json=body, headers=place.headers(who))
        check(answer, sent=f"{method} {address} {json.dumps(body, ensure_ascii=False)}")
        tried += 1
    log.info("%s of %s places", tried, len(bodies))
    assert tried > 100


def _targets(document: dict[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Give each operation that takes JSON with a caller who may call it and its example."""
    callers: list[tuple[str, Callable[[str], bool]]] = [
        ("xitong", lambda role: role == Role.SYSTEM_ADMIN),
        ("anquan", lambda role: role == Role.SECURITY_ADMIN),
        ("everything", lambda role: role in CASE_ROLES),
    ]
    for path, method, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body and path != "/api/v1/me/password":  # its one second of thought per guess is the point of it
            roles = operation.get("x-roles") or [Role.INTAKE_CLERK]
            who = next(name for name, may in callers if any(may(role) for role in roles))
            yield who, method, path, body["example"]


def _names(path: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", path))


def _prepared(place: Town, steps: int) -> int:
    """Register a case and take it some steps along the main path; returns its id."""
    case_id: int = place.register()["id"]
    path: list[tuple[str, dict[str, Any]]] = [
        ("accept", {}),
        ("assign", {"handler": "jingban", "opinion": "同意"}),
        ("submit", {"conclusions": [CONCLUSION]}),
        ("endorse", {"opinion": "同意"}),
        ("review_secrecy", {"cleared": True, "opinion": "不涉密"}),
    ]
    staff = ("dengji", "dengji", "jingban", "shenhe", "baomi")
    for who, (action, body) in zip(staff[:steps], path[:steps], strict=True):
        place.act(who, case_id, action, **body)
    return case_id
