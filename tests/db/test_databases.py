"""The tests' own databases: they are migrated, they forget, and they are never somebody else's."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.orm import Session

from app.db import build_engine
from tests.databases import Databases

SCRATCH = text("CREATE TABLE scratch (id INTEGER PRIMARY KEY)")


def test_the_shared_database_is_migrated(engine: Engine) -> None:
    assert inspect(engine).has_table("alembic_version")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_commits_the_next_does_not_see(session: Session, connection: Connection, turn: str) -> None:
    assert not inspect(connection).has_table("scratch"), turn
    session.execute(SCRATCH)
    session.commit()
    session.rollback()
    assert inspect(connection).has_table("scratch")


def test_a_fresh_database_is_migrated_and_its_own(fresh_database: str, databases: Databases) -> None:
    another = databases.new()
    mine, theirs = build_engine(fresh_database), build_engine(another)
    with mine.begin() as connection:
        connection.execute(SCRATCH)
    assert inspect(mine).has_table("alembic_version")
    assert not inspect(theirs).has_table("scratch")
    mine.dispose()
    theirs.dispose()
    databases.drop(another)


def test_threads_really_commit_side_by_side_in_a_fresh_database(fresh_database: str) -> None:
    engine = build_engine(fresh_database)
    writing = engine.execution_options(writes=True)
    with writing.begin() as connection:
        connection.execute(SCRATCH)

    def insert(number: int) -> None:
        with writing.begin() as connection:
            connection.execute(text("INSERT INTO scratch VALUES (:number)"), {"number": number})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(insert, range(40)))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM scratch")) == 40
    engine.dispose()


def test_a_database_that_was_not_made_here_is_never_dropped(databases: Databases, tmp_path: Path) -> None:
    for foreign in (f"sqlite:///{tmp_path}/1.sqlite3", "postgresql://localhost/disclosure", "postgresql://localhost"):
        with pytest.raises(AssertionError, match="was not made here"):
            databases.drop(foreign)
