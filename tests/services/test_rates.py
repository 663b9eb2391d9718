"""Limits on how often something is done, counted by all processes on one database together."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.errors import TooManyRequests
from app.models import RateLimit
from app.services import rates
from app.services.rates import Rate
from tests.databases import opened

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
FIVE_THEN_ONE_IN_TEN_SECONDS = Rate(5, 10 * SECOND)


def ask(session: Session, now: dt.datetime, *subjects: str) -> int:
    """Take one of each; returns the seconds to wait, 0 when it was taken."""
    try:
        rates.take(session, dict.fromkeys(subjects, FIVE_THEN_ONE_IN_TEN_SECONDS), now)
    except TooManyRequests as early:
        return int(early.headers["Retry-After"])
    return 0


@pytest.mark.parametrize(
    ("after_s", "taken"),
    [(0, 0), (9, 0), (10, 1), (25, 2), (50, 5), (3600, 5)],
    ids=["at once", "too early", "one earned", "two earned", "all earned", "no more than at first"],
)
def test_what_was_spent_is_earned_again_one_by_one(session: Session, after_s: int, taken: int) -> None:
    assert [ask(session, NOW, "a") for _ in range(7)] == [0, 0, 0, 0, 0, 10, 10]
    later = NOW + after_s * SECOND
    assert [ask(session, later, "a") for _ in range(6)].count(0) == taken


def test_the_time_that_was_named_is_enough_and_not_too_much(session: Session) -> None:
    for _ in range(5):
        ask(session, NOW, "a")
    moment = NOW + dt.timedelta(seconds=3, milliseconds=200)
    wait = ask(session, moment, "a")
    assert wait == 7
    assert ask(session, moment + (wait - 1) * SECOND, "a") == 1
    assert ask(session, moment + wait * SECOND, "a") == 0


def test_who_is_refused_for_one_subject_pays_for_none(session: Session) -> None:
    for _ in range(5):
        ask(session, NOW, "busy")
    assert ask(session, NOW, "busy", "idle") == 10
    assert [ask(session, NOW, "idle") for _ in range(6)].count(0) == 5


def test_looking_first_refuses_the_same_and_counts_nothing(session: Session) -> None:
    wanted = {"a": FIVE_THEN_ONE_IN_TEN_SECONDS}
    for _ in range(20):
        rates.check(session, wanted, NOW)
    for _ in range(5):
        rates.take(session, wanted, NOW)
    with pytest.raises(TooManyRequests):
        rates.check(session, wanted, NOW)


def test_rows_that_say_nothing_any_more_are_cleared(session: Session) -> None:
    ask(session, NOW, "old")
    ask(session, NOW + 3600 * SECOND, "new")
    rates.clear(session, NOW + 3600 * SECOND)
    assert session.scalars(select(RateLimit.subject)).all() == ["new"]


def test_processes_on_one_database_share_one_allowance(fresh_database: str) -> None:
    engines = [opened(fresh_database, connections=6) for _ in range(2)]

    def attempt(number: int) -> bool:
        with db.writer(engines[number % 2]) as session:
            taken = ask(session, NOW, "shared", f"own{number}") == 0
            session.commit() if taken else session.rollback()
        return taken

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(attempt, range(24))) == 5
    with db.reader(engines[0]) as session:
        assert session.scalar(select(func.count()).select_from(RateLimit)) == 6, "refused ones left no trace"
    for engine in engines:
        engine.dispose()
