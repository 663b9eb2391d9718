"""Personal data: sealed in the database, masked in every answer, shown field by field for a reason."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import JSON, Engine, Enum, String, Table, Text, event, select, text, update
from sqlalchemy.exc import DBAPIError

from app import db
from app.domain.terms import PersonalField, Role
from app.models import Applicant, Base, JournalEntry
from app.models.sealed import sealed_fields
from app.sealing import SealBroken
from app.services.encryption import SEALED_KINDS
from app.services.reveal import REVEALERS
from tests.people import dump, found_in, people
from tests.sizes import FULL
from tests.town import BUREAU, CITY, CONCLUSION, Town, application, is_endless, problem, town
from tests.words import write_beside

PEOPLE = people(1000 if FULL else 100)
APPLICANT, AGENT, RECEIVER, PARTY, TALKED = PEOPLE[:5]


@pytest.fixture
def place(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path) as opened:
        opened.issue_key("门户", CITY, Role.PORTAL)
        yield opened


def worked_case(place: Town) -> dict[str, Any]:
    """A case with people in every field and text that may hold one, from registration to the archive."""
    told: list[dict[str, Any]] = []

    def act(who: str, case: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
        told.append(place.act(who, case, action, **body))
        return told[-1]

    case = place.register(
        applicant=APPLICANT.applicant(
            agent={"name": AGENT.name, "phone": AGENT.phone},
            postcode="264999",
            assistance_needed=f"请打电话给{AGENT.name}",
        ),
        items=[
            {
                "title": f"关于{APPLICANT.name}的征收决定",
                "description": f"{APPLICANT.name}，身份证{APPLICANT.id_number}，住{APPLICANT.address}",
            }
        ],
        purpose=f"{APPLICANT.name}本人办理，电话{APPLICANT.phone}",
    )
    act("dengji", case, "accept", note=f"{APPLICANT.name}来电{APPLICANT.phone}")
    act("dengji", case, "assign", handler="jingban", opinion=f"交办{APPLICANT.name}的申请")
    for ref, party in (("A", PARTY), ("B", TALKED)):
        act(
            "jingban",
            case,
            "consult",
            ref=ref,
            kind="third_party",
            party=party.name,
            contact=party.phone,
            disclosing=f"{party.name}的材料，{party.email}",
        )
        act("jingban", case, "record_consultation_answer", ref=ref, position="agrees", opinion=f"{party.name}同意")
    act(
        "jingban",
        case,
        "record_contact",
        way="phone",
        gist=f"与{APPLICANT.name}通话{APPLICANT.phone}，核对{APPLICANT.id_number}",
    )
    content = {"conclusions": [CONCLUSION | {"reason": f"{APPLICANT.name}（{APPLICANT.id_number}）申请的信息可以公开"}]}
    act("jingban", case, "submit", third_party_concerned=True, **content)
    act("shenhe", case, "endorse", opinion=f"同意答复{APPLICANT.name}")
    act("baomi", case, "review_secrecy", cleared=True, opinion="可以公开")
    act("lingdao", case, "sign", opinion=f"发{APPLICANT.name}")
    act(
        "jingban",
        case,
        "deliver",
        method="post",
        carrier="中国邮政",
        tracking_no="XA00000001CN",
        address=APPLICANT.email,
        consent=f"{APPLICANT.name}短信同意",
    )
    done = act(
        "jingban",
        case,
        "confirm_delivery",
        proof="postal_receipt",
        proof_ref=f"{RECEIVER.name}签收",
        receiver=RECEIVER.name,
    )
    assert found_in(json.dumps([case, *told], ensure_ascii=False), PEOPLE) == []
    return done


def test_a_thief_of_the_database_finds_no_planted_person_and_neither_does_a_reader_of_logs_or_lists(
    place: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    write_beside(place, worked_case(place), APPLICANT)
    rest = [
        application(
            applicant=person.applicant(),
            items=[{"title": "城东片区控制性详细规划的批复", "description": f"{person.name}，{person.id_number}"}],
            external_no=f"P-{number}",
        )
        for number, person in enumerate(PEOPLE[5:])
    ]
    for first in range(0, len(rest), 500):
        headers = {"Idempotency-Key": f"k{first}"}
        answer = place.post("dengji", "/cases/bulk", {"applications": rest[first : first + 500]}, headers=headers)
        assert answer.json()["created"] == len(rest[first : first + 500]), answer.text
    grounds = f"{PEOPLE[7].name}（{PEOPLE[7].phone}）投诉，住{PEOPLE[7].address}"
    place.hire("shi", CITY, Role.INTAKE_CLERK)
    complaint = application(agency_code=CITY, about_agency=BUREAU, grounds=grounds, applicant=PEOPLE[7].applicant())
    for name in ("items", "carrier", "purpose"):
        complaint.pop(name, None)
    assert place.post("shi", "/complaints", complaint).status_code == 201

    assert found_in(dump(place.engine), PEOPLE) == []
    assert found_in(caplog.text, PEOPLE) == []
    shown = [place.get("duban", f"/cases?page={page}&size=100").text for page in range(1, len(PEOPLE) // 100 + 2)]
    assert found_in("".join(shown), PEOPLE) == []
    assert sum(page.count('"applicant_name"') for page in shown) >= len(PEOPLE) - 5


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_stored(place: Town) -> None:
    with db.reader(place.engine) as session, pytest.raises(DBAPIError) as refused:
        session.execute(text("SELECT :name FROM nowhere"), {"name": APPLICANT.name})
    assert found_in(str(refused.value), PEOPLE) == []


def test_somebody_is_found_by_exact_name_and_number_only(place: Town) -> None:
    case = place.register(applicant=APPLICANT.applicant())
    place.register(applicant=AGENT.applicant())

    def hits(query: str) -> list[int]:
        by_body = place.post("dengji", "/cases/search", {"q": query}).json()["items"]  # where a name belongs
        by_address = place.get("dengji", "/cases", params={"q": query}).json()["items"]
        assert by_body == by_address
        return [item["id"] for item in by_body]

    for whole in (APPLICANT.name, APPLICANT.id_number, APPLICANT.id_number.lower(), APPLICANT.phone):
        assert hits(whole) == [case["id"]], whole
    assert hits(f"{APPLICANT.name} 控制性") == [case["id"]]
    for part in (APPLICANT.name[:2], APPLICANT.id_number[:10], APPLICANT.phone[3:], APPLICANT.email):
        assert hits(part) == []


@pytest.mark.parametrize("kind", SEALED_KINDS, ids=lambda kind: kind.__name__)
def test_every_mapping_with_sealed_columns_says_which_row_they_belong_to(kind: Any) -> None:
    columns = {column.name for column in kind.__table__.primary_key} | set(kind.SEALED_BY)
    assert kind.SEALED_BY or {"case_id"} == columns
    assert all(field.column in kind.__mapper__.columns for field in sealed_fields(kind).values())


def test_a_text_put_in_the_place_of_another_does_not_open(place: Town) -> None:
    first = place.register(applicant=APPLICANT.applicant())
    second = place.register(applicant=AGENT.applicant())
    table = cast("Table", Applicant.__table__)
    with db.reader(place.engine) as session:
        stored = {row.case_id: row for row in session.execute(select(table))}
    mine, other = stored[first["id"]], stored[second["id"]]
    swaps = [
        {"address": mine.name},
        {"name": mine.address},
        {"name": other.name},
        {"name": mine.name[:-2] + ("AA" if mine.name[-2:] != "AA" else "BB")},
    ]
    for swap in swaps:
        with db.writer(place.engine) as session:
            session.execute(update(table).where(table.c.case_id == first["id"]).values(swap))
            row = session.get_one(Applicant, first["id"])
            with pytest.raises(SealBroken):
                _ = (row.name, row.address)
            session.rollback()
    with db.writer(place.engine) as session:
        session.execute(update(table).where(table.c.case_id == first["id"]).values(name=other.name))
        session.commit()
    answer = place.get("dengji", f"/cases/{first['id']}")
    assert answer.status_code == 503
    assert "加密" in problem(answer)["detail"]


def reads(place: Town) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every address that answers a GET, with its operation."""
    document = place.client.get("/openapi.json").json()
    for path, item in document["paths"].items():
        if "get" in item and path.startswith("/api/v1") and not is_endless(item["get"]):
            yield path.removeprefix("/api/v1"), item["get"]


