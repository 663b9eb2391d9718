"""No agency learns of another's affairs: its ids are answered like ids that do not exist, wherever they are sent."""

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, true

from app import db
from app.domain.examples import example
from app.domain.terms import Role
from app.models import Base, Case
from app.openapi import operations
from app.services import visibility
from tests.databases import Databases, servant
from tests.neighbours import NOBODYS, SETTINGS, VICTIM, VICTIMS, settle
from tests.sizes import FULL
from tests.town import BUREAU, CITY, CONCLUSION, COUNTY, Town, application, town


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
    """Take the application's own filters out, wherever they were imported."""
    for module in [module for name, module in sys.modules.items() if name.startswith("app.")]:
        for name in ("visible_cases", "visible_rows"):
            if getattr(module, name, None) is getattr(visibility, name) and module is not visibility:
                monkeypatch.setattr(module, name, lambda *_whom: true())


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


def named_in_bodies(victim: dict[str, Any], mine: int) -> Iterator[tuple[Role, str, dict[str, Any], dict[str, Any]]]:
    """Whatever a body can name by an id: who sends it, where to, the rest of the body, what is named."""
    demand = {"demand": "请说明", "answer_by": "2026-12-31"}
    listed = {"agency_code": COUNTY, "source": "bulletin", "title": "超期", "rectify_by": "2026-12-31"}
    said = {"kind": "question", "text": "是否制作"}
    filed = {"kind": "litigation_first", "authority": "海州市海东区人民法院", "filed_on": "2026-03-02", "parties": []}
    clerk, supervisor = Role.HANDLER, Role.AGENCY_SUPERVISOR
    for who, path, body, field, named in (
        (supervisor, "/supervisions", demand, "case_id", "case_id"),
        (supervisor, "/problems", listed, "case_id", "case_id"),
        (clerk, "/evaluations", {"source": "frequency"}, "case_id", "case_id"),
        (clerk, "/evaluations", {"source": "review"}, "document_id", "catalogue.document_id"),
        (clerk, f"/cases/{mine}/messages", said, "thread_id", "thread_id"),
        (clerk, f"/cases/{mine}/messages", {"subject": "核实"} | said, "attachment_id", "attachment_id"),
        (clerk, f"/cases/{mine}/messages/read", {"message_id": 1}, "thread_id", "thread_id"),
        (clerk, f"/cases/{mine}/remedies", filed, "after_remedy_id", "remedy_id"),
        (clerk, f"/cases/{mine}/submit", {"conclusions": [CONCLUSION]}, "attachment_ids", "attachment_id"),
        (supervisor, f"/cases/{mine}/clock/corrections", {"retract": True, "reason": "误记"}, "entry_id", "entry_id"),
    ):
        values = {True: victim[named], False: NOBODYS}
        theirs, missing = ({field: [value] if field.endswith("s") else value} for value in values.values())
        yield who, path, body | theirs, body | missing
    earlier = CONCLUSION | {"kind": "reject_repeat", "provision": None}
    theirs, missing = (
        {"conclusions": [earlier | {"earlier_case_no": number}]} for number in (victim["case_no"], "nowhere")
    )
    yield clerk, f"/cases/{mine}/submit", theirs, missing


@pytest.mark.parametrize("filtered", [True, False], ids=["filtered", "unfiltered"])
def test_an_id_in_a_body_tells_no_more_than_a_missing_one(
    guarded: Town, monkeypatch: pytest.MonkeyPatch, filtered: bool
) -> None:
    mine = guarded.register("intake_clerk", agency_code=COUNTY)["id"]
    guarded.act("intake_clerk", mine, "accept")
    guarded.act("intake_clerk", mine, "assign", handler="f_handler", opinion="交办")
    if not filtered:
        unfiltered(monkeypatch)
    for victim in VICTIM[id(guarded)]:
        for who, path, theirs, missing in named_in_bodies(victim, mine):
            found, nothing = (guarded.post(who.value, path, body) for body in (theirs, missing))
            assert found.status_code in {404, 409, 422}, (path, found.text)
            status, said = told(found)  # the number that was sent may stand in it
            said = said.replace(victim["case_no"], "nowhere")
            assert (status, re.sub(r"编号为\d+", f"编号为{NOBODYS}", said)) == told(nothing), path
        found, nothing = (
            guarded.client.post(
                f"/api/v1/cases/{mine}/attachments",
                data={"kind": "redacted", "redactions": "第2页", "original_attachment_id": str(number)},
                files={"file": ("b.txt", b"text")},
                headers=guarded.headers(Role.HANDLER.value),
            )
            for number in (victim["attachment_id"], NOBODYS)
        )
        assert told(found) == told(nothing)
        assert found.status_code == 422, found.text


