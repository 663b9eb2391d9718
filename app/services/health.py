"""Whether the service can work right now."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Agency


def check_database(session: Session) -> None:
    """Read one row of a table of ours: fails when the database is away or was never migrated."""
    session.execute(select(Agency.id).limit(1)).all()
