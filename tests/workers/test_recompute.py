"""An import of a notice that was killed on the way is finished by the worker."""

import datetime as dt

from app import db
from app.house import House
from app.models import CalendarNotice, Case
from app.services import calendars
from app.workers.recompute import finish_imports
from tests.town import Town


def test_the_worker_folds_the_cases_again_that_a_broken_import_left(place: Town) -> None:
    case = place.register()
    assert case["due_on"] == "2026-03-30"
    with db.writer(place.engine) as session:
        notice = calendars.draft_notice(
            "CN", 2026, "补充通知", {dt.date(2026, 3, 3): "临时放假"}, [], now=place.now, by="x"
        )
        notice.recomputed_at = None
        session.add(notice)
        session.commit()
        notice_id = notice.id
    house = House.of(place.settings, place.engine, lambda: place.now)
    for minutes, due_on in ((5, dt.date(2026, 3, 30)), (16, dt.date(2026, 3, 31))):
        assert finish_imports(house, place.now + dt.timedelta(minutes=minutes)) > 0
        with db.reader(place.engine) as session:
            assert session.get_one(Case, case["id"]).due_on == due_on
    with db.reader(place.engine) as session:
        assert session.get_one(CalendarNotice, notice_id).recomputed_at is not None
    lines = place.get("duban", f"/cases/{case['id']}/timeline").json()["items"]
    assert [(line["act"], line["actor"]) for line in lines][-1] == ("deadline_moved", "work")
