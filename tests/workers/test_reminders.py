"""The job that reminds: once each, dated when due, however late, twice or by how many processes it ran; and its mail."""

import datetime as dt
import multiprocessing
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from app import db
from app.config import Settings
from app.domain.terms import Role
from app.house import House
from app.models import JournalEntry, Reminder, ReminderRecipient
from app.workers.reminders import Reminded, sweep
from tests.town import BUREAU, CITY, CONCLUSION, Town, at

Row = tuple[str, str, int, str]


def run(place: Town, moment: str, settings: Settings | None = None) -> Reminded:
    """Run the job as a worker would at a moment."""
    place.go_to(moment)
    house = House.of(settings or place.settings, place.engine, lambda: place.now)
    return sweep(house, place.now)


def entered(place: Town) -> list[Row]:
    """Every copy of every reminder: the day it is dated, the node, the step, the person."""
    with db.reader(place.engine) as session:
        rows = session.execute(
            select(Reminder.due_at, Reminder.node, Reminder.step, ReminderRecipient.username)
            .join(ReminderRecipient, ReminderRecipient.reminder_id == Reminder.id)
            .order_by(Reminder.due_at, Reminder.node, ReminderRecipient.username)
        )
        return [
            (f"{due_at.astimezone(at('2026-01-01').tzinfo):%m-%d}", node, step, who) for due_at, node, step, who in rows
        ]


def in_hand(place: Town, **changes: Any) -> dict[str, Any]:
    """A case of 2 March before its handler: local limit 23 March, statutory 30 March."""
    case = place.register(**changes)
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    return case


LOCAL = [
    *(("03-16", "local_limit", 5, "jingban"), ("03-18", "local_limit", 3, "jingban")),
    *(("03-20", "local_limit", 1, "jingban"), ("03-20", "local_limit", 1, "shenhe")),
    *(("03-23", "local_limit", 0, "jingban"), ("03-23", "local_limit", 0, "shenhe")),
    *(("03-24", "local_limit", -1, who) for who in ("duban", "jingban", "shenhe")),
]


def test_each_reminder_is_entered_on_its_morning_for_the_handler_then_the_leader_then_the_supervisor(
    place: Town,
) -> None:
    in_hand(place)
    for day in range(2, 25):
        run(place, f"2026-03-{day:02} 08:45")
    assert [row for row in entered(place) if row[1] == "local_limit"] == LOCAL


REMEDY_DUE = {
    # procedure → by when the answer is due: ten or five working days after 23 March, over 清明 on 6 April
    "ordinary": ("2026-04-07", ["03-30", "04-01", "04-03", "04-07", "04-08"]),
    "simplified": ("2026-03-30", ["03-23", "03-25", "03-27", "03-30", "03-31"]),
}


