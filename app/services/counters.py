"""Running numbers that are neither skipped by a rollback nor given twice."""

from sqlalchemy import bindparam, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import Counter

_RAISED = (
    update(Counter)
    .where(Counter.name == bindparam("series"))
    .values(value=Counter.value + bindparam("count"))
    .returning(Counter.value)
    .execution_options(synchronize_session=False)  # nobody holds a counter as an object
)


def next_number(session: Session, name: str) -> int:
    """Return the next number of the series `name`, from 1; the row stays locked until the transaction ends."""
    return next_numbers(session, name, 1)[0]


def next_numbers(session: Session, name: str, count: int) -> range:
    """Return the next `count` numbers of a series at once."""
    wanted = {"series": name, "count": count}
    if (last := session.scalar(_RAISED, wanted)) is None:
        try:
            with session.begin_nested():
                session.execute(insert(Counter).values(name=name, value=count))
            last = count
        except IntegrityError:  # another transaction opened the series in the meantime
            last = session.scalars(_RAISED, wanted).one()
    return range(last - count + 1, last + 1)