def test_every_read_by_every_role_is_masked_in_every_field_unless_it_is_a_declared_export(place: Town) -> None:
    if place.engine.dialect.name == "postgresql" and not FULL:
        pytest.skip("what is masked does not depend on the database; DISCLOSURE_FULL=1 looks at both")
    case = worked_case(place)
    attached = place.client.post(
        f"/api/v1/cases/{case['id']}/attachments",
        data={"kind": "other", "note": f"{APPLICANT.name}的身份证{APPLICANT.id_number}"},
        files={"file": (f"{APPLICANT.name}.txt", f"{APPLICANT.name}{APPLICANT.id_number}".encode())},
        headers=place.headers("dengji"),
    )
    assert attached.status_code == 201, attached.text
    stored = [path.read_bytes() for path in (place.settings.data_dir / "files").rglob("*") if path.is_file()]
    assert stored, "attachments are files"
    assert found_in(b"".join(stored), PEOPLE) == []
    assert found_in(attached.content, PEOPLE) == []
    write_beside(place, case, APPLICANT)
    everybody(place)
    documents = place.get("jingban", f"/cases/{case['id']}/documents").json()["items"]
    values = {"case_id": case["id"], "document_id": documents[0]["id"], "attachment_id": attached.json()["id"]}
    seen: set[str] = set()
    for path, operation in reads(place):
        if "{" in (filled := re.sub(r"{(\w+)}", lambda m: str(values.get(m[1], m[0])), path)):
            continue
        if filled.endswith(".pdf"):
            continue  # the same content as the docx, and slow to set
        exports = operation.get("x-personal-data") == "unmasked"
        for role in Role:
            answer = place.get(role.value, filled)
            assert answer.status_code < 500, (role, path)
            leaked = [] if exports and answer.status_code == 200 else found_in(answer.content, PEOPLE)
            assert leaked == [], (role, path)
            if answer.status_code == 200:
                seen.add(path)
    assert {"/cases", "/cases/{case_id}", "/cases/{case_id}/timeline", "/cases/{case_id}/attachments"} <= seen


