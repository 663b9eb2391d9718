"""Bodies nobody should send: each refused with a small Chinese problem, never a 500, never with what was sent."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.services.permissions import CASE_ROLES
from tests.databases import Databases
from tests.hostile import SECRET, beset, cases_in, check, intake, names_in, prepared, targets
from tests.town import BUREAU, Town, application


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with beset(databases, tmp_path_factory.mktemp("faults")) as opened:
        yield opened


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
    for _who, method, path, example in targets(document):
        for body in _with_each_date_as(day, example):
            address = path.format_map({"case_id": prepared(place, 2)} | dict.fromkeys(names_in(path) - {"case_id"}, 1))
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


def test_blanks_around_a_text_are_taken_away_and_count_towards_its_length(place: Town) -> None:
    def registered(title: str, external_no: str) -> Any:
        return place.post("dengji", "/cases", application(items=[{"title": title}], external_no=external_no))

    case = registered(f" {'甲' * 198}\n", " 外-1 ").json()
    assert (case["items"][0]["title"], case["external_no"]) == ("甲" * 198, "外-1")
    for refused in (registered(f"  {'甲' * 199}", "外-2"), registered(" \t", "外-2"), registered("甲", "外 2")):
        assert refused.status_code == 422
        check(refused)
