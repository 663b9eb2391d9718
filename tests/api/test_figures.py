"""Statistics over HTTP: who sees which figures, the bulletins as files, supervisions and lists of problems."""

import io
from typing import Any

import docx
import openpyxl
import pytest
from sqlalchemy import select

from app import db
from app.domain.period import Period
from app.domain.small_numbers import withheld
from app.domain.terms import Role
from app.models import JournalEntry
from tests.town import BUREAU, CITY, COUNTY, Town, application, problem

FORMULA = '=HYPERLINK("http://example.com","看这里")'


@pytest.fixture
def office(place: Town) -> Town:
    place.hire("shi", CITY, Role.CITY_SUPERVISOR)
    place.hire("xian", COUNTY, Role.INTAKE_CLERK)
    return place


def many(place: Town) -> list[dict[str, Any]]:
    """Six requests to the bureau in March, one of them by a company; two to the county."""
    cases = [place.register(submitted_at=f"2026-03-{day:02d}T09:00:00+08:00") for day in (2, 2, 2, 2, 2)]
    company = application()["applicant"] | {"kind": "commercial_enterprise", "id_type": None, "id_number": None}
    cases.append(place.register(applicant=company))
    cases += [place.register("xian", agency_code=COUNTY, items=[{"title": f"第{n}件"}]) for n in (1, 2)]
    return cases


def test_an_overview_shows_the_scope_its_reader_may_see(office: Town) -> None:
    many(office)
    office.enter_subjects()
    office.go_to("2026-04-10")
    whole = office.get("shi", "/statistics/overview", params={"period": "2026Q1"}).json()
    assert (whole["volumes"]["received"]["count"], whole["period"]["label"]) == (8, "2026年第一季度")
    assert [part["count"] for part in whole["marks"]] == [0, 8, 0]
    assert [(month["month"], month["received"]) for month in whole["trend"]][-1] == ("2026-03", 8)
    [hot] = [one for one in whole["hot_subjects"] if one["agency_code"] == BUREAU]
    assert (hot["requests"], hot["applicants"], hot["title"]) == (6, 2, "城东片区控制性详细规划的批复")
    own = office.get("dengji", "/statistics/overview", params={"period": "2026Q1"}).json()
    assert (own["volumes"]["received"]["count"], own["scope"]) == (6, "own")
    assert office.get("dengji", "/statistics/overview", params={"agency": COUNTY}).status_code == 404
    wrong = office.get("shi", "/statistics/overview", params={"period": "2026Q5"})
    assert (wrong.status_code, problem(wrong)["reasons"][0]["code"]) == (422, "bad_period")
    [busy] = office.get("shi", "/statistics/applicants", params={"period": "2026Q1"}).json()
    assert (busy["name"], busy["requests"], busy["agencies"]) == ("张*", 7, 2)
    assert office.get("dengji", "/statistics/applicants", params={"period": "2026Q1"}).json()[0]["requests"] == 5
    previous = office.get("shi", "/statistics/overview", params={"period": "2026-04"}).json()
    assert previous["volumes"]["received"] == {"count": 0, "previous": 8, "change": -1.0}
    listed = office.get("shi", "/statistics/supervision", params={"mark": "red"}).json()
    assert (listed["total"], listed["items"][0]["workdays"]) == (8, 8)


