"""Entering the subjects of requests that came in bulk (an imported ledger), a few at a time."""

import datetime as dt

from app.house import House, committed
from app.services import topics

STEP = 200
LOOK_S = 60.0


def enter_subjects(house: House, _now: dt.datetime) -> float:
    """Enter some; at once again while there are more."""
    with committed(house.engine) as session:
        entered = topics.enter_missing(session, STEP)
    return 0 if entered == STEP else LOOK_S
