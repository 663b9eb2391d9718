"""By when a case that is no disclosure request should be done: rectification (条例第41条), complaint (第47条第2款、第51条).

No law sets a period for handling them. What is followed is the agency's own period or, without one, the two months
after which an applicant may sue over inaction (行政诉讼法第47条). That day is shown as a node and never as a statutory
limit. It is not moved over rest days: the earlier day is the stricter one for the agency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.acts import Act
from app.domain.fold import gather
from app.domain.limits import LIMITS, ClockRules, Handling
from app.domain.nodes import Node, add_months, remedy_nodes
from app.domain.terms import ClockState, NodeKind
from app.domain.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Course:
    """The nodes of such a case and the legal day it was answered or closed."""

    nodes: tuple[Node, ...]
    stopped_on: date | None

    @property
    def clock(self) -> ClockState:
        return ClockState.RUNNING if self.stopped_on is None else ClockState.STOPPED


def follow(received_on: date, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar) -> Course:
    """Fold the acts of a case received on `received_on`; remedy windows open once its answer was served."""
    handling = rules.handling or Handling()
    history = gather(received_on, acts, rules)
    kind, met_on = NodeKind.HANDLING_LIMIT, history.stopped_on
    if handling.workdays is None:
        floor = LIMITS["performance"]
        due_on, provisional = add_months(received_on, floor.length), False
        basis = f"{floor.article}：逾两个月不履行的可以起诉；不是法定办理期限"
    else:
        due_on = calendar.nth_after(received_on, handling.workdays)
        provisional, basis = calendar.rests_on_projection(received_on, due_on), "本机关自定的办理期限，非法定"
    nodes = [Node(kind, kind.label, due_on, met_on, basis, provisional)]
    if handling.remedies and history.served_on is not None:
        nodes += remedy_nodes(history.served_on, history.decided_on, rules, calendar)
    return Course(tuple(nodes), history.stopped_on)
