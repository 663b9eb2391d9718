"""What portals push for the cases they brought: corrections, payments, withdrawals, delivery receipts; and nothing else."""

from typing import Any

import pytest

from app.domain.terms import Role, Scope
from tests.town import BUREAU, CITY, CONCLUSION, Town, application, problem

CORRECTION = {"content": "需要2025年度的批复"}


def brought(place: Town, who: str = "门户", **changes: Any) -> dict[str, Any]:
    answer = place.post(who, "/cases", application(channel="internet", **changes))
    assert answer.status_code == 201, answer.text
    case: dict[str, Any] = answer.json()
    place.act("dengji", case, "confirm_receipt")
    place.act("dengji", case, "accept")
    return case


def awaiting_correction(place: Town, case: dict[str, Any]) -> dict[str, Any]:
    notice = {"unclear": "范围不明", "required": "请写明年度", "reply_within_workdays": 5}
    return place.act("dengji", case, "request_correction", **notice)


def push(place: Town, case: dict[str, Any], action: str, who: str = "门户", **body: Any) -> Any:
    """Push as a portal does: with the version it has just read, and a key for trying again."""
    version = place.get(who, f"/cases/{case['id']}").headers.get("etag", '"1"')
    headers = {"If-Match": version, "Idempotency-Key": f"{action}-{case['id']}"}
    return place.post(who, f"/cases/{case['id']}/{action}", body, headers=headers)


@pytest.fixture
def place(place: Town) -> Town:
    place.issue_key("门户", CITY, Role.PORTAL)
    return place


def test_a_portal_carries_a_case_from_the_application_to_the_receipt(place: Town) -> None:
    case = brought(place, external_no="P-1", delivery_method="web")
    awaiting_correction(place, case)
    told = push(place, case, "record_correction_delivery", proof_ref="站内信 2026-03-02 10:00 已读")
    assert told.status_code == 200, told.text
    corrected = push(place, case, "receive_correction", **CORRECTION)
    assert (corrected.status_code, corrected.json()["state"]) == (200, "reviewing")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    place.act("jingban", case, "notify_fee", method="per_page", pages=101, payment="网上缴纳", sent_by="web")
    assert push(place, case, "record_fee_delivery", proof_ref="站内信已读").status_code == 200
    paid = push(place, case, "record_payment", amount_yuan=720, receipt_no="37060026000123")
    assert (paid.status_code, paid.json()["state"]) == (200, "handling")
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", case, "sign")
    place.act("jingban", case, "deliver", method="web", address="https://portal.example/1", consent="申请表勾选")
    served = push(place, case, "confirm_delivery", proof="sending_log", proof_ref="下载记录 2026-03-02 11:00")
    assert (served.status_code, served.json()["state"]) == (200, "delivered"), served.text


def test_a_withdrawal_is_pushed_once_however_often_it_is_sent(place: Town) -> None:
    case = brought(place)
    headers = {"If-Match": place.get("门户", f"/cases/{case['id']}").headers["etag"], "Idempotency-Key": "w-1"}
    body = {"form": "网上撤回，实名认证"}
    first, again = (
        place.post("门户", f"/cases/{case['id']}/withdraw", body, headers=headers) for _ in range(2)
    )  # fmt: skip
    assert (first.status_code, first.json()["state"]) == (200, "closed")
    assert (again.status_code, again.content) == (200, first.content)


