"""Running numbers that are neither skipped by a rollback nor given twice."""

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Counter
from app.models.direct import PreparedStatement

_RAISED = PreparedStatement(
    update(Counter)
    .where(Counter.name == bindparam("series"))
    .values(value=Counter.value + bindparam("count"))
    .returning(Counter.value)
)


def next_number(session: Session, name: str) -> int:
    """Return the next number of the series `name`, from 1; the row stays locked until the transaction ends."""
    return next_numbers(session, name, 1)[0]


def next_numbers(session: Session, name: str, count: int) -> range:
    """Return the next `count` numbers of a series at once."""
    if (last := _RAISED.one_or_none(session, series=name, count=count)) is None:
        try:
            with session.begin_nested():
                session.execute(insert(Counter).values(name=name, value=count))
            last = count
        except IntegrityError:  # another transaction opened the series in the meantime
            last = _RAISED.one_or_none(session, series=name, count=count)
    return range(last - count + 1, last + 1)
