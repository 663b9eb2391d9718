"""From request to publication: hints, the catalogue, evaluation, 20 working days, the link that spares a request."""

from typing import Any

import pytest

from app.domain.terms import Role
from tests.town import BUREAU, CITY, COUNTY, Town, application

TITLE = "城东片区控制性详细规划的批复"
OTHER = {"applicant": application()["applicant"] | {"name": "李四", "id_number": "110105194912310038"}}


@pytest.fixture
def office(place: Town) -> Town:
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    place.hire("xian", COUNTY, Role.INTAKE_CLERK)
    place.hire("xian-lingdao", COUNTY, Role.APPROVER)
    return place


def ask(place: Town, title: str = TITLE, document_no: str | None = None, **changes: Any) -> Any:
    return place.register(items=[{"title": title, "document_no": document_no}], **changes)


def test_repeated_and_similar_requests_are_hinted_at_and_never_refused(office: Town) -> None:
    first = ask(office)
    office.act("dengji", first, "accept")
    office.act("dengji", first, "withdraw", form="电话记录", reason="不再需要")
    numbered = ask(office, "某某通知", "海政发〔2023〕12号", **OTHER)
    ask(office, "城西片区控制性详细规划的批复")
    ask(office, "2025年度部门预算")
    case = ask(office, "请公开城东片区控规批复文件（海政发(2023)第12号）")
    found = office.get("jingban", f"/cases/{case['id']}/similar").json()
    office.enter_subjects()
    assert office.get("jingban", f"/cases/{case['id']}/similar").json() == found, (
        "the index finds what was found without"
    )
    assert [(one["case_id"], one["same_document"], one["same_applicant"]) for one in found["items"]] == [
        (numbered["id"], True, False),
        (first["id"], False, True),
    ]
    assert found["items"][0]["score"] == 100
    assert 60 <= found["items"][1]["score"] < 100
    assert not any(one["may_be_repeated"] for one in found["items"])  # withdrawn is not replied
    assert "不自动拒绝" in found["note"]
    assert office.get("xian", f"/cases/{case['id']}/similar").status_code == 404
    assert office.act("dengji", case, "accept")["state"] == "reviewing"


def test_what_several_people_ask_for_is_evaluated_published_and_offered(office: Town) -> None:
    first = ask(office)
    ask(office, f"申请公开{TITLE}及附图", **OTHER)
    ask(office, "2025年度部门预算")
    office.enter_subjects()
    [candidate] = office.get("jingban", "/evaluations/candidates").json()["items"]
    assert (candidate["case_id"], candidate["requests"], candidate["applicants"]) == (first["id"], 2, 2)
    entry = {"source": "frequency", "case_id": first["id"]}
    opened = office.post("jingban", "/evaluations", entry)
    assert opened.status_code == 201
    assert office.post("jingban", "/evaluations", entry).status_code == 409
    assert office.get("jingban", "/evaluations/candidates").json()["items"] == []
    path = f"/evaluations/{opened.json()['id']}"
    assert office.post("xian-lingdao", f"{path}/decide", {"attribute": "publish"}).status_code == 404
    unreasoned = office.post("lingdao", f"{path}/decide", {"attribute": "redacted"})
    assert (unreasoned.status_code, "必须说明理由" in unreasoned.json()["detail"]) == (422, True)
    decided = office.post("lingdao", f"{path}/decide", {"attribute": "redacted", "reason": "删去个人信息"}).json()
    # 3月2日决定，第20个工作日为3月30日
    assert (decided["status"], decided["publish_by"], decided["left_workdays"]) == ("to_publish", "2026-03-30", 20)
    office.go_to("2026-04-01")
    [late] = office.get("shi", "/evaluations", params={"status": "to_publish"}).json()["items"]
    assert (late["late"], late["left_workdays"]) == (True, -2)
    link = {"url": "https://haizhou.example/1.html", "published_on": "2026-03-30"}
    done = office.post("jingban", f"{path}/publish", link).json()
    assert (done["status"], done["late"], done["attribute_label"]) == ("published", False, "此件删减后公开")

    sought = {"agency_code": BUREAU, "items": [{"title": "2025年度部门预算"}, {"title": "城东片区控规的批复"}]}
    offered = office.post("dengji", "/intake/suggestions", sought).json()
    [one] = offered["items"]
    assert (one["item_no"], one["url"], one["title"]) == (2, link["url"], TITLE)
    assert office.post("xian", "/intake/suggestions", sought).status_code == 422
    outcome = f"/intake/suggestions/{one['suggestion_id']}/outcome"
    assert office.post("xian", outcome, {"outcome": "used"}).status_code == 404
    assert office.post("dengji", outcome, {"outcome": "used"}).json()["outcome_label"] == "申请人已获取，不再申请"
    assert office.post("dengji", outcome, {"outcome": "used"}).status_code == 409
    assert (
        office.post("dengji", "/intake/suggestions", sought | {"items": [{"title": "食堂采购"}]}).json()["items"] == []
    )

    office.go_to("2026-05-06")
    later = ask(office, TITLE, submitted_at="2026-04-20T09:00:00+08:00")
    office.enter_subjects()
    assert office.get("jingban", f"/cases/{later['id']}/similar").json()["published"][0]["url"] == link["url"]
    [effect] = office.get("shi", "/statistics/publications").json()["items"]
    assert (effect["days"], effect["requests_before"], effect["requests_after"]) == (37, 2, 1)
    assert (effect["offered"], effect["used"]) == (1, 1)


def test_a_document_that_is_not_published_has_a_reason_and_is_examined_again(office: Town) -> None:
    entry = {"title": "内部工作方案", "document_no": "海规〔2026〕3号", "attribute": "withhold"}
    refused = office.post("jingban", "/catalogue", entry)
    assert (refused.status_code, "必须说明理由" in refused.json()["detail"]) == (422, True)
    made = office.post("jingban", "/catalogue", entry | {"reason": "内部工作流程", "basis": "条例第16条第1款"})
    assert (made.status_code, made.json()["review_by"], made.json()["attribute_label"]) == (
        201,
        "2027-03-02",
        "此件不公开",
    )
    twice = entry | {"document_no": "海规(2026)第3号", "reason": "重复"}
    assert office.post("jingban", "/catalogue", twice).status_code == 409
    public = office.post("jingban", "/catalogue", {"title": "公开的通知", "attribute": "publish"})
    assert public.json()["review_by"] is None
    assert office.get("xian", "/catalogue").json()["total"] == 0
    office.settle(BUREAU, refusal_review_months=6)
    changed = office.post(
        "lingdao",
        f"/catalogue/{made.json()['id']}/attribute",
        {"attribute": "on_request", "reason": "只涉及特定相对人"},
    )
    assert (changed.json()["review_by"], changed.json()["attribute"]) == ("2026-09-02", "on_request")
    office.go_to("2026-09-02")
    assert [one["id"] for one in office.get("shi", "/catalogue", params={"review_due": True}).json()["items"]] == [
        made.json()["id"]
    ]
    [due] = office.get("shi", "/evaluations/candidates").json()["items"]
    assert (due["source"], due["document_id"]) == ("review", made.json()["id"])
    opened = office.post("jingban", "/evaluations", {"source": "review", "document_id": due["document_id"]}).json()
    kept = office.post(
        "lingdao", f"/evaluations/{opened['id']}/decide", {"attribute": "withhold", "reason": "仍属内部事务"}
    ).json()
    assert (kept["status"], kept["publish_by"], kept["opinion"]) == ("kept", None, "仍属内部事务")
    assert office.get("shi", "/evaluations/candidates").json()["items"] == []
