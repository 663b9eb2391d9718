"""The applicant's own look at a case: what it tells, what it keeps back, and how a guesser fares."""

import re
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from app.services import lookups, tries
from tests.town import CONCLUSION, STAFF, Town, application, problem


def look(place: Town, case: dict[str, Any], code: str = "", **more: Any) -> Any:
    query = {"query_code": code or case["query_code"]}
    return place.client.get(f"/api/v1/public/cases/{case['case_no']}", params=query, **more)


def seen(place: Town, case: dict[str, Any]) -> dict[str, Any]:
    answer = look(place, case)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_applicant_follows_the_case_from_registration_to_the_remedies(place: Town) -> None:
    case = place.register()
    first = seen(place, case)
    assert (first["stage_label"], first["progress"]) == ("受理", "申请已经收到，等待受理。")
    assert (first["received_on"], first["due_on"], first["applicant_name"]) == ("2026-03-02", "2026-03-30", "张*")
    assert first["requests"] == first["remedies"] == []
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    assert seen(place, case)["progress"] == "正在检索、核实您申请的内容。"
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    assert seen(place, case)["progress"] == "正在拟定答复。"
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign")
    assert seen(place, case)["sending"] is None
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX1")
    assert seen(place, case)["sending"] == {
        "method_label": "邮寄", "tracking_no": "EX1", "sent_on": "2026-03-02", "served_on": None,
    }  # fmt: skip
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX1")
    last = seen(place, case)
    assert last["progress"] == "答复已经送达，本件办结。"
    assert [(remedy["label"], remedy["until"]) for remedy in last["remedies"]] == [
        ("申请行政复议期限", "2026-05-06"),
        ("提起行政诉讼期限", "2026-09-02"),
    ]


def test_the_page_says_what_is_asked_of_the_applicant_and_by_when(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    notice = {"unclear": "范围不明", "required": "请写明年度", "reply_within_workdays": 10}
    place.act("dengji", case, "request_correction", **notice)
    [asked] = seen(place, case)["requests"]
    assert (asked["task"], asked["text"], asked["by"]) == ("correction", "范围不明；请写明年度", None)
    place.act("dengji", case, "record_correction_delivery", on="2026-03-02")
    [asked] = seen(place, case)["requests"]
    assert asked["by"] == "2026-03-16"
    assert seen(place, case)["paused"] is True
    place.act("dengji", case, "receive_correction", content="2025年度")
    assert seen(place, case)["requests"] == []


def test_a_fee_and_reasons_are_told_with_amount_and_date(place: Town) -> None:
    case = place.register(delivery_method="email")
    place.act("dengji", case, "accept")
    circumstances = "本月已提出46件申请"
    place.act(
        "dengji", case, "request_reasons",
        circumstances=circumstances, reply_within_workdays=5, delivered_on="2026-03-02",
    )  # fmt: skip
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    place.act(
        "jingban", case, "notify_fee",
        method="per_page", pages=101, payment="到窗口缴纳", sent_by="email", delivered_on="2026-03-02",
    )  # fmt: skip
    asked = {found["task"]: found for found in seen(place, case)["requests"]}
    assert (asked["payment"]["amount_yuan"], asked["payment"]["by"]) == (720, "2026-03-30")
    assert (asked["reasons"]["text"], asked["reasons"]["by"]) == (circumstances, "2026-03-09")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/rectifications", {"record": "登记表中的出生日期"}),
        ("/complaints", {"about_agency": "370602", "grounds": "逾期未答复"}),
    ],
)
def test_other_kinds_of_case_are_followed_too(place: Town, path: str, body: dict[str, Any]) -> None:
    common = {name: application()[name] for name in ("agency_code", "channel", "submitted_at", "applicant")}
    case = place.post("dengji", path, common | body).json()
    shown = seen(place, case)
    assert (shown["due_on"], shown["progress"]) == (None, "申请已经收到，等待受理。")
    place.act("dengji", case, "withdraw", form="来信撤回")
    assert seen(place, case)["progress"] == "您已经撤回申请，本件结案。"


def test_neither_staff_nor_the_inside_nor_the_person_is_told(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="内部意见")
    text = look(place, case).text
    inside = [*STAFF, *(label for label, _ in STAFF.values()), "内部意见", "张三", "1380000", "幸福路", "规划的批复"]
    assert [word for word in inside if word in text] == []
    assert "2026-03-23" not in text, "the local limit is the agency's own affair"


def test_a_wrong_code_and_a_missing_case_are_told_apart_by_nothing(place: Town) -> None:
    case = place.register()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(re.sub(r"\d+", "", statement))  # savepoints are numbered in the order of the keys' digests

    look(place, {"case_no": "somewhere-else"}, "ABCDEFGHJK")  # the source is known from now on
    event.listen(place.engine, "before_cursor_execute", note)
    told = []
    for asked in (case, {"case_no": "370600-GXJ-2026-999999"}):
        statements.clear()
        answer = look(place, asked, "ABCDEFGHJK")
        headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
        body = problem(answer) | {"request_id": ""}
        told.append((answer.status_code, headers, body, sorted(statements)))
    event.remove(place.engine, "before_cursor_execute", note)
    assert told[0] == told[1]
    assert told[0][0] == 404


def test_a_code_is_read_as_it_was_written_down(place: Town) -> None:
    case = place.register()
    assert look(place, case, f" {case['query_code'].lower()} ").status_code == 200


def test_a_guesser_waits_longer_each_time_and_the_applicant_does_not(place: Town) -> None:
    case = place.register()
    assert look(place, case).status_code == 200, "from here on the applicant is familiar at this address"
    stranger = TestClient(place.client.app, client=("203.0.113.9", 50_000))
    path = f"/api/v1/public/cases/{case['case_no']}"
    answers = [stranger.get(path, params={"query_code": f"GUESS{n}"}) for n in range(tries.FREE + 3)]
    assert [answer.status_code for answer in answers] == [404] * (tries.FREE + 1) + [429, 429]
    assert problem(answers[-1])["code"] == "too_many_requests"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert stranger.get(path, params={"query_code": case["query_code"]}).status_code == 429, (
        "right or wrong, not looked at"
    )
    assert look(place, case).status_code == 200


def test_even_a_right_code_is_not_asked_without_end(place: Town) -> None:
    case = place.register()
    statuses = [look(place, case).status_code for _ in range(lookups.OF_CASE_AT_SOURCE.at_once + 2)]
    assert statuses == [200] * lookups.OF_CASE_AT_SOURCE.at_once + [429, 429]
    refused = look(place, case)
    assert refused.headers["retry-after"] == "5"
    place.go_to("2026-03-02 10:01")
    assert look(place, case).status_code == 200
