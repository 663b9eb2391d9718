"""Rectifications and complaints over HTTP: from intake to the archive, apart from requests for information."""

import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.domain.terms import Role
from app.models import Agency, Case
from app.services import volume_check
from app.services.cases import counts_in_table_three
from tests.papers import said, squeezed
from tests.town import BUREAU, CITY, COUNTY, Town, application, problem

RECTIFICATION: dict[str, Any] = {
    "record": "某某安置补偿登记表中的出生日期",
    "concern": "登记表所记的就是申请人本人",
    "correct_content": "出生日期应为1949年12月31日",
    "evidence": "居民身份证复印件",
}
DECIDED: dict[str, Any] = {
    "outcome": "corrected",
    "found": "经核对原始登记档案，出生日期录入有误",
    "reason": "申请人提供的证据属实",
    "citations": ["《政府信息公开条例》第四十一条"],
    "corrected": "出生日期更正为1949年12月31日",
}
CONCLUDED: dict[str, Any] = {
    "outcome": "upheld",
    "found": "经核查，被投诉机关逾期未作答复",
    "reason": "投诉成立",
    "citations": ["《政府信息公开条例》第四十七条第二款"],
    "demand": "5个工作日内依法答复申请人",
}
POST = {"method": "post", "carrier": "中国邮政", "tracking_no": "EX123456789CN"}
PROOF = {"proof": "postal_receipt", "proof_ref": "EX123456789CN"}


def common(**changes: Any) -> dict[str, Any]:
    body = application(**changes)
    return {name: body[name] for name in body if name not in {"items", "carrier", "purpose"}}


def rectification(place: Town, **changes: Any) -> dict[str, Any]:
    answer = place.post("dengji", "/rectifications", common(**(RECTIFICATION | changes)))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def office(place: Town) -> Town:
    """The town with the supervising department's own people."""
    place.hire("shi-dengji", CITY, Role.INTAKE_CLERK)
    place.hire("shi-duban", CITY, Role.CITY_SUPERVISOR)
    place.hire("shi-lingdao", CITY, Role.APPROVER)
    place.hire("shi-guidang", CITY, Role.ARCHIVIST)
    place.hire("xian-dengji", COUNTY, Role.INTAKE_CLERK)
    return place


def complain(place: Town, who: str = "shi-dengji", **changes: Any) -> Any:
    body = common(agency_code=CITY) | {"about_agency": BUREAU, "grounds": "申请公开某某批复，逾期未收到答复"}
    return place.post(who, "/complaints", body | changes)


