"""How long the figures take in a large city: `python -m benchmarks.figures [cases] [database URL]`.

Two years of cases over sixty agencies with applicants, subjects, journals and remedies, written straight into the tables;
then each figure of one quarter and of one year, the median of three. Without a URL, SQLite in a temporary folder.
"""

import datetime as dt
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.domain.actor import Actor
from app.domain.period import Period
from app.domain.terms import (
    ApplicantKind,
    Channel,
    RectificationStatus,
    RemedyKind,
    RemedyOutcome,
    ReplyKind,
    Role,
    State,
)
from app.domain.workflow import COMMANDS
from app.migrate import migrate
from app.models import Agency, Applicant, JournalEntry, Remedy, RunningClock, Subject
from app.services import board
from app.services.calendars import Calendars
from app.services.desk import Desk
from app.services.figures import breakdown, bulletin, durations, flow, hot, losses, marks, overview, scope
from benchmarks.sealed import RING, enter
from tests.domain.test_workflow import sample

NOW = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
TODAY = NOW.date()
AGENCIES = 60
STEP = 5_000
STATES = (
    ("register", State.REGISTERED, 0), ("accept", State.REVIEWING, 1), ("assign", State.HANDLING, 2),
    ("submit", State.SECTION_REVIEW, 12), ("endorse", State.LEADER_REVIEW, 14), ("sign", State.SIGNED, 15),
    ("deliver", State.DELIVERING, 16), ("confirm_delivery", State.DELIVERED, 20), ("archive", State.ARCHIVED, 25),
)  # fmt: skip
_WRITTEN = {
    act: {"command": sample(COMMANDS[act]).model_dump(mode="json", exclude={"on"})} if act in COMMANDS else {}
    for act, _state, _after in STATES
}


def fill(session: Session, count: int) -> None:
    rng = Random(1)
    session.execute(
        insert(Agency),
        [
            {
                "id": n, "code": f"A{n}", "name": f"机关{n}", "path": f"/1/{n}/" if n > 1 else "/1/",
                "parent_id": 1 if n > 1 else None, "region": "CN", "settings": {"local_limit_workdays": 15},
            }
            for n in range(1, AGENCIES + 1)
        ],
    )  # fmt: skip
    for start in range(1, count + 1, STEP):
        numbers = range(start, min(start + STEP, count + 1))
        rows = [_case(rng, n, count) for n in numbers]
        applicants = [
            {
                "case_id": n,
                "kind": rng.choice([*ApplicantKind]),
                "name": "某",
                "id_digest": f"d{rng.randrange(count // 3)}",
            }
            for n in numbers
        ]
        subjects = [
            {"case_id": row["id"], "agency_id": row["agency_id"], "text": row["title"], "document_no": None,
             "group_id": row["id"] if rng.random() < 0.8 else rng.randrange(1, row["id"] + 1)}
            for row in rows
        ]  # fmt: skip
        clocks = [_clock(row) for row in rows if row["stopped_on"] is None]
        enter(session, rows, {Applicant: applicants, Subject: subjects, RunningClock: clocks})
        session.execute(insert(JournalEntry), [line for row in rows for line in _journal(row)])
        remedies = [_remedy(row) for row in rows if row["outcome"] and row["id"] % 50 == 0]
        if remedies:
            session.execute(insert(Remedy), remedies)


