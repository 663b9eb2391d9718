"""Figures as callers see them: counts beside those of the period before, rates as fractions of one."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import Field

from app.domain.identifiers import mask_name
from app.domain.period import Period
from app.domain.shape import Shape
from app.domain.terms import ApplicantKind, Mark, Stage, State, Term
from app.services.figures.applicants import Frequent
from app.services.figures.flow import Flow
from app.services.figures.hot import Hot
from app.services.figures.losses import By, Losses
from app.services.figures.marks import Marked
from app.services.figures.overview import Compared, Overview


class PeriodOut(Shape):
    period: str = Field(description="2026、2026Q1 或者 2026-03")
    label: str
    first: dt.date
    last: dt.date


class Counted(Shape):
    """A count beside that of the period before."""

    count: int
    previous: int
    change: float | None = Field(description="环比：比上期增减，0.1 即增加 10%；上期为零则为空")


class Rated(Shape):
    """A rate beside that of the period before."""

    rate: float | None = Field(description="0—1；分母为零则为空")
    part: int
    whole: int
    previous_rate: float | None


class Volumes(Shape):
    received: Counted = Field(description="本期新收（按收到之日）")
    carried_over: Counted = Field(description="上期结转")
    closed: Counted = Field(description="本期办结（按答复或者结案之日）")
    open: Counted = Field(description="期末在办")
    overdue_open: int = Field(description="现在超期未办结")


class Timeliness(Shape):
    statutory: Rated = Field(description="法定期限内答复率")
    local: Rated = Field(description="内控期限内答复率")


class Part(Shape):
    """One part of a whole; `count` is null where it is withheld."""

    code: str
    label: str
    count: int | None = Field(description="件数；涉及个人的小数目对看不到案件的人不公开，为空")


class StatePart(Shape):
    state: State
    state_label: str
    count: int


class StageNow(Shape):
    """Where requests stand now."""

    stage: Stage
    stage_label: str
    count: int
    states: list[StatePart]


class StageTimeOut(Shape):
    """Working days in one stage."""

    stage: Stage
    stage_label: str
    cases: int
    average_workdays: float = Field(description="平均历时，工作日")
    average_waiting: float = Field(description="其中等待申请人补正、缴费，依法不计入期限的")
    longest_workdays: int


class WholeTimeOut(Shape):
    """Working days from receipt to reply."""

    cases: int
    average_workdays: float | None = Field(description="自收到至答复的平均历时，工作日")
    average_counted: float | None = Field(description="其中依法计入答复期限的")
    average_excluded: float | None = Field(description="其中依法不计入的：征求意见期间、补正和缴费之前")
    average_consulting: float | None = Field(description="不计入的之中，征求第三方和其他机关意见的（条例第33条第3款）")
    average_restarted: float | None = Field(description="不计入的之中，补正、缴费重新起算之前的")


class MonthOut(Shape):
    month: str
    received: int
    closed: int
    answered: int
    answered_on_time: int
    on_time_rate: float | None


class HotOut(Shape):
    """Something asked for again and again."""

    group_id: int = Field(description="最早申请它的案件")
    agency_code: str
    agency_name: str
    title: str
    document_no: str | None
    requests: int
    applicants: int = Field(description="不同的申请人")
    opened: int = Field(description="予以公开、部分公开的")
    refused: int = Field(description="以其他方式办结的")


class ApplicantFigure(Shape):
    """One applicant who asked often; the name is masked."""

    name: str = Field(description="已遮盖")
    kind: ApplicantKind
    kind_label: str
    requests: int
    agencies: int = Field(description="向多少个机关申请")
    refused_as_repeat: int = Field(description="其中按重复申请、大量反复申请不予处理的")
    latest_case_id: int = Field(description="最近一件")


class LossesOut(Shape):
    """Remedies and their rates; the decided ones are the denominator (通行口径，非法定)."""

    key: str | None
    label: str | None
    filed: int
    reconsiderations_decided: int
    reconsiderations_corrected: int
    correction_rate: float | None = Field(description="纠错率：审结的行政复议中被纠正的")
    lawsuits_decided: int
    lawsuits_lost: int
    defeat_rate: float | None = Field(description="败诉率：审结的行政诉讼中被纠正的")
    complaints_decided: int
    complaints_upheld: int
    pending: int
    answered: int
    dispute_rate: float | None = Field(description="争议发生率：提起的复议、诉讼、投诉与同期答复之比")


class LossesList(Shape):
    period: PeriodOut
    agency_code: str
    scope: Literal["own", "subtree"] = Field(description="`own` 只统计这个机关；`subtree` 连同下级")
    by: By = Field(description="`agency` 按机关；`reply_kind` 按答复类型；`cause` 按败因")
    total: LossesOut
    items: list[LossesOut]


class OverviewOut(Shape):
    """One agency's figures, alone or with all below it."""

    agency_code: str
    agency_name: str
    scope: Literal["own", "subtree"] = Field(description="`own` 只统计这个机关；`subtree` 连同下级")
    period: PeriodOut
    previous_period: PeriodOut
    as_of: dt.date
    volumes: Volumes
    timeliness: Timeliness
    stages: list[StageNow]
    stage_times: list[StageTimeOut]
    whole_time: WholeTimeOut
    reply_kinds: list[Part]
    channels: list[Part]
    applicant_kinds: list[Part]
    trend: list[MonthOut] = Field(description="最近十二个月")
    hot_subjects: list[HotOut]
    remedies: LossesOut
    marks: list[Part] = Field(description="黄、红、黑牌")


