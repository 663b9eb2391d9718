"""Reading cases: the list, its filters and search, the buttons, what other agencies see."""

from typing import Any

import pytest

from app.domain.terms import Role
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, TOWNSHIP, Town, problem


@pytest.fixture
def three(place: Town) -> list[dict[str, Any]]:
    """Three cases of the bureau: registered, under review, in hand."""
    first = place.register(items=[{"title": "城东片区控制性详细规划的批复"}])
    second = place.register(items=[{"title": "2025年度部门预算明细"}], channel="oral")
    third = place.register(
        items=[{"title": "征收土地方案", "document_no": "鲁政土字〔2025〕88号"}],
        applicant={"kind": "commercial_enterprise", "name": "海州某某有限公司"},
    )
    place.act("dengji", second, "accept")
    place.act("dengji", third, "accept")
    place.act("dengji", third, "assign", handler="jingban", opinion="请办理")
    return [first, second, third]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 0]),
        ("sort=id", [0, 1, 2]),
        ("state=registered", [0]),
        ("stage=review", [1]),
        ("channel=oral", [1]),
        ("applicant_kind=commercial_enterprise", [2]),
        ("handler=jingban", [2]),
        ("received_from=2026-03-03", []),
        ("due_to=2026-03-30", [2, 1, 0]),
        ("q=规划", [0]),
        ("q=控制性详细", [0]),
        ("q=征收土地", [2]),
        ("q=预", [1]),
        ("q=88", [2]),
        ("q=有限公司", [2]),
        (f"q={BUREAU}-2026-000002", [1]),
        ("q=规预", []),
        ("q=%25", []),
        ("size=2&page=2", [0]),
        (f"agency={COUNTY}", []),
    ],
)
def test_the_list_narrows_searches_and_sorts(
    place: Town, three: list[dict[str, Any]], query: str, found: list[int]
) -> None:
    page = place.get("dengji", f"/cases?{query}").json()
    assert [item["id"] for item in page["items"]] == [three[i]["id"] for i in found]
    assert page["total"] == (3 if "page=2" in query else len(found))


def test_an_unknown_filter_is_refused_rather_than_ignored(place: Town) -> None:
    assert place.get("dengji", "/cases?stat=registered").status_code == 422


def test_every_action_is_listed_with_all_that_stands_in_its_way(place: Town) -> None:
    case = place.register(channel="internet")
    actions = {found["action"]: found for found in place.get("dengji", f"/cases/{case['id']}/actions").json()["items"]}
    assert actions["confirm_receipt"]["allowed"]
    assert actions["confirm_receipt"]["href"] == f"/api/v1/cases/{case['id']}/confirm_receipt"
    accept = actions["accept"]
    assert not accept["allowed"]
    assert [reason["code"] for reason in accept["blocked_by"]] == ["receipt_not_confirmed"]
    assert accept["blocked_by"][0]["basis"] == "条例第31条"
    assert {reason["kind"] for reason in actions["sign"]["blocked_by"]} == {"role", "state"}


def test_a_refused_action_says_every_reason_and_changes_nothing(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    before = place.get("duban", f"/cases/{case['id']}").json()
    answer = place.post("lingdao", f"/cases/{case['id']}/sign", {})
    assert answer.status_code == 409
    assert [reason["code"] for reason in problem(answer)["reasons"]] == ["check_blocked"]
    assert place.get("duban", f"/cases/{case['id']}").json() == before


def test_what_belongs_to_another_agency_answers_like_what_does_not_exist(place: Town) -> None:
    place.hire("township_clerk", TOWNSHIP, Role.INTAKE_CLERK, Role.HANDLER, Role.APPROVER)
    case = place.register()
    for path in ("", "/actions", "/clock", "/timeline"):
        foreign = place.get("township_clerk", f"/cases/{case['id']}{path}")
        absent = place.get("township_clerk", f"/cases/{case['id'] + 1}{path}")
        assert (foreign.status_code, absent.status_code) == (404, 404)
        assert problem(foreign) | {"request_id": ""} == problem(absent) | {"request_id": ""}
    assert place.post("township_clerk", f"/cases/{case['id']}/accept", {}).status_code == 404
    assert place.get("township_clerk", "/cases").json()["total"] == 0
    assert place.get("township_clerk", "/cases/due-soon?within_workdays=60").json()["items"] == []


def test_a_supervisor_sees_the_agencies_below_and_no_others(place: Town) -> None:
    place.hire("county", COUNTY, Role.AGENCY_SUPERVISOR)
    place.hire("city", CITY, Role.CITY_SUPERVISOR)
    place.hire("township_clerk", TOWNSHIP, Role.INTAKE_CLERK)
    place.register()
    place.register("township_clerk", agency_code=TOWNSHIP)
    assert [place.get(who, "/cases").json()["total"] for who in ("city", "county", "dengji")] == [2, 1, 1]


def test_administrators_read_no_cases(place: Town) -> None:
    place.hire("root", CITY, Role.SYSTEM_ADMIN)
    case = place.register()
    assert place.get("root", f"/cases/{case['id']}").status_code == 403
    assert place.get("root", "/cases").status_code == 403


@pytest.mark.parametrize("bad", ["1_000", "+1", "٣", "007", "1.0", "abc", "9" * 40, "0", "-1"])
def test_a_case_id_is_a_plain_number(place: Town, bad: str) -> None:
    assert place.get("dengji", f"/cases/{bad}").status_code == 422
