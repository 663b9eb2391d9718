"""The annual report of a city with a million cases, counted live, beside a slow count that shares no code with it.

Run from the repository root: `python -m benchmarks.annual_report [--cases 1000000] [--kinds sqlite postgresql]`. The cases
are made inside the database. Printed per year: the whole report as the endpoint builds it (tables, fees, checks), the
statement of table three alone with the heap pages it visited, and the slow count, which walks over every case and
applicant in Python; all three must say the same.
"""

import argparse
import datetime as dt
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.domain.actor import Actor
from app.domain.terms import ApplicantKind, ReplyKind, ReportScope, Role
from app.migrate import migrate
from app.models import Agency, Applicant, Case
from app.schemas.annual_report import annual_report_out
from app.services import agencies, annual_report
from app.services.calendars import Calendars
from app.services.desk import Desk
from benchmarks.sealed import RING
from tests.databases import postgresql_server

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
AGENCIES = 300
FIRST_DAY = dt.date(2016, 1, 1)
DAYS = 3_700  # of receipt: ten years up to the day of asking
KINDS = [kind.value for kind in ApplicantKind]
OUTCOMES = (
    "grant",
    "partial",
    "deny_third_party",
    "unable_not_exist",
    "reject_petition",
    "closed_no_correction",
    "closed_other",
)

# Whoever made the city must not be whoever counts it: kinds, outcomes and days follow from the number by remainders.
_MADE = {
    "sqlite": """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
        INSERT INTO cases (id, version, kind, case_no, agency_id, state, channel, query_code_digest, submitted_at,
            received_on, title, applicant_kind, outcome, stopped_on, archived_on, created_at, updated_at)
        SELECT i, 1, 'disclosure', 'C' || i, 1 + i * 7919 % :agencies,
            CASE WHEN {open} THEN 'handling' ELSE 'archived' END, 'internet', '-', :now,
            {day}, '城东片区控制性详细规划的批复', {kind}, CASE WHEN {open} THEN NULL ELSE {outcome} END,
            CASE WHEN {open} THEN NULL ELSE {ended} END, CASE WHEN {open} THEN NULL ELSE {ended} END, :now, :now FROM n
    """,
    "postgresql": """
        INSERT INTO cases (id, version, kind, case_no, agency_id, state, channel, query_code_digest, submitted_at,
            received_on, title, applicant_kind, outcome, stopped_on, archived_on, created_at, updated_at)
        SELECT i, 1, 'disclosure', 'C' || i, 1 + i * 7919 % :agencies,
            CASE WHEN {open} THEN 'handling' ELSE 'archived' END, 'internet', '-', :now,
            {day}, '城东片区控制性详细规划的批复', {kind}, CASE WHEN {open} THEN NULL ELSE {outcome} END,
            CASE WHEN {open} THEN NULL ELSE {ended} END, CASE WHEN {open} THEN NULL ELSE {ended} END, :now, :now
        FROM generate_series(CAST(1 AS bigint), :count) AS n(i)
    """,
}


def _choice(values: list[str], number: str) -> str:
    picks = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
    return f"CASE {number} % {len(values)} {picks} END"


def fill(engine: Engine, count: int) -> None:
    """Make the agencies and the cases, one in five hundred still open."""
    name = engine.dialect.name
    with db.writer(engine) as session:
        root = Agency(code="370600", name="海州市人民政府", region="CN", settings={})
        agencies.plant(session, root, "/")
        for n in range(1, AGENCIES):
            below = Agency(code=f"370600-{n:03}", name=f"机关{n}", region="CN", settings={}, parent_id=root.id)
            agencies.plant(session, below, root.path)
        offset = f"CAST(i AS bigint) * {DAYS} / :count"
        took = "(i * 31 % 45)"
        if name == "sqlite":
            offset = f"i * {DAYS} / :count"
            day, ended = (
                f"date('{FIRST_DAY}', ({offset}) || ' days')",
                f"date('{FIRST_DAY}', ({offset} + {took}) || ' days')",
            )
        else:
            day = f"DATE '{FIRST_DAY}' + CAST({offset} AS integer)"
            ended = f"DATE '{FIRST_DAY}' + CAST({offset} + {took} AS integer)"
        words = {
            "open": "(i % 500 = 0)",
            "day": day,
            "ended": ended,
            "kind": _choice(KINDS, "(i / 3)"),
            "outcome": _choice(list(OUTCOMES), "(i / 11)"),
        }
        given = {"count": count, "agencies": AGENCIES, "now": NOW.replace(tzinfo=None) if name == "sqlite" else NOW}
        session.execute(text(_MADE[name].format(**words)), given)
        session.execute(
            text("INSERT INTO applicants (case_id, kind, name) SELECT id, applicant_kind, '张三' FROM cases")
        )
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if name == "postgresql" else "ANALYZE")


