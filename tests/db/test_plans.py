"""The plans behind polls and lists: an index, not a walk through the table, at 100 000 cases on both databases."""

import datetime as dt
from collections.abc import Iterator
from typing import cast

import pytest
from sqlalchemy import Engine, Select, Table, create_engine, false, insert, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.domain.actor import Actor
from app.domain.terms import Channel, Role, State, WorklistView
from app.models import Agency, Applicant, Case, RunningClock
from app.services import cases, polling, worklist
from app.services.calendars import Calendars
from app.services.desk import Desk
from tests.databases import KEYRING

TODAY = dt.date(2026, 3, 31)
NOW = dt.datetime(2026, 3, 31, 1, tzinfo=dt.UTC)
CASES, WRITTEN, AGENCIES = 100_000, 4_000, 40


@pytest.fixture(scope="module")
def crowded(databases: object) -> Iterator[Engine]:
    """A city of forty agencies and 100 000 cases, one in ten open, one in a hundred overdue."""
    url = databases.new()  # type: ignore[attr-defined]  # the Databases protocol of tests.databases
    engine = db.build_engine(url, keyring=KEYRING)
    with db.writer(engine) as session:
        session.execute(
            insert(Agency),
            [
                {
                    "id": n,
                    "code": f"A{n}",
                    "name": f"机关{n}",
                    "path": f"/1/{n}/" if n > 1 else "/1/",
                    "region": "CN",
                    "settings": {},
                }
                for n in range(1, AGENCIES + 1)
            ],
        )
        session.execute(insert(Case), [_case(n) for n in range(WRITTEN)])
        _copy(session, CASES // WRITTEN - 1)
        waiting = select(Case.id, literal("natural_person")).where(Case.archived_on.is_(None))
        session.execute(insert(Applicant).from_select(["case_id", "kind"], waiting))
        due_on = Case.final_due_on
        running = select(Case.id, Case.agency_id, due_on, due_on, due_on, due_on, false()).where(
            Case.stopped_on.is_(None)
        )
        names = ["case_id", "agency_id", "due_on", "target_on", "overdue_after", "next_node_on", "provisional"]
        session.execute(insert(RunningClock).from_select(names, running))
        session.commit()
    _settle(engine)
    yield engine
    engine.dispose()


def _copy(session: Session, times: int) -> None:
    """Let the database multiply the cases: to send it as many took longer than a test may last on a busy machine."""
    table = cast("Table", Case.__table__)
    columns = [column for column in table.c if column.name != "id"]
    for number in range(times):
        told = [literal(f"{number}-").concat(one) if one.name == "case_no" else one for one in columns]
        copied = select(*told).where(table.c.id <= WRITTEN)
        session.execute(insert(table).from_select([column.name for column in columns], copied))


def _settle(engine: Engine) -> None:
    """Let the planner know everything, once: from samples, and beside a vacuum at work, it would not decide twice alike."""
    if engine.dialect.name == "sqlite":
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("ANALYZE"))
    else:
        alone = create_engine(engine.url, isolation_level="AUTOCOMMIT")
        with alone.connect() as connection:
            for table in ("cases", "running_clocks"):
                connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
            connection.execute(
                text("SET default_statistics_target = 1000")
            )  # samples 300 000 rows: more than there are
            connection.execute(text("VACUUM ANALYZE cases, running_clocks, applicants, agencies"))
        alone.dispose()
    engine.dispose()  # a connection of SQLite reads what was found out when it is opened


