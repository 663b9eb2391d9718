"""The clock of a case: its acts read from entries, new ones appended, the projection refreshed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter
from sqlalchemy import select

from app.domain import clock
from app.domain.acts import Act
from app.domain.clock import Reading
from app.domain.limits import ClockRules
from app.domain.nodes import Node, confirmation_node
from app.domain.settings import AgencySettings
from app.domain.terms import State
from app.domain.workdays import WorkCalendar
from app.models import Agency, Case, ClockEntry
from app.services.desk import SHANGHAI, Desk, shanghai_date

_ACT: TypeAdapter[Act] = TypeAdapter(Act)


def acts_of(desk: Desk, case_ids: Iterable[int]) -> dict[int, tuple[Act, ...]]:
    """Read the acts of several cases with one query, each in the order of its entry."""
    found: dict[int, list[Act]] = defaultdict(list)
    rows = select(ClockEntry.case_id, ClockEntry.data).where(ClockEntry.case_id.in_(list(case_ids)))
    for case_id, data in desk.session.execute(rows.order_by(ClockEntry.id)):
        found[case_id].append(_ACT.validate_python(data))
    return {case_id: tuple(acts) for case_id, acts in found.items()}


def rules_of(agency: Agency) -> ClockRules:
    return AgencySettings.model_validate(agency.settings).clock_rules()


def append(desk: Desk, case: Case, acts: Sequence[Act]) -> None:
    """Enter acts into the case's history, which is never rewritten."""
    desk.session.add_all(
        ClockEntry(
            case_id=case.id,
            act=act.act,
            on=act.on,
            data=act.model_dump(mode="json"),
            recorded_at=desk.now,
            recorded_by=desk.actor.name,
        )
        for act in acts
    )


def reading_of(
    case: Case, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar, as_of: dt.date
) -> Reading | None:
    """Fold the clock of a case; None while its date of receipt is unknown."""
    if case.received_on is None:
        return None
    submitted_on = shanghai_date(case.submitted_at)
    return clock.read(case.received_on, acts, rules, calendar, as_of, submitted_on=submitted_on)


def nodes_of(case: Case, reading: Reading | None, calendar: WorkCalendar) -> tuple[Node, ...]:
    """List the nodes of a case; before its receipt is confirmed, the confirmation itself."""
    if reading is not None:
        return reading.nodes
    if case.state is State.CLOSED or case.state is State.ARCHIVED:
        return ()  # withdrawn before anybody confirmed
    return (confirmation_node(shanghai_date(case.submitted_at), None, calendar),)


def next_node(nodes: Iterable[Node]) -> Node | None:
    """Return the node that falls due first among those the agency has yet to meet."""
    waiting = [(node.due_on, node) for node in nodes if node.met_on is None and node.due_on and node.binding]
    return min(waiting, key=lambda pair: pair[0], default=(None, None))[1]


def project(
    case: Case, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar, today: dt.date
) -> Reading | None:
    """Refresh the cached projection that lists and polls query. The only place that writes it."""
    reading = reading_of(case, acts, rules, calendar, today)
    coming = next_node(nodes_of(case, reading, calendar))
    case.due_on = reading.due_on if reading else None
    case.target_on = reading.target_on if reading else None
    case.overdue_after = reading.overdue_after if reading else None
    case.provisional = reading.provisional if reading else False
    case.stopped_on = reading.stopped_on if reading else None
    case.next_node = coming.node if coming else None
    case.next_node_on = coming.due_on if coming else None
    return reading


def in_shanghai(moment: dt.datetime) -> dt.datetime:
    """Return the same moment as a Chinese reader writes it, with +08:00."""
    return moment.astimezone(SHANGHAI)
