"""Forgetting the stored answers that nobody can ask for again: they hold copies of cases, sealed."""

import datetime as dt

from app.house import House, committed
from app.services import answers

LOOK_S = 3600.0


def clear_answers(house: House, now: dt.datetime) -> float:
    """Delete what is old enough and about no open case."""
    with committed(house.engine) as session:
        answers.clear(session, now)
    return LOOK_S
