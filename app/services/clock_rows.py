"""Running clocks as rows: holding them, which of them change alike, and writing many at once (`app.services.recompute`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, literal, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.domain.terms import State
from app.models import Case, RunningClock
from app.services import clocks, journal
from app.services.clocks import Projection

# As a table: the mapping would cost time.
CLOCKS = cast("Table", RunningClock.__table__)
_NAMES = tuple(name for name in Projection._fields if name != "stopped_on")  # which a calendar does not decide
COLUMNS = [CLOCKS.c[name] for name in _NAMES]


def projection(stored: Sequence[Any]) -> Projection:
    """Read the values of COLUMNS."""
    return Projection._make((*stored, None))


Member = tuple[int, State, str]
"""Cases of one agency and in one state, with their ids as text, between commas."""


_HELD = (
    select(RunningClock)
    .where(RunningClock.case_id.in_(bindparam("case_ids", expanding=True)))
    .order_by(RunningClock.case_id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


def hold(session: Session, cases: Sequence[Case]) -> None:
    """Lock the clocks of cases whose own rows are locked already, and read them again.

    A sweep locks clocks alone: it waits for whoever holds them, or was waited for here.
    """
    found = {clock.case_id: clock for clock in session.scalars(_HELD, {"case_ids": [case.id for case in cases]})}
    for case in cases:
        set_committed_value(case, "clock", found.get(case.id))


class Change(NamedTuple):
    """What cases say in their columns and what they ought to say."""

    stored: Projection
    fresh: Projection

    @property
    def moves(self) -> dict[str, Any]:
        return clocks.moved(self.stored[:2], self.fresh[:2])


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of a region that change alike."""

    change: Change
    region: str
    members: list[Member]

    @property
    def count(self) -> int:
        return sum(ids.count(",") + 1 for _, _, ids in self.members)

    def lines(self, place: int) -> list[journal.Line]:
        """Make the lines of the journal for these cases."""
        return [
            (case_id, agency_id, code, place)
            for agency_id, state, ids in self.members
            for code in (state.value,)
            for case_id in map(int, ids.split(","))
        ]


def write(session: Session, groups: Sequence[Group], first: int, last: int) -> None:
    """Write the dates of the groups, whose cases lie beyond `first` and up to `last`, and which nobody else writes meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        _write_at_once(session, groups, first, last)
    else:
        _write_each(session, groups)


_AT_ONCE = text(
    """
    UPDATE running_clocks SET due_on = fresh.due_on, target_on = fresh.target_on, overdue_after = fresh.overdue_after,
        provisional = fresh.provisional, next_node = fresh.next_node, next_node_on = fresh.next_node_on
    FROM unnest(CAST(:case_ids AS bigint[]), CAST(:places AS bigint[])) AS given (case_id, place)
    JOIN unnest(CAST(:due_on AS date[]), CAST(:target_on AS date[]), CAST(:overdue_after AS date[]),
        CAST(:provisional AS boolean[]), CAST(:next_node AS text[]), CAST(:next_node_on AS date[])) WITH ORDINALITY
        AS fresh (due_on, target_on, overdue_after, provisional, next_node, next_node_on, place) USING (place)
    WHERE running_clocks.case_id = given.case_id AND running_clocks.case_id > :first AND running_clocks.case_id <= :last
    """
)


def _write_at_once(session: Session, groups: Sequence[Group], first: int, last: int) -> None:
    columns = {name: [getattr(group.change.fresh, name) for group in groups] for name in _NAMES}
    columns["next_node"] = [node.value if node else None for node in columns["next_node"]]
    case_ids = journal.array(ids for group in groups for _, _, ids in group.members)
    places = journal.array(place for place, group in enumerate(groups, 1) for _ in range(group.count))
    session.execute(_AT_ONCE, columns | {"case_ids": case_ids, "places": places, "first": first, "last": last})


def _write_each(session: Session, groups: Sequence[Group]) -> None:
    for group in groups:
        pairs = zip(_NAMES, group.change.stored, group.change.fresh, strict=False)
        changed = {name: new for name, old, new in pairs if old != new}
        ids = ",".join(ids for _, _, ids in group.members)
        chosen = select(func.json_each(literal(f"[{ids}]")).table_valued("value").c.value)
        session.execute(update(CLOCKS).where(CLOCKS.c.case_id.in_(chosen)).values(changed))
