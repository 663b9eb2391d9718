"""The work list: each case before whoever has to act on it, the most urgent first, with what is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.terms import Role
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, TOWNSHIP, Town, problem

WALK: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("dengji", "confirm_receipt", {"note": "电话确认"}),
    ("dengji", "accept", {}),
    ("dengji", "assign", {"handler": "jingban", "opinion": "请办理"}),
    ("jingban", "submit", {"conclusions": [CONCLUSION]}),
    ("shenhe", "endorse", {"opinion": "同意"}),
    ("baomi", "review_secrecy", {"cleared": True, "opinion": "可以公开"}),
    ("lingdao", "sign", {}),
    ("jingban", "deliver", {"method": "post", "carrier": "中国邮政", "tracking_no": "EX1"}),
    ("jingban", "confirm_delivery", {"proof": "postal_receipt", "proof_ref": "EX1 回执", "receiver": "本人"}),
    ("guidang", "archive", {"volume_no": "2026-YSQ-1"}),
)
EVERYBODY = ("dengji", "jingban", "shenhe", "baomi", "lingdao", "guidang")


def worklist(place: Town, who: str, **query: Any) -> dict[str, Any]:
    answer = place.get(who, "/worklist", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def waiting_before(place: Town, case: dict[str, Any]) -> list[str]:
    return [who for who in EVERYBODY if case["id"] in [item["id"] for item in worklist(place, who)["items"]]]


def test_a_case_goes_from_table_to_table_and_is_always_on_one(place: Town) -> None:
    case = place.register(channel="internet")
    seen = []
    for who, action, body in WALK:
        assert who in waiting_before(place, case), action
        [item] = worklist(place, who)["items"]
        [mine] = [step for step in item["to_do"] if step["action"] == action]
        assert (mine["yours"], mine["ready"], mine["lacks"]) == (True, True, [])
        assert mine["href"] == f"/api/v1/cases/{case['id']}/{action}"
        assert mine["label"] in item["waiting_for"]
        seen.append(waiting_before(place, case))
        place.act(who, case, action, **body)
    assert seen == [
        *(["dengji"], ["dengji"], ["dengji", "shenhe"], ["jingban"], ["shenhe", "baomi"]),
        *(["baomi"], ["lingdao"], ["jingban"], ["jingban"], ["guidang"]),
    ]
    assert waiting_before(place, case) == []
    assert worklist(place, "lingdao", view="team")["total"] == 0


def test_a_clerk_reads_the_morning_in_a_few_lines_before_the_details(place: Town) -> None:
    assert worklist(place, "dengji")["headline"] == "没有等着办的案件"
    for day in ("2026-03-02", "2026-02-10"):
        place.act("dengji", place.register(submitted_at=f"{day}T09:00:00+08:00"), "accept")
    place.go_to("2026-03-20")
    found = worklist(place, "dengji")
    assert found["headline"] == "共2件：已逾期1件、三个工作日内到期1件"
    for item, line in zip(found["items"], found["in_short"], strict=True):
        assert line.startswith(f"编号{item['id']} {item['title']}（{item['case_no']}）：{item['waiting_for']}；期限 ")
        assert line.endswith(item["next_node"]["due_label"])
    assert list(found).index("in_short") < list(found).index("items")


def test_the_handler_alone_is_waited_for_and_another_one_is_not(place: Town) -> None:
    place.hire("jingban2", BUREAU, Role.HANDLER)
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban2", opinion="请办理")
    assert worklist(place, "jingban")["items"] == []
    [item] = worklist(place, "jingban2")["items"]
    assert item["waiting_for"] == "经办人jingban2：送审答复稿"
    place.act("dengji", case, "reassign", handler="jingban", reason="调整分工")
    assert worklist(place, "jingban2")["items"] == []


def test_the_most_urgent_comes_first_with_weekday_and_days_left(place: Town) -> None:
    for day in ("2026-03-02", "2026-02-10", "2026-02-28"):
        place.act("dengji", place.register(submitted_at=f"{day}T09:00:00+08:00"), "accept")
    place.go_to("2026-03-20")
    found = worklist(place, "dengji")
    assert found["as_of_label"] == "2026-03-20 星期五"
    assert [(item["target_on"], item["urgency"]) for item in found["items"]] == [
        *(("2026-03-09", "late"), ("2026-03-20", "today"), ("2026-03-23", "soon")),
    ]
    assert [item["next_node"]["due_label"] for item in found["items"]] == [
        *("2026-03-09 星期一，已超过9个工作日", "2026-03-20 星期五，今天到期", "2026-03-23 星期一，还有1个工作日"),
    ]
    assert found["items"][2]["due_label"] == "2026-03-30 星期一，还有6个工作日"
    counts = {row["urgency"]: row["count"] for row in found["urgencies"]}
    assert counts == {"late": 1, "today": 1, "soon": 1, "later": 0, "none": 0}
    assert [item["urgency"] for item in worklist(place, "dengji", urgency="today")["items"]] == ["today"]
    assert worklist(place, "dengji", urgency="today")["total"] == 1


def test_what_is_missing_is_said_of_the_application_and_of_the_next_step(place: Town) -> None:
    applicant = {"kind": "natural_person", "name": "张三", "phone": "13800000000"}
    case = place.register(applicant=applicant, carrier=None)
    [item] = worklist(place, "dengji")["items"]
    assert [gap["label"] for gap in item["missing"]] == ["身份证明", "政府信息的形式要求"]
    for who, action, body in WALK[1:5]:
        place.act(who, case, action, **body)
    [item] = worklist(place, "shenhe", view="team")["items"]
    [sign] = [step for step in item["to_do"] if step["action"] == "sign"]
    assert not sign["ready"]
    assert "K04" in sign["lacks"][0]["message"] or "保密" in sign["lacks"][0]["message"]


def test_a_case_that_waits_for_the_applicant_says_until_when(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    asked = {"unclear": "范围不明", "required": "请写明年度", "reply_within_workdays": 10}
    place.act("dengji", case, "request_correction", **asked)
    [item] = worklist(place, "dengji")["items"]
    assert [step["action"] for step in item["to_do"]] == ["record_correction_delivery", "receive_correction"]
    place.act("dengji", case, "record_correction_delivery")
    found = worklist(place, "dengji")
    [item], [line] = found["items"], found["in_short"]
    assert line.endswith(f"：{item['waiting_for']}"), "the applicant's day is said once"
    assert (item["waiting_party"], item["urgency"]) == ("applicant", "none")
    assert item["waiting_for"] == "申请人：申请人补正期限 2026-03-16 星期一，还有10个工作日"
    assert item["due_label"] == "2026-03-30 星期一，停止计时，还剩20个工作日"
    place.go_to("2026-03-17")
    [item] = worklist(place, "dengji")["items"]
    assert [step["action"] for step in item["to_do"]] == ["receive_correction", "close_uncorrected"]


def test_counts_per_stage_are_those_of_the_whole_list(place: Town) -> None:
    first, second = place.register(), place.register()
    place.register()
    place.act("dengji", first, "accept")
    place.act("dengji", second, "accept")
    place.act("dengji", second, "assign", handler="jingban", opinion="请办理")
    found = worklist(place, "dengji", stage="accept", size=1)
    counts = {row["stage_label"]: row["count"] for row in found["stages"]}
    assert counts == {"受理": 1, "审核": 1, "办理": 0, "答复": 0, "送达": 0, "归档": 0}
    assert (found["total"], len(found["items"])) == (1, 1)
    team = worklist(place, "shenhe", view="team")
    assert (team["total"], sum(row["count"] for row in team["stages"])) == (3, 3)


def test_a_leader_sees_the_team_and_each_handlers_table(place: Town) -> None:
    place.hire("jingban2", BUREAU, Role.HANDLER, label="经办人辛")
    for day, handler in ((24, "jingban"), (26, "jingban2"), (27, "jingban2")):
        case = place.register(submitted_at=f"2026-02-{day}T09:00:00+08:00")
        place.act("dengji", case, "accept")
        place.act("dengji", case, "assign", handler=handler, opinion="请办理")
    place.go_to("2026-03-18")
    for leader in ("lingdao", "duban"):
        people = worklist(place, leader, view="team")["people"]
        assert [(row["name"], row["open"], row["late"], row["soon"]) for row in people] == [
            *(("经办人乙", 1, 1, 0), ("经办人辛", 2, 0, 2)),
        ]
    assert worklist(place, "duban", view="team", handler="jingban2")["total"] == 2
    refused = place.get("jingban", "/worklist?view=team")
    assert (refused.status_code, problem(refused)["code"]) == (403, "forbidden")


def test_the_team_of_a_supervisor_is_the_subtree_and_of_an_approver_the_agency(place: Town) -> None:
    place.hire("zhen", TOWNSHIP, Role.INTAKE_CLERK)
    place.hire("xian", COUNTY, Role.AGENCY_SUPERVISOR)
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    place.hire("zhenzhang", TOWNSHIP, Role.APPROVER)
    place.register()
    place.register("zhen", agency_code=TOWNSHIP)
    seen = {who: worklist(place, who, view="team")["total"] for who in ("shi", "xian", "zhenzhang", "duban")}
    assert seen == {"shi": 2, "xian": 1, "zhenzhang": 1, "duban": 1}
    assert worklist(place, "shi")["total"] == 0, "what others have to do is nobody's turn here"


def test_a_complaint_waits_for_the_supervisor_who_handles_it(place: Town) -> None:
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    place.hire("shidengji", CITY, Role.INTAKE_CLERK)
    report = {
        "agency_code": CITY,
        "channel": "in_person",
        "submitted_at": "2026-03-02T09:00:00+08:00",
        "applicant": {"kind": "natural_person", "name": "李四", "phone": "13900000000"},
        "about_agency": BUREAU,
        "grounds": "逾期未收到答复",
    }
    case = place.post("shidengji", "/complaints", report).json()
    place.act("shidengji", case, "accept")
    place.act("shidengji", case, "assign", handler="shi", opinion="请核查")
    [item] = worklist(place, "shi")["items"]
    assert (item["kind"], [step["action"] for step in item["to_do"]]) == ("complaint", ["conclude_complaint"])
    assert worklist(place, "shidengji")["items"] == []


def test_a_filter_is_kept_under_a_name_used_replaced_and_deleted(place: Town) -> None:
    place.act("dengji", place.register(), "accept")
    place.register()
    body = {"name": "待受理", "query": {"stage": "accept"}}
    saved = place.post("dengji", "/worklist/filters", body).json()
    assert saved["query"]["stage"] == "accept"
    assert place.get("dengji", saved["href"].removeprefix("/api/v1")).json()["total"] == 1
    assert worklist(place, "dengji", filter=saved["id"], stage="review")["items"][0]["stage"] == "review"
    again = place.post("dengji", "/worklist/filters", {"name": "待受理", "query": {"stage": "review"}}).json()
    assert again["id"] == saved["id"]
    assert len(place.get("dengji", "/worklist/filters").json()["items"]) == 1
    assert place.get("jingban", "/worklist/filters").json()["items"] == []
    foreign = place.get("jingban", f"/worklist?filter={saved['id']}")
    assert (foreign.status_code, problem(foreign)["code"]) == (404, "not_found")
    path = f"/api/v1/worklist/filters/{saved['id']}"
    assert place.client.delete(path, headers=place.headers("jingban")).status_code == 404
    assert place.client.delete(path, headers=place.headers("dengji")).json() == {"done": True}
    assert place.get("dengji", "/worklist/filters").json()["items"] == []


def test_nobody_keeps_filters_without_end(place: Town) -> None:
    for n in range(30):
        assert place.post("dengji", "/worklist/filters", {"name": f"第{n}个", "query": {}}).status_code == 201
    refused = place.post("dengji", "/worklist/filters", {"name": "再一个", "query": {}})
    assert (refused.status_code, "最多保存30个" in problem(refused)["detail"]) == (409, True)
    assert place.post("dengji", "/worklist/filters", {"name": "第1个", "query": {"q": "规划"}}).status_code == 201


@pytest.mark.parametrize("who", ["xitong", "脚本"])
def test_administrators_and_keys_have_no_work_list(place: Town, who: str) -> None:
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    place.issue_key("脚本", CITY, Role.SCRIPT_READER)
    assert place.get(who, "/worklist").status_code == 403


def test_a_page_of_many_cases_asks_the_database_no_more_than_a_page_of_few(place: Town) -> None:
    def mixed() -> None:
        for length in (0, 1, 2, 3, 4, 5, 6, 7, 9):
            case = place.register(channel="internet")
            for who, action, body in WALK[:length]:
                place.act(who, case, action, **body)

    mixed()
    with counted(place) as few:
        assert worklist(place, "lingdao", view="team", size=50)["total"] == 9
    mixed()
    mixed()
    with counted(place) as many:
        assert worklist(place, "lingdao", view="team", size=50)["total"] == 27
    assert len(many) == len(few) <= 25, "\n".join(many)


@contextmanager
def counted(place: Town) -> Iterator[list[str]]:
    """Keep the statements the database is sent."""
    sent: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(place.engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(place.engine, "before_cursor_execute", keep)
