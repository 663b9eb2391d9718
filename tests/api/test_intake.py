"""Registering an application: receipt by channel, gaps that are registered, faults that are refused."""

from typing import Any

import pytest

from app.domain.terms import Role
from tests.town import BUREAU, CITY, COUNTY, Town, application, problem


@pytest.mark.parametrize(
    ("changes", "received_on", "due_on"),
    [
        ({"channel": "in_person"}, "2026-03-02", "2026-03-30"),
        ({"channel": "oral"}, "2026-03-02", "2026-03-30"),
        ({"channel": "registered_mail"}, "2026-03-02", "2026-03-30"),
        ({"channel": "registered_mail", "signed_on": "2026-03-03"}, "2026-03-03", "2026-03-31"),
        ({"channel": "ordinary_mail"}, None, None),
        ({"channel": "ordinary_mail", "confirmed_on": "2026-03-04"}, "2026-03-04", "2026-04-01"),
        ({"channel": "internet"}, None, None),
        ({"channel": "fax", "confirmed_on": "2026-03-03"}, "2026-03-03", "2026-03-31"),
        ({"channel": "in_person", "submitted_at": "2026-03-01T16:30:00Z"}, "2026-03-02", "2026-03-30"),
    ],
)
def test_the_channel_decides_the_day_of_receipt(
    place: Town, changes: dict[str, Any], received_on: str | None, due_on: str | None
) -> None:
    place.go_to("2026-03-05")
    case = place.register(**changes)
    assert (case["received_on"], case["due_on"]) == (received_on, due_on)


def test_an_internet_application_starts_its_clock_when_both_sides_confirm(place: Town) -> None:
    case = place.register(channel="internet")
    assert (case["clock"], case["next_node"]["node"], case["next_node"]["due_on"]) == (
        *("idle", "receipt_confirmation", "2026-03-03"),
    )
    place.go_to("2026-03-04")
    confirmed = place.act("dengji", case, "confirm_receipt", note="电话确认")
    assert (confirmed["received_on"], confirmed["due_on"]) == ("2026-03-04", "2026-04-01")
    assert confirmed["conservative_due_on"] == "2026-03-30"


def test_an_application_without_the_fields_of_article_29_is_registered_and_its_gaps_are_listed(place: Town) -> None:
    case = place.register(applicant={"kind": "natural_person"}, items=[], carrier=None, delivery_method=None)
    assert [gap["field"] for gap in case["missing"]] == [
        *("applicant.name", "applicant.id_number", "applicant.phone", "carrier", "delivery_method", "items.1"),
    ]
    assert place.act("dengji", case, "accept")["state"] == "reviewing"


@pytest.mark.parametrize("channel", ["in_person", "oral", "registered_mail", "internet"])
def test_the_least_that_can_be_sent_is_registered_with_its_receipt_and_can_be_corrected(
    place: Town, channel: str
) -> None:
    least = {"agency_code": BUREAU, "channel": channel, "submitted_at": "2026-03-02T09:00:00+08:00"}
    answer = place.post("dengji", "/cases", least | {"applicant": {"kind": "natural_person"}})
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert [item["no"] for item in case["items"]] == [1]
    if case["received_on"] is None:
        place.act("dengji", case, "confirm_receipt", note="电话确认")
    place.act("dengji", case, "accept")
    asked = {
        "unclear": "没有写明所需信息",
        "required": "请写明所需信息的名称、文号或者其他特征",
        "reply_within_workdays": 10,
    }
    place.act("dengji", case, "request_correction", **asked)
    documents = place.get("dengji", f"/cases/{case['id']}/documents").json()["items"]
    assert [document["doc"] for document in documents] == ["receipt", "correction"]


def test_several_items_are_kept_in_their_order(place: Town) -> None:
    case = place.register(items=[{"title": "甲"}, {"document_no": "海政发〔2025〕3号"}, {"description": "丙"}])
    assert [(item["no"], item["title"] or item["document_no"] or item["description"]) for item in case["items"]] == [
        *((1, "甲"), (2, "海政发〔2025〕3号"), (3, "丙")),
    ]
    assert case["missing"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (
            {"applicant": {"kind": "natural_person", "id_type": "resident_id", "id_number": "11010519491231002Y"}},
            "applicant",
        ),
        ({"applicant": {"kind": "natural_person", "email": "not an address"}}, "applicant"),
        ({"applicant": {"kind": "martian"}}, "applicant.kind"),
        ({"applicant": {"kind": "natural_person", "role": "admin"}}, "applicant.role"),
        ({"channel": "pigeon"}, "channel"),
        ({"submitted_at": "2026-03-02T09:00:00"}, "submitted_at"),
        ({"submitted_at": "2026-03-03T09:00:00+08:00"}, "submitted_at"),
        ({"channel": "registered_mail", "signed_on": "2026-03-01"}, "signed_on"),
        ({"channel": "in_person", "signed_on": "2026-03-02"}, ""),
        ({"channel": "in_person", "confirmed_on": "2026-03-02"}, ""),
        ({"state": "archived"}, "state"),
        ({"agency_code": "nowhere"}, "agency_code"),
        ({"agency_code": COUNTY}, "agency_code"),
        ({"items": [{"title": ""}]}, "items.0.title"),
    ],
)
def test_a_malformed_application_is_refused_field_by_field_in_chinese(
    place: Town, changes: dict[str, Any], field: str
) -> None:
    answer = place.post("dengji", "/cases", application(**changes))
    assert answer.status_code == 422
    refused = problem(answer)
    assert field in [reason["field"] for reason in refused["reasons"]]
    assert all(any("一" <= letter <= "鿿" for letter in reason["message"]) for reason in refused["reasons"])
    assert "11010519491231002" not in answer.text, "what was sent is not echoed"
    assert place.get("dengji", "/cases").json()["total"] == 0


def test_case_numbers_run_without_a_gap_although_some_applications_fail(place: Town) -> None:
    first = place.register()
    place.post("dengji", "/cases", application(channel="pigeon"))
    place.post("dengji", "/cases", application(agency_code=COUNTY))
    second = place.register()
    assert [first["case_no"], second["case_no"]] == [f"{BUREAU}-2026-000001", f"{BUREAU}-2026-000002"]


def test_the_same_number_of_the_same_portal_gives_the_first_case_back(place: Town) -> None:
    place.issue_key("门户", CITY, Role.PORTAL)
    place.issue_key("热线", CITY, Role.PORTAL)
    first = place.post("门户", "/cases", application(external_no="P-1"))
    again = place.post("门户", "/cases", application(external_no="P-1"))
    other = place.post("热线", "/cases", application(external_no="P-1"))
    assert (first.status_code, other.status_code) == (201, 201)
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"] != other.json()["id"]
    assert again.json()["query_code"] is None


def test_only_an_intake_clerk_or_a_portal_registers(place: Town) -> None:
    answer = place.post("jingban", "/cases", application())
    assert answer.status_code == 403
    assert "登记员" in problem(answer)["detail"]
    assert place.client.post("/api/v1/cases", json=application()).status_code == 401


def test_personal_data_are_masked_in_every_answer(place: Town) -> None:
    case = place.register()
    for path in (f"/cases/{case['id']}", "/cases", f"/cases/{case['id']}/timeline", "/cases/overdue"):
        text = place.get("duban", path).text
        assert "11010519491231002X" not in text
        assert "13800000000" not in text
        assert "张三" not in text
        assert "幸福路" not in text
