"""Bringing a database to the newest schema and giving it what every installation starts with."""

import datetime as dt
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from app import db
from app.models import Keyring
from app.services import calendars, encryption

ROOT = Path(__file__).resolve().parent.parent


def migrate(url: str, now: dt.datetime, keyring: Keyring | None = None) -> None:
    """Run the migrations and seed the national years, all in one transaction: whole or not at all.

    With keys, what cases hold is sealed if it is not yet.
    """
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
    engine.dispose()


def is_current(session: Session) -> bool:
    """Tell whether the database is exactly as new as this program."""
    return MigrationContext.configure(session.connection()).get_current_heads() == _heads()


@lru_cache(maxsize=1)
def _heads() -> tuple[str, ...]:
    return tuple(ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads())
