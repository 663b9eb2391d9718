"""Notices over HTTP: judged, looked at first, imported once, and every running case moved by them, no other."""

import datetime as dt
from typing import Any

import pytest

from app.domain.terms import Role
from tests.notices import NOTICE_2027, OFF_2027
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town, problem


@pytest.fixture
def place(place: Town) -> Town:
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    place.hire("quxian", COUNTY, Role.SYSTEM_ADMIN)
    place.issue_key("jiaoben", CITY, Role.SCRIPT_READER)
    return place


def import_notice(place: Town, notice: dict[str, Any], *, dry_run: bool = False, status: int = 201) -> Any:
    answer = place.post("xitong", f"/calendar/notices?dry_run={str(dry_run).lower()}", notice)
    assert answer.status_code == status, answer.text
    return answer.json()


def december(place: Town) -> dict[str, Any]:
    """Register a case whose limit crosses the new year."""
    place.go_to("2026-12-22")
    case = place.register(submitted_at="2026-12-22T09:00:00+08:00")
    assert case["provisional"]
    return case


def columns(place: Town, case: dict[str, Any]) -> tuple[str, bool]:
    """Read the dates as lists and polls see them, from the columns."""
    items = place.get("jiaoben", "/cases/due-soon?within_workdays=60").json()["items"]
    found = next(item for item in items if item["id"] == case["id"])
    return found["due_on"], found["provisional"]


def test_a_notice_moves_running_cases_and_says_which(place: Town) -> None:
    case = december(place)
    assert case["due_on"] == "2027-01-20"
    longer = {**NOTICE_2027, "off": [*OFF_2027[:3], "2027-01-04", *OFF_2027[3:]], "work": NOTICE_2027["work"]}
    outlook = import_notice(place, longer, dry_run=True, status=200)
    moved = {
        "id": case["id"],
        "case_no": case["case_no"],
        "agency_code": BUREAU,
        "due_on": {"from": "2027-01-20", "to": "2027-01-21"},
        "target_on": {"from": "2027-01-13", "to": "2027-01-14"},
    }
    assert (outlook["dry_run"], outlook["imported"], outlook["notice"]["id"]) == (True, False, None)
    assert (outlook["open_cases"], outlook["moved"], outlook["items"]) == (1, 1, [moved])
    assert outlook["regions"] == [{"region": "CN", "open_cases": 1, "moved": 1, "settled": 0}]
    assert "2027-01-04" in [day["on"] for day in outlook["changed_days"] if not day["workday"]]
    assert len(outlook["doubts"]) == 1
    assert columns(place, case) == ("2027-01-20", True)

    done = import_notice(place, longer)
    assert (done["imported"], done["moved"], done["items"]) == (True, 1, [moved])
    assert done["notice"]["in_force"]
    assert done["notice"]["recomputed_at"]
    assert columns(place, case) == ("2027-01-21", False)
    shown = place.get("duban", f"/cases/{case['id']}").json()
    assert (shown["due_on"], shown["provisional"], shown["version"]) == ("2027-01-21", False, case["version"])

    entry = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"][-1]
    assert (entry["act"], entry["label"]) == ("deadline_moved", "期限随工作日历变动")
    assert entry["data"] == {
        "due_on": {"from": "2027-01-20", "to": "2027-01-21"},
        "target_on": {"from": "2027-01-13", "to": "2027-01-14"},
        "source": "测试用的2027年通知",
    }


def test_a_notice_that_confirms_the_projection_settles_the_date_without_moving_it(place: Town) -> None:
    case = december(place)
    done = import_notice(place, NOTICE_2027)
    assert (done["moved"], done["settled"], done["items"], done["doubts"]) == (0, 1, [], [])
    assert columns(place, case) == ("2027-01-20", False)
    acts = [entry["act"] for entry in place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]]
    assert acts == ["register"]


def test_the_same_notice_twice_is_one_version(place: Town) -> None:
    import_notice(place, NOTICE_2027)
    again = import_notice(place, {**NOTICE_2027, "source": "另一个转载页", "off": OFF_2027[::-1]}, status=200)
    assert (again["imported"], again["notice"]["source"]) == (False, "测试用的2027年通知")
    versions = place.get("xitong", "/calendar/notices?region=CN&year=2027").json()
    assert versions["total"] == 1
    assert versions["items"][0]["imported_by"] == "xitong"
    assert len(versions["items"][0]["sha256"]) == 64


def test_a_corrected_notice_is_a_new_version_and_the_old_one_stays_on_record(place: Town) -> None:
    import_notice(place, {**NOTICE_2027, "work": NOTICE_2027["work"][:-1]})
    import_notice(place, NOTICE_2027)
    versions = place.get("xitong", "/calendar/notices?year=2027").json()["items"]
    assert [version["in_force"] for version in versions] == [True, False]
    assert "2027-10-10" in versions[0]["work"]


