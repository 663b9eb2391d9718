"""A case has a running clock exactly while its clock runs; many rows of the journal are as one by one."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

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
from tests.town import COUNTY, Town, town


@pytest.fixture
def place(fresh_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(fresh_database, tmp_path) as opened:
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
