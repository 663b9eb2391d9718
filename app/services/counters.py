"""Running numbers that are neither skipped by a rollback nor given twice."""

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Counter


def next_number(session: Session, name: str) -> int:
    """Return the next number of the series `name`, from 1; the row stays locked until the transaction ends."""
    return next_numbers(session, name, 1)[0]


def next_numbers(session: Session, name: str, count: int) -> range:
    """Return the next `count` numbers of a series at once."""
    raised = update(Counter).where(Counter.name == name).values(value=Counter.value + count).returning(Counter.value)
    if (last := session.scalar(raised)) is None:
        try:
            with session.begin_nested():
                session.execute(insert(Counter).values(name=name, value=count))
            last = count
        except IntegrityError:  # another transaction opened the series in the meantime
            last = session.scalars(raised).one()
    return range(last - count + 1, last + 1)
