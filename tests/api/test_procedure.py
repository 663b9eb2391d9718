"""The side branches of the procedure: consulting, fees, excessive requests, moving and parting cases, second letters."""

from typing import Any

import pytest

from app.domain.terms import Role
from tests.papers import said
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town, problem

POSTED = {"method": "post", "carrier": "中国邮政", "tracking_no": "EX123456789CN"}


def in_hand(place: Town, **changes: Any) -> dict[str, Any]:
    """Bring a case into the handler's hands."""
    case = place.register(**changes)
    place.act("dengji", case, "accept")
    return place.act("dengji", case, "assign", handler="jingban", opinion="请办理")


def signed(place: Town, case: dict[str, Any], *conclusions: dict[str, Any], **submitted: Any) -> dict[str, Any]:
    """Take a case from the handler's hands to the signature."""
    place.act("jingban", case, "submit", conclusions=list(conclusions or (CONCLUSION,)), **submitted)
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    return place.act("lingdao", case, "sign")


def test_two_overlapping_consultations_are_not_counted_twice(place: Town) -> None:
    place.go_to("2026-06-01")
    case = in_hand(place, submitted_at="2026-06-01T09:00:00+08:00")
    place.go_to("2026-06-08")
    sent = place.act(
        "jingban",
        case,
        "consult",
        ref="A",
        kind="third_party",
        party="甲公司",
        disclosing="合同",
        delivered_on="2026-06-08",
    )
    assert (sent["clock"], sent["projected"], sent["waiting_label"]) == (
        "paused",
        True,
        "征求意见，所需时间不计入答复期限",
    )
    place.go_to("2026-06-12")
    place.act("jingban", case, "consult", ref="B", kind="other_agency", party="乙局", disclosing="合同")
    place.go_to("2026-06-18")
    place.act("jingban", case, "record_consultation_answer", ref="A", position="agrees", opinion="同意公开")
    place.go_to("2026-06-26")
    answered = place.act("jingban", case, "record_consultation_answer", ref="B", position="agrees", opinion="无意见")
    assert (answered["due_on"], answered["clock"], answered["projected"]) == ("2026-07-17", "running", False)
    clock = place.get("duban", f"/cases/{case['id']}/clock").json()
    assert clock["excluded_workdays"] == 13
    assert any("A" in line["why"] and not line["counted"] for line in clock["explanation"])


def test_a_consulted_third_party_that_objects_must_be_told_before_disclosure(place: Town) -> None:
    case = in_hand(place)
    place.act("jingban", case, "consult", ref="A", kind="third_party", party="甲公司", disclosing="合同")
    place.act("jingban", case, "record_consultation_answer", ref="A", position="objects", opinion="涉及商业秘密")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION], third_party_concerned=True)
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign")
    refused = problem(place.post("jingban", f"/cases/{case['id']}/deliver", POSTED))
    assert [reason["message"][:3] for reason in refused["reasons"]] == ["K06"]
    told = {"content": "合同主要条款", "public_interest": "涉及公共安全，不公开将造成重大影响", "proof_ref": "EX1"}
    place.act("jingban", case, "notify_third_party", ref="A", **told)
    assert place.act("jingban", case, "deliver", **POSTED)["state"] == "delivering"