def test_a_reveal_shows_the_asked_fields_once_and_is_journalled_without_them(place: Town) -> None:
    case = worked_case(place)
    body = {"fields": [field.value for field in PersonalField], "reason": "寄送答复书需要核对地址"}
    headers = {"Idempotency-Key": "reveal-1"}
    answer = place.post("jingban", f"/cases/{case['id']}/reveal", body, headers=headers)
    assert answer.status_code == 200, answer.text
    shown = {item["field"]: item["values"] for item in answer.json()["items"]}
    assert shown == {
        "name": [APPLICANT.name],
        "id_number": [APPLICANT.id_number],
        "phone": [APPLICANT.phone],
        "email": [APPLICANT.email],
        "address": [APPLICANT.address],
        "postcode": ["264999"],
        "legal_representative": [],
        "contact_person": [],
        "agent_name": [AGENT.name],
        "agent_phone": [AGENT.phone],
        "assistance_needed": [f"请打电话给{AGENT.name}"],
        "receiver": [RECEIVER.name],
        "delivery_address": [APPLICANT.email],
        "third_parties": [PARTY.name, PARTY.phone, TALKED.name, TALKED.phone],
    }
    again = place.post("jingban", f"/cases/{case['id']}/reveal", body, headers=headers)
    assert (again.status_code, again.json()) == (200, {"items": None})
    with db.reader(place.engine) as session:
        rows = session.scalars(select(JournalEntry).where(JournalEntry.act == "personal_data_revealed")).all()
        assert [row.data for row in rows] == [{"field": field.value} for field in PersonalField]
        assert {(row.actor, row.whole["reason"]) for row in rows} == {("jingban", body["reason"])}
    assert found_in(dump(place.engine), PEOPLE) == []
    assert found_in(place.get("duban", f"/cases/{case['id']}/timeline").content, PEOPLE) == []


