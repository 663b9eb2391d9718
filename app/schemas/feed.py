"""The feed as portals and scripts read it: no personal data, codes with labels."""

import datetime as dt
from typing import Self

from pydantic import Field

from app.domain.shape import Shape
from app.domain.terms import CaseKind, State
from app.services.desk import SHANGHAI
from app.services.feed import Batch, Event, Known, Snapshot


class Move(Shape):
    """一个期限由哪一天变为哪一天."""

    from_: dt.date | None = Field(alias="from", description="原来的日期")
    to: dt.date | None = Field(description="现在的日期")


class FeedItem(Shape):
    """一次操作；不含个人信息，也不含办理的内容."""

    sequence: int = Field(description="顺序号：按提交的先后，从1起，不间断", examples=[1024])
    type: str = Field(description="事件类型：case.操作 或者 agency.操作", examples=["case.accept"])
    at: dt.datetime = Field(description="记录的时间")
    on: dt.date = Field(description="行为的法定日期")
    act: str = Field(description="操作的代码", examples=["accept"])
    label: str = Field(description="操作的名称", examples=["受理"])
    agency_code: str = Field(description="机关代码", examples=["370600-GXJ"])
    case_id: int | None = Field(description="案件的 id；与案件无关的为空")
    case_no: str | None
    case_kind: CaseKind | None
    state: State | None = Field(description="操作之后案件的状态")
    state_label: str | None
    due_on: Move | None = Field(description="法定期限的变动；没有变动为空")
    target_on: Move | None = Field(description="内控期限的变动；没有变动为空")

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(
            sequence=event.sequence,
            type=event.type,
            at=event.at.astimezone(SHANGHAI),
            on=event.on,
            act=event.act,
            label=event.label,
            agency_code=event.agency_code,
            case_id=event.case_id,
            case_no=event.case_no,
            case_kind=event.case_kind,
            state=event.state,
            state_label=event.state.label if event.state else None,
            due_on=_move(event, "due_on"),
            target_on=_move(event, "target_on"),
        )


class FeedPage(Shape):
    items: list[FeedItem]
    next: int = Field(description="下一次的 after：到这里为止的都已经读到")


class SnapshotItem(Shape):
    case_id: int
    case_no: str
    case_kind: CaseKind
    agency_code: str = Field(description="最近一次操作所属的机关")
    state: State | None = Field(description="到快照的顺序号为止的状态")
    state_label: str | None
    due_on: dt.date | None = Field(description="法定期限，取值时的最新值")
    target_on: dt.date | None = Field(description="内控期限，取值时的最新值")
    sequence: int = Field(description="这件案件最近一次操作的顺序号")


class FeedSnapshot(Shape):
    sequence: int = Field(description="快照在哪一个顺序号上成立；读完各页后，从 GET /feed?after=这个数 继续")
    items: list[SnapshotItem]
    next: str | None = Field(description="下一页的游标；没有下一页为空")


def feed_page(batch: Batch) -> FeedPage:
    return FeedPage(items=[FeedItem.of(event) for event in batch.items], next=batch.next)


def feed_snapshot(snapshot: Snapshot) -> FeedSnapshot:
    return FeedSnapshot(
        sequence=snapshot.sequence, items=[_known(known) for known in snapshot.items], next=snapshot.next
    )


def _known(known: Known) -> SnapshotItem:
    event = known.event
    assert event.case_id is not None, "snapshots list cases"
    assert event.case_no is not None
    assert event.case_kind is not None
    return SnapshotItem(
        case_id=event.case_id,
        case_no=event.case_no,
        case_kind=event.case_kind,
        agency_code=event.agency_code,
        state=event.state,
        state_label=event.state.label if event.state else None,
        due_on=known.due_on,
        target_on=known.target_on,
        sequence=event.sequence,
    )


def _move(event: Event, name: str) -> Move | None:
    found = event.moves.get(name)
    return Move.model_validate(found) if found else None