@pytest.mark.parametrize(("earlier", "amount"), [(10, 100), (30, 200)])
def test_a_fee_per_request_counts_the_applicants_month_at_this_agency(place: Town, earlier: int, amount: int) -> None:
    place.go_to("2026-03-31")
    place.register(submitted_at="2026-02-27T09:00:00+08:00")  # last month does not count
    for _ in range(earlier):
        place.register(submitted_at="2026-03-30T09:00:00+08:00")
    case = in_hand(place, submitted_at="2026-03-31T09:00:00+08:00", delivery_method="email")
    notice = {"method": "per_request", "payment": "凭通知书缴纳", "sent_by": "email", "delivered_on": "2026-03-31"}
    billed = place.act("jingban", case, "notify_fee", **notice)
    assert (billed["state"], billed["clock"]) == ("awaiting_payment", "paused")
    fee = billed["fee"]
    assert (fee["quantity"], fee["amount_yuan"], fee["paid"]) == (earlier + 1, amount, [])
    assert "109号" in fee["basis"]
    assert "100元/件" in fee["standard"]
    assert fee["working"] == [f"本申请是同一申请人在该自然月内向本机关提出的第{earlier + 1}件，适用{amount}元/件"]
    for _ in range(20):  # learnt of later, received before: what was notified stays
        place.register(submitted_at="2026-03-02T09:00:00+08:00")
    wrong = place.post("dengji", f"/cases/{case['id']}/record_payment", {"amount_yuan": amount + 1, "receipt_no": "1"})
    assert [reason["code"] for reason in problem(wrong)["reasons"]] == ["amount_differs"]
    place.go_to("2026-04-10")
    paid = place.act("dengji", case, "record_payment", amount_yuan=amount, receipt_no="37060026000123")
    assert (paid["state"], paid["due_on"]) == ("handling", "2026-05-12")
    received = {"on": "2026-04-10", "amount_yuan": amount, "receipt_no": "37060026000123", "reason": None}
    assert paid["fee"] == fee | {"paid": [received]}
    assert (
        place.post(
            "dengji", f"/cases/{case['id']}/notify_fee", notice | {"method": "per_page", "pages": 45}
        ).status_code
        == 409
    )
    back = {"amount_yuan": amount, "reason": "误收", "receipt_no": "2"}
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    checks = place.get("jingban", f"/cases/{case['id']}/checks").json()["items"]
    assert [(found["applicable"], found["messages"]) for found in checks if found["code"] == "K26"] == [(True, [])]
    given_back = place.act("dengji", case, "refund_fee", **back)["fee"]["paid"][1]
    assert given_back == {"on": "2026-04-10", "amount_yuan": -amount, "receipt_no": "2", "reason": "误收"}
    assert place.post("dengji", f"/cases/{case['id']}/refund_fee", back).status_code == 409


def test_within_the_free_allowance_nothing_may_be_charged(place: Town) -> None:
    case = in_hand(place, delivery_method="email")
    for method, pages in (("per_request", None), ("per_page", 30)):
        body = {"method": method, "pages": pages, "payment": "缴纳", "sent_by": "email"}
        refused = problem(place.post("jingban", f"/cases/{case['id']}/notify_fee", body))
        assert [reason["code"] for reason in refused["reasons"]] == ["fee_within_allowance"]


def test_an_unpaid_fee_ends_the_case_after_its_twenty_days(place: Town) -> None:
    place.go_to("2026-04-07")
    case = in_hand(place, submitted_at="2026-04-07T09:00:00+08:00", delivery_method="email")
    place.go_to("2026-04-20")
    place.act("jingban", case, "notify_fee", method="per_page", pages=45, payment="缴纳", sent_by="email")
    place.act("jingban", case, "record_fee_delivery", on="2026-04-20")
    place.go_to("2026-05-20")
    assert place.post("jingban", f"/cases/{case['id']}/close_unpaid", {}).status_code == 409
    place.go_to("2026-05-21")
    closed = place.act("jingban", case, "close_unpaid")
    assert (closed["state"], closed["outcome"]) == ("closed", "closed_no_payment")
    assert place.act("guidang", case, "archive", volume_no="2026-1")["state"] == "archived"


def test_excessive_requests_are_asked_for_their_reasons_first(place: Town) -> None:
    case = in_hand(place)
    conclusion = CONCLUSION | {
        "kind": "reject_excessive",
        "citations": ["条例第35条"],
        "reason": "申请人本月就同一事项反复提出四十六件申请，其说明的理由仅为希望多了解情况，与申请的数量和频次不相称",
    }
    place.act("jingban", case, "submit", conclusions=[conclusion])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    refused = problem(place.post("lingdao", f"/cases/{case['id']}/sign", {}))
    assert any("K16" in reason["message"] for reason in refused["reasons"])
    place.act("lingdao", case, "return_draft", reason="须先要求说明理由")
    asked = {"circumstances": "本月46件", "reply_within_workdays": 5, "delivered_on": "2026-03-02"}
    place.act("jingban", case, "request_reasons", **asked)
    place.act("jingban", case, "receive_reasons", content="想多了解", reasonable=False, opinion="理由不合理")
    assert signed(place, case, conclusion)["outcome"] == "reject_excessive"


