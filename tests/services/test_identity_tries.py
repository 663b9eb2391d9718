"""How long a guesser waits, and that a stranger cannot make a clerk wait."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.errors import TooManyRequests
from app.models import SignInTries
from app.services import tries
from tests.databases import opened

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
SECRET = b"k" * 32
OFFICE, STRANGER = "10.1.2.3", "203.0.113.9"


def fail(session: Session, name: str, address: str, now: dt.datetime) -> int:
    """Try with a wrong password; returns the seconds to wait, 0 when the password was looked at."""
    try:
        tries.count(session, name, address, now, SECRET)
    except TooManyRequests as early:
        return int(early.headers["Retry-After"])
    return 0


def succeed(session: Session, name: str, address: str, now: dt.datetime) -> None:
    tries.take_back(session, tries.count(session, name, address, now, SECRET), now)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 2), (6, 4), (7, 8), (8, 16), (12, 256), (13, 300), (10_000, 300)]
)
def test_the_delay_doubles_up_to_five_minutes(failures: int, seconds: int) -> None:
    assert tries.delay(failures, tries.FREE) == seconds * SECOND


@given(st.integers(0, 10**6), st.integers(0, 100))
def test_the_delay_never_shrinks_and_is_never_a_lock(failures: int, free: int) -> None:
    assert tries.delay(failures, free) <= tries.delay(failures + 1, free) <= tries.LONGEST


def test_a_guesser_waits_longer_after_each_failure(session: Session) -> None:
    now, waits = NOW, []
    for _ in range(9):
        wait = fail(session, "zhangsan", STRANGER, now)
        if wait:
            waits.append(wait)
            now += wait * SECOND
            assert fail(session, "zhangsan", STRANGER, now) == 0, "the time that was named is enough"
    assert waits == [2, 4, 8, 16]


def test_a_hundred_tries_at_one_moment_get_five_looks(session: Session) -> None:
    assert [fail(session, "zhangsan", STRANGER, NOW) for _ in range(100)].count(0) == tries.FREE + 1


def test_tries_in_many_threads_get_no_more_looks_than_tries_in_a_row(fresh_database: str) -> None:
    engine, ready = opened(fresh_database, connections=12), Barrier(12)

    def attempt(_number: int) -> bool:
        ready.wait()
        with db.writer(engine) as session:
            looked = fail(session, "zhangsan", STRANGER, NOW) == 0
            session.commit() if looked else session.rollback()
        return looked

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(attempt, range(12))) == tries.FREE + 1
    engine.dispose()


def test_trying_again_too_early_does_not_lengthen_the_wait(session: Session) -> None:
    for _ in range(5):
        fail(session, "zhangsan", STRANGER, NOW)
    assert [fail(session, "zhangsan", STRANGER, NOW) for _ in range(20)] == [2] * 20


def test_a_stranger_cannot_delay_a_clerk_where_the_clerk_is_known(session: Session) -> None:
    succeed(session, "zhangsan", OFFICE, NOW)
    now = NOW
    for _ in range(30):
        now += fail(session, "zhangsan", STRANGER, now) * SECOND
    fail(session, "zhangsan", STRANGER, now)
    assert fail(session, "zhangsan", STRANGER, now) > 60
    succeed(session, "zhangsan", OFFICE, now)


def test_in_the_own_office_guessing_is_slowed_down_too(session: Session) -> None:
    succeed(session, "zhangsan", OFFICE, NOW)
    assert [fail(session, "zhangsan", OFFICE, NOW) for _ in range(6)] == [0, 0, 0, 0, 0, 2]


def test_one_source_cannot_go_through_many_names(session: Session) -> None:
    looks = [fail(session, f"user{number}", STRANGER, NOW) for number in range(100)].count(0)
    assert looks == tries.FREE_AT_SOURCE + 1


def test_addresses_of_one_ipv6_network_are_one_source(session: Session) -> None:
    looks = [fail(session, f"user{number}", f"2001:db8:1:2::{number:x}", NOW) for number in range(100)].count(0)
    assert looks == tries.FREE_AT_SOURCE + 1


def test_knowing_one_password_does_not_clear_a_sources_record(session: Session) -> None:
    for number in range(tries.FREE_AT_SOURCE):
        fail(session, f"user{number}", STRANGER, NOW)
    succeed(session, "own", STRANGER, NOW)
    fail(session, "next", STRANGER, NOW)
    assert fail(session, "another", STRANGER, NOW) > 0


def test_colleagues_signing_in_do_not_prolong_the_wait_of_a_source(session: Session) -> None:
    succeed(session, "zhangsan", OFFICE, NOW)
    for number in range(tries.FREE_AT_SOURCE + 5):
        fail(session, f"user{number}", OFFICE, NOW)
    wait = fail(session, "newcomer", OFFICE, NOW)
    succeed(session, "zhangsan", OFFICE, NOW + (wait - 1) * SECOND)
    assert fail(session, "newcomer", OFFICE, NOW + wait * SECOND) == 0


def test_failures_are_forgotten_after_a_day(session: Session) -> None:
    for _ in range(5):
        fail(session, "zhangsan", STRANGER, NOW)
    later = NOW + tries.FORGOTTEN_AFTER + SECOND
    assert [fail(session, "zhangsan", STRANGER, later) for _ in range(5)] == [0] * 5


def test_what_is_forgotten_is_deleted_and_names_and_addresses_are_never_stored(session: Session) -> None:
    for number in range(10):
        fail(session, f"user{number}", STRANGER, NOW)
    stored = session.scalars(select(SignInTries.subject)).all()
    assert all(len(subject) == 64 and "user" not in subject for subject in stored)
    succeed(session, "zhangsan", OFFICE, NOW + tries.FORGOTTEN_AFTER + SECOND)
    tries.clear(session, NOW + tries.FORGOTTEN_AFTER + SECOND)
    assert session.scalar(select(func.count()).select_from(SignInTries)) == 3
