"""The clock as callers ask and see it, with or without a case."""

import datetime as dt
from typing import Self

from pydantic import Field, model_validator

from app.domain.acts import Act, LegalDay
from app.domain.commands import Strict
from app.domain.days import dated, weekday
from app.domain.nodes import Node
from app.domain.settings import Readings
from app.domain.shape import Shape
from app.domain.terms import ClockState, LineKind, NodeKind, NodeParty, Waiting
from app.services.clock_views import ClockView


class CalendarOverrides(Strict):
    """What-if days on top of the region's calendar."""

    off: list[LegalDay] = Field(default_factory=list, max_length=400, description="另作休息的日期", examples=[[]])
    work: list[LegalDay] = Field(default_factory=list, max_length=400, description="另作上班的日期", examples=[[]])

    @model_validator(mode="after")
    def _refuse_both(self) -> Self:
        if both := sorted({*self.off} & {*self.work}):
            raise ValueError(f"{both[0]} 同时列为休息和上班")
        return self


class ClockPreview(Strict):
    """A case's dates without a case."""

    region: str = Field("CN", pattern=r"^CN(-[0-9]{2}([0-9]{4})?)?$", description="工作日历的地区", examples=["CN"])
    received_on: LegalDay = Field(description="收到之日", examples=["2026-03-02"])
    submitted_on: LegalDay | None = Field(None, description="提交之日，另算保守期限", examples=[None])
    local_limit_workdays: int | None = Field(None, ge=1, le=20, strict=True, description="内控期限", examples=[15])
    as_of: LegalDay | None = Field(None, description="看哪一天的情形，不填即今天", examples=["2026-03-20"])
    acts: list[Act] = Field(
        default_factory=list,
        max_length=100,
        description="已发生的行为，按日期先后",
        examples=[
            [
                {
                    "act": "correction_requested",
                    "on": "2026-03-09",
                    "delivered_on": "2026-03-10",
                    "reply_within_workdays": 10,
                },
                {"act": "correction_received", "on": "2026-03-20"},
            ]
        ],
    )
    readings: Readings = Field(default_factory=Readings, description="法律没有明文的口径，默认从严")
    calendar_overrides: CalendarOverrides = Field(
        default_factory=CalendarOverrides, description="假设另有休息日或者上班日，看期限如何变化"
    )


class NodeOut(Shape):
    node: NodeKind
    label: str
    due_on: dt.date | None = Field(description="届满之日；尚未起算为空")
    due_label: str | None = Field(description="届满之日、星期和剩余的工作日")
    met_on: dt.date | None = Field(description="已办理之日")
    left_workdays: int | None
    late: bool
    party: NodeParty
    party_label: str
    basis: str
    ref: str | None = Field(description="哪一次征求意见")
    provisional: bool


class ExplanationLine(Shape):
    on: dt.date
    weekday: str
    counted: bool
    n: int | None = Field(description="第几个工作日")
    why: str
    kind: LineKind


class AlternativeOut(Shape):
    """The due date under another reading of what the law leaves open."""

    code: str
    label: str
    due_on: dt.date


class ClockOut(Shape):
    """The clock of a case on one day, with its reasons."""

    received_on: dt.date | None
    base_on: dt.date | None = Field(description="起算日，当日不计")
    due_on: dt.date | None
    due_label: str | None = Field(description="法定期限：日期、星期和剩余的工作日")
    target_on: dt.date | None
    clock: ClockState
    clock_label: str
    waiting: Waiting | None
    waiting_label: str | None
    abandoned_from: dt.date | None = Field(description="自这一天起视为申请人放弃")
    allowed_workdays: int | None
    used_workdays: int | None
    left_workdays: int | None
    excluded_workdays: int | None = Field(description="不计入期限的工作日（征求意见）")
    late: bool
    provisional: bool
    projected: bool
    earliest_due_on: dt.date | None
    latest_due_on: dt.date | None
    conservative_due_on: dt.date | None
    alternatives: list[AlternativeOut]
    calendar_version: str
    as_of: dt.date
    nodes: list[NodeOut]
    explanation: list[ExplanationLine]


def clock_out(view: ClockView) -> ClockOut:
    """Say a clock view as an answer."""
    reading, calendar, as_of = view.reading, view.calendar, view.as_of
    waiting = reading.waiting if reading else None
    return ClockOut(
        received_on=reading.received_on if reading else None,
        base_on=reading.base_on if reading else None,
        due_on=reading.due_on if reading else None,
        due_label=_limit(view, reading.due_on, reading.left_workdays) if reading else None,
        target_on=reading.target_on if reading else None,
        clock=view.clock,
        clock_label=view.clock.label,
        waiting=waiting,
        waiting_label=waiting.label if waiting else None,
        abandoned_from=reading.abandoned_from if reading else None,
        allowed_workdays=reading.allowed_workdays if reading else None,
        used_workdays=reading.used_workdays if reading else None,
        left_workdays=reading.left_workdays if reading else None,
        excluded_workdays=reading.excluded_workdays if reading else None,
        late=reading.late if reading else False,
        provisional=reading.provisional if reading else False,
        projected=reading.projected if reading else False,
        earliest_due_on=reading.earliest_due_on if reading else None,
        latest_due_on=reading.latest_due_on if reading else None,
        conservative_due_on=reading.conservative_due_on if reading else None,
        alternatives=[
            AlternativeOut(code=other.code, label=other.label, due_on=other.due_on)
            for other in (reading.alternatives if reading else ())
        ],
        calendar_version=calendar.version,
        as_of=as_of,
        nodes=[
            NodeOut(
                node=node.node,
                label=node.label,
                due_on=node.due_on,
                due_label=_node_limit(view, node),
                met_on=node.met_on,
                left_workdays=node.left_workdays(as_of, calendar),
                late=node.is_late(as_of),
                party=node.party,
                party_label=node.party.label,
                basis=node.basis,
                ref=node.ref,
                provisional=node.provisional,
            )
            for node in view.nodes
        ],
        explanation=[
            ExplanationLine(
                on=line.on,
                weekday=weekday(line.on),
                counted=line.counted,
                n=line.n,
                why=line.why,
                kind=line.kind,
            )
            for line in view.explanation
        ],
    )


def _limit(view: ClockView, day: dt.date, left: int) -> str:
    """Write a limit of the agency, whose days stop when the clock does."""
    running = None if view.clock is ClockState.STOPPED else left
    return dated(day, view.as_of, running, standing=view.clock in {ClockState.PAUSED, ClockState.ABANDONED})


def _node_limit(view: ClockView, node: Node) -> str | None:
    left = node.left_workdays(view.as_of, view.calendar)
    if node.due_on is None:
        return None
    if node.met_on or left is None:
        return dated(node.due_on, view.as_of, None)
    if node.node in {NodeKind.STATUTORY, NodeKind.LOCAL_LIMIT}:
        return _limit(view, node.due_on, left)
    return dated(node.due_on, view.as_of, left)
