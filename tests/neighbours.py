"""Two agencies side by side: one with something of everything that has an id, the other with people of every role."""

import datetime as dt
from typing import Any

from sqlalchemy import select, text

from app import db
from app.domain.terms import Role
from app.house import House
from app.models import Assistance, ClockEntry, Reminder
from app.services.expenses import Expense
from app.workers.reminders import remind
from tests.people import people
from tests.sizes import FULL
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town

VICTIMS = people(20 if FULL else 1, seed=11)
NOBODYS = 900_000_000
SETTINGS: dict[str, Any] = {  # nobody is asked or called here
    "oidc_issuer": "https://login.example.cn",
    "oidc_client_id": "disclosure",
    "webhook_http": True,
    "webhook_networks": ["127.0.0.0/8"],
    # Each answer is to be about the id, however many there are: what an allowance refuses is `test_allowances`'s.
    **{f"rate_{expense}": {"at_once": 100_000, "every_s": 0.001} for expense in Expense},
}
OPEN_ROLES = (Role.PORTAL, Role.SCRIPT_READER)


VICTIM: dict[int, list[dict[str, Any]]] = {}


def settle(place: Town) -> None:
    """Give one agency cases with everything that has an id, and another one people of every role."""
    for role in Role:
        if role in OPEN_ROLES:
            place.issue_key(role.value, COUNTY, role)
        else:
            place.hire(f"f_{role.value}", COUNTY, role)
            place.tokens[role.value] = place.tokens[f"f_{role.value}"]
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    found = []
    for number, person in enumerate(VICTIMS):
        case = place.register(applicant=person.applicant(), external_no=f"V-{number}")
        place.act("dengji", case, "accept")
        place.act("dengji", case, "assign", handler="jingban", opinion="交办")
        place.act("lingdao", case, "extend", workdays=10, reason="需调阅历年档案")
        place.act("jingban", case, "ask_assistance", agency_code=CITY, question="是否制作", answer_by="2026-03-20")
        place.act("jingban", case, "submit", conclusions=[CONCLUSION])
        attached = place.client.post(
            f"/api/v1/cases/{case['id']}/attachments",
            data={"kind": "other"},
            files={"file": ("a.txt", b"text")},
            headers=place.headers("dengji"),
        ).json()
        remedy = place.post(
            "jingban",
            f"/cases/{case['id']}/remedies",
            {"kind": "complaint", "authority": "海州市人民政府", "filed_on": "2026-03-02", "parties": []},
        )
        documents = place.get("jingban", f"/cases/{case['id']}/documents").json()["items"]
        found.append(
            {
                "case_id": case["id"],
                "case_no": case["case_no"],
                "attachment_id": attached["id"],
                "document_id": documents[0]["id"],
                "remedy_id": remedy.json()["id"],
            }
        )
    beside = write_beside(place, found)
    with db.reader(place.engine) as session:
        agency = session.execute(text("SELECT id FROM agencies WHERE code = :code"), {"code": BUREAU}).scalar_one()
        user = session.execute(text("SELECT id FROM users WHERE username = 'jingban'")).scalar_one()
    key = place.issue_key("victims", BUREAU, Role.SCRIPT_READER)
    with db.reader(place.engine) as session:
        key_id = session.execute(
            text("SELECT id FROM api_keys WHERE prefix = :p"), {"p": key.split("_")[1]}
        ).scalar_one()
    VICTIM[id(place)] = [
        ids | more | {"agency_id": agency, "user_id": user, "key_id": key_id}
        for ids, more in zip(found, beside, strict=True)
    ]


def write_beside(place: Town, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give that agency everything else that has an id: for each case what belongs to it, and as many of all the rest."""
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    place.hire("anquan", CITY, Role.SECURITY_ADMIN)

    def post(by: str, path: str, **body: Any) -> Any:
        found = place.post(by, path, body)
        assert found.status_code in {200, 201}, (path, found.text)
        return found.json()

    due = place.now + dt.timedelta(days=28)
    remind(House.of(place.settings, db.everywhere(place.engine), lambda: due), due)
    with db.reader(db.everywhere(place.engine)) as session:
        reminders = dict(session.execute(select(Reminder.case_id, Reminder.id)).all())
        asked_of_city = dict(session.execute(select(Assistance.case_id, Assistance.id)).all())
        entries = dict(session.execute(select(ClockEntry.case_id, ClockEntry.id)).all())
    found = []
    for number, ids in enumerate(cases):
        case_id, title = ids["case_id"], f"海东区停车收费标准（第{number + 1}批）"
        kept = post(
            "jingban", "/catalogue", title=title, attribute="withhold", reason="讨论中", basis="条例第16条第2款"
        )
        examined = post("jingban", "/catalogue", title=title, attribute="withhold", reason="讨论中")["id"]
        evaluation = post("jingban", "/evaluations", source="review", document_id=examined)["id"]
        post("lingdao", f"/evaluations/{evaluation}/decide", attribute="publish", reason="可以公开")
        post("jingban", f"/evaluations/{evaluation}/publish", url="https://www.example.gov.cn/1")
        sought = {"agency_code": BUREAU, "items": [{"title": title}]}
        listed = {"agency_code": BUREAU, "source": "bulletin", "title": "超期", "rectify_by": "2026-12-31"}
        hook = {"label": "门户", "url": "http://127.0.0.1:9/", "events": ["case.*"], "agency_code": BUREAU}
        hook_id = post("anquan", "/webhooks", **hook)["id"]
        demand = {"case_id": case_id, "demand": "请说明", "answer_by": "2026-12-31"}
        paper = {"kind": "answer", "title": "答复书", "on": "2026-03-02"}
        asked = {"subject": "核实", "invite": [CITY], "kind": "question", "text": "是否制作"}
        found.append(
            {
                "catalogue.document_id": kept["id"],
                "evaluation_id": evaluation,
                "suggestion_id": post("dengji", "/intake/suggestions", **sought)["items"][0]["suggestion_id"],
                "snapshot_id": post("shi", "/statistics/annual-report/snapshots", agency_code=BUREAU, year=2025)["id"],
                "webhook_id": hook_id,
                "delivery_id": post("anquan", f"/webhooks/{hook_id}/test")["id"],
                "problems.problem_id": post("shi", "/problems", **listed)["id"],
                "reminder_id": reminders[case_id],
                "assistance_id": asked_of_city[case_id],
                "filter_id": post("jingban", "/worklist/filters", name=f"常用{number}", query={})["id"],
                "supervision_id": post("shi", "/supervisions", **demand)["id"],
                "underlying-problems.problem_id": post(
                    "jingban", f"/cases/{case_id}/underlying-problems", problem="land"
                )["id"],
                "paper_id": post("jingban", f"/remedies/{ids['remedy_id']}/papers", **paper)["papers"][0]["id"],
                "message_id": (thread := post("jingban", f"/cases/{case_id}/messages", **asked))["messages"][0]["id"],
                "thread_id": thread["id"],
                "entry_id": entries[case_id],
            }
        )
    return found