def test_small_numbers_about_persons_are_withheld_from_other_agencies(office: Town) -> None:
    many(office)
    query = {"period": "2026Q1"}

    def persons(who: str) -> dict[str, list[int | None]]:
        rows = office.get(who, "/statistics/agencies", params=query).json()["items"]
        return {row["agency_code"]: [part["count"] for part in row["applicant_kinds"]] for row in rows}

    assert persons("shi")[BUREAU] == [5, 1, 0, 0, 0, 0]
    assert persons("xian")[BUREAU] == [None, None, 0, 0, 0, 0]  # the one company, and what would tell of it
    assert persons("xian")[COUNTY] == [2, 0, 0, 0, 0, 0]
    assert persons("dengji")[COUNTY] == [None] * 6
    hidden = office.get("xian", "/statistics/bulletin", params={"period": "2026Q1"}).json()
    assert hidden["overdue"] == []


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 9, "b": 7}, {"a": 9, "b": 7}),
        ({"a": 9, "b": 3, "c": 0}, {"a": None, "b": None, "c": 0}),
        ({"a": 9, "b": 3, "c": 2}, {"a": 9, "b": None, "c": None}),
        ({"a": 3, "b": 0}, {"a": None, "b": None}),
        ({"a": 0, "b": 0}, {"a": 0, "b": 0}),
    ],
)
def test_a_withheld_number_cannot_be_worked_out_from_the_sum(
    counts: dict[str, int], shown: dict[str, int | None]
) -> None:
    assert withheld(counts) == shown


@pytest.mark.parametrize(
    ("written", "label", "first", "last", "previous"),
    [
        ("2026", "2026年", "2026-01-01", "2026-12-31", "2025"),
        ("2026Q1", "2026年第一季度", "2026-01-01", "2026-03-31", "2025Q4"),
        ("2026Q4", "2026年第四季度", "2026-10-01", "2026-12-31", "2026Q3"),
        ("2026-01", "2026年1月", "2026-01-01", "2026-01-31", "2025-12"),
        ("2024-02", "2024年2月", "2024-02-01", "2024-02-29", "2024-01"),
    ],
)
def test_a_period_knows_its_days_and_the_one_before(
    written: str, label: str, first: str, last: str, previous: str
) -> None:
    period = Period.read(written)
    assert (str(period), period.label, str(period.first), str(period.last)) == (written, label, first, last)
    assert (str(period.previous), period.previous.following) == (previous, period)


def test_a_supervision_is_answered_returned_and_closed_and_the_bulletin_tells(office: Town) -> None:
    case, *_ = many(office)
    office.go_to("2026-04-10")
    demand = {"case_id": case["id"], "mark": "red", "demand": FORMULA, "answer_by": "2026-04-14"}
    issued = office.post("shi", "/supervisions", demand)
    assert issued.status_code == 201
    number = issued.json()["id"]
    assert office.post("dengji", "/supervisions", demand).status_code == 403
    assert office.get("xian", f"/supervisions/{number}").status_code == 404
    assert office.post("xian", f"/supervisions/{number}/answer", {"answer": "已办"}).status_code == 404
    office.go_to("2026-04-15")
    assert office.get("jingban", "/supervisions", params={"late": True}).json()["total"] == 1
    answered = office.post("jingban", f"/supervisions/{number}/answer", {"answer": "已补充检索"})
    assert (answered.json()["status"], answered.json()["late"]) == ("answered", False)
    empty = office.post("shi", f"/supervisions/{number}/close", {"accepted": False})
    assert (empty.status_code, empty.json()["detail"]) == (422, "退回重报的，须写明意见和新的期限")
    back = {"accepted": False, "opinion": "没有说明原因", "answer_by": "2026-04-17"}
    assert office.post("shi", f"/supervisions/{number}/close", back).json()["status"] == "returned"
    assert office.post("jingban", f"/supervisions/{number}/answer", {"answer": "原因是档案移交"}).status_code == 200
    listed = office.post("shi", "/problems", {
        "agency_code": BUREAU, "source": "bulletin", "title": FORMULA, "rectify_by": "2026-04-30",
    })  # fmt: skip
    assert listed.status_code == 201

    book = openpyxl.load_workbook(
        io.BytesIO(office.get("shi", "/statistics/bulletin.xlsx", params={"period": "2026Q1"}).content)
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.value for cell in cells if cell.value == FORMULA} == {FORMULA}
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    comparison = next(iter(book))
    assert [row[1].value for row in comparison.iter_rows(min_row=2)] == [
        *("海州市人民政府", "海州市规划局", "海东区人民政府", "竹溪镇人民政府"),
    ]
    text = docx.Document(
        io.BytesIO(office.get("shi", "/statistics/bulletin.docx", params={"period": "2026Q1"}).content)
    )
    assert "全市新收政府信息公开申请8件" in "".join(paragraph.text for paragraph in text.paragraphs)
    with db.reader(office.engine) as session:
        taken = session.scalars(
            select(JournalEntry).where(JournalEntry.act == "exported").order_by(JournalEntry.id)
        ).all()
    assert [entry.data["file"].rpartition("通报")[2] for entry in taken] == [".xlsx", ".docx"]
    assert office.post("shi", f"/supervisions/{number}/close", {"accepted": True}).json()["status"] == "closed"
    assert office.post("jingban", f"/supervisions/{number}/answer", {"answer": "再说"}).status_code == 409

    number = listed.json()["id"]
    assert office.post("xian", f"/problems/{number}/rectify", {"status": "done"}).status_code == 404
    done = office.post("jingban", f"/problems/{number}/rectify", {"status": "done", "measures": "补充提醒"})
    assert (done.json()["rectified_on"], done.json()["status_label"]) == ("2026-04-15", "已整改")
    assert office.get("xian", "/problems").json()["total"] == 0


