"""The clock to look at: reading, nodes and the day-by-day reasons, of a case or of a question."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain import clock
from app.domain.acts import Act
from app.domain.clock import Line, Reading
from app.domain.limits import ClockRules
from app.domain.nodes import Node
from app.domain.workdays import WorkCalendar
from app.errors import Invalid
from app.services import files
from app.services.desk import Desk


@dataclass(frozen=True, slots=True)
class ClockView:
    reading: Reading | None
    nodes: tuple[Node, ...]
    explanation: Sequence[Line]
    calendar: WorkCalendar
    as_of: dt.date


def of_case(desk: Desk, case_id: int) -> ClockView:
    """Show the clock of a case today."""
    file = files.open_file(desk, case_id)
    lines: Sequence[Line] = ()
    if file.case.received_on:
        lines = clock.explain(file.case.received_on, file.acts, file.rules, file.calendar)
    return ClockView(file.reading, file.nodes, lines, file.calendar, desk.today)


def preview(
    calendar: WorkCalendar,
    rules: ClockRules,
    received_on: dt.date,
    acts: Sequence[Act],
    as_of: dt.date,
    submitted_on: dt.date | None,
) -> ClockView:
    """Answer a question without a case. Raises Invalid with every objection to the acts."""
    objections = clock.check(acts, rules, calendar, received_on)
    if objections:
        reasons = [
            {
                "kind": "field",
                "code": bar.code,
                "field": f"acts.{bar.index}" if bar.index >= 0 else "received_on",
                "message": bar.message,
            }
            for bar in objections
        ]
        raise Invalid("；".join(bar.message for bar in objections), reasons=reasons)
    reading = clock.read(received_on, acts, rules, calendar, as_of, submitted_on=submitted_on)
    return ClockView(reading, reading.nodes, clock.explain(received_on, acts, rules, calendar), calendar, as_of)
