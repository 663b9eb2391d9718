"""Threads between agencies on a case: who may speak, who may see, and what the journal tells of it."""

from typing import Any

import pytest
from sqlalchemy import select

from app import db
from app.domain.terms import Role
from app.models import Agency, JournalEntry
from tests.town import BUREAU, CITY, COUNTY, TOWNSHIP, Town, problem

SECRET = "批复由贵区制作，请核对第三页"


@pytest.fixture
def place(place: Town) -> Town:
    for name, agency, role in (
        ("haidong", COUNTY, Role.HANDLER),
        ("zhuxi", TOWNSHIP, Role.HANDLER),
        ("shizhang", CITY, Role.APPROVER),
        ("shiduban", CITY, Role.CITY_SUPERVISOR),
        ("duban-city", CITY, Role.AGENCY_SUPERVISOR),
    ):
        place.hire(name, agency, role)
    return place


@pytest.fixture
def case(place: Town) -> dict[str, Any]:
    """A case on which the county was asked for assistance."""
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    asked = {"agency_code": COUNTY, "question": "请核实批复的制作机关", "answer_by": "2026-03-06"}
    place.act("jingban", case, "ask_assistance", **asked)
    return case


def opening(**changes: Any) -> dict[str, Any]:
    return {"subject": "核实制作机关", "invite": [COUNTY], "kind": "question", "text": SECRET} | changes


def say(place: Town, who: str, case: dict[str, Any], **message: Any) -> Any:
    return place.post(who, f"/cases/{case['id']}/messages", message)


def talk(place: Town, who: str, case: dict[str, Any]) -> dict[str, Any]:
    answer = place.get(who, f"/cases/{case['id']}/messages")
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["items"]
    thread: dict[str, Any] = found
    return thread


def test_two_agencies_ask_and_answer_and_see_what_was_read(place: Town, case: dict[str, Any]) -> None:
    opened = say(place, "jingban", case, **opening(mentions={"agencies": [COUNTY], "people": ["haidong"]}))
    assert opened.status_code == 201, opened.text
    thread = opened.json()
    [question] = thread["messages"]
    [waiting] = place.get("haidong", "/messages?unread=true").json()["items"]
    assert (waiting["case_id"], waiting["case_no"], waiting["unread"]) == (case["id"], case["case_no"], 1)
    assert waiting["messages"][0]["mentioned_people"] == ["haidong"]
    said = {"thread_id": thread["id"], "kind": "answer", "answers": question["id"], "text": "是我区制作"}
    answered = say(place, "haidong", case, **said)
    assert answered.status_code == 201, answered.text
    assert [message["answered"] for message in answered.json()["messages"]] == [True, None]
    mine = talk(place, "jingban", case)
    assert (mine["unread"], mine["messages"][1]["agency_code"]) == (1, COUNTY)
    last = {"thread_id": thread["id"], "message_id": mine["messages"][1]["id"]}
    read = place.post("jingban", f"/cases/{case['id']}/messages/read", last)
    assert (read.status_code, read.json()["unread"]) == (200, 0)
    back = place.post("jingban", f"/cases/{case['id']}/messages/read", last | {"message_id": question["id"]})
    assert back.json()["unread"] == 0, "a mark never goes back"
    readers = {reader["reader"]: reader["message_id"] for reader in talk(place, "haidong", case)["readers"]}
    assert readers == {"haidong": last["message_id"], "jingban": last["message_id"]}
    assert place.get("haidong", "/messages?unread=true").json()["total"] == 0


def test_nobody_else_finds_anything(place: Town, case: dict[str, Any]) -> None:
    thread = say(place, "jingban", case, **opening()).json()
    message = thread["messages"][0]["id"]
    for who in ("zhuxi", "shizhang", "duban-city"):
        path = f"/cases/{case['id']}/messages"
        missing = "/cases/999999/messages"
        for told, nothing in (
            (place.get(who, path), place.get(who, missing)),
            (place.get(who, f"{path}/{message}/attachment"), place.get(who, f"{missing}/{message}/attachment")),
            (say(place, who, case, thread_id=thread["id"], kind="note", text="x"), place.get(who, missing)),
            (say(place, who, case, **opening()), place.get(who, missing)),
            (
                place.post(who, f"{path}/read", {"thread_id": thread["id"], "message_id": message}),
                place.get(who, missing),
            ),
        ):
            assert (told.status_code, nothing.status_code) == (404, 404), told.text
            assert problem(told) | {"request_id": ""} == problem(nothing) | {"request_id": ""}
        assert place.get(who, "/messages").json()["total"] == 0
    assert place.get("shiduban", f"/cases/{case['id']}/messages").status_code == 403
    assert place.get("haidong", f"/cases/{case['id']}").status_code == 404, "the thread opens no case"


