"""The audit administrator reads who did what when, of the agencies below his, and nothing of what stands in a case."""

from typing import Any

import pytest

from app import db
from app.domain.terms import Role
from app.services import sealing
from tests.town import BUREAU, CITY, COUNTY, Town, application, problem


@pytest.fixture
def audited(place: Town) -> Town:
    place.hire("shenji", CITY, Role.AUDIT_ADMIN)
    place.hire("xian-shenji", COUNTY, Role.AUDIT_ADMIN)
    place.hire("xian-dengji", COUNTY, Role.INTAKE_CLERK)
    return place


def read(place: Town, who: str = "shenji", **query: Any) -> dict[str, Any]:
    answer = place.get(who, "/journal", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_refusals_and_acts_are_read_newest_first(audited: Town) -> None:
    case = audited.register()
    audited.post("guidang", f"/cases/{case['id']}/accept", {})
    [refused, registered] = read(audited)["items"]
    assert (refused["act"], refused["actor"], refused["agency_code"], refused["case_id"]) == (
        *("refused", "guidang", BUREAU, None),
    )
    assert (refused["data"]["operation"], refused["data"]["ids"]) == ("accept_case", {"case_id": case["id"]})
    assert (registered["act"], registered["case_id"], registered["data"]) == ("register", case["id"], {})
    assert registered["sequence"] is None
    with db.writer(audited.engine) as session:
        sealing.seal(session, audited.now)
        session.commit()
    assert [row["sequence"] for row in read(audited)["items"]] == [2, 1]


def test_each_filter_narrows(audited: Town) -> None:
    case = audited.register()
    audited.post("guidang", f"/cases/{case['id']}/accept", {})
    audited.register("xian-dengji", agency_code=COUNTY)
    for query, acts in (
        ({"act": "refused"}, ["refused"]),
        ({"actor": "dengji"}, ["register"]),
        ({"agency": COUNTY}, ["register"]),
        ({"about": "others"}, ["refused"]),
        ({"about": "cases"}, ["register", "register"]),
        ({"case_id": case["id"]}, ["register"]),
        ({"on_from": "2026-03-03"}, []),
        ({"on_from": "2026-03-02", "on_to": "2026-03-02"}, ["register", "refused", "register"]),
        ({"on_to": "2026-03-01"}, []),
    ):
        assert [row["act"] for row in read(audited, **query)["items"]] == acts, query


def test_what_somebody_was_shown_is_told_without_the_reason(audited: Town) -> None:
    case = audited.register()
    body = {"fields": ["phone"], "reason": "电话联系申请人"}
    assert audited.post("dengji", f"/cases/{case['id']}/reveal", body).status_code == 200
    [shown] = read(audited, act="personal_data_revealed")["items"]
    assert shown["data"] == {"field": "phone"}
    assert "电话联系" not in str(read(audited))


def test_an_auditor_of_a_county_reads_nothing_of_its_neighbours(audited: Town) -> None:
    audited.register()
    audited.register("xian-dengji", agency_code=COUNTY)
    assert {row["agency_code"] for row in read(audited, "xian-shenji")["items"]} == {COUNTY}
    assert read(audited, "xian-shenji", agency=BUREAU)["items"] == []


def test_pages_follow_each_other_and_a_cursor_is_good_for_its_question_only(audited: Town) -> None:
    for number in range(5):
        audited.register(external_no=f"E-{number}")
    first = read(audited, limit=2)
    second = read(audited, limit=2, cursor=first["next"])
    third = read(audited, limit=2, cursor=second["next"])
    cases = [row["case_id"] for part in (first, second, third) for row in part["items"]]
    assert cases == sorted(cases, reverse=True)
    assert (len(cases), third["next"]) == (5, None)
    other = audited.get("shenji", "/journal", params={"limit": 3, "cursor": first["next"]})
    assert problem(other)["code"] == "bad_cursor"


@pytest.mark.parametrize("who", ["dengji", "duban", "xitong"])
def test_nobody_else_reads_it(audited: Town, who: str) -> None:
    audited.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    assert audited.get(who, "/journal").status_code == 403
    assert audited.post("dengji", "/cases", application()).status_code == 201