def test_silence_counts_only_from_the_recorded_delivery_of_the_request_for_reasons(place: Town) -> None:
    case = in_hand(place)
    place.act("jingban", case, "request_reasons", circumstances="本月46件", reply_within_workdays=5)
    conclusion = CONCLUSION | {
        "kind": "reject_excessive",
        "citations": ["条例第35条"],
        "reason": "申请人本月就同一事项反复提出四十六件申请，经要求说明理由，期限届满没有说明",
    }
    place.act("jingban", case, "submit", conclusions=[conclusion])

    def said() -> list[str]:
        checks = place.get("jingban", f"/cases/{case['id']}/checks").json()["items"]
        return next(found["messages"] for found in checks if found["code"] == "K16")

    assert "没有登记申请人收到之日" in said()[0]
    place.go_to("2026-03-10")
    told = place.act("dengji", case, "record_reasons_delivery", on="2026-03-03", proof_ref="EX1")
    assert (told["clock"], told["due_on"]) == ("running", "2026-03-30")
    assert "2026-03-10，尚未届满" in said()[0]
    again = problem(place.post("dengji", f"/cases/{case['id']}/record_reasons_delivery", {"on": "2026-03-03"}))
    assert [reason["code"] for reason in again["reasons"]] == ["reasons_delivery_known"]
    place.go_to("2026-03-11")
    assert said() == []


def test_reasonable_reasons_let_the_leader_set_a_longer_period(place: Town) -> None:
    case = in_hand(place)
    asked = {"circumstances": "涉及六百卷", "reply_within_workdays": 5, "delivered_on": "2026-03-02"}
    place.act("jingban", case, "request_reasons", **asked)
    place.act("jingban", case, "receive_reasons", content="修志需要", reasonable=True, opinion="理由合理")
    longer = place.act("lingdao", case, "set_excessive_period", due_on="2026-07-31", basis="按每周三十卷清理")
    assert longer["due_on"] == "2026-07-31"


def test_a_transferred_case_travels_whole_and_leaves_the_first_agencys_sight(place: Town) -> None:
    place.hire("county_clerk", COUNTY, Role.INTAKE_CLERK)
    case = place.register()
    moved = place.act("dengji", case, "transfer", agency_code=COUNTY, reason="属区政府负责公开")
    assert (moved["agency_code"], moved["state"], moved["received_on"]) == (COUNTY, "registered", "2026-03-02")
    assert place.get("dengji", f"/cases/{case['id']}").status_code == 404
    there = place.act("county_clerk", case, "accept")
    assert there["due_on"] == "2026-03-30"
    acts = [e["act"] for e in place.get("county_clerk", f"/cases/{case['id']}/timeline").json()["items"]]
    assert acts[0] == "register"
    assert (
        place.post(
            "county_clerk", f"/cases/{case['id']}/transfer", {"agency_code": "nowhere", "reason": "x"}
        ).status_code
        == 422
    )


def test_a_split_case_keeps_its_day_of_receipt_and_each_item_is_in_one_case(place: Town) -> None:
    case = place.register(items=[{"title": "甲"}, {"title": "乙"}, {"title": "丙"}])
    place.act("dengji", case, "accept")
    kept = place.act("dengji", case, "split", item_nos=[2], reason="一事一申请")
    assert [item["title"] for item in kept["items"]] == ["甲", "丙"]
    [new] = [item for item in place.get("dengji", "/cases").json()["items"] if item["id"] != case["id"]]
    assert (new["title"], new["received_on"], new["state"]) == ("乙", "2026-03-02", "reviewing")
    whole = place.get("dengji", f"/cases/{new['id']}").json()
    assert [item["title"] for item in whole["items"]] == ["乙"]
    assert whole["applicant"]["name"] == "张*"


def test_only_requests_of_one_applicant_are_merged(place: Town) -> None:
    first, second = place.register(), place.register()
    other = place.register(applicant={"kind": "natural_person", "name": "李四"})
    for case in (second, other):
        place.act("dengji", case, "accept")
    body = {"case_no": first["case_no"], "reason": "同一申请"}
    assert place.post("dengji", f"/cases/{other['id']}/merge", body).status_code == 422
    merged = place.act("dengji", second, "merge", **body)
    assert (merged["state"], merged["outcome"], merged["clock"]) == ("closed", "closed_other", "stopped")


