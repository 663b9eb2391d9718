"""Running numbers that are neither skipped by a rollback nor given twice."""

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Counter


def next_number(session: Session, name: str) -> int:
    """Return the next number of the series `name`, from 1; the row stays locked until the transaction ends."""
    raised = update(Counter).where(Counter.name == name).values(value=Counter.value + 1).returning(Counter.value)
    if (value := session.scalar(raised)) is not None:
        return value
    try:
        with session.begin_nested():
            session.execute(insert(Counter).values(name=name, value=1))
    except IntegrityError:  # another transaction opened the series in the meantime
        return session.scalars(raised).one()
    return 1
