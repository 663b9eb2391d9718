"""Fixtures every test may use: both databases, a connection that forgets, and databases of one's own for races."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from tests.databases import Databases, PostgresDatabases, SqliteDatabases, in_memory, opened, postgresql_server
from tests.sizes import FULL


def pytest_configure(config: pytest.Config) -> None:
    """Give the thorough versions, which take minutes, an hour and a half each instead of the usual limit for one test."""
    if FULL:
        config.option.timeout = 5400


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    session_folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        session_folder = session_folder.parent  # the one place that all workers of this session share
    with postgresql_server(in_memory(session_folder / "postgresql")) as server_url:
        postgres = PostgresDatabases(server_url)
        try:
            yield postgres
        finally:
            postgres.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Both kinds of database; `-k sqlite` or `-k postgresql` picks one.

    What they run on outlives this fixture, which is torn down whenever a worker goes from one kind to the other: a
    server stopped by one worker at the moment another one starts it was lost.
    """
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture(scope="session")
def engine(databases: Databases) -> Iterator[Engine]:
    """One migrated database for all tests that leave no trace in it."""
    engine = opened(databases.new())
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection inside a transaction that is rolled back after the test, whatever the code under test commits."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session whose commits are savepoints of `connection`'s transaction."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def fresh_database(databases: Databases) -> Iterator[str]:
    """URL of an empty migrated database of the test's own, for real threads, engines and commits."""
    url = databases.new()
    yield url
    databases.drop(url)


@pytest.fixture
def served_database(databases: Databases, fresh_database: str) -> str:
    """The URL of that database for the account of the service, which owns nothing and row-level security holds for."""
    return databases.served(fresh_database)
