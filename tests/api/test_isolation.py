"""No agency learns of another's affairs: its ids are answered like ids that do not exist, wherever they are sent."""

import datetime as dt
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, true

from app import db
from app.domain.examples import example
from app.domain.terms import Role
from app.house import House
from app.models import Base, Case, Reminder
from app.openapi import operations
from app.services import visibility
from app.workers.reminders import remind
from tests.databases import Databases, servant
from tests.people import people
from tests.sizes import FULL
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town, application, town

VICTIMS = people(20 if FULL else 1, seed=11)
NOBODYS = 900_000_000
SETTINGS: dict[str, Any] = {  # nobody is asked or called here
    "oidc_issuer": "https://login.example.cn",
    "oidc_client_id": "disclosure",
    "webhook_http": True,
    "webhook_networks": ["127.0.0.0/8"],
}
OPEN_ROLES = (Role.PORTAL, Role.SCRIPT_READER)


@pytest.fixture(scope="module")
def guarded(postgresql_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town on PostgreSQL whose service is no owner and no superuser."""
    with servant(postgresql_databases) as url, town(url, tmp_path_factory.mktemp("guarded"), **SETTINGS) as place:
        settle(place)
        yield place


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    url = databases.new()
    with town(url, tmp_path_factory.mktemp("town"), **SETTINGS) as opened:
        settle(opened)
        yield opened
    databases.drop(url)


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
                "remedy_id": remedy.json().get("id", NOBODYS),
                "assistance_id": 1 + number,
                "filter_id": NOBODYS,
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
    """Give that agency everything else that has an id: one of each, and for each case what belongs to it."""
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    place.hire("anquan", CITY, Role.SECURITY_ADMIN)

    def post(by: str, path: str, **body: Any) -> Any:
        found = place.post(by, path, body)
        assert found.status_code in {200, 201}, (path, found.text)
        return found.json()

    title = "海东区停车收费标准"
    kept = post("jingban", "/catalogue", title=title, attribute="withhold", reason="讨论中", basis="条例第16条第2款")
    evaluation = post("jingban", "/evaluations", source="review", document_id=kept["id"])
    post("lingdao", f"/evaluations/{evaluation['id']}/decide", attribute="publish", reason="可以公开")
    post("jingban", f"/evaluations/{evaluation['id']}/publish", url="https://www.example.gov.cn/1")
    sought = {"agency_code": BUREAU, "items": [{"title": title}]}
    offered = post("dengji", "/intake/suggestions", **sought)["items"][0]["suggestion_id"]
    snapshot = post("shi", "/statistics/annual-report/snapshots", agency_code=BUREAU, year=2025)["id"]
    hook = post("anquan", "/webhooks", label="门户", url="http://127.0.0.1:9/", events=["case.*"], agency_code=BUREAU)[
        "id"
    ]
    delivery = post("anquan", f"/webhooks/{hook}/test")["id"]
    listed = post("shi", "/problems", agency_code=BUREAU, source="bulletin", title="超期", rectify_by="2026-12-31")[
        "id"
    ]
    due = place.now + dt.timedelta(days=28)
    remind(House.of(place.settings, db.everywhere(place.engine), lambda: due), due)
    with db.reader(db.everywhere(place.engine)) as session:
        reminder = session.scalars(select(Reminder.id)).first()
    one_each = {
        "catalogue.document_id": kept["id"],
        "evaluation_id": evaluation["id"],
        "suggestion_id": offered,
        "snapshot_id": snapshot,
        "webhook_id": hook,
        "delivery_id": delivery,
        "problems.problem_id": listed,
        "reminder_id": reminder,
    }
    found = []
    for ids in cases:
        case_id = ids["case_id"]
        demand = {"case_id": case_id, "demand": "请说明", "answer_by": "2026-12-31"}
        paper = {"kind": "answer", "title": "答复书", "on": "2026-03-02"}
        asked = {"subject": "核实", "invite": [CITY], "kind": "question", "text": "是否制作"}
        found.append(
            one_each
            | {
                "supervision_id": post("shi", "/supervisions", **demand)["id"],
                "underlying-problems.problem_id": post(
                    "jingban", f"/cases/{case_id}/underlying-problems", problem="land"
                )["id"],
                "paper_id": post("jingban", f"/remedies/{ids['remedy_id']}/papers", **paper)["papers"][0]["id"],
                "message_id": post("jingban", f"/cases/{case_id}/messages", **asked)["messages"][0]["id"],
            }
        )
    return found


def probes(place: Town) -> Iterator[tuple[Role, str, str, dict[str, Any], Mapping[str, Any]]]:
    """Every operation that takes an id, for each role that may call it: role, method, path, what is sent, the ids."""
    document = place.client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    for path, method, operation in operations(document):
        if not path.startswith("/api/v1") or "{" not in path or "x-roles" not in operation:
            continue
        names = set(re.findall(r"{(\w+)}", path))
        roles = [Role(role) for role in operation["x-roles"]] or [Role.HANDLER]
        if names <= {"region", "doc"}:  # no ids
            continue
        family = path.split("/")[3]
        given: dict[str, Any] = {}
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            given["json"] = content["application/json"].get("example") or example(
                content["application/json"]["schema"], schemas
            )
        elif content:
            given |= {"data": {"kind": "other"}, "files": {"file": ("b.txt", b"text")}}
        for role in roles if FULL else roles[:2]:
            for known in VICTIM[id(place)]:
                ids = {name: known.get(f"{family}.{name}", known.get(name)) for name in names}
                assert None not in ids.values(), f"nothing to probe {path} with"
                yield role, method.upper(), path, given, ids


def answer(place: Town, role: Role, method: str, path: str, given: dict[str, Any], ids: Mapping[str, Any]) -> Any:
    headers = place.headers(role.value) | {"If-Match": '"1"'}
    return place.client.request(method, path.format_map(ids), headers=headers, **given)


def told(found: Any) -> tuple[int, str]:
    """What an answer tells: its status and its words, without the number of the request."""
    return found.status_code, re.sub(r'"request_id":"\w+"', "", found.text)


def hold_to_silence(place: Town) -> int:
    tried = 0
    for role, method, path, given, ids in probes(place):
        theirs = answer(place, role, method, path, given, ids)
        missing = answer(place, role, method, path, given, dict.fromkeys(ids, NOBODYS))
        where = (role.value, method, path, theirs.text)
        assert told(theirs) == told(missing), where
        assert theirs.status_code == 404, where
        tried += 1
    return tried


LEAST = 5_000 if FULL else 80


def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the application's own filter out, wherever it was imported."""
    for module in [module for name, module in sys.modules.items() if name.startswith("app.")]:
        if getattr(module, "visible_cases", None) is visibility.visible_cases and module is not visibility:
            monkeypatch.setattr(module, "visible_cases", lambda _actor: true())


def test_every_operation_answers_another_agencys_id_like_a_missing_one(place: Town) -> None:
    assert hold_to_silence(place) >= LEAST


def test_without_the_applications_filter_the_database_answers_the_same(
    guarded: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hold_to_silence(guarded)
    unfiltered(monkeypatch)
    assert hold_to_silence(guarded) == before >= LEAST


@pytest.mark.parametrize("filtered", [True, False], ids=["filtered", "unfiltered"])
def test_lists_counts_filters_exports_and_numbers_in_bodies_tell_nothing_either(
    guarded: Town, monkeypatch: pytest.MonkeyPatch, filtered: bool
) -> None:
    if not filtered:
        unfiltered(monkeypatch)
    victim = VICTIM[id(guarded)][0]
    for role in Role:
        for path in ("/cases", "/remedies", "/worklist", "/cases/overdue", "/cases/due-soon", "/archive/expired"):
            found = guarded.get(role.value, path, params={"agency": BUREAU} if path == "/cases" else {})
            if found.status_code == 200:
                agencies = {item["agency_code"] for item in found.json()["items"]}
                assert agencies <= {COUNTY}, (role, path)
                assert found.json().get("total", 0) <= len(found.json()["items"]), (role, path)
        named = guarded.get(role.value, "/cases", params={"q": VICTIMS[0].name})
        assert named.status_code == 403 or named.json()["total"] == 0
        exported = guarded.get(role.value, "/ledger/export", params={"agency": BUREAU})
        missing = guarded.get(role.value, "/ledger/export", params={"agency": "nowhere"})
        assert told(exported) == told(missing)
        assert exported.status_code in {403, 404}
    mine = guarded.register("intake_clerk", agency_code=COUNTY)
    guarded.act("intake_clerk", mine, "accept")
    for number in (victim["case_no"], "nowhere-2026-000001"):
        body = {"case_no": number, "reason": "同一申请"}
        refused = guarded.post("intake_clerk", f"/cases/{mine['id']}/merge", body)
        assert refused.status_code == 422, refused.text
        assert victim["case_no"] not in refused.text
    guarded.act("intake_clerk", mine, "withdraw", form="来信撤回")


@pytest.mark.parametrize("of", [BUREAU, CITY])
def test_a_cursor_is_good_for_nobody_else(place: Town, of: str) -> None:
    place.issue_key("reader", of, Role.SCRIPT_READER)
    place.now = place.now.replace(year=2027)
    first = place.get("reader", "/cases/overdue", params={"limit": 1}).json()
    cursor = first["next"] or "AAAA"
    place.now = place.now.replace(year=2026)
    stolen = place.get(Role.SCRIPT_READER.value, "/cases/overdue", params={"limit": 1, "cursor": cursor})
    made_up = place.get(Role.SCRIPT_READER.value, "/cases/overdue", params={"limit": 1, "cursor": "A" * len(cursor)})
    assert told(stolen) == told(made_up)
    assert stolen.status_code == 422


def test_every_table_that_names_a_case_is_guarded_or_says_why_not(guarded: Town) -> None:
    with guarded.engine.connect() as connection:
        rows = connection.execute(text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
        forced = {row.relname for row in rows}
    of_case = {table.name for table in Base.metadata.sorted_tables if "case_id" in table.c} | {"cases"}
    assert of_case - forced == {"case_keys", "case_texts", "subject_grams"}


def test_a_session_that_says_nothing_sees_nothing_and_one_for_an_agency_its_own(guarded: Town) -> None:
    engine: Engine = guarded.engine
    for table in Base.metadata.sorted_tables:
        if "case_id" in table.c or table.name == "cases":
            with engine.connect() as connection:
                seen = connection.execute(select(table).limit(1)).first()
            assert seen is None or table.name in {"case_keys", "case_texts", "subject_grams"}, table.name
    with db.reader(db.everywhere(engine)) as session:
        assert session.scalars(select(Case.id)).first() is not None


def test_what_crosses_agencies_by_law_still_works_under_row_security(guarded: Town) -> None:
    """Transfer, assistance and complaint are the three that cross."""
    case = guarded.register(items=[{"title": "城西片区规划"}])
    guarded.act("dengji", case, "accept")
    guarded.act("dengji", case, "transfer", agency_code=COUNTY, reason="由该机关制作")
    assert guarded.get("dengji", f"/cases/{case['id']}").status_code == 404
    taken = guarded.get("handler", f"/cases/{case['id']}")
    assert (taken.status_code, taken.json()["agency_code"]) == (200, COUNTY)
    acts = [entry["act"] for entry in guarded.get("handler", f"/cases/{case['id']}/timeline").json()["items"]]
    assert acts[0] == "register", "the successor sees the history"
    guarded.act("intake_clerk", case, "accept")
    guarded.act("intake_clerk", case, "assign", handler="f_handler", opinion="交办")
    guarded.act("handler", case, "ask_assistance", agency_code=BUREAU, question="是否制作", answer_by="2026-03-20")
    [asked] = [row for row in guarded.get("jingban", "/assistance").json()["items"] if row["question"] == "是否制作"]
    assert guarded.post("jingban", f"/assistance/{asked['id']}/answer", {"answer": "是"}).status_code == 200
    guarded.hire("shi-dengji", CITY, Role.INTAKE_CLERK)
    body = application(agency_code=CITY, about_agency=COUNTY, about_case_no=case["case_no"], grounds="逾期未答复")
    for name in ("items", "carrier"):
        body.pop(name)
    complaint = guarded.post("shi-dengji", "/complaints", body)
    assert complaint.status_code == 201, complaint.text
    assert complaint.json()["complaint"]["about_case_no"] == case["case_no"]
