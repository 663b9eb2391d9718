"""Bringing a database to the newest schema and giving it what every installation starts with."""

import datetime as dt
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.orm import Session

from app import db
from app.models import Keyring
from app.services import calendars, encryption

ROOT = Path(__file__).resolve().parent.parent


KEPT = ("journal", "seals")
"""Tables whose rows are inserted and read, never changed."""


def migrate(url: str, now: dt.datetime, *, keyring: Keyring | None = None, role: str = "") -> None:
    """Run the migrations and seed the national years, all in one transaction: whole or not at all.

    With keys, what cases hold is sealed if it is not yet. `role`: the account of PostgreSQL that the service itself uses, if
    another than the owner's; it gets its rights.
    """
    from alembic import command
    from alembic.config import Config

    config = Config(ROOT / "alembic.ini")
    engine = db.everywhere(db.build_engine(url, connections=1, keyring=keyring))
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":  # two machines starting at once migrate one after the other
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4530363)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            calendars.seed(session, now)
            if keyring:
                encryption.seal_existing(session)
            session.commit()
        if role and connection.dialect.name == "postgresql":
            _grant(connection, role)
    engine.dispose()


def _grant(connection: Connection, role: str) -> None:
    """Let an account serve and work: no tables of its own making, no change to a row of the journal, none of the schema."""
    named = connection.dialect.identifier_preparer.quote(role)
    kept = ", ".join(KEPT)
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {named}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {named}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {named}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {kept} FROM {named}",
        f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {named}",
    ):
        connection.exec_driver_sql(statement)


def is_current(session: Session) -> bool:
    """Tell whether the database is exactly as new as this program.

    Alembic would read all migrations for the answer; that their numbers make one line is held by a test.
    """
    if not inspect(session.connection()).has_table("alembic_version"):
        return False
    return list(session.scalars(select(column("version_num")).select_from(table("alembic_version")))) == [newest()]


@cache
def newest() -> str:
    """Return the revision this program works on: the number its last migration's name begins with."""
    return max(path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")).partition("_")[0]