def archived(place: Town) -> dict[str, Any]:
    """A case of 2 March, answered and archived."""
    case = in_hand(place)
    place.act("jingban", case, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", case, "endorse", opinion="同意")
    place.act("baomi", case, "review_secrecy", cleared=True, opinion="不涉密")
    place.act("lingdao", case, "sign")
    place.act("jingban", case, "deliver", method="post", carrier="中国邮政", tracking_no="EX1")
    place.act("jingban", case, "confirm_delivery", proof="postal_receipt", proof_ref="EX1")
    return place.act("guidang", case, "archive", volume_no="2026-1")


@pytest.mark.parametrize("procedure", REMEDY_DUE)
def test_the_answer_owed_in_a_reconsideration_is_reminded_of_though_the_case_is_archived(
    place: Town, procedure: str
) -> None:
    due_on, days = REMEDY_DUE[procedure]
    case = archived(place)
    place.go_to("2026-03-23 08:00")
    filing = {"kind": "reconsideration", "procedure": procedure, "authority": "海州市人民政府"}
    dates = {"filed_on": "2026-03-20", "notified_on": "2026-03-23"}
    remedy = place.post("dengji", f"/cases/{case['id']}/remedies", filing | dates).json()
    assert remedy["next_on"] == due_on
    for day in range(24):
        run(place, f"{at('2026-03-23 08:45') + dt.timedelta(days=day):%Y-%m-%d %H:%M}")
    own = [row for row in entered(place) if row[3] == "jingban"]
    assert [(when, node) for when, node, *_ in own][:5] == [(day, "answer") for day in days]
    assert {who for when, _, _, who in entered(place) if when == days[-1]} == {"jingban", "shenhe", "duban"}
    [newest, *_] = place.get("jingban", "/reminders").json()["items"]
    assert (newest["node_label"], newest["due_on"], newest["settled"]) == ("提交行政复议答复", due_on, False)
    assert place.post("jingban", f"/remedies/{remedy['id']}/answer", {"on": "2026-04-15"}).status_code == 200
    assert {row["settled"] for row in place.get("jingban", "/reminders").json()["items"]} == {True}
    assert run(place, "2026-04-30 09:00").entered == 0


UPHELD = {"decision": "upheld", "closed_on": "2026-03-23"}


@pytest.mark.parametrize(
    ("filing", "then", "node", "due_on"),
    [
        ({"kind": "litigation_direct", "authority": "海东区人民法院"}, (), "defence", "2026-04-07"),
        ({"kind": "complaint", "answer_by": "2026-04-03"}, (), "complaint_answer", "2026-04-03"),
        ({}, (("conclude", UPHELD), ("receive_opinion", {"on": "2026-03-23"})), "opinion", "2026-05-22"),
    ],
)
def test_defences_answers_to_complaints_and_opinions_are_reminded_of(
    place: Town, filing: dict[str, Any], then: tuple[tuple[str, dict[str, Any]], ...], node: str, due_on: str
) -> None:
    case = archived(place)
    place.go_to("2026-03-23 08:00")
    dates = {"filed_on": "2026-03-20", "notified_on": "2026-03-23"}
    body = {"kind": "reconsideration", "authority": "海州市人民政府"} | dates | filing
    remedy = place.post("dengji", f"/cases/{case['id']}/remedies", body).json()
    for act, given in then:
        answer = place.post("jingban", f"/remedies/{remedy['id']}/{act}", given)
        assert answer.status_code == 200, answer.text
    run(place, f"{due_on} 09:00")
    newest = place.get("jingban", "/reminders").json()["items"][0]
    assert (newest["node"], newest["due_on"], newest["step"]) == (node, due_on, 0)


@pytest.mark.parametrize("late", [1, 2, 30])
def test_a_late_job_enters_each_reminder_once_dated_when_it_was_due(place: Town, late: int) -> None:
    in_hand(place)
    in_time = at("2026-03-24 08:45") + dt.timedelta(days=late)
    for _ in range(2):
        run(place, f"{in_time:%Y-%m-%d %H:%M}")
    found = entered(place)
    assert [row for row in found if row[1] == "local_limit" and row[0] <= "03-24"] == LOCAL
    assert len(set(found)) == len(found)
    statutory = [(on, step) for on, node, step, who in found if node == "statutory" and who == "jingban"]
    assert (
        statutory[: 1 + (late > 1) + 5 * (late > 20)]
        == [
            *(("03-23", 5), ("03-25", 3), ("03-27", 1), ("03-30", 0), ("03-31", -1), ("04-08", -6), ("04-15", -11)),
        ][: 1 + (late > 1) + 5 * (late > 20)]
    )


def test_five_processes_at_once_remind_once(place: Town, fresh_database: str, tmp_path: Path) -> None:
    for _ in range(8):
        in_hand(place)
    processes = multiprocessing.get_context("fork")
    barrier = processes.Barrier(5)
    arguments = (fresh_database, tmp_path, barrier)
    workers = [processes.Process(target=_remind_in_a_process, args=arguments) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 5
    found = [row for row in entered(place) if row[1] == "local_limit"]
    assert sorted(found) == sorted(LOCAL * 8)
    with db.reader(place.engine) as session:
        told = session.scalars(select(JournalEntry).where(JournalEntry.act == "reminder")).all()
        assert len(told) == len(session.scalars(select(Reminder.id)).all())


def _remind_in_a_process(url: str, folder: Path, barrier: Any) -> None:
    settings = Settings(data_dir=folder, database_url=url, secret="test-secret-of-at-least-32-characters")
    engine = db.build_engine(url, connections=2)
    now = at("2026-03-24 08:45")
    house = House.of(settings, engine, lambda: now)
    barrier.wait(30)
    sweep(house, now)


def test_an_answered_case_is_left_alone_and_a_moved_limit_is_announced_anew(place: Town) -> None:
    first, second = in_hand(place), in_hand(place)
    run(place, "2026-03-25 09:00")
    place.act("jingban", first, "submit", conclusions=[CONCLUSION])
    place.act("shenhe", first, "endorse", opinion="同意")
    place.act("baomi", first, "review_secrecy", cleared=True, opinion="可以公开")
    place.act("lingdao", first, "sign")
    place.act("jingban", first, "deliver", method="post", carrier="中国邮政", tracking_no="EX1")
    place.act("lingdao", second, "extend", workdays=20, reason="需调阅历年档案")
    before = entered(place)
    run(place, "2026-04-24 09:00")
    fresh = [(on, node, step) for on, node, step, who in entered(place)[len(before) :] if who == "jingban"]
    assert ("04-21", "statutory", 5) in fresh
    page = place.get("jingban", "/reminders?size=100").json()
    assert {item["settled"] for item in page["items"] if item["case_id"] == first["id"]} == {True}
    moved = {
        item["settled"] for item in page["items"] if item["node"] == "statutory" and item["due_on"] == "2026-03-30"
    }
    assert moved == {True}


def test_where_nobody_holds_a_duty_the_next_above_is_told(place: Town) -> None:
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    place.hire("xianzhang", CITY, Role.INTAKE_CLERK)
    place.register("xianzhang", agency_code=CITY, channel="internet")
    run(place, "2026-03-05 09:00")
    assert entered(place) == [
        *(("03-02", "receipt_confirmation", 1, "shi"), ("03-02", "receipt_confirmation", 1, "xianzhang")),
        *(("03-03", "receipt_confirmation", 0, "shi"), ("03-03", "receipt_confirmation", 0, "xianzhang")),
        *(("03-04", "receipt_confirmation", -1, "shi"), ("03-04", "receipt_confirmation", -1, "xianzhang")),
    ]


def test_people_read_their_own_reminders_and_mark_them(place: Town) -> None:
    case = in_hand(place)
    run(place, "2026-03-20 09:00")
    page = place.get("jingban", "/reminders").json()
    assert [(item["node_label"], item["step_label"], item["reminded_on"]) for item in page["items"][:1]] == [
        ("内控答复期限", "提前1个工作日", "2026-03-20")
    ]
    first = page["items"][0]
    assert (first["case_id"], first["case_no"], first["tier_label"]) == (case["id"], case["case_no"], "经办人")
    assert first["due_label"] == "2026-03-23 星期一，还有1个工作日"
    assert page["unread"] == page["total"] == len(page["items"])
    assert place.post("jingban", f"/reminders/{first['id']}/read", {}).json() == {"read": 1}
    assert place.post("jingban", f"/reminders/{first['id']}/read", {}).json() == {"read": 0}
    assert place.get("jingban", "/reminders?unread=true").json()["total"] == page["total"] - 1
    assert place.post("lingdao", f"/reminders/{first['id']}/read", {}).status_code == 404
    place.post("jingban", "/reminders/read", {})
    assert place.get("jingban", "/reminders").json()["unread"] == 0
    assert place.get("shenhe", "/reminders").json()["unread"] == 1
    assert "张" not in str(page)


def test_a_reminder_is_an_event_of_the_journal_without_personal_data(place: Town) -> None:
    case = in_hand(place)
    run(place, "2026-03-24 09:00")
    told = [
        row for row in place.get("duban", f"/cases/{case['id']}/timeline").json()["items"] if row["act"] == "reminder"
    ]
    late = [row for row in told if row["data"]["left_workdays"] < 0]
    assert [(row["on"], row["actor"], row["data"]["due_on"], row["data"]["tiers"]) for row in late] == [
        ("2026-03-24", "work", "2026-03-23", ["handler", "section_leader", "supervisor"])
    ]


def test_an_agency_turns_its_reminders_off(place: Town) -> None:
    in_hand(place)
    place.settle(BUREAU, reminders={"enabled": False})
    assert run(place, "2026-04-24 09:00") == Reminded(0, 0, 0)


class _Letterbox:
    """What the mail server was handed."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusing = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 — aiosmtpd's name
        if self.refusing:
            return "451 later"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@pytest.fixture
def letterbox() -> Iterator[tuple[_Letterbox, int]]:
    box = _Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:  # the controller must be told a port that is not 0
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, server_hostname="localhost")
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def with_mail(place: Town, port: int) -> Settings:
    return place.settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": "none",
            "mail_from": "tixing@haizhou.example",
            "public_url": "https://ysq.haizhou.example",
        }
    )


def test_the_digest_goes_out_once_in_the_morning_and_names_no_applicant(
    place: Town, letterbox: tuple[_Letterbox, int]
) -> None:
    box, port = letterbox
    settings = with_mail(place, port)
    cases = [in_hand(place), in_hand(place, items=[{"title": "城东片区批复"}])]
    address = {"address": "jingban@haizhou.example"}
    answer = place.client.put("/api/v1/me/mailbox", json=address, headers=place.headers("jingban"))
    assert answer.json()["address"] == "jingban@haizhou.example"
    assert run(place, "2026-03-21 09:00", settings).mailed == 0, "a Saturday"
    assert run(place, "2026-03-23 07:30", settings).mailed == 0, "quiet hours"
    assert run(place, "2026-03-23 08:45", settings).mailed == 1
    assert run(place, "2026-03-23 08:50", settings).mailed == 0
    [mail] = box.mails
    assert (mail["To"], mail["From"]) == ("jingban@haizhou.example", "tixing@haizhou.example")
    assert mail["Subject"] == "依申请公开提醒：今天到期2件，共4件"
    text = mail.get_content()
    assert all(f"案号 {case['case_no']}（办理中）" in text for case in cases)
    assert text.count("内控答复期限 2026-03-23 星期一，今天到期") == 2, "of one node only the newest step"
    assert "https://ysq.haizhou.example/docs" in text
    whole = mail.as_string() + text + str(mail["Subject"])
    assert not [word for word in ("张三", "13800000000", "11010519491231002X", "幸福路", "批复") if word in whole]


def test_a_mail_server_that_was_away_gets_the_digest_later(place: Town, letterbox: tuple[_Letterbox, int]) -> None:
    box, port = letterbox
    settings = with_mail(place, port)
    in_hand(place)
    place.client.put("/api/v1/me/mailbox", json={"address": "a@b.example"}, headers=place.headers("jingban"))
    box.refusing = True
    assert run(place, "2026-03-23 08:45", settings).failed == 1
    box.refusing = False
    assert run(place, "2026-03-23 08:50", settings).mailed == 1
    assert len(box.mails) == 1
    assert run(place, "2026-03-24 08:45", with_mail(place, 1)).failed == 1, "nobody listens there"
    assert run(place, "2026-03-24 08:50", settings).mailed == 1


def test_whoever_takes_the_mailbox_back_gets_no_mail(place: Town, letterbox: tuple[_Letterbox, int]) -> None:
    box, port = letterbox
    in_hand(place)
    for address in ("a@b.example", None):
        place.client.put("/api/v1/me/mailbox", json={"address": address}, headers=place.headers("jingban"))
    run(place, "2026-03-23 08:45", with_mail(place, port))
    assert box.mails == []
    wrong = place.client.put(
        "/api/v1/me/mailbox", json={"address": "a@b.example\r\nBcc: c@d.example"}, headers=place.headers("jingban")
    )
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    "given",
    [
        {"smtp_host": "mail.example.gov.cn", "smtp_security": "none", "mail_from": "a@b.example"},
        {"smtp_host": "127.0.0.1", "smtp_security": "none"},
    ],
)
def test_mail_in_clear_text_over_the_network_and_without_a_sender_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="邮件"):
        Settings(**given)  # type: ignore[arg-type]  # strings, as the environment gives them
