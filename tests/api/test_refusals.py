"""What is refused stands in the journal: by whom, which operation and why; few rows for many, and no word of what was sent."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from app import db
from app.domain.terms import Role, Scope
from app.models import Agency, JournalEntry
from app.services.refusals import ACT
from tests.databases import opened
from tests.town import BUREAU, CITY, COUNTY, Town, application

SECRET = "不得出现在日志中"
STRANGER = {"Authorization": "Bearer made-up"}


def told(place: Town) -> list[tuple[str, str, dict[str, Any]]]:
    """The rows of refusals: agency, actor, what is noted."""
    with db.reader(place.engine) as session:
        rows = session.execute(
            select(Agency.code, JournalEntry.actor, JournalEntry.data)
            .join(Agency, Agency.id == JournalEntry.agency_id)
            .where(JournalEntry.act == ACT)
            .order_by(JournalEntry.id)
        )
        return [(code, actor, data) for code, actor, data in rows]


def _of_another_role(place: Town, case_id: int) -> Any:
    return place.post("guidang", f"/cases/{case_id}/accept", {})


def _not_now(place: Town, case_id: int) -> Any:
    return place.post("jingban", f"/cases/{case_id}/deliver", {"method": "post", "carrier": "邮政", "tracking_no": "X"})


def _of_another_agency(place: Town, case_id: int) -> Any:
    return place.get("stranger", f"/cases/{case_id}")


def _without_second_factor(place: Town, case_id: int) -> Any:
    place.now += dt.timedelta(minutes=20)  # what was proven has become stale
    return place.post("jingban", f"/cases/{case_id}/reveal", {"fields": ["applicant.name"], "reason": "电话联系"})


def _altered_cursor(place: Town, _case_id: int) -> Any:
    return place.get("jingban", "/cases/overdue", params={"cursor": "A" * 60})


def _forged_token(place: Town, case_id: int) -> Any:
    return place.client.get(f"/api/v1/cases/{case_id}", headers=STRANGER)


def _guessed_query_code(place: Town, _case_id: int) -> Any:
    return place.client.get("/api/v1/public/cases/X-1", params={"query_code": "AAAAAAAAAA"})


def _key_of_other_scope(place: Town, _case_id: int) -> Any:
    return place.post("key", "/cases", application())


Case = tuple[Callable[[Town, int], Any], str, str, int, str, str, list[str]]
CASES: dict[str, Case] = {
    "role": (_of_another_role, BUREAU, "guidang", 403, "forbidden", "accept_case", ["role_missing"]),
    "scope": (_key_of_other_scope, BUREAU, "key:", 403, "forbidden", "register_case", ["scope_missing"]),
    "second factor": (
        *(_without_second_factor, BUREAU, "jingban", 403, "second_factor_needed", "reveal_personal_data"),
        ["second_factor_needed"],
    ),
    "state": (_not_now, BUREAU, "jingban", 409, "action_refused", "deliver_case", ["wrong_state"]),
    "another agency's number": (_of_another_agency, COUNTY, "stranger", 404, "not_found", "get_case", []),
    "altered cursor": (_altered_cursor, BUREAU, "jingban", 422, "bad_cursor", "list_overdue", []),
    "forged token": (_forged_token, CITY, "unknown", 401, "unauthenticated", "get_case", []),
    "guessed code": (_guessed_query_code, CITY, "unknown", 404, "not_found", "look_up_case", []),
}


@pytest.mark.parametrize(
    ("attempt", "agency", "who", "status", "code", "operation", "reasons"), CASES.values(), ids=CASES
)
def test_a_refusal_is_written_down_once_in_the_journal_of_whoever_was_refused(
    place: Town,
    attempt: Callable[[Town, int], Any],
    agency: str,
    who: str,
    status: int,
    code: str,
    operation: str,
    reasons: list[str],
) -> None:
    place.hire("stranger", COUNTY, Role.HANDLER)
    place.issue_key("key", BUREAU, Role.INTAKE_CLERK, Scope.READ)
    case_id = place.register()["id"]
    answer = attempt(place, case_id)
    assert answer.status_code == status, answer.text
    [(where, actor, data)] = told(place)
    assert (where, actor[: len(who)]) == (agency, who)
    assert data.pop("request_id") == answer.headers["x-request-id"]
    assert (data["status"], data["code"], data["operation"], data["times"]) == (status, code, operation, 1)
    assert data["reasons"] == reasons
    assert data["ids"] in ({}, {"case_id": case_id})


def test_what_is_merely_mistaken_is_logged_and_not_journalled(place: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.http.refusals")
    case_id = place.register()["id"]
    for answer, operation in (
        (place.post("dengji", "/cases", {"agency_code": SECRET}), "register_case"),
        (place.get("dengji", f"/cases/{SECRET}"), "get_case"),
        (place.post("dengji", f"/cases/{case_id}/accept", {}, headers={"If-Match": '"99"'}), "accept_case"),
        (place.get("dengji", f"/{SECRET}"), "-"),
    ):
        assert answer.status_code in {404, 412, 422}
        [line] = [line for line in caplog.messages if answer.headers["x-request-id"] in line]
        assert f"status={answer.status_code}" in line
        assert f"operation={operation} " in line
    assert told(place) == []
    assert SECRET not in caplog.text


def test_nothing_that_was_sent_stands_in_the_row(place: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.http.refusals")
    place.client.get(f"/api/v1/public/cases/{SECRET}", params={"query_code": SECRET})
    place.client.get("/api/v1/cases", headers={b"Authorization": f"Bearer {SECRET}".encode()})
    place.get("duban", "/cases/overdue", params={"cursor": SECRET})
    place.post("duban", "/cases", application(purpose=SECRET))
    rows = told(place)
    assert [data["status"] for _, _, data in rows] == [404, 401, 422, 403]
    assert SECRET not in str(rows) + caplog.text


def test_a_flood_leaves_few_rows_that_say_how_large_it_was(place: Town) -> None:
    case_id = place.register()["id"]
    for _ in range(120):
        assert place.post("guidang", f"/cases/{case_id}/accept", {}).status_code == 403
        assert place.client.get("/api/v1/cases", headers=STRANGER).status_code == 401
    times = [(actor, data["times"]) for _, actor, data in told(place)]
    assert times == [(who, n) for n in (1, 10, 100) for who in ("guidang", "unknown")]


def test_a_refusal_that_cannot_be_written_down_is_a_refusal_all_the_same(place: Town, fresh_database: str) -> None:
    case_id = place.register()["id"]
    owner = opened(fresh_database)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE journal RENAME TO away"))
    assert place.post("guidang", f"/cases/{case_id}/accept", {}).status_code == 403
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO journal"))
    owner.dispose()
    assert told(place) == []


def test_a_form_of_another_site_and_too_many_sign_ins_are_written_down(place: Town) -> None:
    where = {"client_id": "board", "redirect_uri": "http://testserver/board", "response_type": "code"}
    form = where | {"code_challenge": "a" * 43, "code_challenge_method": "S256", "username": "x", "password": "y"}
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert place.client.post("/oauth/authorize", data=form, headers=elsewhere).status_code == 403
    statuses = {place.client.post("/oauth/authorize", data=form).status_code for _ in range(8)}
    assert statuses == {403, 429}
    rows = [(actor, data["status"], data["times"]) for _, actor, data in told(place)]
    assert rows == [("unknown", 403, 1), ("unknown", 429, 1)]


def test_the_row_stays_though_the_refused_act_leaves_no_trace(place: Town) -> None:
    case = place.register()
    before = place.get("dengji", f"/cases/{case['id']}").json()
    place.post("guidang", f"/cases/{case['id']}/accept", {})
    assert place.get("dengji", f"/cases/{case['id']}").json() == before
    assert len(told(place)) == 1