def test_a_rectification_travels_from_intake_to_archive(place: Town) -> None:
    case = rectification(place)
    assert (case["kind"], case["kind_label"]) == ("rectification", "更正申请")
    assert case["case_no"] == f"{BUREAU}-2026-G000001"
    assert (case["due_on"], case["target_on"], case["clock"]) == (None, None, "running")
    assert (case["next_node"]["node"], case["next_node"]["due_on"]) == ("handling_limit", "2026-05-02")
    assert (case["missing"], case["title"]) == ([], RECTIFICATION["record"])
    assert len(case["query_code"]) == 10

    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="核实")
    place.act("jingban", case, "decide_rectification", **DECIDED)
    place.act("shenhe", case, "return_draft", reason="请附核对记录")
    drafted = place.act("jingban", case, "decide_rectification", **DECIDED)
    assert (drafted["draft"]["number"], drafted["state"]) == (2, "section_review")
    place.act("shenhe", case, "endorse", opinion="同意")
    signed = place.act("lingdao", case, "sign")
    assert signed["decision"]["document_no"] == "信公字〔2026〕1号"
    assert (signed["rectification"]["outcome"], signed["outcome"], signed["reply"]) == ("corrected", None, None)
    sent = place.act("jingban", case, "deliver", **POST)
    assert (sent["clock"], sent["next_node"]) == ("stopped", None)
    back = place.act("jingban", case, "record_return", reason="地址不详，退回")
    assert (back["delivery"]["returned_on"], back["delivery"]["return_reason"]) == ("2026-03-02", "地址不详，退回")
    refused = problem(place.post("dengji", f"/cases/{case['id']}/withdraw", {"form": "来信撤回"}))
    assert [reason["code"] for reason in refused["reasons"]] == ["already_answered"]
    place.act("jingban", case, "deliver", **POST)
    served = place.act("jingban", case, "confirm_delivery", **PROOF)
    assert served["delivery"]["served_on"] == "2026-03-02"
    done = place.act("guidang", case, "archive", volume_no="2026-GZ-0001")
    assert (done["state"], done["rectification"]["outcome_label"]) == ("archived", "已更正")

    package = place.get("guidang", f"/cases/{case['id']}/archive")
    assert package.status_code == 200, package.text
    assert volume_check.check(package.content) == []
    with zipfile.ZipFile(io.BytesIO(package.content)) as volume:
        [path] = [name for name in volume.namelist() if name.endswith("case.json")]
        sealed = json.loads(volume.read(path))
    assert (sealed["kind"], sealed["rectification"]["outcome"]) == ("rectification", "corrected")
    assert sealed["decision"]["document_no"] == "信公字〔2026〕1号"

    clock = place.get("duban", f"/cases/{case['id']}/clock").json()
    assert [node["node"] for node in clock["nodes"]] == ["handling_limit", "reconsideration", "litigation"]
    assert "不是法定办理期限" in clock["nodes"][0]["basis"]
    assert place.get("duban", f"/cases/{case['id']}/checks").json()["items"] == []
    text = said(place, case, "rectification")
    for part in ("信公字〔2026〕1号", RECTIFICATION["record"], DECIDED["found"], DECIDED["reason"], "予以更正"):
        assert squeezed(part) in text
    assert squeezed(DECIDED["corrected"]) in text
    assert "对本决定不服的，可以自收到本决定之日起60日内向海州市人民政府申请行政复议" in text


def test_a_complaint_travels_from_intake_to_archive(office: Town) -> None:
    about = office.register()
    answer = complain(office, about_case_no=about["case_no"])
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert case["case_no"] == f"{CITY}-2026-T000001"
    assert case["complaint"]["about_agency"] == BUREAU
    assert case["complaint"]["about_case_no"] == about["case_no"]

    office.act("shi-dengji", case, "accept")
    office.act("shi-dengji", case, "assign", handler="shi-duban", opinion="请核查")
    ready = office.act("shi-duban", case, "conclude_complaint", **CONCLUDED)
    assert ready["state"] == "leader_review"
    signed = office.act("shi-lingdao", case, "sign")
    assert (signed["complaint"]["outcome"], signed["complaint"]["outcome_label"]) == ("upheld", "督促整改")
    office.act("shi-duban", case, "deliver", **POST)
    office.act("shi-duban", case, "record_follow_up", done="已向申请人作出答复", completed=True)
    office.act("shi-duban", case, "confirm_delivery", **PROOF)
    done = office.act("shi-guidang", case, "archive", volume_no="2026-TS-0001")
    assert done["state"] == "archived"
    acts = [entry["act"] for entry in office.get("shi-duban", f"/cases/{case['id']}/timeline").json()["items"]]
    assert acts == [
        *("register", "accept", "assign", "conclude_complaint", "sign", "deliver"),
        *("record_follow_up", "confirm_delivery", "archive", "volume_sealed"),
    ]
    text = said(office, case, "complaint", "shi-duban")
    for part in (signed["decision"]["document_no"], about["case_no"], "海州市规划局", "逾期未收到答复"):
        assert part in text
    for part in (CONCLUDED["found"], CONCLUDED["demand"], "投诉举报成立"):
        assert squeezed(part) in text
    package = office.get("shi-guidang", f"/cases/{case['id']}/archive")
    assert volume_check.check(package.content) == []