def test_a_push_names_the_version_it_has_seen(place: Town) -> None:
    case = brought(place)
    path = f"/cases/{case['id']}/withdraw"
    missing = place.post("门户", path, {"form": "网上撤回"})
    assert (missing.status_code, problem(missing)["code"]) == (428, "version_required")
    stale = place.post("门户", path, {"form": "网上撤回"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, problem(stale)["code"]) == (412, "stale_version")


def test_a_portal_sees_and_touches_only_what_it_brought(place: Town) -> None:
    place.issue_key("热线", CITY, Role.PORTAL)
    own, counter = brought(place), place.register()
    foreign = brought(place, "热线")
    assert [item["id"] for item in place.get("门户", "/cases").json()["items"]] == [own["id"]]
    for other in (counter, foreign):
        assert place.get("门户", f"/cases/{other['id']}").status_code == 404
        assert push(place, other, "withdraw", form="网上撤回").status_code == 404


def test_a_case_stays_its_portals_wherever_it_goes(place: Town) -> None:
    case = brought(place, items=[{"title": "甲"}, {"title": "乙"}])
    place.act("shenhe", case, "split", item_nos=[2], reason="两项分属不同事项")
    place.act("dengji", case, "transfer", agency_code="370602", reason="属海东区")
    shown = place.get("门户", "/cases").json()["items"]
    assert sorted(item["agency_code"] for item in shown) == ["370600-GXJ", "370602"]


def test_the_offices_own_work_is_not_a_portals(place: Town) -> None:
    case = brought(place)
    options = place.get("门户", f"/cases/{case['id']}/actions").json()["items"]
    role = {o["action"] for o in options if not any(bar["kind"] == "role" for bar in o["blocked_by"])}
    assert role == {
        *("receive_correction", "withdraw", "record_payment", "confirm_delivery"),
        *("record_correction_delivery", "record_fee_delivery"),
    }
    refused = push(place, case, "assign", handler="jingban", opinion="请办理")
    assert (refused.status_code, problem(refused)["code"]) == (403, "forbidden")


def test_whether_a_late_correction_is_taken_is_the_agencys_to_say(place: Town) -> None:
    case = brought(place)
    awaiting_correction(place, case)
    push(place, case, "record_correction_delivery", on="2026-03-02")
    place.go_to("2026-03-10")
    late = push(place, case, "receive_correction", **CORRECTION, late_reason="住院")
    assert late.status_code == 409
    assert [reason["code"] for reason in problem(late)["reasons"]] == ["late_correction_needs_the_agency"]
    assert place.act("dengji", case, "receive_correction", **CORRECTION, late_reason="住院")["state"] == "reviewing"


def test_a_key_does_what_its_scopes_say_and_nothing_else(place: Town) -> None:
    place.issue_key("缴费平台", CITY, Role.PORTAL, Scope.READ, Scope.PAYMENT)
    place.issue_key("登记窗口", CITY, Role.PORTAL, Scope.REGISTER)
    assert place.post("登记窗口", "/cases", application()).status_code == 201
    refused = place.get("登记窗口", "/cases")
    assert (refused.status_code, problem(refused)["reasons"][0]["code"]) == (403, "scope_missing")
    assert place.get("缴费平台", "/cases").status_code == 200
    for path in ("/cases", "/cases/1/withdraw", "/cases/1/confirm_delivery"):
        body = application() if path == "/cases" else {"form": "撤回", "proof": "signed_receipt", "proof_ref": "1"}
        assert place.post("缴费平台", path, body, headers={"If-Match": '"1"'}).status_code in {403, 422}
    shown = place.get("缴费平台", "/me").json()
    assert [scope["code"] for scope in shown["scopes"]] == ["read", "payment"]


def test_a_new_key_takes_the_place_of_an_old_one_without_losing_its_cases(place: Town) -> None:
    place.hire("anquan", CITY, Role.SECURITY_ADMIN)
    wanted = {"label": "门户网站", "agency_code": CITY, "role": "portal"}
    old = place.post("anquan", "/api-keys", wanted).json()
    place.tokens["old"] = old["key"]
    sent = {"Idempotency-Key": "k1"}
    case = place.post("old", "/cases", application(external_no="P-1"), headers=sent).json()
    new = place.post("anquan", "/api-keys", wanted | {"replaces": old["id"], "scopes": ["read", "register"]}).json()
    place.tokens["new"] = new["key"]
    assert (new["system"], [scope["code"] for scope in new["scopes"]]) == (old["system"], ["read", "register"])
    assert place.post("anquan", f"/api-keys/{old['id']}/revoke", {}).status_code == 200
    assert place.get("old", "/cases").status_code == 401
    assert place.get("new", f"/cases/{case['id']}").status_code == 200
    again = place.post("new", "/cases", application(external_no="P-1"), headers=sent)
    assert (again.status_code, again.json()["id"]) == (201, case["id"])
    assert place.post("new", "/cases", application(external_no="P-1")).json()["id"] == case["id"]
    place.hire("xitong", BUREAU, Role.SECURITY_ADMIN)
    for who, changes in (("anquan", {"role": "script_reader"}), ("anquan", {"agency_code": BUREAU}), ("xitong", {})):
        refused = place.post(who, "/api-keys", wanted | changes | {"replaces": old["id"]})
        assert refused.status_code in {404, 422}, refused.text