def test_the_problem_behind_a_request_is_tagged_and_followed_up(office: Town) -> None:
    case = office.register()
    tagged = office.post("jingban", f"/cases/{case['id']}/underlying-problems", {"problem": "land"})
    assert tagged.status_code == 201
    assert office.get("xian", f"/cases/{case['id']}/underlying-problems").status_code == 404
    solved = {"status": "solved", "follow_up": "补偿款已到位"}
    path = f"/underlying-problems/{tagged.json()['id']}/follow-up"
    assert office.post("xian", path, solved).status_code == 404
    assert office.post("jingban", path, solved).json()["followed_on"] == "2026-03-02"
    [found] = office.get("shi", "/statistics/underlying-problems").json()
    assert (found["problem_label"], found["cases"], found["solved"]) == ("征地拆迁和补偿安置", 1, 1)


def test_rates_of_correction_and_defeat_are_told_by_agency_reply_kind_and_cause(office: Town) -> None:
    case, other, third, *_ = many(office)
    office.go_to("2026-05-20")
    for subject, kind, decision, cause in (
        (case, "reconsideration", "revoked", "K04"),
        (other, "reconsideration", "upheld", None),
        (third, "litigation_direct", "declared_unlawful", "K01"),
    ):
        filing = {"kind": kind, "authority": "某机关", "filed_on": "2026-04-10"}
        remedy = office.post("dengji", f"/cases/{subject['id']}/remedies", filing).json()
        decided = {"decision": decision, "closed_on": "2026-05-11", "cause": cause}
        office.post("jingban", f"/remedies/{remedy['id']}/conclude", decided)
    office.post(
        "dengji",
        f"/cases/{case['id']}/remedies",
        {"kind": "complaint", "authority": "市政府", "filed_on": "2026-05-12"},
    )
    found = office.get("shi", "/statistics/remedies", params={"period": "2026Q2"}).json()
    assert (found["total"]["filed"], found["total"]["pending"]) == (4, 1)
    assert (found["total"]["correction_rate"], found["total"]["defeat_rate"]) == (0.5, 1.0)
    assert [(one["key"], one["filed"]) for one in found["items"]] == [(BUREAU, 4)]
    causes = office.get("shi", "/statistics/remedies", params={"period": "2026Q2", "by": "cause"}).json()["items"]
    assert {(one["key"], one["label"], one["filed"]) for one in causes} == {
        ("K01", "超期答复", 1), ("K04", "信息不存在但检索不足", 1), (None, None, 2),
    }  # fmt: skip
    kinds = office.get("shi", "/statistics/remedies", params={"period": "2026Q2", "by": "reply_kind"}).json()["items"]
    assert [(one["key"], one["filed"]) for one in kinds] == [(None, 4)]  # complained of before any reply
