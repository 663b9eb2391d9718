"""The sweep over all running cases: the same as one case at a time, never stale, begun anew where it broke off."""

import datetime as dt
import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.orm import Session, joinedload

from app import db
from app.config import Settings
from app.domain.actor import Actor
from app.domain.terms import Role
from app.models import Agency, CalendarNotice, Case, ClockEntry, JournalEntry
from app.services import clocks, notices, recompute
from app.services.calendars import Calendars
from app.services.desk import Desk, shanghai_date
from app.services.notices import Content
from app.services.recompute import Spans, Sweep
from app.services.stages import LANES
from tests import projections
from tests.databases import opened
from tests.notices import NOTICE_2027

NOW = dt.datetime(2026, 12, 31, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
Result = TypeVar("Result")
LONGER = Content(
    region="CN",
    year=2027,
    source="多放一天的通知",
    off=[(dt.date.fromisoformat(day), "") for day in [*NOTICE_2027["off"], "2027-01-04"]],
    work=[dt.date.fromisoformat(day) for day in NOTICE_2027["work"]],
)


class Office:
    """Stages without HTTP, over a real database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.calendars = Calendars()
        self.settings = Settings(secret="test-secret-of-at-least-32-characters")
        self.between: Callable[[], None] = lambda: None
        self.lanes = 1 if engine.dialect.name == "sqlite" else LANES

    def desk(self, session: Session, *, hold: bool = False) -> Desk:
        book = (self.calendars.held_book if hold else self.calendars.book)(session)
        actor = Actor(name="xitong", label="系统", agency_id=1, agency_path="/1/", roles=frozenset({Role.SYSTEM_ADMIN}))
        return Desk(session, actor, book, NOW, self.settings)

    def read(self, work: Callable[[Desk], Result]) -> Result:
        with db.reader(self.engine) as session:
            return work(self.desk(session))

    def write(self, work: Callable[[Desk], Result], *, hold_calendar: bool = True) -> Result:
        with db.writer(self.engine) as session:
            done = work(self.desk(session, hold=hold_calendar))
            session.commit()
        self.between()
        return done


@pytest.fixture
def office(fresh_database: str) -> Iterator[Office]:
    engine = opened(fresh_database)
    with db.writer(engine) as session:
        for number, (region, settings) in enumerate(
            [
                ("CN", {"local_limit_workdays": 15}),
                ("CN", {}),
                ("CN-45", {"local_limit_workdays": 10, "readings": {"receipt_on_rest_day": "next_workday"}}),
            ],
            1,
        ):
            session.add(
                Agency(code=f"A{number}", name=f"机关{number}", path=f"/{number}/", region=region, settings=settings)
            )
        session.commit()
    yield Office(engine)
    engine.dispose()


def histories(chance: random.Random, received_on: dt.date) -> list[dict[str, Any]]:
    """Make up what may have happened to a case."""

    def after(days: int) -> str:
        return (received_on + dt.timedelta(days)).isoformat()

    pick = chance.randrange(7)
    on = chance.randint(1, 9)
    made: list[list[dict[str, Any]]] = [
        [],
        [],
        [{"act": "extended", "on": after(on), "workdays": chance.randint(1, 20)}],
        [
            {"act": "consultation_sent", "on": after(on), "ref": "A", "kind": "third_party"},
            {"act": "consultation_sent", "on": after(on + 2), "ref": "B", "kind": "co_producer"},
            {"act": "consultation_answered", "on": after(on + 5), "ref": "A"},
        ],
        [{"act": "correction_requested", "on": after(on), "delivered_on": after(on + 1), "reply_within_workdays": 10}],
        [{"act": "correction_requested", "on": after(1)}, {"act": "correction_received", "on": after(on + 1)}],
        [{"act": "replied", "on": after(on)}],
    ]
    return made[pick]


def open_cases(office: Office, count: int, seed: int = 1) -> None:
    """Enter cases with their projections, folded one by one by the calendar in force."""
    chance = random.Random(seed)
    with db.writer(office.engine) as session:
        book = office.calendars.book(session)
        agencies = session.scalars(select(Agency).order_by(Agency.id)).all()
        for number in range(count):
            agency = chance.choice(agencies)
            sent_on = dt.date(2026, 12, 1) + dt.timedelta(chance.randrange(30))
            confirmed = chance.random() < 0.9
            case = Case(
                case_no=f"{seed}-{number:06}",
                agency_id=agency.id,
                state="handling",
                channel="internet",
                query_code_digest=f"{seed}-{number}",
                submitted_at=dt.datetime.combine(sent_on, dt.time(2), dt.UTC),
                received_on=sent_on if confirmed else None,
                title="测试",
                created_at=NOW,
                updated_at=NOW,
            )
            acts = histories(chance, sent_on) if confirmed else []
            calendar = book.of(agency.region)
            clocks.project(case, [clocks.act_of(a) for a in acts], clocks.rules_of(agency), calendar, book.edition)
            session.add(case)
            session.flush()
            for act in acts:
                session.add(
                    ClockEntry(
                        case_id=case.id,
                        act=act["act"],
                        on=dt.date.fromisoformat(act["on"]),
                        data=act,
                        recorded_at=NOW,
                        recorded_by="test",
                    )
                )
        session.commit()


def folded_one_by_one(office: Office) -> dict[int, clocks.Projection]:
    """Fold every case by itself, by the calendar it is counted by."""
    found = {}
    with db.reader(office.engine) as session:
        book = Calendars().book(session)
        for case, agency in session.execute(select(Case, Agency).join(Agency, Agency.id == Case.agency_id)):
            acts = clocks.acts_of(session, [case.id]).get(case.id, ())
            calendar = clocks.calendar_of(session, book, case, agency.region)
            submitted_on = shanghai_date(case.submitted_at)
            fresh = clocks.projection(case.received_on, submitted_on, acts, clocks.rules_of(agency), calendar)
            found[case.id] = projections.to_store(fresh)
    return found


def stored(office: Office) -> dict[int, clocks.Projection]:
    with db.reader(office.engine) as session:
        return {
            case.id: projections.stored(case) for case in session.scalars(select(Case).options(joinedload(Case.clock)))
        }


def moves(office: Office) -> list[JournalEntry]:
    with db.reader(office.engine) as session:
        return list(session.scalars(select(JournalEntry).where(JournalEntry.act == recompute.ACT)))


def test_the_sweep_writes_what_folding_each_case_alone_would(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "STEP", 150)
    open_cases(office, 1000)
    before = stored(office)
    assert before == folded_one_by_one(office)
    outlook = notices.bring_in(office, LONGER, dry_run=True)
    assert stored(office) == before
    done = notices.bring_in(office, LONGER, dry_run=False)
    after = stored(office)
    assert after == folded_one_by_one(office)

    moved = {case_id for case_id in before if before[case_id][:2] != after[case_id][:2]}
    assert 300 < len(moved) < 1000
    assert outlook.effect == done.effect
    assert (done.effect.moved.total(), set(done.effect.moved)) == (len(moved), {"CN", "CN-45"})
    assert len(done.effect.shown) == min(len(moved), recompute.SHOWN)
    with db.reader(office.engine) as session:
        running = session.query(Case).filter(Case.stopped_on.is_(None)).count()
    assert done.effect.open_cases.total() == running < 1000

    entries = {entry.case_id: entry for entry in moves(office) if entry.case_id}
    assert entries.keys() == moved
    for case_id, entry in entries.items():
        told = clocks.moved(before[case_id][:2], after[case_id][:2])
        assert entry.data == told | {"source": "多放一天的通知"}
        assert (entry.actor, entry.on, entry.at) == ("xitong", dt.date(2026, 12, 31), NOW)


def test_a_second_sweep_finds_nothing(office: Office) -> None:
    open_cases(office, 200)
    notices.bring_in(office, LONGER, dry_run=False)
    after, journal = stored(office), len(moves(office))
    again = recompute.sweep(office, dry_run=False)
    assert (again.moved.total(), again.settled.total()) == (0, 0)
    assert (stored(office), len(moves(office))) == (after, journal)


def test_versions_and_times_of_change_stay_the_clerks(office: Office) -> None:
    open_cases(office, 100)

    def marks() -> list[Any]:
        with db.reader(office.engine) as session:
            return list(session.execute(select(Case.id, Case.version, Case.updated_at).order_by(Case.id)))

    before = marks()
    notices.bring_in(office, LONGER, dry_run=False)
    assert marks() == before


def test_a_sweep_that_breaks_off_is_finished_by_doing_it_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "STEP", 40)
    open_cases(office, 200)
    steps = iter(range(3))

    def break_off() -> None:
        if next(steps, None) is None:
            raise ConnectionError("the process is gone")

    office.between = break_off
    with pytest.raises(ConnectionError):
        notices.bring_in(office, LONGER, dry_run=False)
    office.between = lambda: None
    half = len(moves(office))
    with db.reader(office.engine) as session:
        assert recompute.pending(session) == 1
        assert any("recompute" in said for said in notices.warnings(session, Calendars().book(session), NOW))
    assert stored(office) != folded_one_by_one(office)

    again = notices.bring_in(office, LONGER, dry_run=False)
    assert not again.imported
    assert stored(office) == folded_one_by_one(office)
    assert len(moves(office)) == half + again.effect.moved.total()
    assert len({entry.case_id for entry in moves(office)}) == len(moves(office))
    with db.reader(office.engine) as session:
        assert recompute.pending(session) == 0


def _sweep_slowly(url: str) -> None:
    """Import the notice in a process that is going to be killed."""
    recompute.STEP = 10
    office = Office(opened(url))
    office.between = lambda: time.sleep(0.05)
    notices.bring_in(office, LONGER, dry_run=False)


def test_a_sweep_that_is_killed_is_finished_without_losing_or_repeating_a_case(
    office: Office, fresh_database: str
) -> None:
    open_cases(office, 300)
    before = stored(office)
    office.engine.dispose()
    victim = multiprocessing.get_context("spawn").Process(target=_sweep_slowly, args=(fresh_database,))
    victim.start()
    while not moves(office):
        assert victim.is_alive()
        time.sleep(0.02)
    victim.kill()
    victim.join()
    half = moves(office)
    assert stored(office) != folded_one_by_one(office), "it was over before it was killed"
    recompute.sweep(office, dry_run=False)
    after = stored(office)
    assert after == folded_one_by_one(office)
    told = {entry.case_id: entry.data for entry in moves(office)}
    assert len(moves(office)) == len(told) > len(half)
    assert {case_id for case_id in before if before[case_id][:2] != after[case_id][:2]} == told.keys()
    for case_id, data in told.items():
        moved = clocks.moved(before[case_id or 0][:2], after[case_id or 0][:2])
        assert {name: data[name] for name in moved} == moved


def extend(office: Office, case_id: int, *, wait: Callable[[], None] = lambda: None) -> None:
    """Do what a clerk's request does: hold the calendar, lock the case, enter an act, project, commit."""
    with db.writer(office.engine) as session:
        desk = office.desk(session, hold=True)
        case, agency = session.execute(
            select(Case, Agency).join(Agency).where(Case.id == case_id).with_for_update(of=Case)
        ).one()
        assert case.received_on is not None
        act = clocks.act_of({"act": "extended", "on": case.received_on.isoformat(), "workdays": 5})
        clocks.append(desk, case, [act])
        acts = (*clocks.acts_of(session, [case_id]).get(case_id, ()), act)
        session.flush()
        calendar = desk.book.of(agency.region)
        clocks.project(case, acts[:-1], clocks.rules_of(agency), calendar, desk.book.edition)
        case.updated_at = NOW + dt.timedelta(minutes=1)
        wait()
        session.commit()


def plain_case(office: Office) -> int:
    with db.reader(office.engine) as session:
        entered = select(ClockEntry.case_id)
        found = select(Case.id).where(Case.received_on.is_not(None), Case.id.not_in(entered), Case.agency_id == 1)
        case_id = session.scalars(found.order_by(Case.id)).first()
    assert case_id is not None
    return case_id


def test_what_a_clerk_writes_between_two_steps_is_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recompute, "STEP", 20)
    open_cases(office, 100)
    with db.reader(office.engine) as session:
        todo = list(session.scalars(select(Case.id).where(Case.received_on.is_not(None), Case.stopped_on.is_(None))))

    def clerk() -> None:
        if todo:
            extend(office, todo.pop())

    office.between = clerk
    notices.bring_in(office, LONGER, dry_run=False)
    assert stored(office) == folded_one_by_one(office)


