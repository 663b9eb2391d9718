"""Reconsiderations, lawsuits and complaints: their clocks, their results, what they leave untouched, whom they warn."""

from typing import Any

from app.domain.terms import Role
from tests.notices import NOTICE_2027
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town, problem

NOT_EXIST = CONCLUSION | {
    "kind": "unable_not_exist",
    "found": "经检索业务科室和档案室，未查到该信息",
    "reason": "经检索，本机关没有制作、保存该信息，故告知不存在",
    "citations": ["《政府信息公开条例》第三十六条第（四）项"],
    "provision": None,
}
SEARCHES = (
    {
        "scope": "business_unit",
        "place": "规划科",
        "keywords": ["城东"],
        "period": "2010—2026年",
        "searcher": "李某",
        "found": False,
        "result": "未检索到",
    },
    {
        "scope": "archive_room",
        "place": "档案室",
        "keywords": ["城东"],
        "period": "2010—2026年",
        "searcher": "李某",
        "found": False,
        "result": "未检索到",
    },
)


def reply(place: Town, conclusion: dict[str, Any] = CONCLUSION, *, archive: bool = False, **changes: Any) -> Any:
    """Register a request on 2 March and answer it on 13 March; served on 16 March."""
    place.go_to("2026-03-02")
    case = place.register(**changes)
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交业务科室办理")
    place.go_to("2026-03-12")
    if conclusion["kind"] == "unable_not_exist":
        for search in SEARCHES:
            place.act("jingban", case, "record_search", **search)
    place.act("jingban", case, "submit", conclusions=[conclusion])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="不涉密")
    place.act("lingdao", case, "sign", opinion="同意发出")
    place.go_to("2026-03-13")
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX123456789CN")
    place.go_to("2026-03-18")
    proof = {"proof": "postal_receipt", "proof_ref": "EX123456789CN", "on": "2026-03-16"}
    case = place.act("jingban", case, "confirm_delivery", **proof)
    return place.act("guidang", case, "archive", volume_no="2026-YSQ-0001") if archive else case


def file(place: Town, case: Any, who: str = "dengji", **body: Any) -> Any:
    filing = {"kind": "reconsideration", "authority": "海州市人民政府", "filed_on": "2026-03-20"} | body
    answer = place.post(who, f"/cases/{case['id']}/remedies", filing)
    assert answer.status_code == 201, answer.text
    return answer.json()


def act(place: Town, remedy: Any, action: str, who: str = "jingban", **body: Any) -> Any:
    answer = place.post(who, f"/remedies/{remedy['id']}/{action}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def correct(place: Town, case: Any, **body: Any) -> Any:
    remedy = file(place, case, filed_on="2026-03-20", notified_on="2026-03-23")
    decided = {"decision": "ordered_to_act", "closed_on": "2026-04-20", "cause": "K04"}
    return act(place, remedy, "conclude", **(decided | body))


def test_each_kind_of_remedy_has_its_own_clock(place: Town) -> None:
    case = reply(place)
    place.go_to("2026-03-24")
    for filing, node, due_on in (
        ({}, "answer", "2026-04-07"),
        ({"procedure": "simplified"}, "answer", "2026-03-30"),
        ({"kind": "litigation_direct", "authority": "海东区人民法院"}, "defence", "2026-04-07"),
        ({"kind": "complaint", "answer_by": "2026-04-03"}, "complaint_answer", "2026-04-03"),
    ):
        remedy = file(place, case, **({"notified_on": "2026-03-23"} | filing))
        assert [(due["node"], due["due_on"], due["late"]) for due in remedy["due"]] == [(node, due_on, False)]
        assert remedy["due"][0]["due_label"].startswith(f"{due_on} 星期")
        assert (remedy["next_node"], remedy["next_on"]) == (node, due_on)
        answered = act(place, remedy, "answer", on="2026-03-24")
        assert (answered["next_node"], answered["due"][0]["met_on"]) == (None, "2026-03-24")


def test_a_remedy_goes_from_filing_to_rectification(place: Town) -> None:
    case = reply(place)
    place.go_to("2026-03-24")
    remedy = file(
        place, case, parties=[{"role": "claimant", "name": "张三"}, {"role": "respondent", "name": "海州市规划局"}]
    )
    assert [party["name"] for party in remedy["parties"]] == ["张*", "海州市规划局"]
    assert (remedy["due"], remedy["result"]) == ([], "pending")
    act(place, remedy, "notify", notified_on="2026-03-23", docket_no="海府复〔2026〕18号")
    place.go_to("2026-04-02")
    act(place, remedy, "papers", kind="answer", title="行政复议答复书", on="2026-04-02")
    act(place, remedy, "answer")
    place.go_to("2026-05-20")
    decided = act(
        place,
        remedy,
        "conclude",
        decision="revoked",
        closed_on="2026-05-12",
        decision_served_on="2026-05-15",
        order_by="2026-06-12",
        cause="K04",
    )
    assert (decided["result"], decided["rectification"], decided["cause_label"]) == (
        "corrected",
        "open",
        "信息不存在但检索不足",
    )
    assert decided["sue_until"] == "2026-06-01"  # 5月30日是周六
    assert (decided["next_node"], decided["next_on"]) == ("order", "2026-06-12")
    opinion = act(place, remedy, "receive_opinion", on="2026-05-15")
    [feedback] = [due for due in opinion["due"] if due["node"] == "opinion"]
    assert (feedback["due_on"], feedback["basis"]) == ("2026-07-14", "行政复议法第76条")
    place.go_to("2026-06-20")
    assert act(place, remedy, "fulfil", on="2026-06-15")["due"][1]["late"]
    act(place, remedy, "rectify", status="in_progress", plan="补检索档案室", rectify_by="2026-07-01")
    act(place, remedy, "answer_opinion")
    done = act(place, remedy, "rectify", status="done")
    assert (done["rectified_on"], done["next_node"], done["rectification_plan"]) == ("2026-06-20", None, "补检索档案室")
    acts = [entry["act"] for entry in place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]]
    assert [name for name in acts if name.startswith("remedy")] == [
        *("remedy_filed", "remedy_notified", "remedy_paper", "remedy_answered", "remedy_concluded"),
        *("remedy_opinion", "remedy_fulfilled", "remedy_rectified", "remedy_opinion_answered", "remedy_rectified"),
    ]