def test_days_off_take_the_name_of_their_holiday(place: Town) -> None:
    import_notice(place, NOTICE_2027)
    days = place.client.get("/api/v1/calendar/CN", params={"from": "2027-02-04", "to": "2027-02-13"}).json()["items"]
    assert [(day["on"][-2:], day["workday"], day["why"]) for day in days[:2]] == [
        ("04", True, "工作日"),
        ("05", False, "春节放假"),
    ]
    assert (days[-1]["workday"], days[-1]["why"]) == (True, "调休上班")
    assert {day["source"] for day in days} == {"测试用的2027年通知"}


def answered(place: Town) -> dict[str, Any]:
    """Answer a December case early, its limit still resting on the projection."""
    case = december(place)
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.go_to("2026-12-24")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="不涉密")
    place.act("lingdao", case, "sign", opinion="同意")
    return place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX123456789CN")


def test_an_answered_case_never_moves_but_its_remedy_windows_follow_the_notice(place: Town) -> None:
    case = answered(place)
    place.go_to("2026-12-28")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="1", on="2026-12-28")
    before = place.get("duban", f"/cases/{case['id']}/clock").json()
    # 60 days after 2026-12-28 is Friday 2027-02-26; this notice frees it and the weekend after.
    off = [*OFF_2027[:3], "2027-01-04", *OFF_2027[3:], "2027-02-26", "2027-02-27", "2027-02-28"]
    done = import_notice(place, {**NOTICE_2027, "off": off})
    assert (done["open_cases"], done["moved"]) == (0, 0)
    after = place.get("duban", f"/cases/{case['id']}/clock").json()
    assert (after["due_on"], after["target_on"], after["explanation"], after["calendar_version"]) == (
        before["due_on"],
        before["target_on"],
        before["explanation"],
        before["calendar_version"],
    )
    nodes = [{node["node"]: node["due_on"] for node in clock["nodes"]} for clock in (before, after)]
    assert (nodes[0].pop("reconsideration"), nodes[1].pop("reconsideration")) == ("2027-02-26", "2027-03-01")
    assert nodes[0] == nodes[1]
    acts = [entry["act"] for entry in place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]]
    assert "deadline_moved" not in acts


def test_a_case_with_acts_moves_by_its_own_fold(place: Town) -> None:
    case = december(place)
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.act("lingdao", case, "extend", workdays=10, reason="需调阅历年档案")
    before = place.get("duban", f"/cases/{case['id']}").json()["due_on"]
    import_notice(place, {**NOTICE_2027, "off": [*OFF_2027[:3], "2027-01-04", *OFF_2027[3:]]})
    after = place.get("duban", f"/cases/{case['id']}").json()["due_on"]
    assert (before, after) == ("2027-02-03", "2027-02-04")
    assert columns(place, case) == (after, False)


def test_each_change_of_a_date_stands_in_the_journal(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.act("lingdao", case, "extend", workdays=20, reason="需调阅历年档案")
    data = {e["act"]: e["data"] for e in place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]}
    assert data["register"]["due_on"] == {"from": None, "to": "2026-03-30"}
    assert data["extend"]["due_on"] == {"from": "2026-03-30", "to": "2026-04-28"}
    assert "target_on" not in data["extend"]
    assert "due_on" not in data["assign"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"off": []}, "通知内容为空"),
        ({"off": OFF_2027[:-7]}, "缺少法定节假日 2027-10-01"),
        ({"off": [*OFF_2027, "2027-10-07"]}, "放假日 2027-10-07 重复"),
        ({"work": ["2027-02-13", "2027-02-13"]}, "上班日 2027-02-13 重复"),
        ({"off": [*OFF_2027, "2026-10-08"]}, "不属于 2027 年"),
        ({"work": ["2027-02-15"]}, "是周一至周五"),
        ({"work": ["2027-02-06"]}, "同时列为放假日和上班日"),
        ({"year": 2028}, "不属于 2028 年"),
    ],
)
def test_an_impossible_notice_is_refused_and_the_last_good_one_stays(
    place: Town, changes: dict[str, Any], said: str
) -> None:
    import_notice(place, NOTICE_2027)
    for dry_run in ("true", "false"):
        answer = place.post("xitong", f"/calendar/notices?dry_run={dry_run}", NOTICE_2027 | changes)
        refused = problem(answer)
        assert refused["status"] == 422
        assert any(said in reason["message"] for reason in refused["reasons"]), refused
    (kept,) = place.get("xitong", "/calendar/notices?year=2027").json()["items"]
    assert (kept["in_force"], len(kept["off"])) == (True, len(OFF_2027))


