"""One migration tree for both databases; `app.migrate` hands in the connection."""

from alembic import context
from sqlalchemy import Connection

from app import db
from app.config import Settings
from app.models import Base


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # the alembic command itself, for writing new migrations
    with db.build_engine(Settings().url).connect() as own:
        run(own)