def test_a_complaint_is_handled_by_supervisors_not_by_handlers(office: Town) -> None:
    office.hire("shi-jingban", CITY, Role.HANDLER)
    case = complain(office).json()
    office.act("shi-dengji", case, "accept")
    body = {"handler": "shi-jingban", "opinion": "请核查"}
    refused = office.post("shi-dengji", f"/cases/{case['id']}/assign", body)
    assert (refused.status_code, problem(refused)["reasons"][0]["code"]) == (422, "no_such_handler")


def test_an_agency_does_not_find_against_one_it_does_not_supervise(office: Town) -> None:
    office.hire("xian-duban", COUNTY, Role.AGENCY_SUPERVISOR)
    case = complain(office, "xian-dengji", agency_code=COUNTY).json()
    office.act("xian-dengji", case, "accept")
    office.act("xian-dengji", case, "assign", handler="xian-duban", opinion="请核查")
    refused = office.post("xian-duban", f"/cases/{case['id']}/conclude_complaint", CONCLUDED)
    assert (refused.status_code, problem(refused)["reasons"][0]["code"]) == (409, "not_our_subordinate")
    moved = {**CONCLUDED, "outcome": "transferred", "demand": None, "authority": "海州市人民政府"}
    assert office.act("xian-duban", case, "conclude_complaint", **moved)["state"] == "leader_review"


def test_the_agency_complained_of_and_its_neighbours_see_nothing_of_the_complaint(office: Town) -> None:
    case = complain(office).json()
    for who in ("dengji", "jingban", "duban", "xian-dengji"):
        for path in ("", "/actions", "/clock", "/checks", "/timeline"):
            assert office.get(who, f"/cases/{case['id']}{path}").status_code == 404, (who, path)
        assert office.get(who, "/cases").json()["total"] == 0
    for who, action, body in (("dengji", "accept", {}), ("duban", "conclude_complaint", CONCLUDED)):
        assert office.post(who, f"/cases/{case['id']}/{action}", body).status_code == 404


def test_an_agency_or_a_case_of_another_city_is_not_told_from_one_that_does_not_exist(office: Town) -> None:
    with db.writer(office.engine) as session:
        other = Agency(code="370700", name="他市人民政府", region="CN", settings={}, path="/0/")
        session.add(other)
        session.flush()
        other.path = f"/{other.id}/"
        session.commit()
    office.hire("ta-dengji", "370700", Role.INTAKE_CLERK)
    theirs = office.register("ta-dengji", agency_code="370700")
    rectified = rectification(office)

    def said(**changes: Any) -> Any:
        answer = complain(office, **changes)
        assert answer.status_code == 422
        return problem(answer)["reasons"]

    assert said(about_agency="370700") == said(about_agency="999999")
    nothing = said(about_case_no="370600-GXJ-2026-999999")
    assert said(about_case_no=theirs["case_no"]) == nothing
    assert said(about_case_no=rectified["case_no"]) == nothing
    assert said(about_agency=COUNTY, about_case_no=office.register()["case_no"]) == nothing


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("extend", {"workdays": 5, "reason": "需调阅档案"}),
        ("request_correction", {"unclear": "不明", "required": "请说明", "reply_within_workdays": 10}),
        ("conclude_complaint", CONCLUDED),
    ],
)
def test_a_step_of_another_kind_is_refused_without_any_change(place: Town, action: str, body: dict[str, Any]) -> None:
    case = rectification(place)
    place.hire("quanneng", BUREAU, *(set(Role) - {Role.PORTAL, Role.SCRIPT_READER}))
    place.act("dengji", case, "accept")
    before = place.get("dengji", f"/cases/{case['id']}").json()
    refused = place.post("quanneng", f"/cases/{case['id']}/{action}", body)
    [reason] = problem(refused)["reasons"]
    assert (refused.status_code, reason["kind"], reason["code"]) == (409, "state", "not_for_this_kind")
    assert reason["message"] == "更正申请没有这一步"
    assert place.get("dengji", f"/cases/{case['id']}").json() == before
    buttons = {option["action"] for option in place.get("dengji", f"/cases/{case['id']}/actions").json()["items"]}
    assert action not in buttons
    assert "decide_rectification" in buttons