def test_a_withdrawn_request_stops_the_clock(place: Town) -> None:
    case = in_hand(place)
    done = place.act("dengji", case, "withdraw", form="来信撤回")
    assert (done["state"], done["clock"], done["outcome"]) == ("closed", "stopped", "closed_other")


def test_a_returned_letter_is_sent_again_and_stays_in_time(place: Town) -> None:
    case = signed(place, in_hand(place))
    place.go_to("2026-03-27")
    place.act("jingban", case, "deliver", **POSTED)
    place.go_to("2026-04-07")
    back = place.act("jingban", case, "record_return", reason="地址不详")
    assert (back["state"], back["clock"]) == ("signed", "stopped")
    place.act("jingban", case, "deliver", **POSTED | {"tracking_no": "EX2"})
    done = place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX2")
    nodes = {n["node"]: n for n in place.get("duban", f"/cases/{case['id']}/clock").json()["nodes"]}
    assert (done["state"], nodes["statutory"]["met_on"], nodes["statutory"]["late"]) == (
        "delivered",
        "2026-03-27",
        False,
    )


def test_a_supplement_has_a_number_of_its_own_and_leaves_the_reply_alone(place: Town) -> None:
    case = signed(place, in_hand(place))
    place.act("jingban", case, "deliver", **POSTED)
    before = place.get("duban", f"/cases/{case['id']}").json()["reply"]
    body = {"kind": "supplement", "reason": "遗漏附图", "content": "补充附图一张", "sent_by": "邮政 EX3"}
    after = place.act("lingdao", case, "supplement", **body)
    assert after["reply"] == before
    assert [found["document_no"] for found in after["supplements"]] == ["依申请复〔2026〕2号"]
    text = said(place, case, "supplement")
    for part in ("补充答复书", "依申请复〔2026〕2号", "（依申请复〔2026〕1号）", "遗漏附图", "补充附图一张", "张三"):
        assert part in text
    assert "60日内向海州市人民政府申请行政复议" in text
    place.act("lingdao", case, "supplement", **body | {"kind": "correction", "content": "更正文号"})
    assert "更正答复书" in said(place, case, "supplement")


def test_a_public_notice_is_the_last_resort_and_serves_when_it_has_run(place: Town) -> None:
    case = signed(place, in_hand(place))
    notice = {"method": "public_notice"}
    early = problem(place.post("jingban", f"/cases/{case['id']}/deliver", notice))
    assert [reason["code"] for reason in early["reasons"]] == ["public_notice_too_early"]
    place.act("jingban", case, "deliver", **POSTED)
    place.act("jingban", case, "record_return", reason="查无此人")
    place.go_to("2026-04-01")
    place.act("jingban", case, "deliver", **notice)
    proof = {"proof": "public_notice", "proof_ref": "海州日报2026年4月1日第3版"}
    place.go_to("2026-04-30")
    running = problem(place.post("jingban", f"/cases/{case['id']}/confirm_delivery", proof))
    assert [reason["code"] for reason in running["reasons"]] == ["public_notice_running"]
    place.go_to("2026-05-01")
    done = place.act("jingban", case, "confirm_delivery", **proof)
    assert (done["state"], done["delivery"]["served_on"]) == ("delivered", "2026-05-01")
    nodes = {n["node"]: n for n in place.get("duban", f"/cases/{case['id']}/clock").json()["nodes"]}
    assert (nodes["statutory"]["met_on"], nodes["statutory"]["late"]) == ("2026-03-02", False)


def test_an_agency_may_leave_when_to_give_public_notice_to_its_clerks(place: Town) -> None:
    place.settle(BUREAU, public_notice_last=False)
    case = signed(place, in_hand(place))
    assert place.act("jingban", case, "deliver", method="public_notice")["state"] == "delivering"


