"""The clock to look at: reading, nodes and the day-by-day reasons, of a case or of a question."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from app.domain import clock
from app.domain.acts import Act
from app.domain.clock import Line, Reading
from app.domain.limits import ClockRules
from app.domain.nodes import Node
from app.domain.terms import ClockState
from app.domain.workdays import WorkCalendar
from app.errors import Invalid
from app.services import files
from app.services.desk import Desk

LONGEST = dt.timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class ClockView:
    reading: Reading | None
    nodes: tuple[Node, ...]
    explanation: Sequence[Line]
    calendar: WorkCalendar
    as_of: dt.date
    clock: ClockState


def of_case(desk: Desk, case_id: int) -> ClockView:
    """Show the clock of a case today."""
    file = files.open_file(desk, case_id)
    lines: Sequence[Line] = ()
    if file.case.received_on and file.reading:
        lines = clock.explain(file.case.received_on, file.acts, file.rules, file.calendar)
    return ClockView(file.reading, file.nodes, lines, file.calendar, desk.today, file.clock)


def preview(
    calendar: WorkCalendar,
    rules: ClockRules,
    received_on: dt.date,
    acts: Sequence[Act],
    as_of: dt.date,
    submitted_on: dt.date | None,
) -> ClockView:
    """Answer a question without a case. Raises Invalid with every objection to the dates and the acts."""
    _refuse_unbounded(calendar, received_on, acts, as_of, submitted_on)
    objections = clock.check(acts, rules, calendar, received_on)
    if objections:
        _refuse(
            [(bar.code, f"acts.{bar.index}" if bar.index >= 0 else "received_on", bar.message) for bar in objections]
        )
    reading = clock.read(received_on, acts, rules, calendar, as_of, submitted_on=submitted_on)
    if reading.due_on - received_on > LONGEST:
        _refuse([("too_long", "acts", f"期限届满于 {reading.due_on}，超过收到之日后五年，不能试算")])
    return ClockView(
        reading, reading.nodes, clock.explain(received_on, acts, rules, calendar), calendar, as_of, reading.clock
    )


def _refuse_unbounded(
    calendar: WorkCalendar,
    received_on: dt.date,
    acts: Sequence[Act],
    as_of: dt.date,
    submitted_on: dt.date | None,
) -> None:
    """Refuse days beyond the calendar and spans that would only cost time: anybody may ask."""
    reach = f"须在 {calendar.first} 至 {calendar.last} 之间"
    found = [
        ("outside_calendar", name, f"{name}：{reach}")
        for name, day in (("received_on", received_on), ("as_of", as_of), ("submitted_on", submitted_on))
        if day is not None and not calendar.first <= day <= calendar.last
    ]
    if submitted_on is not None and submitted_on > received_on:
        found.append(("submitted_after_receipt", "submitted_on", "提交之日不能晚于收到之日"))
    for index, act in enumerate(acts):
        for name in ("on", "delivered_on", "due_on"):
            day = getattr(act, name, None)
            if day is not None and day - received_on > LONGEST:
                found.append(("too_long", f"acts.{index}.{name}", f"{day} 在收到之日后五年以上，不能试算"))
    if found:
        _refuse(found)


def _refuse(found: Sequence[tuple[str, str, str]]) -> NoReturn:
    reasons = [{"kind": "field", "code": code, "field": field, "message": message} for code, field, message in found]
    raise Invalid("；".join(message for _, _, message in found[:3]), reasons=reasons)