def _case(n: int) -> dict[str, object]:
    is_open = n % 10 == 0
    due_on = TODAY + dt.timedelta(days=-(n % 7) - 1 if n // 10 % 9 == 0 else n % 40)
    return {
        "version": 1,
        "case_no": f"C{n:07d}",
        "agency_id": n // 10 % AGENCIES + 1,
        "state": State.HANDLING if is_open else State.ARCHIVED,
        "channel": Channel.IN_PERSON,
        "query_code_digest": "-",
        "submitted_at": NOW,
        "received_on": TODAY,
        "title_sealed": "-",
        "final_due_on": due_on,  # of open cases a clock is made of it
        "stopped_on": None if is_open else due_on,
        "handler": f"jingban{n // 10 % 200}",
        "archived_on": None if is_open else TODAY,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _plan(session: Session, statement: Select[*tuple[object, ...]]) -> str:
    dialect = session.get_bind().dialect
    if dialect.name == "sqlite":
        compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        return "\n".join(row[3] for row in rows)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # as SQLAlchemy writes it
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return "\n".join(row[0] for row in session.execute(text(f"EXPLAIN {str(compiled).replace(':', chr(92) + ':')}")))


def _walks(plan: str, table: str = "cases") -> list[str]:
    """Lines of a plan that read all of a table."""
    return [
        line
        for line in plan.splitlines()
        if (line.strip().startswith(f"SCAN {table}") and "USING" not in line) or f"Seq Scan on {table}" in line
    ]


ACTORS = {
    "clerk": Actor(name="dengji", label="", agency_id=7, agency_path="/1/7/", roles=frozenset({Role.INTAKE_CLERK})),
    "handler": Actor(name="jingban7", label="", agency_id=8, agency_path="/1/8/", roles=frozenset({Role.HANDLER})),
    "leader": Actor(name="lingdao", label="", agency_id=7, agency_path="/1/7/", roles=frozenset({Role.APPROVER})),
    "city": Actor(name="key:x", label="", agency_id=1, agency_path="/1/", roles=frozenset({Role.SCRIPT_READER})),
}


def desk(session: Session, who: str) -> Desk:
    settings = Settings(secret="test-secret-of-at-least-32-characters")
    return Desk(session, ACTORS[who], Calendars().book(session), NOW, settings)


@pytest.mark.parametrize("who", ["clerk", "city"])
@pytest.mark.parametrize("kind", ["statutory", "local", "node"])
@pytest.mark.parametrize("later", [False, True], ids=["first page", "later page"])
def test_a_poll_for_overdue_cases_uses_an_index(crowded: Engine, who: str, kind: polling.Kind, later: bool) -> None:
    middle = TODAY - dt.timedelta(days=4)
    after = (middle, CASES // 2) if later else None
    with db.reader(crowded) as session:
        wanted = polling._DATES[kind] < TODAY
        statement = polling.query(desk(session, who), kind, None, 50, after, wanted)
        plan = _plan(session, statement)
        assert _walks(plan) == _walks(plan, "running_clocks") == [], plan
        assert "ix_running_clocks_" in plan
        if crowded.dialect.name == "sqlite":  # which would rather read every case of the agencies and sort them
            assert "USE TEMP B-TREE" not in plan, plan
        assert 0 < len(session.execute(statement).all()) <= 50


@pytest.mark.parametrize("sort", ["-id", "due_on"])
def test_a_clerks_list_uses_an_index(crowded: Engine, sort: cases.Sort) -> None:
    with db.reader(crowded) as session:
        plan = _plan(session, cases.statement(desk(session, "clerk"), cases.Query(sort=sort)))
        assert _walks(plan) == [], plan


@pytest.mark.parametrize("who", ACTORS)
def test_a_script_that_asks_what_was_changed_uses_an_index(crowded: Engine, who: str) -> None:
    since = cases.Query(updated_since=NOW + dt.timedelta(hours=1), sort="updated_at")
    with db.reader(crowded) as session:
        plan = _plan(session, cases.statement(desk(session, who), since))
        assert _walks(plan) == [], plan


@pytest.mark.parametrize(
    ("who", "view"),
    [
        *(("clerk", WorklistView.MINE), ("handler", WorklistView.MINE)),
        *(("leader", WorklistView.MINE), ("leader", WorklistView.TEAM)),
    ],
)
def test_a_work_list_uses_an_index_over_open_cases(crowded: Engine, who: str, view: WorklistView) -> None:
    with db.reader(crowded) as session:
        own, wanted = desk(session, who), worklist.Narrowing(view=view)
        for statement in (worklist.statement(own, wanted, 1, 20), worklist.tally(own, wanted)):
            plan = _plan(session, statement)
            assert _walks(plan) == [], plan
            assert "ix_cases_open" in plan, plan


def test_the_walk_through_the_table_would_be_noticed(crowded: Engine) -> None:
    with db.reader(crowded) as session:
        assert _walks(_plan(session, select(Case.id).where(Case.__table__.c.purpose == "x"))) != []