def test_an_archived_case_takes_a_remedy_and_its_volume_stays_as_it_was(place: Town) -> None:
    case = reply(place, archive=True)
    before = place.get("guidang", f"/cases/{case['id']}/archive").content
    place.go_to("2026-05-06")
    remedy = correct(place, case)
    act(place, remedy, "rectify", status="done")
    filed = act(place, remedy, "papers", kind="decision", title="复议决定书", on="2026-04-20")
    path = f"/remedies/{remedy['id']}/papers/{filed['papers'][0]['id']}/file"
    upload: dict[str, Any] = {
        "files": {"file": ("复议决定书.txt", "撤销原答复".encode(), "text/plain")},
        "headers": place.headers("jingban"),
    }
    assert place.client.post(f"/api/v1{path}", **upload).status_code == 201
    assert place.client.post(f"/api/v1{path}", **upload).status_code == 409
    assert place.get("jingban", path).content.decode() == "撤销原答复"
    assert place.get("guidang", f"/cases/{case['id']}/archive").content == before
    after = place.get("duban", f"/cases/{case['id']}").json()
    assert (after["version"], after["state"], after["outcome"]) == (case["version"], "archived", case["outcome"])
    assert [one["id"] for one in place.get("duban", f"/cases/{case['id']}/remedies").json()["items"]] == [remedy["id"]]


def test_what_falls_due_in_remedies_appears_in_the_due_lists(place: Town) -> None:
    case = reply(place)
    place.go_to("2026-03-24")
    other = place.register(submitted_at="2026-03-24T09:00:00+08:00")
    remedies = [file(place, case, notified_on="2026-03-23", docket_no=f"{n}号") for n in range(3)]
    place.go_to("2026-03-31")
    lines = place.get("duban", "/cases/due-soon", params={"kind": "node", "within_workdays": 20}).json()["items"]
    assert [(line["id"], line["remedy_id"], line["next_node"], line["next_node_on"]) for line in lines] == [
        *((case["id"], remedy["id"], "answer", "2026-04-07") for remedy in remedies),
        (other["id"], None, "local_limit", "2026-04-15"),
    ]
    seen: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"kind": "node", "within_workdays": 20, "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = place.get("duban", "/cases/due-soon", params=query).json()
        seen += page["items"]
        cursor = page["next"]
    assert seen == lines
    place.go_to("2026-04-09")
    [late, *_] = place.get("duban", "/cases/overdue", params={"kind": "remedy"}).json()["items"]
    assert (late["remedy_id"], late["overdue_workdays"], late["next_node_label"]) == (
        remedies[0]["id"],
        2,
        "提交行政复议答复",
    )


