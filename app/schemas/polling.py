"""Answers for scripts: no personal data, dates typed, codes with labels."""

import datetime as dt

from pydantic import Field

from app.domain.shape import Shape
from app.domain.terms import NodeKind, RemedyNode, State
from app.services.desk import Desk
from app.services.polling import Batch


class DueCase(Shape):
    id: int
    case_no: str
    version: int
    agency_code: str
    state: State
    state_label: str
    handler: str | None
    due_on: dt.date | None
    target_on: dt.date | None
    next_node: NodeKind | RemedyNode | None
    next_node_label: str | None
    next_node_on: dt.date | None
    provisional: bool
    remedy_id: int | None = Field(description="期限出自复议、诉讼、投诉的，是哪一件；案件自己的期限为空")


class OverdueCase(DueCase):
    overdue_workdays: int = Field(description="已超过的工作日")


class DueSoonCase(DueCase):
    left_workdays: int = Field(description="剩余的工作日，今天到期为0")


class OverduePage(Shape):
    as_of: dt.date
    items: list[OverdueCase]
    next: str | None = Field(description="下一页的游标；没有下一页为空")


class DueSoonPage(Shape):
    as_of: dt.date
    items: list[DueSoonCase]
    next: str | None


_SHARED = tuple(name for name in DueCase.model_fields if not name.endswith("_label"))


def overdue_page(desk: Desk, batch: Batch) -> OverduePage:
    return OverduePage(
        as_of=batch.as_of,
        items=[
            OverdueCase(**fields, overdue_workdays=desk.book.of(region).count(limit_on, batch.as_of))
            for fields, region, limit_on in _rows(batch)
        ],
        next=batch.next,
    )


def due_soon_page(desk: Desk, batch: Batch) -> DueSoonPage:
    return DueSoonPage(
        as_of=batch.as_of,
        items=[
            DueSoonCase(**fields, left_workdays=desk.book.of(region).count(batch.as_of, limit_on))
            for fields, region, limit_on in _rows(batch)
        ],
        next=batch.next,
    )


def _rows(batch: Batch) -> list[tuple[dict[str, object], str, dt.date]]:
    return [
        (
            {
                **{name: getattr(due, name) for name in _SHARED},
                "state_label": due.state.label,
                "next_node_label": due.next_node.label if due.next_node else None,
            },
            due.region,
            due.limit_on,
        )
        for due in batch.items
    ]