def test_what_one_person_is_shown_in_a_day_is_limited(place: Town) -> None:
    place.settle(BUREAU, reveals_per_day=3)
    case = place.register()
    asked = f"/cases/{case['id']}/reveal"
    two = {"fields": ["name", "phone", "name"], "reason": "电话联系申请人"}
    assert place.post("jingban", asked, two).status_code == 200
    refused = place.post("jingban", asked, two)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 14 * 3600  # it is ten in the morning
    assert place.post("dengji", asked, two).status_code == 200  # each his own
    assert place.post("jingban", asked, two | {"fields": ["email"]}).status_code == 200
    place.go_to("2026-03-03 08:00")
    assert place.post("jingban", asked, two).status_code == 200


def everybody(place: Town) -> None:
    """Give every role somebody of the agency who holds it alone; they are called as their roles."""
    for role in Role:
        if role in {Role.PORTAL, Role.SCRIPT_READER}:
            place.issue_key(role.value, BUREAU, role)
        else:
            place.tokens[role.value] = place.hire(f"r_{role.value}", BUREAU, role)


def test_only_whose_work_needs_it_is_shown_personal_data(place: Town) -> None:
    everybody(place)
    case = place.register()
    body = {"fields": ["phone"], "reason": "电话联系申请人"}
    path = f"/cases/{case['id']}/reveal"
    found = {role: place.post(role.value, path, body, headers={"If-Match": '"1"'}).status_code for role in Role}
    clerks = REVEALERS - {Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR}
    assert found == {role: 200 if role in clerks else 403 for role in Role}


def test_a_key_is_shown_nothing_whatever_its_role(place: Town) -> None:
    place.issue_key("脚本", BUREAU, Role.HANDLER)
    case = place.register()
    body = {"fields": ["phone"], "reason": "电话联系申请人"}
    answer = place.post("脚本", f"/cases/{case['id']}/reveal", body, headers={"If-Match": '"1"'})
    assert answer.status_code == 403
    assert found_in(answer.content, PEOPLE) == []


def test_a_supervisor_of_another_agency_takes_no_document(place: Town) -> None:
    place.hire("shi-duban", CITY, Role.CITY_SUPERVISOR)
    case = worked_case(place)
    listed = place.get("shi-duban", f"/cases/{case['id']}/documents").json()["items"]
    refused = place.get("shi-duban", f"/cases/{case['id']}/documents/{listed[0]['id']}.docx")
    assert problem(refused)["reasons"][0]["code"] == "masked_only"
    with db.reader(place.engine) as session:
        assert "document_read" not in set(session.scalars(select(JournalEntry.act)))


def test_the_list_opens_a_page_of_cases_with_one_query_for_their_keys(place: Town) -> None:
    for person in PEOPLE[:6]:
        place.register(applicant=person.applicant())
    asked: list[str] = []
    event.listen(Engine, "before_cursor_execute", listener := lambda _c, _cur, sql, *_rest: asked.append(sql))
    assert len(place.get("dengji", "/cases").json()["items"]) == 6
    event.remove(Engine, "before_cursor_execute", listener)
    assert len([sql for sql in asked if "FROM case_keys" in sql]) == 1