def test_what_cannot_be_is_refused_with_its_reason(place: Town) -> None:
    case = reply(place)
    place.go_to("2026-03-24")
    for body, message in (
        ({"filed_on": "2026-02-27"}, "提出之日不能早于本案提交之日"),
        ({"filed_on": "2026-03-25"}, "提出之日不能晚于今天"),
        ({"answer_by": "2026-04-03"}, "由法律规定，不能另填"),
        ({"kind": "complaint", "procedure": "simplified"}, "没有普通、简易程序之分"),
        ({"after_remedy_id": 1}, "只有复议后起诉的才填写"),
        ({"kind": "litigation_after_reconsideration", "after_remedy_id": 99}, "本案没有登记这件行政复议"),
    ):
        filing = {"kind": "reconsideration", "authority": "海州市人民政府", "filed_on": "2026-03-20"} | body
        answer = place.post("dengji", f"/cases/{case['id']}/remedies", filing)
        assert answer.status_code == 422
        assert message in problem(answer)["detail"]
    remedy = file(place, case)
    place.go_to("2026-05-06")
    decided = {"decision": "declared_unlawful", "closed_on": "2026-04-20"}
    answer = place.post("jingban", f"/remedies/{remedy['id']}/conclude", decided)
    assert (answer.status_code, "须填写败因" in problem(answer)["detail"]) == (422, True)
    act(place, remedy, "conclude", **decided, cause_note="程序轻微违法")
    again = place.post("jingban", f"/remedies/{remedy['id']}/conclude", decided)
    assert again.status_code == 409


def test_pleas_the_agency_may_raise_are_named(place: Town) -> None:
    denial = CONCLUSION | {
        "kind": "deny_internal",
        "reason": "该信息是本机关科室人员年度轮岗安排的内部表格，属于人事管理方面的内部事务信息，不对外产生任何影响",
        "citations": ["《政府信息公开条例》第十六条第一款"],
        "provision": None,
        "severability": "整份材料均为内部人事安排，无法区分处理",
    }
    case = reply(place, denial)
    place.go_to("2026-07-30")
    sued = file(place, case, kind="litigation_direct", authority="海东区人民法院", filed_on="2026-07-20")
    late = file(place, case, filed_on="2026-07-20")
    hints = [place.get("jingban", f"/remedies/{one['id']}").json()["hints"] for one in (sued, late)]
    assert [len(found) for found in hints] == [1, 1]
    assert "行政复议法第23条" in hints[0][0]
    assert "2026-05-15" in hints[1][0]


def test_entries_are_amended_with_a_reason_and_another_agency_sees_none_of_it(place: Town) -> None:
    case = reply(place)
    place.go_to("2026-03-26")
    remedy = file(place, case, notified_on="2026-03-23")
    changed = act(place, remedy, "amend", reason="录入有误", notified_on="2026-03-24")
    assert changed["next_on"] == "2026-04-08"
    entry = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"][-1]
    assert entry["data"]["before"] == {"notified_on": "2026-03-23"}
    place.hire("xian", COUNTY, Role.INTAKE_CLERK)
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    for path in (f"/remedies/{remedy['id']}", f"/cases/{case['id']}/remedies"):
        assert place.get("xian", path).status_code == 404
    assert place.post("xian", f"/remedies/{remedy['id']}/answer", {}).status_code == 404
    assert place.get("xian", "/remedies").json()["total"] == 0
    assert place.get("shi", "/remedies", params={"agency": BUREAU, "waiting": True}).json()["total"] == 1
    assert place.get("duban", "/remedies", params={"kind": "complaint"}).json()["total"] == 0


def draft(place: Town, conclusion: dict[str, Any], title: str, who: str = "jingban") -> Any:
    case = place.register(submitted_at="2026-05-06T09:00:00+08:00", items=[{"title": title}])
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler=who, opinion="请办理")
    place.act(who, case, "submit", conclusions=[conclusion])
    return case


def warnings(place: Town, case: Any, who: str = "jingban") -> Any:
    return place.get(who, f"/cases/{case['id']}/checks").json()["warnings"]


