"""A case has a running clock exactly while its clock runs; many rows of the journal are as one by one."""

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from app import db
from app.domain import seals
from app.domain.terms import Role
from app.models import Agency, Case, JournalEntry, RunningClock, Unsealed
from app.services import journal
from app.services.calendars import Calendars
from app.services.desk import Desk
from app.services.recompute import ACT
from app.workers.stages import city_wide
from tests import projections
from tests.town import BUREAU, CITY, COUNTY, Town, town


@pytest.fixture
def place(served_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(served_database, tmp_path) as opened:
        yield opened


def kept(place: Town, case_id: int) -> tuple[dt.date | None, bool]:
    """Say until when a case runs as the database has it, and whether its clock still does."""
    with db.reader(db.everywhere(place.engine)) as session:
        case = session.get_one(Case, case_id)
        return projections.stored(case).due_on, case.clock is not None


def test_a_clock_goes_with_its_case_to_another_agency_and_leaves_its_dates_when_it_stops(place: Town) -> None:
    place.hire("county_clerk", COUNTY, Role.INTAKE_CLERK)
    case = place.register()
    assert kept(place, case["id"]) == (dt.date(2026, 3, 30), True)
    place.act("dengji", case, "transfer", agency_code=COUNTY, reason="属区政府负责公开")
    with db.reader(db.everywhere(place.engine)) as session:
        owner = select(Agency.code).join(RunningClock, RunningClock.agency_id == Agency.id)
        assert session.scalars(owner).all() == [COUNTY]
    assert kept(place, case["id"]) == (dt.date(2026, 3, 30), True)
    stopped = place.act("county_clerk", case, "withdraw", form="申请人来信撤回")
    assert stopped["clock"] == "stopped"
    assert kept(place, case["id"]) == (dt.date(2026, 3, 30), False)
    listed = place.get(
        "county_clerk", f"/cases?due_from={stopped['due_on']}&due_to={stopped['due_on']}&sort=due_on"
    ).json()
    assert [(one["id"], one["due_on"]) for one in listed["items"]] == [(case["id"], "2026-03-30")]


@pytest.mark.parametrize("change", ["act", "merger"])
def test_whoever_changes_a_clock_waits_for_the_sweep_that_holds_it(place: Town, change: str) -> None:
    """On SQLite there is one writer at a time anyway."""
    if place.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time")
    place.hire("xitong", CITY, Role.SYSTEM_ADMIN)
    case = place.register()
    with db.reader(db.everywhere(place.engine)) as session:
        bureau = session.scalars(select(Agency.id).where(Agency.code == BUREAU)).one()
    ask = {
        "act": lambda: place.post("dengji", f"/cases/{case['id']}/accept", {}),
        "merger": lambda: place.post(
            "xitong", f"/agencies/{bureau}/merge", {"into_code": COUNTY, "basis": "海编〔2026〕8号"}
        ),
    }
    with db.writer(db.everywhere(place.engine)) as sweep, ThreadPoolExecutor(1) as other:
        sweep.execute(update(RunningClock).values(due_on=dt.date(2026, 4, 30), overdue_after=dt.date(2026, 4, 30)))
        asked = other.submit(ask[change])
        waiting = text(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        while not sweep.scalar(waiting):
            assert not asked.done(), f"did not wait: {asked.result().text}"
        sweep.commit()
        assert asked.result(30).status_code == 200, asked.result().text
    # Both fold the clock again, and would leave it as it is if they had read it before the sweep.
    assert kept(place, case["id"]) == (dt.date(2026, 3, 30), True)


def test_many_rows_are_appended_as_one_row_would_be(place: Town) -> None:
    case = place.register()
    actor = city_wide(db.everywhere(place.engine), "work", "后台“工作”{1,2}\\")
    assert actor is not None
    moves = {"due_on": {"from": "2026-03-30", "to": None}, "source": '国办发“2026”{1}, \\"号\\" 5.0', "n": 5.0}
    with db.writer(db.everywhere(place.engine)) as session:
        desk = Desk(session, actor, Calendars().book(session), place.now, place.settings)
        found = session.get_one(Case, case["id"])
        journal.record(desk, ACT, "期限", case=found, data=moves)
        same = (found.id, found.agency_id, found.state)
        assert journal.record_many(desk, ACT, "期限", [(*same, moves), (*same, {}), (*same, dict(moves))]) == 3
        assert journal.record_many(desk, ACT, "期限", []) == 0
        session.flush()
        rows = session.scalars(select(JournalEntry).where(JournalEntry.act == ACT).order_by(JournalEntry.id)).all()
        assert {row.id for row in rows} <= set(session.scalars(select(Unsealed.entry_id)))
        columns = [one.key for one in JournalEntry.__mapper__.column_attrs if one.key not in {"id", "mark", "data"}]
        alone = rows[0]
        for row in rows:
            assert {name: getattr(row, name, None) for name in columns} == {n: getattr(alone, n, None) for n in columns}
            assert seals.is_marked(place.settings.journal_key, row)
        assert sorted(len(row.data) for row in rows) == [0, 3, 3, 3]
        assert len({row.mark for row in rows}) == 4
        session.execute(delete(Unsealed))
