"""How long requests took, stage by stage, and how much of that the law does not count.

The database groups the stretches of time by their first and last day; the working days of each group are looked up in the
calendar of its region. So the work grows with the number of days, not of cases.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, case, func, select
from sqlalchemy.orm import aliased

from app.domain.period import Period
from app.domain.terms import Stage, State
from app.domain.workflow import COMMANDS
from app.models import Agency, Case, ClockEntry, JournalEntry
from app.services.clocks import RETRACTED
from app.services.desk import Desk
from app.services.figures.flow import ANSWERED
from app.services.figures.scope import Scope

_WAITING = frozenset({State.AWAITING_CORRECTION, State.AWAITING_PAYMENT})
_BASES = ("correction_received", "fee_paid")
"""The acts that begin the period anew (条例第30条、国办函〔2020〕109号): an extension given before them does not carry over."""

_STEPS = ("register", "split_off", *COMMANDS)
"""The journal's lines that may change a state; what is noted beside a case (remedies, supervisions) does not."""

REPLY_WORKDAYS = 20


@dataclass(frozen=True, slots=True)
class StageTime:
    """What requests answered in the period spent in one stage, working days each.

    `waiting` is the part in which the applicant had to act (补正、缴费), which the law does not count.
    """

    stage: Stage
    cases: int
    average: float
    average_waiting: float
    longest: int


@dataclass(frozen=True, slots=True)
class WholeTime:
    """Receipt to reply, averages in working days: all of it, what the law counts and what it does not.

    Not counted is what a consultation covered (条例第33条第3款) and what lay before a new base (补正、缴费).
    """

    cases: int
    average: float | None
    average_counted: float | None
    average_excluded: float | None
    average_consulting: float | None  # of what is excluded: consultations
    average_restarted: float | None  # of what is excluded: before the correction or the payment came


def whole(desk: Desk, scope: Scope, period: Period) -> WholeTime:
    """Average over the requests answered in the period that have a statutory day."""
    rows = desk.session.execute(_answered(scope, period))
    cases = raw = counted = before = 0
    for region, received_on, due_on, stopped_on, extended, base_on, number in rows:
        calendar = desk.book.of(region)
        took = max(calendar.count(received_on, stopped_on), 0)
        used = REPLY_WORKDAYS + int(extended or 0) - calendar.count(stopped_on, due_on)
        cases += number
        raw += number * took
        counted += number * min(max(used, 0), took)
        before += number * (min(max(calendar.count(received_on, base_on), 0), took) if base_on else 0)
    if not cases:
        return WholeTime(0, None, None, None, None, None)
    excluded = raw - counted
    return WholeTime(cases, *(round(days / cases, 1) for days in (raw, counted, excluded, excluded - before, before)))


def _answered(scope: Scope, period: Period) -> Select[*tuple[Any, ...]]:
    later = aliased(ClockEntry)
    retracted = select(later.supersedes_id).where(later.supersedes_id == ClockEntry.id).exists()
    in_force = ~retracted & (ClockEntry.act != RETRACTED)
    base = (
        select(ClockEntry.case_id, func.max(ClockEntry.on).label("on"))
        .where(in_force, ClockEntry.act.in_(_BASES))
        .group_by(ClockEntry.case_id)
        .subquery()
    )
    extension = (
        select(ClockEntry.case_id, func.sum(ClockEntry.data["workdays"].as_integer()).label("workdays"))
        .outerjoin(base, base.c.case_id == ClockEntry.case_id)
        .where(in_force, ClockEntry.act == "extended", (base.c.on.is_(None)) | (ClockEntry.on >= base.c.on))
        .group_by(ClockEntry.case_id)
        .subquery()
    )
    kinds = (Agency.region, Case.received_on, Case.final_due_on, Case.stopped_on, extension.c.workdays, base.c.on)
    return (
        select(*kinds, func.count())
        .select_from(Case)
        .join(Agency, Agency.id == Case.agency_id)
        .outerjoin(extension, extension.c.case_id == Case.id)
        .outerjoin(base, base.c.case_id == Case.id)
        .where(
            scope.requests(),
            Case.stopped_on.between(period.first, period.last),
            Case.outcome.in_(ANSWERED),
            Case.final_due_on.is_not(None),
            Case.received_on.is_not(None),
        )
        .group_by(*kinds)
    )


def by_stage(desk: Desk, scope: Scope, period: Period) -> list[StageTime]:
    """Average over the requests answered or closed in the period, from the acts that changed their state."""
    steps = (
        select(
            JournalEntry.case_id,
            JournalEntry.state,
            JournalEntry.on.label("since"),
            func.lead(JournalEntry.on, type_=Date())
            .over(partition_by=JournalEntry.case_id, order_by=JournalEntry.id)
            .label("until"),
            Case.agency_id,
        )
        .join(Case, Case.id == JournalEntry.case_id)
        .where(_in_period(scope, period))
        .subquery()
    )
    kinds = (Agency.region, steps.c.state, steps.c.since, steps.c.until)
    stretches = (
        select(*kinds, func.count())
        .join(Agency, Agency.id == steps.c.agency_id)
        .where(steps.c.until.is_not(None))
        .group_by(*kinds)
    )
    spent: dict[Stage, int] = defaultdict(int)
    waited: dict[Stage, int] = defaultdict(int)
    longest: dict[Stage, int] = defaultdict(int)
    for region, code, since, until, number in desk.session.execute(stretches):
        state = State(code)
        days = max(desk.book.of(region).count(since, until), 0)
        spent[state.stage] += days * number
        longest[state.stage] = max(longest[state.stage], days)
        if state in _WAITING:
            waited[state.stage] += days * number
    cases = _through(desk, scope, period)
    return [
        StageTime(
            stage,
            cases[stage],
            round(spent[stage] / cases[stage], 1),
            round(waited[stage] / cases[stage], 1),
            longest[stage],
        )
        for stage in Stage
        if cases.get(stage)
    ]


def _through(desk: Desk, scope: Scope, period: Period) -> dict[Stage, int]:
    """Count the requests that entered each stage; being archived takes no time."""
    code = JournalEntry.state
    stage = case(
        *((code.in_([state.value for state in State if state.stage is stage]), stage.value) for stage in Stage)
    )
    rows = desk.session.execute(
        select(stage, func.count(JournalEntry.case_id.distinct()))
        .join(Case, Case.id == JournalEntry.case_id)
        .where(_in_period(scope, period), code != State.ARCHIVED.value)
        .group_by(stage)
    )
    return {Stage(found): number for found, number in rows if found}


def _in_period(scope: Scope, period: Period) -> ColumnElement[bool]:
    closed = Case.stopped_on.between(period.first, period.last)
    return and_(scope.requests(), closed, JournalEntry.act.in_(_STEPS))