def test_an_open_case_that_resembles_a_corrected_one_is_warned_of(place: Town) -> None:
    lost = reply(place, NOT_EXIST, archive=True)
    place.go_to("2026-05-06 10:00")
    correct(place, lost)
    alike = draft(place, NOT_EXIST, "请公开城东片区控制性详细规划批复及附图")
    [found] = warnings(place, alike)
    assert found["likeness"] == ["reply_kind", "basis", "subject", "cause"]
    assert (found["case_no"], found["cause"], found["closed_on"]) == (lost["case_no"], "K04", "2026-04-20")
    assert "信息不存在但检索不足" in found["message"]

    mistaken = draft(place, NOT_EXIST, "2025年度出租汽车经营权配置方案")  # another subject, the same mistake: no search
    assert [one["likeness"] for one in warnings(place, mistaken)] == [["reply_kind", "basis", "cause"]]
    assert warnings(place, draft(place, CONCLUSION, "2025年度出租汽车经营权配置方案")) == []
    assert warnings(place, draft(place, CONCLUSION, "城东片区控制性详细规划的批复")) == []  # granted: another kind

    fresh = place.register(submitted_at="2026-05-06T09:00:00+08:00")
    assert [one["likeness"] for one in warnings(place, fresh)] == [["subject"]]
    assert warnings(place, lost, "guidang") == []  # archived: nothing to warn of


def test_another_agency_learns_the_mistake_and_not_the_case(place: Town) -> None:
    lost = reply(place, NOT_EXIST)
    place.go_to("2026-05-06 10:00")
    correct(place, lost, cause_note="未检索档案室")
    for username, role in (("xdj", Role.INTAKE_CLERK), ("xjb", Role.HANDLER)):
        place.hire(username, COUNTY, role)
    body = {"agency_code": COUNTY, "submitted_at": "2026-05-06T09:00:00+08:00"}
    case = place.register("xdj", **body)
    place.act("xdj", case, "accept")
    place.act("xdj", case, "assign", handler="xjb", opinion="请办理")
    place.act("xjb", case, "submit", conclusions=[NOT_EXIST])
    [found] = warnings(place, case, "xjb")
    assert (found["case_id"], found["case_no"], found["remedy_id"], found["cause_note"]) == (None, None, None, None)
    assert (found["cause"], lost["case_no"] in found["message"]) == ("K04", False)


def test_a_notice_moves_the_answer_that_is_owed(place: Town) -> None:
    case = reply(place)
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    place.go_to("2026-12-28")
    remedy = file(place, case, filed_on="2026-12-22", notified_on="2026-12-25")
    assert (remedy["next_on"], remedy["due"][0]["provisional"]) == ("2027-01-11", True)
    longer = NOTICE_2027 | {"off": [*NOTICE_2027["off"][:3], "2027-01-04", *NOTICE_2027["off"][3:]]}
    moved = {
        "id": remedy["id"], "case_id": case["id"], "case_no": case["case_no"], "agency_code": BUREAU, "node": "answer",
        "node_label": "提交行政复议答复", "due_on": {"from": "2027-01-11", "to": "2027-01-12"},
    }  # fmt: skip
    outlook = place.post("xitong", "/calendar/notices?dry_run=true", longer).json()
    assert (outlook["remedies_moved"], outlook["remedies"]) == (1, [moved])
    assert place.get("duban", f"/remedies/{remedy['id']}").json()["next_on"] == "2027-01-11"
    done = place.post("xitong", "/calendar/notices", longer)
    assert (done.status_code, done.json()["remedies"]) == (201, [moved])
    [noted] = [
        entry
        for entry in place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]
        if entry["act"] == "remedy_deadline_moved"
    ]
    assert noted["data"]["due_on"] == moved["due_on"]
    [line] = place.get("duban", "/cases/due-soon", params={"kind": "remedy", "within_workdays": 20}).json()["items"]
    assert (line["next_node_on"], line["provisional"]) == ("2027-01-12", False)


def test_a_new_reading_of_an_agency_moves_the_defence_that_is_owed(place: Town) -> None:
    case = reply(place)
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    place.go_to("2026-03-28")
    remedy = file(place, case, kind="litigation_direct", authority="海东区人民法院", notified_on="2026-03-27")
    assert remedy["next_on"] == "2026-04-13"  # the fifteenth day is a Saturday
    agencies = place.get("xitong", "/agencies").json()["items"]
    [bureau] = [agency for agency in agencies if agency["code"] == BUREAU]
    kept = {name: value for name, value in bureau["settings"].items() if value is not None}
    answer = place.client.put(
        f"/api/v1/agencies/{bureau['id']}/settings",
        json=kept | {"readings": kept["readings"] | {"weekends_roll_over": False}},
        headers=place.headers("xitong"),
    )
    assert answer.status_code == 200, answer.text
    assert place.get("duban", f"/remedies/{remedy['id']}").json()["next_on"] == "2026-04-11"
    timeline = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]
    [noted] = [entry["data"] for entry in timeline if entry["act"] == "remedy_deadline_moved"]
    assert noted["due_on"] == {"from": "2026-04-13", "to": "2026-04-11"}
