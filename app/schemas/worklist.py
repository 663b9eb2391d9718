"""A work list as a person reads it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from app.domain import worklist as rules
from app.domain.commands import Line, Strict
from app.domain.days import dated
from app.domain.machine import Step
from app.domain.nodes import Node
from app.domain.shape import Shape
from app.domain.terms import NodeParty, Role, Stage, Urgency
from app.models import SavedFilter
from app.schemas import present
from app.schemas.cases import BlockedBy, CaseSummary, Missing
from app.services.desk import SHANGHAI, Desk
from app.services.files import File
from app.services.worklist import Entry, Load, Narrowing, Query, Worklist


class ToDo(Shape):
    """A step the case is waiting for."""

    action: str
    label: str
    roles: list[Role]
    roles_label: str = Field(description="由谁操作")
    yours: bool = Field(description="轮到您")
    ready: bool = Field(description="条件已经具备")
    lacks: list[BlockedBy] = Field(description="还缺什么，依据哪一条")
    href: str = Field(description="操作的地址（POST）")


class WorklistItem(CaseSummary):
    """A case that waits."""

    urgency: Urgency
    urgency_label: str
    to_do: list[ToDo] = Field(description="等着办的事")
    missing: list[Missing] = Field(description="申请中缺少的条例第29条事项，可以告知补正")
    handler_name: str | None
    waiting_party: NodeParty = Field(description="在等谁")
    waiting_party_label: str
    waiting_for: str = Field(description="在等谁做什么，至哪一天")
    links: dict[str, str] = Field(description="案件、现在能做什么、期限、经过")


class StageCount(Shape):
    stage: Stage
    stage_label: str
    count: int


class UrgencyCount(Shape):
    urgency: Urgency
    urgency_label: str
    count: int


class LoadOut(Shape):
    """What lies on one handler's table, answered cases aside."""

    handler: str
    name: str
    open: int = Field(description="在办")
    late: int = Field(description="已逾期")
    soon: int = Field(description="今天或者三个工作日内到期")


class WorklistPage(Shape):
    as_of: dt.date
    as_of_label: str = Field(description="今天是星期几")
    headline: str = Field(description="一句话：共几件，紧急程度各几件")
    in_short: list[str] = Field(description="每件一行：编号、申请内容、在等谁做什么、期限；详情在 items 中")
    items: list[WorklistItem]
    total: int = Field(description="符合条件的件数")
    page: int
    size: int
    stages: list[StageCount] = Field(description="各阶段的件数，不受阶段和紧急程度条件影响")
    urgencies: list[UrgencyCount] = Field(description="各紧急程度的件数，不受阶段和紧急程度条件影响")
    people: list[LoadOut] = Field(description="看全部案件时：每名经办人手上的件数，最紧的在前")


class NewFilter(Strict):
    """A filter to keep."""

    name: Line = Field(description="名称；同名的替换", examples=["本周到期的更正申请"])
    query: Narrowing = Field(
        description="筛选条件，同 GET /worklist 的参数", examples=[{"view": "mine", "urgency": "soon"}]
    )


class FilterOut(Shape):
    id: int
    name: str
    query: Narrowing
    saved_at: dt.datetime
    href: str = Field(description="按这个筛选看待办的地址")


class FilterList(Shape):
    items: list[FilterOut]


def worklist_page(desk: Desk, query: Query, found: Worklist) -> WorklistPage:
    items = [_item(desk, entry) for entry in found.entries]
    counted = "、".join(f"{how.label}{n}件" for how, n in found.urgencies.items() if n)
    return WorklistPage(
        as_of=desk.today,
        as_of_label=dated(desk.today, desk.today, None),
        headline=f"共{sum(found.urgencies.values())}件：{counted}" if counted else "没有等着办的案件",
        in_short=[_in_short(item) for item in items],
        items=items,
        total=found.total,
        page=query.page,
        size=query.size,
        stages=[StageCount(stage=stage, stage_label=stage.label, count=n) for stage, n in found.stages.items()],
        urgencies=[UrgencyCount(urgency=how, urgency_label=how.label, count=n) for how, n in found.urgencies.items()],
        people=[_load(load) for load in found.loads],
    )