def test_an_invited_agency_sees_its_own_thread_and_no_other(place: Town, case: dict[str, Any]) -> None:
    asked = {"agency_code": TOWNSHIP, "question": "请核实", "answer_by": "2026-03-06"}
    place.act("jingban", case, "ask_assistance", **asked)
    first = say(place, "jingban", case, **opening()).json()
    second = say(place, "jingban", case, **opening(invite=[TOWNSHIP], subject="核实位置")).json()
    assert [thread["id"] for thread in place.get("haidong", "/messages").json()["items"]] == [first["id"]]
    crossed = say(place, "haidong", case, thread_id=second["id"], kind="note", text="x")
    assert crossed.status_code == 404
    foreign = say(
        place, "haidong", case, thread_id=first["id"], kind="answer", text="x", answers=second["messages"][0]["id"]
    )
    assert (foreign.status_code, problem(foreign)["reasons"][0]["field"]) == (422, "answers")
    joined = say(place, "jingban", case, thread_id=first["id"], invite=[TOWNSHIP], kind="note", text="一并了解")
    assert [agency["code"] for agency in joined.json()["agencies"]] == [BUREAU, COUNTY, TOWNSHIP]
    assert place.get("zhuxi", "/messages").json()["total"] == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"invite": [TOWNSHIP]}, "invite"),
        ({"invite": ["nowhere"]}, "invite"),
        ({"mentions": {"agencies": [TOWNSHIP]}}, "mentions.agencies"),
        ({"mentions": {"people": ["zhuxi"]}}, "mentions.people"),
        ({"attachment_id": 999}, "attachment_id"),
        ({"subject": None}, ""),
        ({"invite": []}, ""),
        ({"kind": "answer"}, ""),
    ],
)
def test_only_who_has_to_do_with_the_case_is_invited_or_named(
    place: Town, case: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    refused = say(place, "jingban", case, **opening(**changes))
    assert (refused.status_code, problem(refused)["reasons"][0]["field"]) == (422, field), refused.text
    assert place.get("jingban", f"/cases/{case['id']}/messages").json()["items"] == []


def test_only_the_agency_of_the_case_invites(place: Town, case: dict[str, Any]) -> None:
    thread = say(place, "jingban", case, **opening()).json()
    refused = say(place, "haidong", case, thread_id=thread["id"], invite=[BUREAU], kind="note", text="x")
    assert refused.status_code == 403


def test_whoever_held_or_was_consulted_on_a_case_may_be_invited(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "transfer", agency_code=COUNTY, reason="属海东区")
    place.hire("haidong-dengji", COUNTY, Role.INTAKE_CLERK)
    place.act("haidong-dengji", case, "accept")
    place.act("haidong-dengji", case, "assign", handler="haidong", opinion="请办理")
    partner = {"ref": "A", "kind": "co_producer", "party": "竹溪镇人民政府", "disclosing": "批复"}
    place.act("haidong", case, "consult", **partner)
    opened = say(place, "haidong", case, **opening(invite=[BUREAU, TOWNSHIP]))
    assert [agency["code"] for agency in opened.json()["agencies"]] == [BUREAU, COUNTY, TOWNSHIP]
    assert talk(place, "jingban", case)["unread"] == 1, "the agency it came from"


def test_a_file_of_the_case_goes_with_a_message_to_those_in_the_thread(place: Town, case: dict[str, Any]) -> None:
    sent = place.client.post(
        f"/api/v1/cases/{case['id']}/attachments",
        headers=place.headers("jingban"),
        files={"file": ("批复.txt", "批复全文".encode(), "text/plain")},
        data={"kind": "other"},
    )
    assert sent.status_code == 201, sent.text
    attachment = sent.json()["id"]
    thread = say(place, "jingban", case, **opening(attachment_id=attachment)).json()
    path = f"/cases/{case['id']}/messages/{thread['messages'][0]['id']}/attachment"
    assert place.get("haidong", path).content == "批复全文".encode()
    assert place.get("haidong", f"/cases/{case['id']}/attachments/{attachment}/content").status_code == 404
    stolen = say(place, "haidong", case, thread_id=thread["id"], kind="note", text="x", attachment_id=attachment)
    assert stolen.status_code == 422
    acts = [entry["act"] for entry in place.get("jingban", f"/cases/{case['id']}/timeline").json()["items"]]
    assert acts[-2:] == ["message_sent", "attachment_read"]
    place.post("jingban", f"/cases/{case['id']}/attachments/{attachment}/withdraw", {"reason": "误传"})
    assert place.get("haidong", path).status_code == 404


def test_the_journal_tells_every_agency_that_something_was_said_and_nobody_what(
    place: Town, case: dict[str, Any]
) -> None:
    thread = say(place, "jingban", case, **opening(mentions={"agencies": [COUNTY]})).json()
    with db.reader(place.engine) as session:
        wanted = select(Agency.code, JournalEntry.case_id, JournalEntry.data).join(Agency)
        rows = session.execute(wanted.where(JournalEntry.act == "message_sent").order_by(JournalEntry.id)).all()
    told = {
        "thread_id": thread["id"],
        "message_id": thread["messages"][0]["id"],
        "kind": "question",
        "mentions": {"agencies": [COUNTY], "people": []},
    }
    assert [tuple(row) for row in rows] == [
        (BUREAU, case["id"], told),
        (COUNTY, None, told | {"case_id": case["id"]}),
    ]
    assert SECRET not in place.get("jingban", f"/cases/{case['id']}/timeline").text


def test_a_message_sent_again_is_said_once_and_an_archived_case_is_silent(place: Town, case: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "m-1"}
    first, again = (
        place.post("jingban", f"/cases/{case['id']}/messages", opening(), headers=key) for _ in range(2)
    )  # fmt: skip
    assert first.content == again.content
    place.act("dengji", case, "withdraw", form="来信撤回")
    place.act("guidang", case, "archive", volume_no="2026-1")
    thread = talk(place, "haidong", case)
    refused = say(place, "haidong", case, thread_id=thread["id"], kind="note", text="x")
    assert (refused.status_code, problem(refused)["code"]) == (409, "action_refused")
    upto = {"thread_id": thread["id"], "message_id": thread["messages"][0]["id"]}
    assert place.post("haidong", f"/cases/{case['id']}/messages/read", upto).status_code == 200
