"""What the database repeats of a clock, to be compared with what the clock folds to."""

from app.models import Case
from app.services.clocks import Projection


def stored(case: Case) -> Projection:
    """Read back a case's projection, from its running clock or from the dates it left when it stopped."""
    clock = case.clock
    if clock is None:
        return Projection(case.final_due_on, case.final_target_on, None, False, None, None, case.stopped_on)
    assert clock.agency_id == case.agency_id
    assert (case.stopped_on, case.final_due_on, case.final_target_on) == (None, None, None)
    own = {name: getattr(clock, name) for name in Projection._fields if name != "stopped_on"}
    return Projection(**own, stopped_on=None)


def to_store(fresh: Projection) -> Projection:
    """Leave out what nobody keeps of a clock that has stopped: whether its dates were provisional."""
    return fresh if fresh.stopped_on is None else fresh._replace(provisional=False)
