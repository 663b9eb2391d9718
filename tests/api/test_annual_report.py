"""The annual report over HTTP: real published tables come back cell by cell, and every cell leads to what it counts."""

import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import db
from app.domain.report import RESULT_ROWS, TOTAL
from app.domain.terms import ApplicantKind, RemedyColumn, ReportColumn, ReportRow, Role
from app.models import JournalEntry
from tests.databases import Databases
from tests.ledgers import OPEN, as_csv, row, send
from tests.sizes import FULL
from tests.town import BUREAU, CITY, COUNTY, TOWNSHIP, Town, application, problem, town

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "annual_reports.json").read_text(encoding="utf-8")
)
SUQIAN, JINHU = PUBLISHED["reports"]
URL = "/statistics/annual-report"


def ledger_of(report: dict[str, Any]) -> bytes:
    """Write a ledger with as many requests per kind of applicant and result as a published table three says."""
    table, year = report["table3"], report["year"]
    days = [dt.date(year, 1, 4) + dt.timedelta(n) for n in range(300)]
    rows: list[list[Any]] = []
    for kind in ApplicantKind:
        results = [result.value for result in RESULT_ROWS for _ in range(table[result][kind])]
        results += [""] * table["carried_forward"][kind]
        for place, result in enumerate(results):
            carried = place < table["carried_over"][kind]
            received = dt.date(year - 1, 12, 1 + place % 30) if carried else days[place % len(days)]
            done = dt.date(year, 1, 2) + dt.timedelta(place % 20) if carried else received + dt.timedelta(place % 40)
            over = {"答复日期": done.isoformat(), "送达日期": done.isoformat(), "结案日期": ""} if result else OPEN
            if result.startswith("other"):
                over = {"答复日期": "", "送达日期": "", "结案日期": done.isoformat()}
            rows.append(
                row(
                    编号=f"{len(rows) + 1}",
                    收到日期=received.isoformat(),
                    申请人类别=kind.label,
                    **{**over, "处理结果": result},
                )
            )
    return as_csv(rows)