def test_a_reply_by_mail_needs_consent_and_is_in_time_by_the_day_it_was_sent(place: Town) -> None:
    case = signed(place, in_hand(place, delivery_method="email"))
    body = {"method": "email", "address": "zhangsan@example.com"}
    refused = problem(place.post("jingban", f"/cases/{case['id']}/deliver", body))
    assert [reason["code"] for reason in refused["reasons"]] == ["electronic_without_consent"]
    place.go_to("2026-03-30")
    place.act("jingban", case, "deliver", **body, consent="申请表中同意电子送达")
    place.go_to("2026-04-02")
    read = {"proof": "sending_log", "proof_ref": "收悉回复 2026-04-02", "receiver": "本人"}
    done = place.act("jingban", case, "confirm_delivery", **read)
    nodes = {n["node"]: n for n in place.get("duban", f"/cases/{case['id']}/clock").json()["nodes"]}
    assert (done["delivery"]["served_on"], nodes["statutory"]["met_on"], nodes["statutory"]["late"]) == (
        *("2026-04-02", "2026-03-30"),
        False,
    )


def test_pickup_is_judged_by_the_signature(place: Town) -> None:
    case = signed(place, in_hand(place))
    waiting = place.act("jingban", case, "deliver", method="pickup")
    assert waiting["clock"] == "running"
    place.go_to("2026-03-31")
    body = {"proof": "signed_receipt", "proof_ref": "回证1"}
    assert place.post("jingban", f"/cases/{case['id']}/confirm_delivery", body).status_code == 409
    done = place.act("jingban", case, "confirm_delivery", **body, late_reason="申请人约定当日领取")
    nodes = {n["node"]: n for n in place.get("duban", f"/cases/{case['id']}/clock").json()["nodes"]}
    assert (done["state"], nodes["statutory"]["met_on"], nodes["statutory"]["late"]) == (
        "delivered",
        "2026-03-31",
        True,
    )


def test_the_asked_agency_sees_the_question_and_nothing_else(place: Town) -> None:
    place.hire("county_clerk", COUNTY, Role.INTAKE_CLERK)
    place.hire("city_clerk", CITY, Role.INTAKE_CLERK)
    case = in_hand(place)
    place.act(
        "jingban", case, "ask_assistance", agency_code=COUNTY, question="是否制作过该批复", answer_by="2026-03-10"
    )
    [asked] = place.get("county_clerk", "/assistance").json()["items"]
    assert asked["question"] == "是否制作过该批复"
    assert "张" not in str(asked)
    assert place.get("county_clerk", f"/cases/{case['id']}").status_code == 404
    assert place.get("city_clerk", "/assistance").json()["items"] == []
    path = f"/assistance/{asked['id']}/answer"
    assert place.post("city_clerk", path, {"answer": "冒名"}).status_code == 404
    assert place.post("county_clerk", path, {"answer": "未制作"}).status_code == 200
    assert place.post("county_clerk", path, {"answer": "再答"}).status_code == 409
    [answered] = place.get("jingban", f"/cases/{case['id']}/assistance").json()["items"]
    assert answered["answer"] == "未制作"


def test_the_case_says_what_comes_next_who_does_it_and_what_is_missing(place: Town) -> None:
    case = place.register(channel="internet")
    steps = {step["action"]: step for step in place.get("duban", f"/cases/{case['id']}").json()["next_steps"]}
    assert (steps["accept"]["ready"], steps["accept"]["roles_label"]) == (False, "登记员")
    assert steps["accept"]["lacks"][0]["code"] == "receipt_not_confirmed"
    assert (steps["confirm_receipt"]["ready"], steps["confirm_receipt"]["occasional"]) == (True, False)
    assert steps["withdraw"]["occasional"]


