"""Running clocks as rows: which of them change alike, and writing many at once (`app.services.recompute`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, func, literal, select, text, update
from sqlalchemy.orm import Session

from app.domain.terms import State
from app.models import RunningClock
from app.services import clocks, journal
from app.services.clocks import Projection

# As a table: the mapping would cost time.
CLOCKS = cast("Table", RunningClock.__table__)
_NAMES = tuple(name for name in Projection._fields if name != "stopped_on")  # which a calendar does not decide
COLUMNS = [CLOCKS.c[name] for name in _NAMES]


def projection(stored: Sequence[Any]) -> Projection:
    """Read the values of COLUMNS."""
    return Projection._make((*stored, None))


class Change(NamedTuple):
    """What cases say in their columns and what they ought to say."""

    stored: Projection
    fresh: Projection

    @property
    def moves(self) -> dict[str, Any]:
        return clocks.moved(self.stored[:2], self.fresh[:2])


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of a region that change alike, as (agency, state, ids as text)."""

    change: Change
    region: str
    members: list[tuple[int, State, str]]

    @property
    def count(self) -> int:
        return sum(ids.count(",") + 1 for _, _, ids in self.members)

    def cases(self) -> Iterator[tuple[int, int, State]]:
        """Give each case's id, agency and state."""
        for agency_id, state, ids in self.members:
            for case_id in ids.split(","):
                yield int(case_id), agency_id, state


def write(session: Session, groups: Sequence[Group]) -> None:
    """Write the dates of the groups, whose cases nobody else writes meanwhile."""
    if session.get_bind().dialect.name == "postgresql":
        _write_at_once(session, groups)
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
    WHERE running_clocks.case_id = given.case_id AND running_clocks.case_id BETWEEN :first AND :last
    """
)


def _write_at_once(session: Session, groups: Sequence[Group]) -> None:
    ids = [[case_id for case_id, *_ in group.cases()] for group in groups]
    every = list(chain.from_iterable(ids))
    places = chain.from_iterable(repeat(place, len(some)) for place, some in enumerate(ids, 1))
    columns = {name: [getattr(group.change.fresh, name) for group in groups] for name in _NAMES}
    columns["next_node"] = [node.value if node else None for node in columns["next_node"]]
    given = {"case_ids": journal.array(every), "places": journal.array(places), "first": min(every), "last": max(every)}
    session.execute(_AT_ONCE, columns | given)


def _write_each(session: Session, groups: Sequence[Group]) -> None:
    for group in groups:
        pairs = zip(_NAMES, group.change.stored, group.change.fresh, strict=False)
        changed = {name: new for name, old, new in pairs if old != new}
        ids = ",".join(ids for _, _, ids in group.members)
        chosen = select(func.json_each(literal(f"[{ids}]")).table_valued("value").c.value)
        session.execute(update(CLOCKS).where(CLOCKS.c.case_id.in_(chosen)).values(changed))
