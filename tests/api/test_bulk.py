"""Many applications in one request: each whole or not at all, and a result for every row."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app import db
from app.domain.terms import Role
from app.models import Applicant, Case, CaseItem, IssuedDocument, JournalEntry
from app.schemas.bulk import MOST
from tests.sizes import FULL
from tests.town import BUREAU, CITY, COUNTY, Town, application, problem

SENT = {"Idempotency-Key": "batch-1"}


def batch(*rows: Any) -> dict[str, Any]:
    return {"applications": list(rows)}


@pytest.fixture
def place(place: Town) -> Town:
    place.issue_key("门户", CITY, Role.PORTAL)
    return place


def test_every_row_gets_its_own_result(place: Town) -> None:
    known = place.post("门户", "/cases", application(external_no="P-1")).json()
    broken = application(external_no="P-4")
    broken["applicant"] = broken["applicant"] | {"id_number": "110105194912310021"}
    sent = batch(
        application(external_no="P-1"),
        application(external_no="P-2"),
        application(agency_code="nowhere", external_no="P-3"),
        broken,
        application(external_no="P-2"),
        application(submitted_at="2027-03-02T09:00:00+08:00"),
        "an application",
        application(agency_code=COUNTY, channel="internet"),
    )
    answer = place.post("门户", "/cases/bulk", sent, headers=SENT)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    rows = found["items"]
    assert (found["created"], found["existing"], found["refused"]) == (2, 2, 4)
    assert [row["result"] for row in rows] == [
        *("existing", "created", "refused", "refused", "existing", "refused", "refused", "created"),
    ]
    assert rows[0]["id"] == known["id"]
    assert rows[4]["id"] == rows[1]["id"]
    assert [row["row"] for row in rows] == [*range(1, 9)]
    reasons = [[(reason["code"], reason["field"]) for reason in row["reasons"]] for row in rows]
    assert reasons[2] == [("unknown_agency", "agency_code")]
    assert reasons[3] == [("value_error", "applicant")]
    assert reasons[5] == [("date_in_future", "submitted_at")]
    assert reasons[6][0][0] == "model_attributes_type"
    assert "110105194912310021" not in answer.text
    created = [row for row in rows if row["result"] == "created"]
    assert all(len(row["query_code"]) == 10 for row in created)
    assert all(row["query_code"] is None for row in rows if row not in created)
    for row in created:
        look = place.client.get(f"/api/v1/public/cases/{row['case_no']}", params={"query_code": row["query_code"]})
        assert look.status_code == 200
    assert place.get("门户", "/cases").json()["total"] == 3


def test_numbers_run_on_without_a_gap_for_refused_rows(place: Town) -> None:
    rows = [application(), application(agency_code="nowhere"), application()]
    found = place.post("dengji", "/cases/bulk", batch(*rows)).json()["items"]
    assert [row["case_no"] and row["case_no"][-6:] for row in found] == ["000001", None, "000002"]


def test_a_batch_that_is_sent_again_gets_the_first_answer(place: Town) -> None:
    rows = batch(*(application() for _ in range(3)))
    first, again = (place.post("门户", "/cases/bulk", rows, headers=SENT) for _ in range(2))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert place.get("门户", "/cases").json()["total"] == 3


def test_a_row_that_fails_half_way_leaves_nothing_behind(place: Town) -> None:
    def refuse(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO journal") and "000002" in str(last_case()):
            raise OverflowError

    def last_case() -> str:
        return numbers[-1] if numbers else ""

    numbers: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO cases "):
            numbers.append(str(parameters))

    event.listen(place.engine, "before_cursor_execute", note)
    event.listen(place.engine, "before_cursor_execute", refuse)
    answer = place.post("dengji", "/cases/bulk", batch(application(), application(), application()))
    event.remove(place.engine, "before_cursor_execute", note)
    event.remove(place.engine, "before_cursor_execute", refuse)
    assert answer.status_code == 500
    with db.reader(place.engine) as session:
        for table in (Case, Applicant, CaseItem, JournalEntry, IssuedDocument):
            assert session.scalar(select(func.count()).select_from(table)) == 0, table


def test_a_database_that_fails_is_no_rows_fault(place: Town) -> None:
    def refuse(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO journal"):
            raise OperationalError(statement, {}, Exception("disk full"))

    event.listen(place.engine, "before_cursor_execute", refuse)
    answer = place.post("dengji", "/cases/bulk", batch(application(), application()))
    event.remove(place.engine, "before_cursor_execute", refuse)
    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert place.get("dengji", "/cases").json()["total"] == 0


def test_batches_that_overlap_register_each_number_once(place: Town) -> None:
    def send(n: int) -> list[tuple[str, str]]:
        rows = [
            application(external_no=f"P-{i}", agency_code=(BUREAU, COUNTY, CITY)[i % 3])
            for i in sorted(range(8), key=lambda i: (n + i) % 8)
        ]
        answer = place.post("门户", "/cases/bulk", batch(*rows))
        assert answer.status_code == 200, answer.text
        return [(row["external_no"], row["result"]) for row in answer.json()["items"]]

    with ThreadPoolExecutor(4) as senders:
        told = [row for rows in senders.map(send, range(4)) for row in rows]
    assert sorted(number for number, result in told if result == "created") == [f"P-{n}" for n in range(8)]
    assert place.get("门户", "/cases").json()["total"] == 8


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_a_batch_has_between_one_and_five_hundred_rows(place: Town, count: int) -> None:
    answer = place.post("门户", "/cases/bulk", batch(*([{}] * count)))
    assert (answer.status_code, problem(answer)["reasons"][0]["field"]) == (422, "applications")


def test_a_full_batch_is_taken(place: Town) -> None:
    count = MOST if FULL else 40
    rows = batch(*(application(external_no=f"P-{n}") for n in range(count)))
    found = place.post("门户", "/cases/bulk", rows, headers=SENT).json()
    assert (found["created"], len({row["case_no"] for row in found["items"]})) == (count, count)
