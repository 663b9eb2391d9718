"""Finishing what an import of a notice left: cases that were not folded again because the server was killed meanwhile."""

import datetime as dt

from app import db
from app.house import House
from app.services import recompute
from app.workers.stages import OwnStages, city_wide

LOOK_S = 60.0
GIVEN_UP_AFTER = dt.timedelta(minutes=15)
"""An import that is still at it needs nobody; should it be at it for longer, two sweeps do no more harm than one."""


def finish_imports(house: House, now: dt.datetime) -> float:
    """Fold every running case again if an import was broken off."""
    with db.reader(house.engine) as session:
        left = recompute.pending(session, before=now - GIVEN_UP_AFTER)
    actor = city_wide(house.engine, "work", "后台工作") if left else None
    if actor is not None:
        recompute.sweep(OwnStages(house.engine, house.settings, actor, now), dry_run=False)
    return LOOK_S