@pytest.mark.parametrize(
    "body",
    [
        {"region": "cn"},
        {"region": "CN-5"},
        {"year": "2027"},
        {"off": "2027-01-01"},
        {"off": ["2027-13-01"]},
        {"off": [{"name": "元旦"}]},
        {"off": [{"date": "2027-01-01", "kind": "x"}]},
        {"off": [20270101]},
        {"work": [None]},
        {"source": ""},
        {"more": 1},
    ],
)
def test_a_malformed_notice_is_refused_in_chinese(place: Town, body: dict[str, Any]) -> None:
    refused = problem(place.post("xitong", "/calendar/notices", NOTICE_2027 | body))
    assert refused["status"] == 422
    assert all(any("一" <= c <= "鿿" for c in reason["message"]) for reason in refused["reasons"]), refused


def test_only_the_root_agencys_system_administrator_imports(place: Town) -> None:
    for who in ("dengji", "duban", "jiaoben"):
        assert place.post(who, "/calendar/notices", NOTICE_2027).status_code == 403
    refused = problem(place.post("quxian", "/calendar/notices?dry_run=true", NOTICE_2027))
    assert (refused["status"], refused["reasons"][0]["code"]) == (403, "root_agency_only")
    assert place.client.post("/api/v1/calendar/notices", json=NOTICE_2027).status_code == 401
    assert place.client.get("/api/v1/calendar/notices").status_code == 401


def test_a_retried_import_gets_the_first_answer_again(place: Town) -> None:
    december(place)
    key = {"Idempotency-Key": "tongzhi-1"}
    first = place.post("xitong", "/calendar/notices", NOTICE_2027, headers=key)
    again = place.post("xitong", "/calendar/notices", NOTICE_2027, headers=key)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    other = place.post("xitong", "/calendar/notices", NOTICE_2027 | {"work": []}, headers=key)
    assert problem(other)["code"] == "idempotency_key_reused"


def test_anybody_may_read_a_calendar_and_nothing_else_opens_with_it(place: Town) -> None:
    params = {"from": "2026-10-01", "to": "2026-10-11"}
    days = place.client.get("/api/v1/calendar/CN", params=params).json()
    assert set(days) == {"region", "version", "published_through", "items"}
    assert set(days["items"][0]) == {"on", "workday", "kind", "why", "source", "provisional"}
    assert [day["workday"] for day in days["items"]] == [False] * 7 + [True, True, True, False]
    assert days["published_through"] == "2026-12-31"
    for path in ("/cases", "/cases/overdue", "/calendar/notices"):
        assert place.client.get(f"/api/v1{path}").status_code == 401


@pytest.mark.parametrize(
    ("region", "first", "last"),
    [("CN", "2026-10-02", "2026-10-01"), ("CN", "2003-12-31", "2004-01-01"), ("CN", "2026-01-01", "2028-06-01")],
)
def test_impossible_spans_of_a_calendar_are_refused(place: Town, region: str, first: str, last: str) -> None:
    answer = place.client.get(f"/api/v1/calendar/{region}", params={"from": first, "to": last})
    assert problem(answer)["status"] == 422


def test_readiness_warns_when_the_published_calendar_runs_out(place: Town) -> None:
    place.go_to("2026-09-01")
    assert place.client.get("/readyz").json()["warnings"] == []
    place.go_to("2026-11-23")
    (warning,) = place.client.get("/readyz").json()["warnings"]
    assert "2026-12-31" in warning
    assert "28 个工作日" in warning
    import_notice(place, NOTICE_2027)
    assert place.client.get("/readyz").json()["warnings"] == []


def test_today_a_year_without_notice_makes_dates_provisional_with_their_bounds(place: Town) -> None:
    place.go_to("2026-11-23")
    settled = place.register(submitted_at="2026-11-23T09:00:00+08:00")
    assert (settled["due_on"], settled["provisional"]) == ("2026-12-21", False)
    preview = place.client.post("/api/v1/clock/preview", json={"received_on": "2026-12-07"}).json()
    assert preview["provisional"]
    assert preview["earliest_due_on"] <= preview["due_on"] <= preview["latest_due_on"]
    spring = place.client.post("/api/v1/clock/preview", json={"received_on": "2027-01-11"}).json()
    assert spring["earliest_due_on"] < spring["latest_due_on"]
    later = [line for line in preview["explanation"] if line["on"] >= "2027-01-01"]
    assert later
    assert all("推定" in line["why"] for line in later)
    statutory = next(node for node in preview["nodes"] if node["node"] == "statutory")
    assert statutory["provisional"]
    assert dt.date.fromisoformat(preview["due_on"]).year == 2027
