"""An agency's ledger in and out over HTTP, on both databases."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app import db
from app.domain.ledger import COLUMNS
from app.domain.terms import Role
from app.models import Applicant, Case, CaseItem, CaseText, ClockEntry, Counter, JournalEntry, LedgerImport
from app.services import refusals
from tests.ledgers import OPEN, as_csv, as_xlsx, row, send
from tests.town import BUREAU, CITY, COUNTY, Town, problem

WRITTEN = (Case, Applicant, CaseItem, CaseText, ClockEntry, JournalEntry, LedgerImport, Counter)
THREE = [row(), row(编号="2", 处理结果="rejected_petition"), row(编号="3", 收到日期="2026-02-25", **OPEN)]


def rows_of(place: Town) -> dict[str, int]:
    """Count what an import writes; that it was refused may stand in the journal."""
    with db.reader(place.engine) as session:
        found = {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in WRITTEN}
        refused = session.scalar(select(func.count()).where(JournalEntry.act == refusals.ACT)) or 0
    return found | {"journal": found["journal"] - refused}


def exported(place: Town, who: str = "dengji", **query: Any) -> list[list[str]]:
    answer = place.get(who, "/ledger/export", params=query)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_closed_requests_become_history_and_open_ones_a_running_case(place: Town) -> None:
    answer = send(place, as_csv(THREE))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["imported"], told["cases"], told["open_cases"], told["faults"]) == (True, 3, 1, [])
    assert [(found["code"], found["cases"]) for found in told["results"]] == [("granted", 1), ("rejected_petition", 1)]
    assert [(found["code"], found["cases"]) for found in told["years"]] == [("2023", 2), ("2026", 1)]

    listed = place.get("jingban", "/cases", params={"origin": "ledger", "sort": "id"}).json()["items"]
    assert [(case["state"], case["origin"], case["outcome"]) for case in listed] == [
        ("archived", "ledger", "grant"),
        ("archived", "ledger", "reject_petition"),
        ("registered", "ledger", None),
    ]
    assert [case["case_no"] for case in listed] == [
        f"{BUREAU}-2023-000001",
        f"{BUREAU}-2023-000002",
        f"{BUREAU}-2026-000001",
    ]
    assert (listed[2]["clock"], listed[2]["due_on"], listed[2]["target_on"]) == ("running", "2026-03-24", "2026-03-17")
    assert place.get("jingban", "/cases", params={"origin": "registered"}).json()["total"] == 0

    closed = place.get("jingban", f"/cases/{listed[0]['id']}").json()
    assert (closed["external_no"], closed["clock"], closed["applicant"]["name"]) == ("2023-001", "stopped", "张*")
    assert [step["action"] for step in closed["next_steps"]] == []
    history = place.get("jingban", f"/cases/{listed[0]['id']}/timeline").json()["items"]
    assert [(entry["act"], entry["label"], entry["actor_label"]) for entry in history] == [
        ("imported", "由台账导入", "登记员甲")
    ]
    clock = place.get("jingban", f"/cases/{listed[0]['id']}/clock").json()
    assert (clock["clock"], clock["late"], clock["due_on"]) == ("stopped", False, "2023-03-30")
    windows = {node["node"]: node["due_on"] for node in clock["nodes"]}
    assert windows["reconsideration"] == "2023-05-22", "sixty days from service"
    assert place.get("jingban", "/cases", params={"q": "2023-001"}).json()["total"] == 1
    assert place.get("jingban", "/cases", params={"q": "控制性详细规划"}).json()["total"] == 3


def test_an_open_request_of_the_ledger_goes_on_through_the_procedure(place: Town) -> None:
    send(place, as_csv(THREE))
    case_id = place.get("jingban", "/cases", params={"state": "registered"}).json()["items"][0]["id"]
    place.act("dengji", case_id, "accept")
    place.act("dengji", case_id, "assign", handler="jingban", opinion="请依法办理")
    place.act("jingban", case_id, "withdraw", form="申请人来信撤回")
    place.act("guidang", case_id, "archive", volume_no="2026-1")
    volume = place.get("guidang", f"/cases/{case_id}/archive")
    assert volume.status_code == 200, volume.text


def test_history_without_a_sealed_volume_says_so(place: Town) -> None:
    send(place, as_csv(THREE))
    case_id = place.get("guidang", "/cases", params={"sort": "id"}).json()["items"][0]["id"]
    refused = problem(place.get("guidang", f"/cases/{case_id}/archive"))
    assert (refused["status"], refused["reasons"][0]["code"]) == (409, "not_sealed")


FAULTY = [row(), row(编号="2", 申请人类别="个人", 答复日期="2023-02-01"), row(编号="3", 收到日期="去年", **OPEN)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_one_fault_keeps_everything_out_and_every_fault_is_named(place: Town, form: str) -> None:
    before = rows_of(place)
    content = as_csv(FAULTY) if form == "csv" else as_xlsx(FAULTY)
    refused = problem(send(place, content, f"台账.{form}"))
    assert refused["status"] == 422
    assert "2处错误，没有导入任何一件" in refused["detail"]
    assert [reason["message"].split("：")[0] for reason in refused["reasons"]] == [
        "第3行“申请人类别”",
        "第4行“收到日期”",
    ]
    assert rows_of(place) == before

    looked = send(place, content, f"台账.{form}", dry_run=True)
    assert looked.status_code == 200
    assert [(fault["row"], fault["column"], fault["code"]) for fault in looked.json()["faults"]] == [
        (3, "申请人类别", "unknown_code"),
        (4, "收到日期", "not_a_date"),
    ]
    assert rows_of(place) == before


def test_a_dry_run_of_a_good_ledger_changes_nothing(place: Town) -> None:
    before = rows_of(place)
    looked = send(place, as_csv(THREE), dry_run=True).json()
    assert (looked["imported"], looked["dry_run"], looked["cases"], looked["open_cases"]) == (False, True, 3, 1)
    assert rows_of(place) == before


def test_the_same_file_comes_in_once_and_the_same_number_too(place: Town) -> None:
    assert send(place, as_csv(THREE)).status_code == 201
    after = rows_of(place)
    assert problem(send(place, as_csv(THREE)))["code"] == "conflict"
    assert problem(send(place, as_csv(THREE), dry_run=True))["code"] == "conflict"
    refused = problem(send(place, as_csv([row(编号="9"), row(编号="3")])))
    assert [reason["message"] for reason in refused["reasons"]] == ["第3行“编号”：本机关已有这个编号的申请"]
    case_no = place.get("jingban", "/cases").json()["items"][0]["case_no"]
    assert "已有这个编号" in problem(send(place, as_csv([row(编号=case_no)])))["detail"]
    assert rows_of(place) == after
    place.hire("quxian", COUNTY, Role.INTAKE_CLERK)
    assert send(place, as_csv(THREE), who="quxian", agency=COUNTY).status_code == 201, "another agency's own ledger"


def test_a_retry_with_the_same_key_gets_the_first_answer(place: Town) -> None:
    first, again = (send(place, as_csv(THREE), headers={"Idempotency-Key": "taizhang-1"}) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert rows_of(place)["cases"] == 3


def test_another_agencys_ledger_is_out_of_reach(place: Town) -> None:
    for who, agency in (("dengji", CITY), ("dengji", COUNTY), ("dengji", "nowhere")):
        assert send(place, as_csv(THREE), who=who, agency=agency).status_code == 404
        assert place.get(who, "/ledger/export", params={"agency": agency}).status_code == 404
    place.hire("shiduban", CITY, Role.CITY_SUPERVISOR)
    assert send(place, as_csv(THREE), who="shiduban").status_code == 201
    assert send(place, as_csv(THREE), who="jingban").status_code == 403
    listed = place.get("duban", "/ledger/imports").json()
    assert [(item["name"], item["cases"], item["imported_by"]) for item in listed["items"]] == [
        ("台账.csv", 3, "shiduban")
    ]


TRICKY = row(
    编号="-1",
    申请人='=HYPERLINK("http://evil","点")',
    联系电话="+86 13800000000",
    申请内容="@SUM(1)\n第二行，含“引号”和,逗号;分号",
    证件号码="'=1",
)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_looks_like_a_formula_stays_text_and_comes_back_unchanged(place: Town, form: str) -> None:
    rows = [TRICKY, *THREE[1:]]
    sent = as_csv(
        [["'" + cell if cell[:1] in {"=", "+", "-", "@"} or cell == "'=1" else cell for cell in TRICKY], *THREE[1:]]
    )
    assert send(place, sent).status_code == 201
    content = place.get("dengji", "/ledger/export", params={"format": form}).content
    if form == "xlsx":
        sheet = load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        assert {cell.data_type for cells in sheet.iter_rows() for cell in cells} == {"s", "d", "n"}
        assert [cell.value for cell in sheet[2]][4] == TRICKY[4]
    else:
        written = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert not any(cell.startswith(("=", "+", "-", "@")) for cells in written for cell in cells)

    place.hire("quxian", COUNTY, Role.INTAKE_CLERK)
    again = send(place, content, f"往返.{form}", who="quxian", agency=COUNTY)
    assert again.status_code == 201, again.text
    assert exported(place, "quxian") == exported(place)
    with db.reader(place.engine) as session:
        names = [who.name for who in session.scalars(select(Applicant).order_by(Applicant.case_id))]
    assert names[0] == names[3] == TRICKY[4]
    assert len(rows) == 3


def test_a_registered_case_is_in_the_ledger_by_its_own_number(place: Town) -> None:
    registered = place.register()
    place.register(channel="internet", external_no="P-1", submitted_at="2026-03-01T09:00:00+08:00")
    place.act("dengji", registered, "accept")
    lines = exported(place)
    assert lines[0] == list(COLUMNS)
    assert lines[1:] == [
        [registered["case_no"], "2026-03-02", "当面提交", "自然人", "张三", "11010519491231002X", "13800000000",
         "城东片区控制性详细规划的批复", "", "", "", ""],
    ]  # fmt: skip
    assert exported(place, received_from="2026-03-03") == [list(COLUMNS)]
    with db.reader(place.engine) as session:
        noted = session.scalars(select(JournalEntry).where(JournalEntry.act == "ledger_exported")).all()
    assert [entry.data["cases"] for entry in noted] == [1, 0]
    assert place.get("jingban", "/ledger/export").status_code == 403


def test_the_applicants_kind_is_repeated_in_the_case_whatever_way_it_came(place: Town) -> None:
    body = place.register(items=[{"title": "甲"}, {"title": "乙"}])
    place.act("dengji", body, "accept")
    place.act("dengji", body, "assign", handler="jingban", opinion="请依法办理")
    place.act("dengji", body, "split", item_nos=[2], reason="分别办理")
    send(place, as_csv([*THREE, row(编号="4", 申请人类别="商业企业")]))
    with db.reader(place.engine) as session:
        pairs = session.execute(select(Case.applicant_kind, Applicant.kind).join(Applicant)).all()
    assert len(pairs) == 6
    assert all(mine is theirs for mine, theirs in pairs)
