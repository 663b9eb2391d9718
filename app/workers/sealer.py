"""The job that seals the journal and signs a checkpoint of it each time it went on."""

import datetime as dt

from app import db
from app.house import House, committed
from app.services import checkpoints, sealing

LOOK_S = 0.25
"""How long a committed row waits for its number at most, and everybody who follows the feed with it."""


def seal_journal(house: House, now: dt.datetime) -> float:
    """Seal what waits; looking costs one read of an empty table."""
    with db.reader(house.engine) as session:
        waiting = sealing.is_waiting(session)
    sealed = 0
    if waiting:
        with committed(house.engine) as session:
            sealed = sealing.seal(session, now)
    # After the commit: a checkpoint of what was never committed would be a false alarm for ever. One that a crash left
    # out is made up for when the journal next goes on.
    if sealed:
        with db.reader(house.engine) as session:
            checkpoints.keep(session, house.settings, now)
    return 0 if sealed == sealing.BATCH else LOOK_S
