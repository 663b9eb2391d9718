"""Holding a row that several transactions may want to make at the same moment."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Base

Row = TypeVar("Row", bound=Base)


def held(session: Session, kind: type[Row], key: str, fresh: Callable[[], Row]) -> Row:
    """Return the row of this key, locked until the transaction ends; makes it where there is none."""
    row = session.get(kind, key, with_for_update=True)
    if row is None:
        row = fresh()
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another transaction made it first
            row = session.get_one(kind, key, with_for_update=True)
    return row
