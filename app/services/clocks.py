"""The clock of a case: its acts read from entries, new ones appended, the projection refreshed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, exists, func, select, true
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import flag_modified

from app.domain import clock, handling
from app.domain.acts import Act
from app.domain.clock import Reading
from app.domain.handling import Course
from app.domain.limits import ClockRules
from app.domain.nodes import Node, confirmation_node
from app.domain.settings import AgencySettings
from app.domain.shape import complete
from app.domain.terms import CaseKind, NodeKind, NodeParty
from app.domain.workdays import WorkCalendar
from app.models import Agency, Case, ClockEntry, RunningClock
from app.models.direct import OfCases, enter
from app.services.calendars import Book
from app.services.desk import SHANGHAI, Desk, shanghai_date

REMEDIES = frozenset({NodeKind.RECONSIDERATION, NodeKind.LITIGATION, NodeKind.LITIGATION_AFTER_RECONSIDERATION})


RECEIVED, RETRACTED = "received", "retracted"
"""What a correcting entry may be besides an act: another day of receipt, or word that an act never happened."""


class Projection(NamedTuple):
    """What lists and polls query of a clock; the same on whatever day it is made."""

    due_on: dt.date | None
    target_on: dt.date | None
    overdue_after: dt.date | None
    provisional: bool
    next_node: NodeKind | None
    next_node_on: dt.date | None
    stopped_on: dt.date | None

    @property
    def running(self) -> dict[str, Any] | None:
        """The columns of `RunningClock`; None for a clock that has stopped."""
        if self.stopped_on is not None:
            return None
        return {name: value for name, value in self._asdict().items() if name != "stopped_on"}

    @property
    def final(self) -> dict[str, Any]:
        """The columns of the case itself, empty while the clock runs."""
        stopped = self.stopped_on is not None
        return {
            "stopped_on": self.stopped_on,
            "final_due_on": self.due_on if stopped else None,
            "final_target_on": self.target_on if stopped else None,
        }


DUE_ON = func.coalesce(RunningClock.due_on, Case.final_due_on)
TARGET_ON = func.coalesce(RunningClock.target_on, Case.final_target_on)
"""The limits of any case, in a statement over `Case` that joins `Case.clock` from without."""


@cache
def _act() -> TypeAdapter[Act]:
    complete(Act)
    return TypeAdapter(Act)


def act_of(data: Mapping[str, Any] | str) -> Act:
    """Read an entry's data, or its JSON text, as the act it is."""
    return _act().validate_json(data) if isinstance(data, str) else _act().validate_python(data)


_LATER = aliased(ClockEntry)
_SUPERSEDED = exists().where(_LATER.supersedes_id == ClockEntry.id)


def in_force(wanted: ColumnElement[bool]) -> Select[ClockEntry]:
    """Select the entries that count: neither superseded by a correction, nor a retraction, nor the receipt itself."""
    return (
        select(ClockEntry)
        .where(wanted, ~_SUPERSEDED, ClockEntry.act != RECEIVED, ClockEntry.act != RETRACTED)
        .order_by(ClockEntry.id)
    )


def _texts(wanted: ColumnElement[bool]) -> Select[int, str]:
    return in_force(wanted).with_only_columns(ClockEntry.case_id, cast(ClockEntry.data, Text))


# Built once: building costs more than running it.
_ENTRIES = OfCases(_texts(true()), ClockEntry.case_id.expression)
_ENTRIES_BETWEEN = _texts(and_(ClockEntry.case_id > bindparam("first"), ClockEntry.case_id <= bindparam("last")))


def acts_of(session: Session, case_ids: Sequence[int]) -> dict[int, tuple[Act, ...]]:
    """Read the acts in force of several cases with one query, each in the order of its entry."""
    session.flush()  # an entry that corrects another was added
    found = _by_case(_ENTRIES.rows(session, case_ids))
    return {case_id: tuple(map(_act().validate_json, texts)) for case_id, texts in found.items()}


def entries_between(session: Session, first: int, last: int) -> dict[int, tuple[str, ...]]:
    """Read those of all cases beyond `first` and up to `last`, as text: of many cases many have been through the same."""
    return _by_case(session.execute(_ENTRIES_BETWEEN, {"first": first, "last": last}))


