"""Mistaken dates: a correcting entry with reason and role takes the mistaken one's place, and nothing is rewritten."""

from typing import Any

import pytest

from tests.town import CONCLUSION, Town, problem

REASON = "邮戳日期误读"


def correct(place: Town, case: dict[str, Any], who: str = "duban", **body: Any) -> dict[str, Any]:
    answer = place.post(who, f"/cases/{case['id']}/clock/corrections", {"reason": REASON} | body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(place: Town, case: dict[str, Any], who: str = "duban", **body: Any) -> dict[str, Any]:
    found = problem(place.post(who, f"/cases/{case['id']}/clock/corrections", {"reason": REASON} | body))
    assert all(any("一" <= letter <= "鿿" for letter in reason["message"]) for reason in found["reasons"]), found
    return found


def entries(place: Town, case: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = place.get("duban", f"/cases/{case['id']}/clock/entries").json()["items"]
    return items


def corrected(place: Town) -> dict[str, Any]:
    """Open a case whose applicant was asked to correct it on 03-09 and did on 03-20."""
    case = place.register()
    place.act("dengji", case, "accept")
    place.go_to("2026-03-25")
    place.act(
        "dengji",
        case,
        "request_correction",
        on="2026-03-09",
        delivered_on="2026-03-10",
        reply_within_workdays=10,
        unclear="申请的文件名称不明确",
        required="请写明文件名称或者文号",
    )
    return place.act("dengji", case, "receive_correction", on="2026-03-20", content="补充：2025年度的规划批复")


def extended(place: Town) -> dict[str, Any]:
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.go_to("2026-03-25")
    return place.act("lingdao", case, "extend", workdays=10, reason="需调阅历年档案", on="2026-03-20")


def test_a_mistaken_date_is_corrected_and_the_mistake_stays_on_record(place: Town) -> None:
    case = corrected(place)
    assert case["due_on"] == "2026-04-20"
    asked, received = (entry for entry in entries(place, case) if entry["id"])
    after = correct(place, case, entry_id=received["id"], changes={"on": "2026-03-23"})
    assert (after["due_on"], after["version"]) == ("2026-04-21", case["version"] + 1)

    first, unchanged, old, new = entries(place, case)
    assert (first["act"], first["on"], first["in_force"], first["recorded_by"]) == (
        "received",
        "2026-03-02",
        True,
        "dengji",
    )
    assert unchanged == asked
    assert (old["on"], old["in_force"], old["superseded_by"]) == ("2026-03-20", False, new["id"])
    assert (new["on"], new["in_force"], new["supersedes_id"]) == ("2026-03-23", True, old["id"])
    assert (new["reason"], new["recorded_by"], new["label"]) == (
        REASON,
        "duban",
        "收到补正后的申请，答复期限重新起算（条例第30条）",
    )

    last = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"][-1]
    assert (last["act"], last["data"]["reason"]) == ("correct_clock", REASON)
    assert last["data"]["due_on"] == {"from": "2026-04-20", "to": "2026-04-21"}
    assert (last["data"]["from"]["on"], last["data"]["to"]["on"]) == ("2026-03-20", "2026-03-23")


def test_a_correction_may_itself_be_corrected_but_only_the_one_in_force(place: Town) -> None:
    case = corrected(place)
    mistaken = entries(place, case)[-1]["id"]
    correct(place, case, entry_id=mistaken, changes={"on": "2026-03-23"})
    assert refused(place, case, entry_id=mistaken, changes={"on": "2026-03-24"})["status"] == 409
    after = correct(place, case, "lingdao", entry_id=entries(place, case)[-1]["id"], changes={"on": "2026-03-20"})
    assert after["due_on"] == "2026-04-20"
    assert len(entries(place, case)) == 5


def test_the_day_of_receipt_is_corrected_twice_and_every_day_it_was_is_listed(place: Town) -> None:
    place.go_to("2026-03-05")
    case = place.register(submitted_at="2026-03-02T09:00:00+08:00")
    after = correct(place, case, received_on="2026-03-03")
    assert (after["received_on"], after["due_on"], after["target_on"]) == ("2026-03-03", "2026-03-31", "2026-03-24")
    correct(place, case, received_on="2026-03-04")
    found = [(entry["on"], entry["in_force"]) for entry in entries(place, case)]
    assert found == [("2026-03-02", False), ("2026-03-03", False), ("2026-03-04", True)]
    data = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"][-1]["data"]
    assert (data["from"], data["to"]) == ({"on": "2026-03-03"}, {"on": "2026-03-04"})
    lines = place.get("duban", f"/cases/{case['id']}/clock").json()["explanation"]
    assert lines[0]["on"] == "2026-03-04"


def test_an_act_that_never_happened_is_retracted(place: Town) -> None:
    case = extended(place)
    assert case["due_on"] == "2026-04-14"
    after = correct(place, case, entry_id=entries(place, case)[-1]["id"], retract=True)
    assert after["due_on"] == "2026-03-30"
    old, new = entries(place, case)[-2:]
    assert (old["in_force"], new["in_force"], new["label"]) == (False, False, "撤销")


def test_a_forgotten_act_is_entered_with_its_own_day(place: Town) -> None:
    case = extended(place)
    sent = {"act": "consultation_sent", "ref": "A", "kind": "third_party", "on": "2026-03-10"}
    correct(place, case, add=sent | {"delivered_on": "2026-03-12"})
    after = correct(place, case, add={"act": "consultation_answered", "ref": "A", "on": "2026-03-25"})
    assert after["due_on"] == "2026-04-29"
    assert [entry["reason"] for entry in entries(place, case)[-2:]] == [REASON, REASON]


def test_a_delivery_date_may_turn_out_to_be_unknown(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    asked = {"unclear": "不明确", "required": "写明名称", "reply_within_workdays": 10}
    place.go_to("2026-03-12")
    place.act("dengji", case, "request_correction", on="2026-03-09", delivered_on="2026-03-10", **asked)
    assert place.get("duban", f"/cases/{case['id']}").json()["clock"] == "paused"
    after = correct(place, case, entry_id=entries(place, case)[-1]["id"], changes={"delivered_on": None})
    assert after["clock"] == "running"


def test_the_delivery_shows_the_corrected_days(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="交办")
    place.go_to("2026-03-20")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="不涉密")
    place.act("lingdao", case, "sign", opinion="同意")
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX1")
    place.go_to("2026-03-27")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX1", on="2026-03-24")
    replied, served = entries(place, case)[-2:]
    after = correct(place, case, entry_id=served["id"], changes={"on": "2026-03-25"})
    assert after["delivery"]["served_on"] == "2026-03-25"
    nodes = place.get("duban", f"/cases/{case['id']}/clock").json()["nodes"]
    assert {node["node"]: node["due_on"] for node in nodes}["reconsideration"] == "2026-05-25"
    bars = refused(place, case, entry_id=replied["id"], changes={"on": "2026-03-26"})
    assert "不能" in bars["detail"] or "早于" in bars["detail"] or "尚未" in bars["detail"]
    after = correct(place, case, entry_id=replied["id"], changes={"on": "2026-03-23"})
    assert after["delivery"]["sent_on"] == "2026-03-23"

    place.act("guidang", case, "archive", volume_no="2026-1")
    archived = refused(place, case, entry_id=entries(place, case)[-1]["id"], changes={"on": "2026-03-24"})
    assert (archived["status"], archived["reasons"][0]["code"]) == (409, "archived")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"changes": {"on": "2026-03-19"}}, "value_error"),
        ({"entry_id": 0, "changes": {"on": "2026-03-19"}}, "greater_than_equal"),
        ({"entry_id": "last"}, "value_error"),
        ({"entry_id": "last", "changes": {"on": "2026-03-19"}, "retract": True}, "value_error"),
        ({"entry_id": "last", "changes": {}}, "no_such_field"),
        ({"entry_id": "last", "changes": {"workdays": 5}}, "no_such_field"),
        ({"entry_id": "last", "changes": {"on": None}}, "bad_value"),
        ({"entry_id": "last", "changes": {"on": "2026-03-20"}}, "nothing_changed"),
        ({"entry_id": "last", "changes": {"on": "2026-03-26"}}, "date_in_future"),
        ({"entry_id": "last", "changes": {"on": "2026-03-09"}}, "answered_before_delivery"),
        ({"entry_id": "last", "retract": True}, "state_making"),
        ({"received_on": "2026-03-01"}, "date_before_submission"),
        ({"received_on": "2026-03-26"}, "date_in_future"),
        ({"received_on": "2026-03-10"}, "before_receipt"),
        ({"add": {"act": "replied", "on": "2026-03-24"}}, "state_making"),
        ({"add": {"act": "extended", "on": "2026-03-24", "workdays": 21}}, "extension_beyond_cap"),
        ({"add": {"act": "consultation_answered", "on": "2026-03-24", "ref": "A"}}, "consultation_not_sent"),
        (
            {"add": {"act": "consultation_sent", "on": "2026-03-26", "ref": "A", "kind": "third_party"}},
            "date_in_future",
        ),
        ({"received_on": "2026-03-03", "reason": " "}, "string_too_short"),
        ({"received_on": "2026-03-03", "more": 1}, "extra_forbidden"),
    ],
)
def test_impossible_corrections_are_refused_and_change_nothing(place: Town, body: dict[str, Any], code: str) -> None:
    case = corrected(place)
    before = entries(place, case)
    if body.get("entry_id") == "last":
        body = body | {"entry_id": before[-1]["id"]}
    found = refused(place, case, **body)
    assert (found["status"], code in {reason["code"] for reason in found["reasons"]}) == (422, True), found
    assert entries(place, case) == before
    assert place.get("duban", f"/cases/{case['id']}").json()["version"] == case["version"]


def test_only_supervisor_and_approver_correct_and_only_their_own_cases(place: Town) -> None:
    case = corrected(place)
    for who in ("dengji", "jingban", "shenhe", "guidang"):
        assert refused(place, case, who, received_on="2026-03-03")["status"] == 403
    other = corrected(place)
    foreign = entries(place, other)[-1]["id"]
    assert refused(place, case, entry_id=foreign, changes={"on": "2026-03-23"})["status"] == 404
    assert refused(place, {"id": 10**6}, received_on="2026-03-03")["status"] == 404


def test_a_stale_version_is_refused_and_a_retry_gets_the_first_answer(place: Town) -> None:
    case = corrected(place)
    path, body = f"/cases/{case['id']}/clock/corrections", {"received_on": "2026-03-03", "reason": REASON}
    assert place.post("duban", path, body, headers={"If-Match": '"1"'}).status_code == 412
    key = {"Idempotency-Key": "gengzheng-1", "If-Match": f'"{case["version"]}"'}
    first = place.post("duban", path, body, headers=key)
    again = place.post("duban", path, body, headers=key)
    assert (first.status_code, again.content) == (200, first.content)
    assert len([entry for entry in entries(place, case) if entry["act"] == "received"]) == 2
