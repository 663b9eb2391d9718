"""One migration tree for both databases; `app.migrate` hands in the connection."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, BigInteger, Connection

from app import db
from app.config import Settings
from app.models import Base
from app.models.base import Instant


def short_names(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write the types both databases spell differently by the names `script.py.mako` gives them."""
    if kind == "type":
        if isinstance(item, Instant):
            return "INSTANT"
        if isinstance(item, JSON):
            return "JSON"
        if isinstance(item, BigInteger):
            return "ID"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by copying it
        render_item=short_names,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # the alembic command itself, for writing new migrations
    with db.build_engine(Settings().url).connect() as own:
        run(own)
