"""Why a date is what it is: the reply period day by day, for a clerk to print and a court to read.

The lines run from the day of receipt to the due date. Exactly `allowed` lines are counted, numbered 1, 2, 3 …, and
the last of them is the due date; every other line says why it is not counted. Days before the current base are listed
and not counted, for the period began again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain import acts as a
from app.domain.acts import Act, chronological
from app.domain.fold import Consultation, Period, gather, interval, statutory_period
from app.domain.limits import ClockRules
from app.domain.terms import LineKind
from app.domain.workdays import Day, WorkCalendar


@dataclass(frozen=True, slots=True)
class Line:
    """One day: whether it is counted, as which working day of the period, and why or why not."""

    on: date
    counted: bool
    n: int | None
    why: str
    kind: LineKind


def explain(
    received_on: date, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar, through: date | None = None
) -> list[Line]:
    """The statutory period day by day, from receipt to its last day, or to `through` where given."""
    history = gather(received_on, acts, rules)
    period = statutory_period(history, rules, calendar)
    bases = _bases(received_on, acts, rules)
    letters = [
        (letter, *interval(letter, rules, calendar, rules.pause_reading)) for letter in history.consultations.values()
    ]
    n, overdue = 0, 0
    lines: list[Line] = []
    for day in calendar.days(received_on, period.due_on if through is None else through):
        counted, why, kind = False, _why(day), LineKind.REST
        if day.on in bases or day.on <= period.base_on:
            why, kind = _before(day, bases, period)
        elif day.on > period.due_on:
            overdue += day.workday
            why, kind = f"{why}，超过期限 {overdue} 个工作日" if day.workday else why, LineKind.OVERDUE
        elif day.workday and any(start < day.on <= end for start, end in period.pauses):
            named = [_named(letter) for letter, start, end in letters if start < day.on <= end]
            why, kind = f"{'、'.join(named)}期间，停止计时（条例第33条第3款）", LineKind.PAUSED
        elif day.workday:
            n += 1
            counted, kind = True, LineKind.COUNTED
        lines.append(Line(day.on, counted, n if counted else None, why, kind))
    return lines


def _bases(received_on: date, acts: Sequence[Act], rules: ClockRules) -> dict[date, str]:
    """The days from which a period was counted, each with its reason; the last one is in force."""
    bases = {received_on: "收到申请"}
    for act in sorted(acts, key=chronological):
        if isinstance(act, a.CorrectionReceived):
            bases[act.on] = "收到补正的申请，重新起算"
        elif isinstance(act, a.FeePaid):
            bases[act.on] = "缴清信息处理费，重新起算"
        elif isinstance(act, a.ReasonsReceived) and rules.reasons_as_correction:
            bases[act.on] = "收到说明的理由，重新起算"
    return bases


def _before(day: Day, bases: dict[date, str], period: Period) -> tuple[str, LineKind]:
    """A day up to the base in force: a base itself, or a day whose count was superseded."""
    current = max(bases)
    if day.on == current < period.base_on:
        return f"{bases[current]}（休息日，视为 {period.base_on} 收到）", LineKind.BASE
    if day.on in bases:
        return f"{bases[day.on]}，起算日当日不计", LineKind.BASE
    if day.on > current:
        return (
            (f"{_why(day)}，起算日当日不计", LineKind.BASE) if day.on == period.base_on else (_why(day), LineKind.REST)
        )
    return f"{_why(day)}，其后重新起算，不计入现期限", LineKind.SUPERSEDED


def _named(letter: Consultation) -> str:
    return f"{letter.kind.label}（{letter.ref}）"


def _why(day: Day) -> str:
    return f"{day.why}（推定，待放假通知）" if day.provisional else day.why