def test_at_every_moment_the_case_says_whom_it_waits_for_and_until_when(place: Town) -> None:
    case = place.register()

    def waits() -> tuple[list[str], list[tuple[str, str, str | None]]]:
        seen = place.get("duban", f"/cases/{case['id']}").json()
        todo = [step["action"] for step in seen["next_steps"] if not step["occasional"]]
        return todo, [(found["party_label"], found["node"], found["due_on"]) for found in seen["awaits"]]

    own = [("本机关", "local_limit", "2026-03-23"), ("本机关", "statutory", "2026-03-30")]
    assert waits() == (["accept"], own)
    place.act("dengji", case, "accept")
    assert waits() == (["assign"], own)
    asked = {"unclear": "年度不明", "required": "请写明年度", "reply_within_workdays": 5}
    place.act("dengji", case, "request_correction", **asked)
    todo, awaited = waits()
    assert todo == ["record_correction_delivery", "receive_correction", "close_uncorrected"]
    assert awaited == [*own, ("申请人", "correction_reply", None)]
    place.act("dengji", case, "record_correction_delivery")
    todo, awaited = waits()
    assert todo == ["receive_correction", "close_uncorrected"]
    assert awaited == [("申请人", "correction_reply", "2026-03-09")]
    place.act("dengji", case, "receive_correction", content="2025年度")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    assert waits() == (["submit"], own)
    place.act("jingban", case, "consult", ref="A", kind="third_party", party="甲公司", disclosing="合同")
    todo, awaited = waits()
    assert todo == ["record_consultation_delivery", "record_consultation_answer", "submit"]
    assert ("被征求意见方", "consultation_reply", "2026-03-23") in awaited
    place.act("jingban", case, "record_consultation_answer", ref="A", position="objects", opinion="涉及商业秘密")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION], third_party_concerned=True)
    assert waits()[0] == ["notify_third_party", "endorse", "review_secrecy"]
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    assert waits()[0] == ["notify_third_party", "sign"]
    place.act("lingdao", case, "sign")
    told = {"content": "合同", "public_interest": "涉及公共安全，不公开将造成重大影响", "proof_ref": "EX1"}
    place.act("jingban", case, "notify_third_party", ref="A", **told)
    assert waits()[0] == ["deliver"]
    place.act("jingban", case, "deliver", **POSTED)
    assert waits() == (["confirm_delivery"], [])
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX1")
    assert waits() == (["archive"], [])
    place.act("guidang", case, "archive", volume_no="2026-1")
    assert waits() == ([], [])


def test_legal_review_is_compulsory_where_the_agency_says_so(place: Town) -> None:
    place.hire("falv", BUREAU, Role.LEGAL_REVIEWER)
    place.settle(BUREAU, legal_review_required=True)
    case = in_hand(place)
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    refused = problem(place.post("lingdao", f"/cases/{case['id']}/sign", {}))
    assert [reason["message"][:3] for reason in refused["reasons"]] == ["K29"]
    opinion = {"passed": True, "reviewer": "王某", "qualification": "public_lawyer", "opinion": "合法"}
    place.act("falv", case, "review_legality", **opinion)
    assert place.act("lingdao", case, "sign")["state"] == "signed"


def test_a_new_draft_needs_new_reviews(place: Town) -> None:
    case = in_hand(place)
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "return_draft", reason="请补充")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION | {"found": "再次检索，仍有该批复"}])
    place.act("shenhe", case, "endorse", opinion="同意")
    refused = problem(place.post("lingdao", f"/cases/{case['id']}/sign", {}))
    assert [reason["message"][:3] for reason in refused["reasons"]] == ["K21"]


def test_the_reviewers_list_says_what_speaks_to_each_point_first_of_the_application_then_of_the_draft(
    place: Town,
) -> None:
    case = in_hand(place)
    signed(place, case)
    place.act("jingban", case, "deliver", **POSTED)
    agent = {"name": "李四", "phone": "13900000000"}
    applicant = {"kind": "natural_person", "name": "张三", "id_type": "resident_id", "id_number": "11010519491231002X"}
    again = in_hand(place, applicant=applicant | {"agent": agent, "phone": "13800000000"}, carrier=None)
    found = place.get("shenhe", f"/cases/{again['id']}/review-list").json()
    told = {one["point"]: one["notes"] for one in found["application"] if one["verdict"] == "look"}
    assert told == {
        "form": ["申请中没有政府信息的形式要求"],
        "agent": ["由代理人提出，没有附授权委托书"],
        "repeated": [f"同一申请人曾就相似内容申请，已作答复：{case['case_no']}"],
    }
    assert found["draft"] == []
    place.act("jingban", again, "submit", conclusions=[CONCLUSION])
    gates = place.get("shenhe", f"/cases/{again['id']}/review-list").json()["draft"]
    assert [gate["label"] for gate in gates] == ["政治关", "法律关", "政策关", "保密关", "文字关"]
    assert any(note.startswith("K21") for note in gates[3]["notes"])
    rectification = {"agency_code": BUREAU, "channel": "in_person", "submitted_at": "2026-03-02T09:00:00+08:00"}
    other = place.post("dengji", "/rectifications", rectification | {"applicant": applicant, "record": "登记表"}).json()
    assert place.get("shenhe", f"/cases/{other['id']}/review-list").json() == {"application": [], "draft": []}