def report(place: Town, who: str = "duban", **query: Any) -> dict[str, Any]:
    answer = place.get(who, URL, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def checks(found: dict[str, Any]) -> dict[str, bool]:
    return {check["id"]: check["ok"] for check in found["checks"]}


@pytest.mark.parametrize("published", [JINHU, SUQIAN], ids=["jinhu", "suqian"])
def test_the_ledger_of_a_published_report_gives_back_exactly_that_table(place: Town, published: dict[str, Any]) -> None:
    if published is SUQIAN and place.engine.dialect.name != "sqlite" and not FULL:
        pytest.skip("thousands of cases on one database only, unless DISCLOSURE_FULL=1")
    place.go_to("2026-03-02 10:00")
    imported = send(place, ledger_of(published))
    assert imported.status_code == 201, imported.text
    total = published["table3"]["new_received"]["total"] + published["table3"]["carried_over"]["total"]
    assert imported.json()["cases"] == total
    found = report(place, agency=BUREAU, year=published["year"])
    assert found["table3"] == published["table3"]
    assert checks(found) == dict.fromkeys(("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"), True)
    assert (found["layout"], found["complete"], found["table4_source"]) == ("2021", True, "counted")
    for cell in (("granted", "natural_person"), ("carried_over", "total"), ("result_total", "commercial_enterprise")):
        listed = place.client.get(found["links"]["table3"][cell[0]][cell[1]], headers=place.headers("duban")).json()
        assert listed["total"] == published["table3"][cell[0]][cell[1]]

    body = {
        "agency_code": BUREAU,
        "year": published["year"],
        "table4": published["table4"],
        "source": published["source"][:200],
    }
    kept = place.post("duban", f"{URL}/published", body)
    assert kept.status_code == 201, kept.text
    cells = [cell for check in kept.json()["checks"] for cell in check["cells"]]
    wrong = [
        {"rule": f"table4_{cell['column']}", "block": cell["row"], "sum": cell["expected"], "printed": cell["printed"]}
        for cell in cells
    ]
    assert wrong == published["expected_check_failures"], "the error of the printed table is named, not refused"
    assert kept.json()["failed_checks"] == (["C4"] if wrong else [])
    again = report(place, agency=BUREAU, year=published["year"])
    assert (again["table4"], again["table4_source"]) == (published["table4"], "published")
    assert checks(again)["C4"] is not bool(wrong)
    assert list(again["links"]) == ["table3"]


FEW = [
    # received last year: done this year, done last year, still open
    row(编号="1", 收到日期="2024-12-20", 答复日期="2025-01-10", 送达日期="", 结案日期="", 处理结果="partially_granted"),
    row(编号="2", 收到日期="2024-11-20", 答复日期="2024-12-31", 送达日期="2025-01-03", 结案日期="", 处理结果="granted"),
    row(编号="3", 收到日期="2023-12-31", **OPEN),
    # received this year: done on the last day, done next year, never done; an organisation
    row(编号="4", 收到日期="2025-01-01", 答复日期="2025-12-31", 送达日期="", 结案日期="", 处理结果="unable_not_held"),
    row(编号="5", 收到日期="2025-12-31", 答复日期="2026-01-01", 送达日期="", 结案日期="", 处理结果="rejected_repeat"),
    row(编号="6", 收到日期="2025-06-01", 申请人类别="法律服务机构", **OPEN),
    row(编号="7", 收到日期="2025-05-01", 答复日期="", 送达日期="", 结案日期="2025-06-01", 处理结果="other_no_payment"),
]  # fmt: skip


@pytest.fixture(scope="module")
def settled(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose bureau has the seven cases of FEW, and a city supervisor."""
    url = databases.new()
    with town(databases.served(url), tmp_path_factory.mktemp("settled"), now="2026-03-02 10:00") as place:
        place.hire("shiduban", CITY, Role.CITY_SUPERVISOR)
        place.hire("quxian", COUNTY, Role.INTAKE_CLERK)
        assert send(place, as_csv(FEW)).status_code == 201
        county = row(编号="A", 收到日期="2025-03-03", 答复日期="2025-03-20", 送达日期="", 结案日期="")
        assert send(place, as_csv([county]), who="quxian", agency=COUNTY).status_code == 201
        yield place
    databases.drop(url)


def column(found: dict[str, Any], name: str) -> dict[str, int]:
    return {row: cells[name] for row, cells in found["table3"].items() if cells[name]}


def test_a_case_counts_in_the_year_of_its_receipt_and_in_the_year_it_was_answered(settled: Town) -> None:
    found = report(settled, agency=BUREAU, year=2025)
    assert column(found, "natural_person") == {
        "new_received": 3, "carried_over": 2, "partially_granted": 1, "unable_not_held": 1, "other_no_payment": 1,
        "result_total": 3, "carried_forward": 2,
    }  # fmt: skip
    assert column(found, "legal_service_org") == {"new_received": 1, "carried_forward": 1}
    assert found["carried_from"] == [{"year": 2023, "cases": 1}, {"year": 2024, "cases": 1}]
    assert all(checks(found).values())
    assert "新收政府信息公开申请4件，上年结转2件；办结3件" in found["texts"]["requests"]
    before, after = (report(settled, agency=BUREAU, year=year) for year in (2024, 2026))
    assert before["table3"]["carried_forward"] == found["table3"]["carried_over"]
    assert after["table3"]["carried_over"] == found["table3"]["carried_forward"]
    assert (after["complete"], found["complete"]) == (False, True)
    assert column(after, "natural_person")["rejected_repeat"] == 1


@pytest.mark.parametrize("year", [2020, 2024, 2025, 2026])
def test_every_cell_lists_exactly_what_it_counts(settled: Town, year: int) -> None:
    found = report(settled, "shiduban", agency=CITY, year=year, scope="subtree")
    for name, cells in found["table3"].items():
        for place, number in cells.items():
            if number or place == TOTAL:
                listed = settled.client.get(found["links"]["table3"][name][place], headers=settled.headers("shiduban"))
                assert listed.json()["total"] == len(listed.json()["items"]) == number, (name, place)


def test_a_subtree_is_the_sum_of_its_agencies(settled: Town) -> None:
    whole = report(settled, "shiduban", agency=CITY, year=2025, scope="subtree")
    parts = [report(settled, "shiduban", agency=code, year=2025) for code in (CITY, BUREAU, COUNTY, TOWNSHIP)]
    for name, cells in whole["table3"].items():
        assert cells == {place: sum(part["table3"][name][place] for part in parts) for place in cells}
    assert whole["table3"]["granted"]["total"] == 1


def test_a_case_that_was_transferred_counts_where_it_is_and_once(place: Town) -> None:
    place.hire("shiduban", CITY, Role.CITY_SUPERVISOR)
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "transfer", agency_code=COUNTY, reason="由区政府负责")
    whole, mine, theirs = (
        report(place, "shiduban", agency=code, year=2026, scope=scope)["table3"]["new_received"]["total"]
        for code, scope in ((CITY, "subtree"), (BUREAU, "own"), (COUNTY, "own"))
    )
    assert (whole, mine, theirs) == (1, 0, 1)


def test_other_kinds_of_case_and_unconfirmed_ones_are_not_counted(place: Town) -> None:
    place.register(channel="internet")
    body = application() | {"record": "登记表中的出生日期"}
    for field in ("items", "carrier"):
        del body[field]
    assert place.post("dengji", "/rectifications", body).status_code == 201
    assert place.get("duban", "/cases").json()["total"] == 2
    assert report(place, agency=BUREAU, year=2026)["table3"]["new_received"]["total"] == 0


def test_fees_are_added_up_for_section_six(place: Town) -> None:
    case = place.register()
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    place.act("jingban", case, "notify_fee", method="per_page", pages=45, payment="缴纳", sent_by="post")
    place.act("dengji", case, "record_payment", amount_yuan=150, receipt_no="37060026000123")
    place.act("dengji", case, "refund_fee", amount_yuan=20, reason="页数有误", receipt_no="37060026000124")
    found = report(place, agency=BUREAU, year=2026)
    assert found["fees"] == {"notified": 1, "paid": 1, "collected_yuan": 150, "refunded_yuan": 20, "closed_unpaid": 0}
    assert "收取信息处理费1件、150元，退付20元" in found["texts"]["fees"]
    assert report(place, agency=BUREAU, year=2025)["fees"]["paid"] == 0


def test_table_four_counts_what_was_decided_in_the_year_and_what_was_pending_at_its_end(place: Town) -> None:
    assert send(place, as_csv(FEW)).status_code == 201
    case = place.get("duban", "/cases", params={"q": "控制性", "sort": "id"}).json()["items"][0]
    filing = {
        "kind": "reconsideration",
        "authority": "海州市人民政府",
        "filed_on": "2025-02-01",
        "notified_on": "2025-02-05",
    }
    for decision, closed_on in (("upheld", "2025-04-01"), ("revoked", "2026-01-05"), (None, None)):
        remedy = place.post("dengji", f"/cases/{case['id']}/remedies", filing)
        assert remedy.status_code == 201, remedy.text
        if decision:
            body = {"decision": decision, "closed_on": closed_on, "cause": "K04"}
            done = place.post("jingban", f"/remedies/{remedy.json()['id']}/conclude", body)
            assert done.status_code == 200, done.text
    expected = {
        2024: {"upheld": 0, "corrected": 0, "other": 0, "pending": 0, "total": 0},
        2025: {"upheld": 1, "corrected": 0, "other": 0, "pending": 2, "total": 3},
        2026: {"upheld": 0, "corrected": 1, "other": 0, "pending": 1, "total": 2},
    }
    for year, cells in expected.items():
        found = report(place, agency=BUREAU, year=year)
        assert found["table4"]["reconsideration"] == cells
        for column, number in cells.items():
            href = found["links"]["table4"]["reconsideration"][column]
            listed = place.client.get(href, headers=place.headers("duban")).json()
            assert listed["total"] == len(listed["items"]) == number


def test_whose_figures_may_be_seen(settled: Town) -> None:
    assert settled.get("jingban", URL, params={"year": 2025}).json()["agency_code"] == BUREAU
    assert settled.get("jingban", URL, params={"year": 2025, "agency": CITY}).status_code == 404
    assert settled.get("duban", URL, params={"year": 2025, "agency": COUNTY}).status_code == 404
    assert settled.get("jingban", URL, params={"year": 2025, "scope": "subtree"}).status_code == 403
    assert "还没有到" in problem(settled.get("duban", URL, params={"year": 2027}))["detail"]
    assert settled.get("duban", f"{URL}.json", params={"year": 2025}).json() == report(settled, year=2025)


def test_the_form_of_2019_has_one_row_for_other_results(settled: Town) -> None:
    found = report(settled, agency=BUREAU, year=2025, layout="2019")
    assert "other_no_payment" not in found["table3"]
    assert found["table3"]["other_other"]["total"] == 1
    listed = settled.client.get(
        found["links"]["table3"]["other_other"]["total"], headers=settled.headers("duban")
    ).json()
    assert listed["total"] == 1
    assert report(settled, agency=BUREAU, year=2020)["layout"] == "2019"


def test_the_files_are_in_the_printed_layout(settled: Town) -> None:
    query: dict[str, Any] = {"agency": BUREAU, "year": 2025}
    book = load_workbook(io.BytesIO(settled.get("duban", f"{URL}.xlsx", params=query).content))
    assert book.sheetnames == ["表三", "表四", "正文", "校验"]
    sheet = book["表三"]
    assert {"A2:C4", "D2:J2", "E3:I3", "A7:A28", "B9:B16"} <= {str(merged) for merged in sheet.merged_cells.ranges}
    texts = {str(cell.value): (cell.row, cell.column) for cells in sheet.iter_rows() for cell in cells if cell.value}
    found = report(settled, **query)["table3"]
    line = texts["1.本机关不掌握相关政府信息"][0]
    assert [sheet.cell(line, place).value for place in range(4, 11)] == list(found["unable_not_held"].values())
    assert [sheet.cell(29, place).value for place in range(4, 11)] == list(found["carried_forward"].values())
    paper = docx.Document(io.BytesIO(settled.get("duban", f"{URL}.docx", params=query).content))
    assert [len(table.rows) for table in paper.tables] == [28, 4]
    assert paper.tables[0].cell(27, 9).text == str(found["carried_forward"]["total"])
    assert "办结3件" in "".join(paragraph.text for paragraph in paper.paragraphs)
    with db.reader(settled.engine) as session:
        taken = session.scalars(select(JournalEntry).where(JournalEntry.act == "exported").order_by(JournalEntry.id))
        assert [entry.data["file"] for entry in taken] == [
            "海州市规划局2025年年度报告表三表四.xlsx", "海州市规划局2025年年度报告.docx",
        ]  # fmt: skip


def test_a_frozen_report_stays_and_what_changed_since_is_told(place: Town) -> None:
    assert send(place, as_csv(FEW)).status_code == 201
    body = {"agency_code": BUREAU, "year": 2025, "note": "报送前冻结"}
    kept = place.post("duban", f"{URL}/snapshots", body).json()
    before = report(place, agency=BUREAU, year=2025)
    assert kept["table3"] == before["table3"]
    path = f"{URL}/snapshots/{kept['id']}"
    assert place.get("duban", f"{path}/differences").json() | {"as_of": ""} == {
        "snapshot_id": kept["id"], "as_of": "", "same": True, "items": [],
    }  # fmt: skip
    late = row(编号="8", 收到日期="2025-08-08", 答复日期="2025-08-20", 送达日期="", 结案日期="")
    assert send(place, as_csv([late])).status_code == 201
    told = place.get("duban", f"{path}/differences").json()
    assert {(one["row"], one["column"], one["kept"], one["live"]) for one in told["items"]} == {
        (name, place, kept["table3"][name][place], kept["table3"][name][place] + 1)
        for name in ("new_received", "granted", "result_total")
        for place in ("natural_person", "total")
    }
    assert place.get("duban", path).json()["table3"] == before["table3"]
    listed = place.get("duban", f"{URL}/snapshots", params={"year": 2025}).json()
    assert [(one["kind"], one["tables"], one["note"]) for one in listed["items"]] == [("frozen", [3, 4], "报送前冻结")]
    after = report(place, agency=BUREAU, year=2026)
    assert (after["previous_source"], checks(after)["C5"]) == ("published", True)
    assert send(place, as_csv([row(编号="9", 收到日期="2025-12-01", **OPEN)])).status_code == 201
    c5 = next(check for check in report(place, agency=BUREAU, year=2026)["checks"] if check["id"] == "C5")
    assert [(cell["row"], cell["column"], cell["printed"], cell["expected"]) for cell in c5["cells"]] == [
        ("carried_over", "natural_person", 3, 2),
        ("carried_over", "total", 4, 3),
    ]
    place.hire("quduban", COUNTY, Role.AGENCY_SUPERVISOR)
    assert place.get("quduban", path).status_code == 404

    book = place.get("duban", f"{path}.xlsx").content
    again = place.client.post(
        f"/api/v1{URL}/published/file",
        params={"agency": BUREAU, "year": 2025},
        files={"file": ("2025.xlsx", book)},
        headers=place.headers("duban"),
    )
    assert again.status_code == 201, again.text
    assert (again.json()["table3"], again.json()["kind"]) == (before["table3"], "published")


def test_a_city_is_held_against_what_its_agencies_published(place: Town) -> None:
    place.hire("shiduban", CITY, Role.CITY_SUPERVISOR)
    assert send(place, as_csv(FEW)).status_code == 201
    table = report(place, agency=BUREAU, year=2025)["table3"]
    table["granted"]["natural_person"] = 7
    body = {"agency_code": BUREAU, "year": 2025, "table3": table, "source": "官网"}
    kept = place.post("duban", f"{URL}/published", body).json()
    assert kept["failed_checks"] == ["C1", "C2"]
    whole = report(place, "shiduban", agency=CITY, year=2025, scope="subtree")
    c8 = next(check for check in whole["checks"] if check["id"] == "C8")
    assert [(cell["row"], cell["column"], cell["printed"], cell["expected"]) for cell in c8["cells"]] == [
        ("granted", "natural_person", 0, 7)
    ]


def test_only_what_is_no_table_at_all_is_refused(settled: Town) -> None:
    body = {"agency_code": BUREAU, "year": 2024, "source": "官网"}
    assert "至少要有一个" in problem(settled.post("duban", f"{URL}/published", body))["detail"]
    unknown = problem(settled.post("duban", f"{URL}/published", body | {"table3": {"nothing": {"total": 1}}}))
    assert "表3中有1行不是本表的" in unknown["detail"]
    odd = settled.post("duban", f"{URL}/published", body | {"table3": {"granted": {"total": "三件"}}}).json()
    assert "C7" in odd["failed_checks"]
    assert odd["details"]["unreadable"] == [["3", "granted", "total"]]
    assert settled.post("duban", f"{URL}/published", body | {"agency_code": COUNTY, "table4": {}}).status_code == 404


def test_columns_are_those_of_the_form() -> None:
    assert [*ReportColumn] == PUBLISHED["columns"]
    assert [column.label for column in ReportColumn] == PUBLISHED["column_labels"]
    assert [*RemedyColumn] == list(SUQIAN["table4"]["reconsideration"])
    assert ReportRow.GRANTED in RESULT_ROWS