def _by_case(rows: Iterable[Sequence[Any]]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for case_id, text in rows:
        found[case_id].append(text)
    return {case_id: tuple(texts) for case_id, texts in found.items()}


def rules_of(agency: Agency, kind: CaseKind = CaseKind.DISCLOSURE) -> ClockRules:
    return AgencySettings.model_validate(agency.settings).clock_rules(kind)


def as_entered(act: Act) -> Act:
    """Return an act as its entry keeps it: codes, numbers and dates. What was said in words stands in the journal, sealed."""
    return act.model_copy(update={"basis": "见办理记录"}) if "basis" in type(act).model_fields else act


def entered(act: Act) -> dict[str, Any]:
    """Write an act as an entry keeps it."""
    return as_entered(act).model_dump(mode="json")


def append(desk: Desk, case: Case, acts: Sequence[Act]) -> None:
    """Enter acts into the case's history, which is never rewritten."""
    rows = (
        ClockEntry(
            case_id=case.id,
            act=act.act,
            on=act.on,
            data=entered(act),
            recorded_at=desk.now,
            recorded_by=desk.actor.name,
        )
        for act in acts
    )
    enter(desk.session, *rows)


def reading_of(
    case: Case, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar, as_of: dt.date
) -> Reading | None:
    """Fold the clock of a case; None while its date of receipt is unknown, and where no reply period runs."""
    if case.received_on is None or rules.handling is not None:
        return None
    submitted_on = shanghai_date(case.submitted_at)
    return clock.read(case.received_on, acts, rules, calendar, as_of, submitted_on=submitted_on)


def course_of(case: Case, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar) -> Course | None:
    """Follow a case that is no disclosure request; None for one that is, and before its receipt is confirmed."""
    if case.received_on is None or rules.handling is None:
        return None
    return handling.follow(case.received_on, acts, rules, calendar)


def calendar_of(session: Session, book: Book, case: Case, region: str) -> WorkCalendar:
    """Return the calendar a case is counted by: the newest one, and for a stopped clock the one it stopped under."""
    return book.at(session, case.calendar_edition).of(region)


def with_remedies(reading: Reading, current: Reading) -> Reading:
    """Give a stopped clock the remedy windows of the newest calendar: they still run, whatever it was answered under."""
    fresh = {(node.node, node.ref): node for node in current.nodes if node.node in REMEDIES}
    return reading._replace(nodes=tuple(fresh.get((node.node, node.ref), node) for node in reading.nodes))


def nodes_of(case: Case, reading: Reading | None, course: Course | None, calendar: WorkCalendar) -> tuple[Node, ...]:
    """List the nodes of a case; before its receipt is confirmed, the confirmation itself."""
    if reading is not None:
        return reading.nodes
    if course is not None:
        return course.nodes
    return (unconfirmed(shanghai_date(case.submitted_at), calendar),)


def unconfirmed(submitted_on: dt.date, calendar: WorkCalendar) -> Node:
    """Build the one node of an application whose receipt has yet to be confirmed (条例第31条)."""
    return confirmation_node(submitted_on, None, calendar)


def next_node(nodes: Iterable[Node], stopped_on: dt.date | None) -> Node | None:
    """Return the node that falls due first among those the agency has yet to meet; none once the clock has stopped.

    While the applicant has to act first, the limits that wait for him are nobody's next date.
    """
    if stopped_on is not None:
        return None
    waiting = [
        (node.due_on, node)
        for node in nodes
        if node.met_on is None and node.due_on and node.binding and not node.suspended
    ]
    return min(waiting, key=lambda pair: pair[0], default=(None, None))[1]


def awaited(nodes: Iterable[Node], stopped_on: dt.date | None) -> list[Node]:
    """List what somebody has yet to do by a day, the first due first; none once the clock has stopped.

    The agency's own limits wait while the applicant has to act, and are left out then; a correction notice is owed to
    nobody who needs none.
    """
    if stopped_on is not None:
        return []
    still = [node for node in nodes if node.met_on is None and not node.suspended]
    still = [node for node in still if node.binding or node.party is not NodeParty.AGENCY]
    return sorted(still, key=lambda node: (node.due_on is None, node.due_on or dt.date.max))


def projection(
    received_on: dt.date | None,
    submitted_on: dt.date,
    acts: Sequence[Act],
    rules: ClockRules,
    calendar: WorkCalendar,
) -> Projection:
    """Fold what the case's columns repeat. Nothing else decides it: not the day of asking, not what stood there before."""
    reading, stopped_on = None, None
    if received_on is None:
        coming: Node | None = unconfirmed(submitted_on, calendar)
    elif rules.handling is not None:
        course = handling.follow(received_on, acts, rules, calendar)
        coming, stopped_on = next_node(course.nodes, course.stopped_on), course.stopped_on
    else:
        reading = clock.read(received_on, acts, rules, calendar, received_on, submitted_on=submitted_on)
        coming = next_node(reading.nodes, reading.stopped_on)
    return Projection(
        due_on=reading.due_on if reading else None,
        target_on=reading.target_on if reading else None,
        overdue_after=reading.overdue_after if reading else None,
        provisional=reading.provisional if reading else False,
        stopped_on=reading.stopped_on if reading else stopped_on,
        next_node=coming.node if coming else None,
        next_node_on=coming.due_on if coming else None,
    )


def project(case: Case, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar, edition: int) -> None:
    """Refresh a case's projection after an act; `services.recompute` does the same for many, after a notice.

    A clock that stops keeps the edition of the calendar it stopped under, so that no later notice moves it.
    """
    fresh = projection(case.received_on, shanghai_date(case.submitted_at), acts, rules, calendar)
    for column, value in fresh.final.items():
        setattr(case, column, value)
    running = fresh.running
    if running is None:
        case.clock = None
        if case.calendar_edition is None:
            case.calendar_edition = edition
        return
    case.calendar_edition = None
    if case.clock is None:
        case.clock = RunningClock()
    case.clock.agency_id = case.agency_id
    moved = {column: value for column, value in running.items() if getattr(case.clock, column) != value}
    for column, value in moved.items():
        setattr(case.clock, column, value)
    if moved:
        flag_modified(case, "updated_at")  # so that its version counts the change, though its own row says the same


Dates = tuple[dt.date | None, dt.date | None]


def dates_of(case: Case) -> Dates:
    """Return the two dates whose every change the journal keeps."""
    return case.due_on, case.target_on


def moved(before: Dates, after: Dates) -> dict[str, Any]:
    """Say which of due_on and target_on changed, as the journal keeps it: {"due_on": {"from": …, "to": …}}."""
    pairs = zip(("due_on", "target_on"), before, after, strict=True)
    return {
        name: {"from": old.isoformat() if old else None, "to": new.isoformat() if new else None}
        for name, old, new in pairs
        if old != new
    }


def in_shanghai(moment: dt.datetime) -> dt.datetime:
    """Return the same moment as a Chinese reader writes it, with +08:00."""
    return moment.astimezone(SHANGHAI)