def slow_count(session: Session, year: int) -> dict[tuple[str, str], int]:
    """Count rows × kinds of a city's table three case by case, from the applicants and not from what the case repeats."""
    found: Counter[tuple[str, str]] = Counter()
    rows = session.execute(
        select(Case.received_on, Case.stopped_on, Case.outcome, Applicant.kind).join(
            Applicant, Applicant.case_id == Case.id
        )
    )
    for received_on, stopped_on, outcome, kind in rows.yield_per(20_000):
        assert received_on is not None, "this city has none that waits for its day of receipt"
        if received_on.year > year or (stopped_on is not None and stopped_on.year < year):
            continue
        found["new_received" if received_on.year == year else "carried_over", kind.value] += 1
        if stopped_on is None or stopped_on.year > year:
            found["carried_forward", kind.value] += 1
        else:
            found["result_total", kind.value] += 1
            if outcome is ReplyKind.GRANT:
                found["granted", kind.value] += 1
    return found


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'city.sqlite3'}"
        return
    with postgresql_server(folder / "postgresql") as server:
        url = make_url(server).set(drivername="postgresql+psycopg", database="city")
        plain = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as admin:
            admin.execute("CREATE DATABASE city")
        yield url.render_as_string(hide_password=False)


def timed(work: Callable[[], Any], times: int = 7) -> tuple[float, float, Any]:
    """Do it several times; returns the median and the worst in milliseconds, and what came out."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        made = work()
        spent.append((time.perf_counter() - began) * 1000)
    return median(spent), max(spent), made


def heap_fetches(session: Session, asked: annual_report.Asked) -> str:
    """Say how often the statement of table three had to visit the table itself."""
    if session.get_bind().dialect.name != "postgresql":
        return "—"
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # as SQLAlchemy writes it
    statement = annual_report.statement(asked).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    plan = session.execute(text(f"EXPLAIN (ANALYZE, TIMING OFF) {str(statement).replace(':', chr(92) + ':')}"))
    lines = [row[0].strip() for row in plan]
    return "；".join(line for line in lines if line.startswith("Heap Fetches") or "Scan" in line)[:200]


def _answer(desk: Desk, asked: annual_report.Asked) -> str:
    return annual_report_out(annual_report.build(desk, asked)).model_dump_json()


def run(kind: str, count: int, folder: Path) -> None:
    with databases(kind, folder) as url:
        migrate(url, NOW)
        engine = db.everywhere(db.build_engine(url, keyring=RING))
        began = time.perf_counter()
        fill(engine, count)
        print(f"{kind}: {count} cases of {AGENCIES} agencies made in {time.perf_counter() - began:.1f} s", flush=True)
        actor = Actor(name="x", label="", agency_id=1, agency_path="/1/", roles=frozenset({Role.CITY_SUPERVISOR}))
        settings = Settings(secret="benchmark-secret-of-32-characters-")
        with db.reader(engine) as session:
            desk = Desk(session, actor, Calendars().book(session), NOW, settings)
            for year in (2025, 2020, 2016):
                whole = annual_report.ask(desk, "370600", year, ReportScope.SUBTREE)
                own = annual_report.ask(desk, "370600-007", year, ReportScope.OWN)
                usual, worst, report = timed(partial(annual_report.build, desk, whole))
                answer, _, _ = timed(partial(_answer, desk, whole))
                alone, _, _ = timed(partial(annual_report.table_three, session, whole))
                small, _, _ = timed(partial(annual_report.build, desk, own))
                began = time.perf_counter()
                slow = slow_count(session, year)
                seconds = time.perf_counter() - began
                same = all(report.table3[key] == number for key, number in slow.items())
                print(
                    f"  {year}: city {usual:.0f} ms (worst {worst:.0f}), with its JSON {answer:.0f} ms, table three alone "
                    f"{alone:.0f} ms; one agency {small:.0f} ms; slow count {seconds:.1f} s: {'the same' if same else 'DIFFERS'}"
                )
                if not same:
                    raise SystemExit("the fast count and the slow one differ")
            print(f"  plan: {heap_fetches(session, whole)}")
        engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="+", default=["postgresql", "sqlite"], choices=["postgresql", "sqlite"])
    given = parser.parse_args()
    for kind in given.kinds:
        with tempfile.TemporaryDirectory() as folder:
            run(kind, given.cases, Path(folder))


if __name__ == "__main__":
    main()