@pytest.mark.parametrize(
    ("moment", "waits"), [("FOR NO KEY UPDATE", False), ("FROM clock_entries", True), ("UPDATE running_clocks", True)]
)
def test_a_clerk_who_comes_while_a_step_runs_is_not_overwritten(office: Office, moment: str, waits: bool) -> None:
    if office.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    office.lanes = 1  # so that the statement to break into is this thread's
    open_cases(office, 50)
    case_id = plain_case(office)
    acted = threading.Event()

    def clerk_first(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if moment in statement and not acted.is_set() and threading.current_thread() is sweeping:
            acted.set()
            other = threading.Thread(target=extend, args=(office, case_id))
            other.start()
            other.join(0.5 if waits else 10)
            assert other.is_alive() == waits

    event.listen(office.engine, "before_cursor_execute", clerk_first)
    sweeping = threading.current_thread()
    notices.bring_in(office, LONGER, dry_run=False)
    event.remove(office.engine, "before_cursor_execute", clerk_first)
    deadline = threading.Event()
    for _ in range(50):
        with db.reader(office.engine) as session:
            if session.query(ClockEntry).filter_by(case_id=case_id).count():
                break
        deadline.wait(0.1)
    assert acted.is_set()
    assert stored(office) == folded_one_by_one(office)
    assert len([entry for entry in moves(office) if entry.case_id == case_id]) <= 1


def test_an_import_waits_for_the_clerk_who_counts_by_the_old_calendar(office: Office) -> None:
    if office.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    open_cases(office, 50)
    case_id = plain_case(office)
    folded, go_on = threading.Event(), threading.Event()

    def hesitate() -> None:
        folded.set()
        go_on.wait(10)

    clerk = threading.Thread(target=extend, args=(office, case_id), kwargs={"wait": hesitate})
    clerk.start()
    assert folded.wait(10)
    importing = threading.Thread(target=notices.bring_in, args=(office, LONGER), kwargs={"dry_run": False})
    importing.start()
    importing.join(0.5)
    with db.reader(office.engine) as session:
        assert session.query(CalendarNotice).filter_by(year=2027).count() == 0, "the import did not wait"
    go_on.set()
    clerk.join(10)
    importing.join(20)
    assert stored(office) == folded_one_by_one(office)


def test_stopped_clocks_are_not_even_read(office: Office) -> None:
    open_cases(office, 50)
    with db.writer(office.engine) as session:
        session.execute(
            update(Case)
            .where(Case.stopped_on.is_not(None))
            .values(final_due_on=dt.date(2020, 1, 1), version=Case.version)
        )
        session.commit()
    notices.bring_in(office, LONGER, dry_run=False)
    with db.reader(office.engine) as session:
        dates = set(session.scalars(select(Case.final_due_on).where(Case.stopped_on.is_not(None))))
    assert dates == {dt.date(2020, 1, 1)}


def test_the_walk_over_running_cases_uses_their_index(office: Office) -> None:
    open_cases(office, 300)
    seen: list[str] = []

    def keep(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "max(" in statement and "running_clocks" in statement:
            seen.append(statement)

    event.listen(office.engine, "before_cursor_execute", keep)
    office.read(lambda desk: Sweep(Spans(), dry_run=True).step(desk, desk.book))
    event.remove(office.engine, "before_cursor_execute", keep)
    assert len(seen) == 1
    with office.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + seen[0], (0, 10, 0)).all()
        else:
            connection.execute(text("SET enable_seqscan = off"))
            statement = seen[0].replace("%(case_id_1)s::BIGINT", "0").replace("%(param_1)s::INTEGER", "10")
            plan = connection.exec_driver_sql("EXPLAIN " + statement).all()
    assert "pk_running_clocks" in str(plan) or "INTEGER PRIMARY KEY" in str(plan), plan
