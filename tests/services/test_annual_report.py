"""The live count against a slow one that shares no code with it, and the plan it runs by."""

import datetime as dt
import re
from collections import Counter
from random import Random

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.domain.replies import REPLIES
from app.domain.report import Table3
from app.domain.terms import ApplicantKind, Channel, ReplyKind, ReportForm, ReportScope, State
from app.models import Agency, Case
from app.services import annual_report
from app.services.annual_report import Asked

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
CASES = 3_000


def make(session: Session, seed: int) -> list[dict[str, object]]:
    """Fill a city of six agencies with cases whose kinds, days and results follow no rule; returns their rows."""
    chance = Random(seed)
    agencies = [
        {
            "id": n,
            "code": f"A{n}",
            "name": f"机关{n}",
            "path": "/1/" if n == 1 else f"/1/{n}/",
            "region": "CN",
            "settings": {},
        }
        for n in range(1, 7)
    ]
    session.execute(insert(Agency), agencies)
    rows: list[dict[str, object]] = []
    for n in range(CASES):
        received_on = dt.date(2022, 6, 1) + dt.timedelta(chance.randrange(1300))
        over = chance.random() < 0.9
        rows.append(
            {
                "version": 1,
                "kind": chance.choice(["disclosure"] * 9 + ["complaint"]),
                "case_no": f"C{n}",
                "agency_id": chance.randrange(1, 7),
                "state": State.ARCHIVED if over else State.HANDLING,
                "channel": Channel.INTERNET,
                "query_code_digest": "-",
                "submitted_at": AT,
                "received_on": received_on if chance.random() < 0.98 else None,
                "title_sealed": "-",
                "applicant_kind": chance.choice(list(ApplicantKind)),
                "outcome": chance.choice(list(ReplyKind)) if over else None,
                "stopped_on": received_on + dt.timedelta(chance.randrange(0, 500)) if over else None,
                "created_at": AT,
                "updated_at": AT,
            }
        )
        if rows[-1]["received_on"] is None:
            rows[-1]["stopped_on"] = None
    session.execute(insert(Case), rows)
    return rows


def slowly(rows: list[dict[str, object]], agency_ids: set[int], year: int) -> dict[tuple[str, str], int]:
    """Count case by case, as somebody with a pencil would."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        received_on, stopped_on, kind = row["received_on"], row["stopped_on"], row["applicant_kind"]
        if row["kind"] != "disclosure" or row["agency_id"] not in agency_ids or not isinstance(received_on, dt.date):
            continue
        ended = stopped_on.year if isinstance(stopped_on, dt.date) else 9999
        if received_on.year > year or ended < year:
            continue
        marks = ["new_received" if received_on.year == year else "carried_over"]
        marks.append("carried_forward" if ended > year else REPLIES[ReplyKind(str(row["outcome"]))].row.value)
        if ended == year:
            marks.append("result_total")
        for mark in marks:
            for column in (str(kind), "total"):
                found[mark, column] += 1
    return found


def asked(session: Session, year: int, *ids: int) -> Asked:
    agency = session.get_one(Agency, 1)
    return Asked(agency, year, ReportScope.SUBTREE, ReportForm.FORM_2021, ids, everywhere=len(ids) == 6)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_live_count_is_that_of_a_slow_one(session: Session, seed: int) -> None:
    rows = make(session, seed)
    for ids in ((1, 2, 3, 4, 5, 6), (2,), (3, 5)):
        for year in (2022, 2023, 2024, 2026):
            table, carried_from = annual_report.table_three(session, asked(session, year, *ids))
            expected = slowly(rows, set(ids), year)
            assert {place: table[place] for place in Table3.places() if table[place]} == expected
            assert sum(carried_from.values()) == expected["carried_over", "total"]


@pytest.mark.parametrize("ids", [(1, 2, 3, 4, 5, 6), (2,)], ids=["city", "one agency"])
def test_the_statement_of_table_three_is_answered_by_its_index(
    engine: Engine, session: Session, ids: tuple[int, ...]
) -> None:
    make(session, 3)
    statement = annual_report.statement(asked(session, 2024, *ids))
    if engine.dialect.name == "sqlite":
        compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
        reads = [line for line in plan if "cases" in line]
        assert len(reads) == 3
        # SQLite visits the rows behind an index, for the kind that it is narrowed to; which index, its statistics decide.
        assert all(re.search(r"USING (COVERING )?INDEX ix_cases_", line) for line in reads), plan
        return
    session.execute(text("SET LOCAL enable_seqscan = off"))  # three thousand rows would be read faster whole
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # as SQLAlchemy writes it
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    plan = [row[0] for row in session.execute(text(f"EXPLAIN {compiled}"))]
    assert sum("Index Only Scan using ix_cases_annual_report" in line for line in plan) >= 2, plan
    assert not any("Seq Scan on cases" in line for line in plan), plan


def test_years_are_told_by_the_cases_themselves(session: Session) -> None:
    make(session, 4)
    received = session.scalars(select(Case.received_on).where(Case.received_on.is_not(None), Case.kind == "disclosure"))
    by_year = Counter(day.year for day in received if day)
    for year, number in by_year.items():
        table, _ = annual_report.table_three(session, asked(session, year, 1, 2, 3, 4, 5, 6))
        assert table["new_received", "total"] == number
