"""Entering the subjects of requests a moment after they came in, a few at a time.

Looking for others about the same takes longer than all the rest of an intake; nobody who registers waits for it.
"""

import datetime as dt

from app import db
from app.house import House, committed
from app.services import topics

STEP = 20
"""Requests entered in one transaction: on SQLite everybody else's writes wait for it."""
LOOK_S, LOOK_AT_ALL_S = 0.5, 600.0


def enter_subjects(house: House, _now: dt.datetime) -> float:
    """Enter some of the new ones; at once again while there are more."""
    return 0 if _entered(house, all_of_them=False) else LOOK_S


def enter_missing_subjects(house: House, _now: dt.datetime) -> float:
    """Enter some of those that were passed over, such as imported ones while others came in."""
    return 0 if _entered(house, all_of_them=True) else LOOK_AT_ALL_S


def _entered(house: House, *, all_of_them: bool) -> int:
    with db.reader(house.engine) as session:
        case_ids = topics.unentered_ids(session, STEP, all_of_them=all_of_them)
    if not case_ids:
        return 0
    with committed(house.engine) as session:
        return topics.enter_each(session, case_ids)