@pytest.mark.parametrize("filtered", [True, False], ids=["filtered", "unfiltered"])
def test_an_agency_in_a_query_tells_no_more_than_one_that_is_nowhere(
    guarded: Town, monkeypatch: pytest.MonkeyPatch, filtered: bool
) -> None:
    if not filtered:
        unfiltered(monkeypatch)
    tried = 0
    for path, method, operation in operations(guarded.client.get("/openapi.json").json()):
        names = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
        if method != "get" or not (asked := names & {"agency", "agency_code"}) or path.endswith("{doc}"):
            continue
        more: dict[str, int | str] = {"year": 2026} if "annual-report" in path else {}
        [name] = asked
        more |= {"table": 3, "row": "received", "column": "total"} if path.endswith("annual-report/cases") else {}
        for role in map(Role, operation["x-roles"] if FULL else operation["x-roles"][:2]):
            found, nothing = (
                guarded.client.get(path, params=more | {name: code}, headers=guarded.headers(role.value))
                for code in (BUREAU, "nowhere")
            )
            assert told(found) == told(nothing), (role, path)
            tried += 1
    assert tried > (150 if FULL else 40)


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


UNGUARDED = {
    "nobody's: keyed digests, marks and counts": {
        *("answers", "case_texts", "counters", "rate_limits", "seals", "sign_in_tries", "subject_grams", "unsealed"),
    },
    "keys, which open nothing without the rows they seal": {"agency_keys", "case_keys", "data_keys"},
    "read before it is known who calls": {
        *("access_tokens", "api_keys", "past_passwords", "recovery_codes", "recovery_tokens", "second_factors"),
        *("setup_tokens", "sign_in_codes", "sign_in_steps", "single_sign_on_starts", "user_identities", "user_roles"),
        "users",
    },
    "everybody's: the tree, the calendars, the templates that agencies below inherit": {
        *("agencies", "calendar_notices", "document_templates"),
    },
    "numbers of threads, agencies and messages, all of which are guarded": {"read_marks", "thread_agencies"},
}


def test_every_table_is_guarded_or_says_why_not(guarded: Town) -> None:
    with guarded.engine.connect() as connection:
        rows = connection.execute(text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
        forced = {row.relname for row in rows}
    assert {table.name for table in Base.metadata.sorted_tables} - forced == set().union(*UNGUARDED.values())


def test_a_session_that_says_nothing_sees_nothing_and_one_for_an_agency_its_own(guarded: Town) -> None:
    engine: Engine = guarded.engine.execution_options(reach="")
    open_to_all = set().union(*UNGUARDED.values())
    for table in Base.metadata.sorted_tables:
        if table.name not in open_to_all:
            with engine.connect() as connection:
                seen = connection.execute(select(table).limit(1)).first()
            assert seen is None, table.name
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


def test_every_agency_reads_the_same_comparison_of_the_city(guarded: Town) -> None:
    """Figures by agency are everybody's; only small numbers about persons are withheld from others."""
    guarded.hire("shi-duban", CITY, Role.CITY_SUPERVISOR)
    whole, seen = (
        {
            row["agency_code"]: {name: figure for name, figure in row.items() if name != "applicant_kinds"}
            for row in guarded.get(who, "/statistics/agencies", params={"period": "2026"}).json()["items"]
        }
        for who in ("shi-duban", Role.HANDLER.value)
    )
    assert seen == whole
    assert seen[BUREAU]["received"]["count"] > 0
    bulletins = [
        guarded.get(who, "/statistics/bulletin", params={"period": "2026"}).json()
        for who in ("shi-duban", Role.HANDLER.value)
    ]
    for part in ("volumes", "timeliness", "remedies"):
        assert bulletins[0][part] == bulletins[1][part], part
