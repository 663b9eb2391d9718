"""Who is reminded of which node of a case, on which day: planned from the nodes and an agency's rules, never remembered.

A reminder falls on a working day, so many working days before its node or after it, in the morning. The plan names
everything that was due up to now; whoever carries it out keeps what was done and skips it the next time, so that a job
that ran late, twice, or in several processes reminds once, dated when it was due. Nothing here is law: the days, the
hours and the people are settings.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Protocol, Self

from pydantic import Field, model_validator

from app.domain.commands.base import Flag, Strict
from app.domain.terms import NodeKind, NodeParty, RemedyNode, ReminderTier
from app.domain.workdays import WorkCalendar

SHANGHAI = dt.timezone(dt.timedelta(hours=8))

Days = Annotated[tuple[Annotated[int, Field(ge=0, le=30, strict=True)], ...], Field(max_length=10)]
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Time = Annotated[str, Field(pattern=TIME)]

REMEDIES = frozenset({NodeKind.RECONSIDERATION, NodeKind.LITIGATION, NodeKind.LITIGATION_AFTER_RECONSIDERATION})
"""Windows of the applicant after the reply: the agency has nothing to do by their last day."""


class Dated(Protocol):
    """Something that falls due: a node of a case (`nodes.Node`), or a day in a remedy (`remedies.Due`)."""

    @property
    def node(self) -> NodeKind | RemedyNode: ...
    @property
    def ref(self) -> str | None: ...
    @property
    def due_on(self) -> dt.date | None: ...
    @property
    def met_on(self) -> dt.date | None: ...
    @property
    def suspended(self) -> bool: ...
    @property
    def party(self) -> NodeParty: ...
    @property
    def binding(self) -> bool: ...


class ReminderRules(Strict):
    """What an agency has decided about being reminded; no law prescribes it."""

    enabled: Flag = Field(True, description="是否提醒")
    handler_before: Days = Field((5, 3, 1, 0), description="到期前几个工作日提醒经办人，0为到期当日")
    section_leader_before: Days = Field((1, 0), description="到期前几个工作日同时提醒科室审核人")
    supervisor_before: Days = Field((), description="到期前几个工作日同时提醒督办员")
    repeat_every: Annotated[int, Field(ge=1, le=30, strict=True)] = Field(
        5, description="逾期次日起提醒三方，以后每隔几个工作日再提醒"
    )
    repeat_at_most: Annotated[int, Field(ge=0, le=60, strict=True)] = Field(12, description="逾期后最多提醒几次")
    digest_at: Time = Field("08:30", description="早上汇总提醒的时间", examples=["08:30"])
    quiet_from: Time = Field("18:00", description="免打扰开始：之后不发邮件", examples=["18:00"])
    quiet_until: Time = Field("08:00", description="免打扰结束；休息日全天不发邮件", examples=["08:00"])
    by_mail: Flag = Field(True, description="是否同时发邮件（本人登记了邮箱、系统设置了邮件服务器的）")

    @model_validator(mode="after")
    def _digest_disturbs_nobody(self) -> Self:
        if _is_quiet(self.digest_at, self.quiet_from, self.quiet_until):
            raise ValueError("汇总提醒的时间不能在免打扰时段之内")
        return self


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder that is due: of which node, how many working days before it (negative: after), for whom, since when."""

    node: NodeKind | RemedyNode
    ref: str
    due_on: dt.date
    step: int
    tiers: tuple[ReminderTier, ...]
    due_at: dt.datetime


def plan(
    nodes: Iterable[Dated], rules: ReminderRules, calendar: WorkCalendar, *, since: dt.date, now: dt.datetime
) -> list[Planned]:
    """List every reminder of these nodes that was due by `now`, in the order they were due.

    `since` is the day the case or the remedy became known: nobody can be reminded of it on an earlier one.
    """
    if not rules.enabled:
        return []
    at = dt.time.fromisoformat(rules.digest_at)
    found = []
    for node in nodes:
        if node.due_on is None or node.met_on is not None or node.suspended or node.node in REMEDIES:
            continue
        for step, tiers in _steps(node, rules):
            day = step_day(node.due_on, step, calendar)
            due_at = dt.datetime.combine(day, at, SHANGHAI)
            if day >= since and due_at <= now:
                found.append(Planned(node.node, node.ref or "", node.due_on, step, tiers, due_at))
    return sorted(found, key=lambda planned: (planned.due_at, planned.node, planned.ref))


def step_day(due_on: dt.date, step: int, calendar: WorkCalendar) -> dt.date:
    """Return the working day so many working days before `due_on`, or after it for a negative step.

    A limit in natural days may end on a rest day: its own day is then the working day before.
    """
    if step < 0:
        return calendar.nth_after(due_on, -step)
    day = due_on
    while not calendar.is_workday(day):
        day -= dt.timedelta(days=1)
    while step:
        day -= dt.timedelta(days=1)
        step -= calendar.is_workday(day)
    return day


def may_disturb(now: dt.datetime, rules: ReminderRules, calendar: WorkCalendar) -> bool:
    """Tell whether mail may go out now: on a working day, outside the quiet hours."""
    local = now.astimezone(SHANGHAI)
    quiet = _is_quiet(f"{local:%H:%M}", rules.quiet_from, rules.quiet_until)
    return not quiet and calendar.is_workday(local.date())


def _is_quiet(time: str, start: str, end: str) -> bool:
    if start <= end:
        return start <= time < end
    return time >= start or time < end


def _steps(node: Dated, rules: ReminderRules) -> Iterator[tuple[int, tuple[ReminderTier, ...]]]:
    """Give the steps of a node with whom each is for, the earliest first."""
    before = {
        ReminderTier.HANDLER: rules.handler_before,
        ReminderTier.SECTION_LEADER: rules.section_leader_before,
        ReminderTier.SUPERVISOR: rules.supervisor_before,
    }
    ours = node.party is NodeParty.AGENCY
    for step in sorted({day for days in before.values() for day in days}, reverse=True):
        tiers = tuple(tier for tier in ReminderTier if step in before[tier] and (ours or tier is ReminderTier.HANDLER))
        if tiers:
            yield step, tiers
    if node.binding:
        for times in range(rules.repeat_at_most):
            yield -1 - times * rules.repeat_every, tuple(ReminderTier)
    elif not ours:  # the other side has let it pass: the handler decides what follows
        yield -1, (ReminderTier.HANDLER,)