class ComparedOut(Shape):
    """One agency beside the others."""

    agency_code: str
    agency_name: str
    received: Counted
    closed: Counted
    open: int
    overdue_open: int
    on_time_rate: float | None
    previous_on_time_rate: float | None
    local_on_time_rate: float | None
    correction_rate: float | None
    defeat_rate: float | None
    dispute_rate: float | None
    marks: list[Part]
    applicant_kinds: list[Part]


class Comparison(Shape):
    period: PeriodOut
    as_of: dt.date
    items: list[ComparedOut]


class MarkedOut(Shape):
    """One request on a supervision list."""

    case_id: int
    case_no: str
    agency_code: str
    agency_name: str
    state: State
    state_label: str
    handler: str | None
    received_on: dt.date
    due_on: dt.date
    stopped_on: dt.date | None
    mark: Mark
    mark_label: str
    workdays: int = Field(description="黄牌：剩余工作日；红牌、黑牌：超过的工作日")
    supervised: int = Field(description="已发督办的次数")


class MarkedPage(Shape):
    as_of: dt.date
    items: list[MarkedOut]
    total: int
    page: int
    size: int


def period_out(period: Period) -> PeriodOut:
    return PeriodOut(period=str(period), label=period.label, first=period.first, last=period.last)


def counted(now: int, before: int) -> Counted:
    return Counted(count=now, previous=before, change=round((now - before) / before, 4) if before else None)


Code = TypeVar("Code", bound=Term)


def parts(counts: Mapping[Code, int] | Mapping[Code, int | None]) -> list[Part]:
    return [Part(code=code.value, label=code.label, count=count) for code, count in counts.items()]


def volumes(now: Flow, before: Flow) -> Volumes:
    return Volumes(
        received=counted(now.received, before.received),
        carried_over=counted(now.carried_over, before.carried_over),
        closed=counted(now.closed, before.closed),
        open=counted(now.open, before.open),
        overdue_open=now.overdue_open,
    )


def timeliness(now: Flow, before: Flow) -> Timeliness:
    return Timeliness(
        statutory=Rated(
            rate=now.on_time_rate,
            part=now.answered_on_time,
            whole=now.answered,
            previous_rate=before.on_time_rate,
        ),
        local=Rated(
            rate=now.local_on_time_rate,
            part=now.local_on_time,
            whole=now.local_due,
            previous_rate=before.local_on_time_rate,
        ),
    )


def losses_out(found: Losses, label: str | None = None) -> LossesOut:
    return LossesOut(
        **{name: getattr(found, name) for name in LossesOut.model_fields if name != "label"},
        label=label,
    )


def hot_out(found: Hot) -> HotOut:
    return HotOut(**{name: getattr(found, name) for name in HotOut.model_fields})


def applicant_out(found: Frequent) -> ApplicantFigure:
    return ApplicantFigure(
        name=mask_name(found.name or "（未填写）"),
        kind=found.kind,
        kind_label=found.kind.label,
        requests=found.requests,
        agencies=found.agencies,
        refused_as_repeat=found.refused_as_repeat,
        latest_case_id=found.latest_case_id,
    )


def overview_out(found: Overview, as_of: dt.date) -> OverviewOut:
    return OverviewOut(
        agency_code=found.scope.agency.code,
        agency_name=found.scope.agency.name,
        scope=found.scope.reach,
        period=period_out(found.period),
        previous_period=period_out(found.period.previous),
        as_of=as_of,
        volumes=volumes(found.flow, found.previous),
        timeliness=timeliness(found.flow, found.previous),
        stages=[
            StageNow(
                stage=stage,
                stage_label=stage.label,
                count=sum(states.values()),
                states=[StatePart(state=state, state_label=state.label, count=n) for state, n in states.items()],
            )
            for stage, states in found.stages.items()
        ],
        stage_times=[
            StageTimeOut(
                stage=time.stage,
                stage_label=time.stage.label,
                cases=time.cases,
                average_workdays=time.average,
                average_waiting=time.average_waiting,
                longest_workdays=time.longest,
            )
            for time in found.stage_times
        ],
        whole_time=WholeTimeOut(
            cases=found.whole_time.cases,
            average_workdays=found.whole_time.average,
            average_counted=found.whole_time.average_counted,
            average_excluded=found.whole_time.average_excluded,
            average_consulting=found.whole_time.average_consulting,
            average_restarted=found.whole_time.average_restarted,
        ),
        reply_kinds=parts(found.reply_kinds),
        channels=parts(found.channels),
        applicant_kinds=parts(found.applicant_kinds),
        trend=[
            MonthOut(
                month=str(month.month),
                received=month.received,
                closed=month.closed,
                answered=month.answered,
                answered_on_time=month.answered_on_time,
                on_time_rate=month.on_time_rate,
            )
            for month in found.months
        ],
        hot_subjects=[hot_out(one) for one in found.hot],
        remedies=losses_out(found.losses),
        marks=parts(found.marks),
    )


def compared_out(found: Compared) -> ComparedOut:
    return ComparedOut(
        agency_code=found.agency.code,
        agency_name=found.agency.name,
        received=counted(found.flow.received, found.previous.received),
        closed=counted(found.flow.closed, found.previous.closed),
        open=found.flow.open,
        overdue_open=found.flow.overdue_open,
        on_time_rate=found.flow.on_time_rate,
        previous_on_time_rate=found.previous.on_time_rate,
        local_on_time_rate=found.flow.local_on_time_rate,
        correction_rate=found.losses.correction_rate,
        defeat_rate=found.losses.defeat_rate,
        dispute_rate=found.losses.dispute_rate,
        marks=parts(found.marks),
        applicant_kinds=parts(found.applicants),
    )


def marked_out(found: Marked) -> MarkedOut:
    plain = {name: getattr(found, name) for name in MarkedOut.model_fields if not name.endswith("_label")}
    return MarkedOut(**plain, state_label=found.state.label, mark_label=found.mark.label)
