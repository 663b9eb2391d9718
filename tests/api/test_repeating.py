"""Writes that are tried again, by one caller or by many at once, and commits that fail."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from app.domain.terms import Role
from tests.town import CITY, Town, application, problem


def test_the_same_key_and_body_give_the_first_answer_byte_for_byte(place: Town) -> None:
    first = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "k1"})
    again = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert place.get("dengji", "/cases").json()["total"] == 1


def test_the_same_key_with_another_body_is_refused(place: Town) -> None:
    place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "k1"})
    other = place.post("dengji", "/cases", application(purpose="了解情况"), headers={"Idempotency-Key": "k1"})
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_its_caller_and_its_address(place: Town) -> None:
    place.hire("dengji2", "370600-GXJ", Role.INTAKE_CLERK)
    first, second = (
        place.post(who, "/cases", application(), headers={"Idempotency-Key": "k1"}).json()
        for who in ("dengji", "dengji2")
    )
    assert first["id"] != second["id"]
    for case in (first, second):
        answer = place.post("dengji", f"/cases/{case['id']}/accept", {}, headers={"Idempotency-Key": "k1"})
        assert answer.json()["id"] == case["id"]


def test_a_refusal_is_not_kept_so_that_the_key_can_succeed_later(place: Town) -> None:
    case = place.register(channel="internet")
    key = {"Idempotency-Key": "k1"}
    assert place.post("dengji", f"/cases/{case['id']}/accept", {}, headers=key).status_code == 409
    place.act("dengji", case, "confirm_receipt")
    assert place.post("dengji", f"/cases/{case['id']}/accept", {}, headers=key).status_code == 200


def test_a_stale_version_is_412_and_a_missing_one_428_for_keys(place: Town) -> None:
    place.issue_key("门户", CITY, Role.INTAKE_CLERK)
    place.hire("city_clerk", CITY, Role.INTAKE_CLERK)
    case = place.register("city_clerk", agency_code=CITY)
    stale = place.post("city_clerk", f"/cases/{case['id']}/accept", {}, headers={"If-Match": '"7"'})
    assert (stale.status_code, problem(stale)["code"]) == (412, "stale_version")
    assert stale.headers["etag"] == f'"{case["version"]}"'
    assert place.post("门户", f"/cases/{case['id']}/accept", {}).status_code == 428
    seen = {"If-Match": f'"{case["version"]}"'}
    done = place.post("门户", f"/cases/{case['id']}/accept", {}, headers=seen)
    assert done.status_code == 200
    assert done.headers["etag"] == f'"{done.json()["version"]}"' != seen["If-Match"]


def test_of_eight_clerks_at_once_one_wins_and_the_others_hear_why(place: Town) -> None:
    for n in range(8):
        place.hire(f"clerk{n}", "370600-GXJ", Role.INTAKE_CLERK)
    for _ in range(5):
        case = place.register()

        def accept(n: int, case: dict[str, Any] = case) -> tuple[int, str]:
            headers = {"If-Match": f'"{case["version"]}"'} if n % 2 else {}
            answer = place.post(f"clerk{n}", f"/cases/{case['id']}/accept", {}, headers=headers)
            return answer.status_code, answer.json().get("code", "")

        with ThreadPoolExecutor(8) as clerks:
            answers = list(clerks.map(accept, range(8)))
        statuses = sorted(status for status, _ in answers)
        assert statuses[0] == 200
        assert set(statuses[1:]) <= {409, 412}, answers
        timeline = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]
        assert [entry["act"] for entry in timeline] == ["register", "accept"]


def test_one_key_tried_by_many_at_once_makes_one_case(place: Town) -> None:
    def send(_n: int) -> tuple[int, bytes]:
        answer = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "k1"})
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(send, range(24)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({body for status, body in answers if status == 201}) == 1
    assert place.get("dengji", "/cases").json()["total"] == 1


def test_one_external_number_sent_by_many_at_once_makes_one_case(place: Town) -> None:
    place.issue_key("门户", CITY, Role.PORTAL)

    def send(_n: int) -> tuple[int, int]:
        answer = place.post("门户", "/cases", application(external_no="P-1"))
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(send, range(16)))
    assert sorted(status for status, _ in answers) == [*([200] * 15), 201]
    assert len({case_id for _, case_id in answers}) == 1


def test_a_hundred_connections_at_once_are_all_served(place: Town) -> None:
    case = place.register()

    def look(n: int) -> int:
        if n % 4 == 0:
            return int(place.post("dengji", "/cases", application()).status_code)
        return int(place.get("duban", f"/cases/{case['id']}").status_code)

    with ThreadPoolExecutor(100) as callers:
        statuses = set(callers.map(look, range(200)))
    assert statuses == {200, 201}


@pytest.fixture
def failing_commit(place: Town) -> Any:
    """Make every COMMIT fail, as a database does that dies at the last moment."""
    failing = {"on": False}

    def fail(_connection: Any) -> None:
        if failing["on"]:
            raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    engine: Engine = place.engine
    event.listen(engine, "commit", fail)
    yield failing
    failing["on"] = False
    event.remove(engine, "commit", fail)


def test_a_commit_that_fails_is_never_answered_with_success(place: Town, failing_commit: dict[str, bool]) -> None:
    case = place.register()
    failing_commit["on"] = True
    lost = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "k1"})
    refused = place.post("dengji", f"/cases/{case['id']}/accept", {})
    assert (lost.status_code, refused.status_code) == (503, 503)
    assert problem(lost)["code"] == "unavailable"
    failing_commit["on"] = False
    assert place.get("dengji", "/cases").json()["total"] == 1
    assert place.get("dengji", f"/cases/{case['id']}").json()["state"] == "registered"
    retried = place.post("dengji", "/cases", application(), headers={"Idempotency-Key": "k1"})
    assert retried.status_code == 201


def test_an_act_whose_journal_row_cannot_be_written_does_not_happen(place: Town) -> None:
    case = place.register()

    def refuse(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO journal"):
            raise OperationalError(statement, {}, Exception("disk full"))

    event.listen(place.engine, "before_cursor_execute", refuse)
    answer = place.post("dengji", f"/cases/{case['id']}/accept", {})
    event.remove(place.engine, "before_cursor_execute", refuse)
    assert answer.status_code == 503
    assert place.get("dengji", f"/cases/{case['id']}").json()["state"] == "registered"
