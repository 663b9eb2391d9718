"""Addresses, headers and methods nobody should send: taken at their word or refused, never a 500."""

from collections.abc import Iterator

import pytest

from app.http.requests import SAFE_HEADERS
from tests.databases import Databases
from tests.hostile import SECRET, beset, check
from tests.town import Town


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with beset(databases, tmp_path_factory.mktemp("faults")) as opened:
        yield opened


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
