"""One agency's figures of a period beside those of the period before, and all agencies side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.period import Period, last_months
from app.domain.small_numbers import withheld
from app.domain.terms import ApplicantKind, Channel, Mark, ReplyKind, Stage, State
from app.models import Agency
from app.services.desk import Desk
from app.services.figures import breakdown, durations, flow, hot, losses, marks, scope
from app.services.figures.durations import StageTime, WholeTime
from app.services.figures.flow import Flow, Month
from app.services.figures.hot import Hot
from app.services.figures.losses import Losses
from app.services.figures.scope import Scope
from app.services.visibility import everywhere

MONTHS = 12
HOTTEST = 10


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the board shows of one scope."""

    scope: Scope
    period: Period
    flow: Flow
    previous: Flow
    reply_kinds: dict[ReplyKind, int]
    channels: dict[Channel, int]
    applicant_kinds: dict[ApplicantKind, int]
    stages: dict[Stage, dict[State, int]]
    whole_time: WholeTime
    stage_times: list[StageTime]
    months: list[Month]
    hot: list[Hot]
    losses: Losses
    marks: dict[Mark, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """One agency beside the others; numbers about persons are None where they are withheld."""

    agency: Agency
    visible: bool
    flow: Flow
    previous: Flow
    losses: Losses
    marks: dict[Mark, int]
    applicants: dict[ApplicantKind, int | None]


def overview(desk: Desk, wanted: Scope, period: Period) -> Overview:
    """Count one scope."""
    counted = marks.counts(desk, wanted, period).values()
    [lost] = losses.of_period(desk, wanted, period)
    return Overview(
        scope=wanted,
        period=period,
        flow=flow.total([*flow.by_agency(desk, wanted, period).values()]),
        previous=flow.total([*flow.by_agency(desk, wanted, period.previous).values()]),
        reply_kinds=breakdown.reply_kinds(desk, wanted, period),
        channels=breakdown.channels(desk, wanted, period),
        applicant_kinds=breakdown.applicant_kinds(desk, wanted, period),
        stages=breakdown.stages(desk, wanted),
        whole_time=durations.whole(desk, wanted, period),
        stage_times=durations.by_stage(desk, wanted, period),
        months=flow.trend(desk, wanted, last_months(min(period.last, desk.today), MONTHS)),
        hot=hot.subjects(desk, wanted, period, HOTTEST),
        losses=lost,
        marks={mark: sum(found[mark] for found in counted) for mark in Mark},
    )


def compare(desk: Desk, wanted: Scope, period: Period) -> Sequence[Compared]:
    """Put the agencies of a scope side by side, in the order of their codes; those without any request are there too.

    Whoever may not see an agency's cases does not learn its small numbers about persons.
    """
    with everywhere(desk.session):  # nothing but counts is read; small ones about persons are withheld below
        now, before = (flow.by_agency(desk, wanted, one) for one in (period, period.previous))
        lost = {found.key: found for found in losses.of_period(desk, wanted, period, "agency")}
        marked = marks.counts(desk, wanted, period)
        persons = breakdown.applicants_by_agency(desk, wanted, period)
    rows = desk.session.scalars(select(Agency).where(wanted.holds(Agency.id)).order_by(Agency.code))
    return [
        _compared(
            agency,
            visible=scope.sees(desk, agency),
            flows=(now.get(agency.id, Flow()), before.get(agency.id, Flow())),
            lost=lost.get(agency.code, NONE_LOST),
            marked=marked.get(agency.code, dict.fromkeys(Mark, 0)),
            persons=persons.get(agency.id, dict.fromkeys(ApplicantKind, 0)),
        )
        for agency in rows
    ]


NONE_LOST = Losses(None, 0, 0, 0, 0, 0, 0, 0, 0)


def _compared(
    agency: Agency,
    *,
    visible: bool,
    flows: tuple[Flow, Flow],
    lost: Losses,
    marked: dict[Mark, int],
    persons: dict[ApplicantKind, int],
) -> Compared:
    shown: dict[ApplicantKind, int | None] = {**persons} if visible else withheld(persons)
    return Compared(agency, visible, *flows, lost, marked, shown)