def test_a_request_for_information_knows_no_steps_of_the_other_kinds(place: Town) -> None:
    case = place.register()
    refused = place.post("jingban", f"/cases/{case['id']}/decide_rectification", DECIDED)
    assert problem(refused)["reasons"][0]["code"] == "not_for_this_kind"


def test_what_a_rectification_lacks_is_listed_and_refuses_nothing(place: Town) -> None:
    case = rectification(place, evidence=None, correct_content=None)
    assert [gap["field"] for gap in case["missing"]] == ["correct_content", "evidence"]
    assert {gap["basis"] for gap in case["missing"]} == {"条例第41条"}


def test_a_withdrawn_rectification_is_closed_without_a_result_of_table_three(place: Town) -> None:
    case = rectification(place)
    closed = place.act("dengji", case, "withdraw", form="申请人来信撤回")
    assert (closed["state"], closed["outcome"], closed["next_node"]) == ("closed", None, None)
    assert place.act("guidang", case, "archive", volume_no="2026-GZ-0002")["state"] == "archived"


def test_the_lists_tell_the_kinds_apart_and_table_three_counts_one(place: Town) -> None:
    asked, rectified = place.register(), rectification(place)

    def listed(query: str) -> list[int]:
        return [row["id"] for row in place.get("duban", f"/cases{query}").json()["items"]]

    assert listed("") == [rectified["id"], asked["id"]]
    assert listed("?kind=disclosure") == [asked["id"]]
    assert listed("?kind=rectification") == [rectified["id"]]
    assert listed("?kind=complaint") == []
    with db.reader(place.engine) as session:
        assert session.scalars(select(Case.id).where(counts_in_table_three())).all() == [asked["id"]]


def test_two_months_are_a_node_and_never_a_statutory_limit(place: Town) -> None:
    case = rectification(place)
    place.go_to("2026-05-06")
    for kind in ("statutory", "local"):
        assert place.get("duban", f"/cases/overdue?kind={kind}").json()["items"] == []
    [late] = place.get("duban", "/cases/overdue?kind=node").json()["items"]
    assert (late["id"], late["next_node"], late["next_node_on"]) == (case["id"], "handling_limit", "2026-05-02")
    place.act("dengji", case, "withdraw", form="申请人来信撤回")
    assert place.get("duban", "/cases/overdue?kind=node").json()["items"] == []


def test_a_portal_that_sends_a_rectification_twice_gets_the_first_back(place: Town) -> None:
    place.issue_key("portal", BUREAU, Role.PORTAL)
    body = common(channel="internet", external_no="P-1") | RECTIFICATION
    first = place.post("portal", "/rectifications", body)
    again = place.post("portal", "/rectifications", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["id"], again.json()["query_code"]) == (again.json()["id"], None)
    assert (first.json()["clock"], first.json()["next_node"]["node"]) == ("idle", "receipt_confirmation")
    other = place.post("portal", "/cases", application(channel="internet", external_no="P-1"))
    assert (other.status_code, problem(other)["reasons"][0]["field"]) == (422, "external_no")


def test_a_retried_registration_is_answered_with_the_first_answer(office: Town) -> None:
    headers = {"Idempotency-Key": "one-complaint"}
    body = common(agency_code=CITY) | {"about_agency": BUREAU, "grounds": "逾期未收到答复"}
    first = office.post("shi-dengji", "/complaints", body, headers=headers)
    assert office.post("shi-dengji", "/complaints", body, headers=headers).json()["id"] == first.json()["id"]
    assert office.get("shi-duban", "/cases?kind=complaint").json()["total"] == 1


def test_each_kind_shows_its_own_workflow(place: Town) -> None:
    shown = {kind: place.get("dengji", f"/workflow?kind={kind}").json() for kind in ("rectification", "complaint")}
    assert "decide_rectification" in {step["action"] for step in shown["rectification"]["steps"]}
    assert "section_review" not in {state["code"] for state in shown["complaint"]["states"]}
    assert place.get("dengji", "/workflow").json()["kind"] == "disclosure"
    assert place.get("dengji", "/workflow?kind=other").status_code == 422