def _case(rng: Random, n: int, count: int) -> dict[str, Any]:
    received = TODAY - dt.timedelta(days=730 * (count - n) // count)
    age = (TODAY - received).days
    done = age > 60 or (age > 15 and rng.random() < 0.7)
    took = min(rng.randint(5, 40), age)
    stopped = received + dt.timedelta(days=took) if done else None
    due = received + dt.timedelta(days=28)
    return {
        "version": 1, "id": n, "case_no": f"C{n:07d}", "agency_id": n % AGENCIES + 1,
        "state": State.ARCHIVED if done else State.HANDLING, "channel": rng.choice([*Channel]), "query_code_digest": "-",
        "submitted_at": NOW, "received_on": received, "title": f"某某文件{n}",
        "final_due_on": due if done else None, "final_target_on": due - dt.timedelta(days=7) if done else None,
        "stopped_on": stopped, "outcome": rng.choice([*ReplyKind][:16]) if done else None,
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip


def _clock(row: dict[str, Any]) -> dict[str, Any]:
    due = row["received_on"] + dt.timedelta(days=28)
    return {
        "case_id": row["id"], "agency_id": row["agency_id"], "due_on": due, "target_on": due - dt.timedelta(days=7),
        "overdue_after": due, "provisional": False,
    }  # fmt: skip


def _journal(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    last = row["stopped_on"] or TODAY
    for act, state, after in STATES if row["stopped_on"] else STATES[:3]:
        yield {
            "agency_id": row["agency_id"], "case_id": row["id"], "act": act, "label": act, "actor": "a", "actor_label": "a",
            "on": min(row["received_on"] + dt.timedelta(days=after), last), "at": NOW, "state": state.value, "data": _WRITTEN[act],
            "mark": secrets.token_hex(16),
        }  # fmt: skip


def _remedy(row: dict[str, Any]) -> dict[str, Any]:
    corrected = row["id"] % 150 == 0
    return {
        "version": 1, "case_id": row["id"], "agency_id": row["agency_id"], "kind": RemedyKind.RECONSIDERATION,
        "authority": "某市人民政府", "filed_on": row["stopped_on"], "closed_on": row["stopped_on"] + dt.timedelta(days=60),
        "result": RemedyOutcome.CORRECTED if corrected else RemedyOutcome.UPHELD, "cause": "K04" if corrected else None,
        "rectification": RectificationStatus.NOT_NEEDED, "provisional": False, "recorded_at": NOW, "recorded_by": "a",
        "updated_at": NOW,
    }  # fmt: skip


def measure(engine: Engine, settings: Settings) -> None:
    actor = Actor(name="s", label="s", agency_id=1, agency_path="/1/", roles=frozenset({Role.CITY_SUPERVISOR}))
    with db.reader(engine) as session:
        desk = Desk(session, actor, Calendars().book(session), NOW, settings)
        city = scope.city(desk)
        for period in (Period.read("2026Q3"), Period.read("2026")):
            works: dict[str, Callable[[], object]] = {
                "flow by agency": partial(flow.by_agency, desk, city, period),
                "reply kinds": partial(breakdown.reply_kinds, desk, city, period),
                "applicant kinds": partial(breakdown.applicant_kinds, desk, city, period),
                "stages now": partial(breakdown.stages, desk, city),
                "whole time": partial(durations.whole, desk, city, period),
                "time by stage": partial(durations.by_stage, desk, city, period),
                "hot subjects": partial(hot.subjects, desk, city, period, 10),
                "remedies": partial(losses.of_period, desk, city, period, "agency"),
                "marks": partial(marks.counts, desk, city, period),
                "overview": partial(overview.overview, desk, city, period),
                "comparison": partial(overview.compare, desk, city, period),
                "bulletin": partial(bulletin.make, desk, period),
                "board": partial(board.make, desk, city, period),
            }
            for name, work in works.items():
                print(f"{period!s:7} {name:16} {_median(work):8.0f} ms")


def _median(work: Callable[[], object]) -> float:
    took = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def main(count: int = 15_000, url: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url=url or f"sqlite:///{Path(folder) / 'figures.sqlite3'}")
        migrate(settings.url, NOW)
        engine = db.everywhere(db.build_engine(settings.url, keyring=RING))
        with db.writer(engine) as session:
            fill(session, count)
            session.commit()
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("ANALYZE"))
        print(f"{count} cases, {engine.dialect.name}")
        measure(engine, settings)
        engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15_000, sys.argv[2] if len(sys.argv) > 2 else None)