def filter_out(row: SavedFilter, query: Mapping[str, Any]) -> FilterOut:
    return FilterOut(
        id=row.id,
        name=row.name,
        query=Narrowing.model_validate(query),
        saved_at=row.saved_at.astimezone(SHANGHAI),
        href=f"/api/v1/worklist?filter={row.id}",
    )


def _item(desk: Desk, entry: Entry) -> WorklistItem:
    case_id = entry.file.case.id
    base = f"/api/v1/cases/{case_id}"
    party = _party(entry.file)
    return WorklistItem(
        **present.summary(entry.file),
        urgency=entry.urgency,
        urgency_label=entry.urgency.label,
        to_do=[
            ToDo(
                **present.step_out(turn.step, case_id),
                yours=turn.step.action in entry.yours,
                ready=not turn.lacks,
                lacks=[present.blocked_by(bar) for bar in turn.lacks],
            )
            for turn in entry.turns
        ],
        missing=present.missing(entry.file),
        handler_name=entry.handler_name,
        waiting_party=party,
        waiting_party_label=party.label,
        waiting_for=_waiting_for(desk, entry, party),
        links={"self": base, "actions": f"{base}/actions", "clock": f"{base}/clock", "timeline": f"{base}/timeline"},
    )


def _in_short(item: WorklistItem) -> str:
    """Say a case in a line: 编号960 城东片区……（370600-GXJ-2026-000070）：登记员：确认收到；期限 2026-11-20 星期五，……"""
    ours = item.waiting_party is NodeParty.AGENCY  # else what is waited for names its day itself
    limit = ours and (item.next_node.due_label if item.next_node else item.due_label)
    lacks = list(dict.fromkeys(bar.message for step in item.to_do if step.yours for bar in step.lacks))
    parts = [
        item.waiting_for or item.state_label,
        f"期限 {limit}" if limit else "",
        *(f"还缺：{lack}" for lack in lacks),
    ]
    return f"编号{item.id} {item.title}（{item.case_no}）：{'；'.join(filter(None, parts))}"


def _party(file: File) -> NodeParty:
    return rules.party(file.reading.waiting if file.reading else None)


def _waiting_for(desk: Desk, entry: Entry, party: NodeParty) -> str:
    """Say in a sentence whom the case waits for: 经办人王某甲：送审答复稿; 申请人：申请人补正期限 2026-10-22 星期四，……"""
    file = entry.file
    if party is not NodeParty.AGENCY:
        awaited = _awaited(file, party)
        if awaited is None or awaited.due_on is None:
            return f"{party.label}：尚未登记送达，期限没有起算"
        said = dated(awaited.due_on, desk.today, file.newest.count(desk.today, awaited.due_on))
        return f"{party.label}：{awaited.label} {said}"
    return "；".join(f"{_who(turn.step, entry)}：{turn.step.label}" for turn in entry.turns)


def _awaited(file: File, party: NodeParty) -> Node | None:
    """Find the open node of the one waited for that falls due last, since the clock stands until then."""
    nodes = [node for node in file.nodes if node.party is party and node.met_on is None and node.due_on]
    return max(nodes, key=lambda node: node.due_on or dt.date.min, default=None)


def _who(step: Step, entry: Entry) -> str:
    """Name who takes a step: the handler, or everybody with the role."""
    case = entry.file.case
    if case.handler and rules.by_the_handler(step, case.kind):
        return f"经办人{entry.handler_name or case.handler}"
    return "或者".join(role.label for role in Role if role in step.roles and role is not Role.PORTAL)


def _load(load: Load) -> LoadOut:
    return LoadOut(handler=load.handler, name=load.name, open=load.open, late=load.late, soon=load.soon)