OFFICIAL = {  # columns that hold text and are not sealed, and why nobody's particulars belong into them
    "who works here, as on every letter": (
        *("users.username", "users.display_name", "mailboxes.username", "mailboxes.address"),
        *("reminder_recipients.username", "user_identities.issuer", "user_identities.subject", "read_marks.reader"),
        *("saved_filters.owner", "messages.author", "messages.author_label", "messages.mentions", "cases.handler"),
        *("drafts.drafter", "reviews.reviewer", "threads.opened_by", "thread_agencies.invited_by"),
        *("assistances.answered_by", "attachments.added_by", "attachments.withdrawn_by", "case_problems.tagged_by"),
        *("calendar_notices.imported_by", "catalogue_documents.decided_by", "clock_entries.recorded_by"),
        *("decisions.signed_by", "replies.signed_by", "supplementary_replies.signed_by", "documents.made_by"),
        *("document_templates.set_by", "evaluations.opened_by", "evaluations.decided_by", "ledger_imports.imported_by"),
        *("problems.found_by", "remedies.recorded_by", "remedy_papers.added_by", "report_snapshots.made_by"),
        *("supervisions.issued_by", "supervisions.answered_by", "supervisions.closed_by", "api_keys.created_by"),
        *("webhooks.created_by", "journal.actor", "journal.actor_label"),
    ),
    "agencies and systems, named by administrators": (
        *("agencies.code", "agencies.name", "agencies.path", "agencies.region", "agencies.settings"),
        *("agencies.predecessors", "api_keys.label", "api_keys.system", "api_keys.scopes", "api_keys.networks"),
        *("webhooks.label", "webhooks.system", "webhooks.url", "webhooks.events", "cases.portal", "counters.name"),
        *("calendar_notices.region", "calendar_notices.source", "calendar_notices.off", "calendar_notices.work"),
    ),
    "numbers and titles of official papers, and how they went": (
        *("cases.case_no", "cases.external_no", "cases.volume_no", "catalogue_documents.title"),
        *("catalogue_documents.document_no", "catalogue_documents.subject", "catalogue_documents.basis"),
        *("catalogue_documents.url", "decisions.document_no", "documents.document_no", "replies.document_no"),
        *("supplementary_replies.document_no", "subjects.document_no", "remedies.authority", "remedies.docket_no"),
        *("remedies.decision_no", "remedy_papers.document_no", "deliveries.carrier", "deliveries.tracking_no"),
        *("report_snapshots.table3", "report_snapshots.table4", "report_snapshots.details", "report_snapshots.checks"),
        "report_snapshots.source",
    ),
    "rules and settings, repeated": ("fees.basis", "fees.standard", "fees.working", "fees.payment"),
    "codes, dates and numbers": (
        *("clock_entries.act", "clock_entries.data", "journal.act", "journal.label", "journal.state", "journal.data"),
        *("reminders.ref", "answers.case_ids", "webhook_deliveries.type", "data_keys.master", "saved_filters.query"),
    ),
    "digests, keys and what is sealed otherwise": (
        *("access_tokens.digest", "access_tokens.code_digest", "agency_keys.kid", "agency_keys.data_kid"),
        *("agency_keys.wrapped", "answers.name", "answers.digest", "api_keys.prefix", "api_keys.digest"),
        *("applicants.id_digest", "applicants.name_digest", "applicants.phone_digest", "attachments.sha256"),
        *("calendar_notices.sha256", "case_keys.kid", "case_keys.data_kid", "case_keys.wrapped", "case_texts.tokens"),
        *("cases.query_code_digest", "data_keys.kid", "data_keys.wrapped", "document_templates.sha256"),
        *("documents.template_sha256", "documents.docx_sha256", "documents.pdf_sha256", "journal.mark"),
        *("ledger_imports.sha256", "past_passwords.password_hash", "rate_limits.subject", "recovery_codes.digest"),
        *("recovery_tokens.digest", "remedy_papers.sha256", "report_snapshots.sha256", "saved_filters.name_digest"),
        *("seals.hash", "seals.root", "second_factors.sealed_secret", "setup_tokens.digest", "sign_in_codes.digest"),
        *("sign_in_steps.digest", "sign_in_tries.subject", "single_sign_on_starts.digest", "users.password_hash"),
        *("webhooks.secret", "webhooks.former_secret", "single_sign_on_starts.browser"),
    ),
    "what a program sends that signs somebody in": tuple(
        f"{table}.{column}"
        for table in ("sign_in_codes", "sign_in_steps", "single_sign_on_starts")
        for column in ("client_id", "redirect_uri", "challenge", "state")
        if (table, column) != ("sign_in_codes", "state")
    ),
}


def test_every_column_of_text_is_sealed_or_says_why_not() -> None:
    sealed = {(kind.__tablename__, field.name) for kind in SEALED_KINDS for field in sealed_fields(kind).values()}
    open_ = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | Text | JSON)
        and not isinstance(column.type, Enum)
        and (table.name, column.name) not in sealed
    }
    assert open_ == {column for columns in OFFICIAL.values() for column in columns}
