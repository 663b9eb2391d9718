"""The clock's history as callers see it."""

import datetime as dt
from typing import Any

from pydantic import Field

from app.domain.masking import Veil
from app.domain.shape import Shape
from app.services import clocks
from app.services.corrections import EntryLine


class EntryOut(Shape):
    id: int | None = Field(description="记录的编号；登记时的收到之日没有单独的记录，为空")
    act: str
    label: str
    on: dt.date
    data: dict[str, Any] = Field(description="行为的全部内容")
    recorded_at: dt.datetime
    recorded_by: str
    reason: str | None = Field(description="更正、补录的原因")
    supersedes_id: int | None = Field(description="取代哪一条")
    superseded_by: int | None = Field(description="被哪一条取代")
    in_force: bool = Field(description="是否计入现在的期限")


class Entries(Shape):
    items: list[EntryOut]


def entries_out(lines: list[EntryLine], veil: Veil) -> Entries:
    return Entries(
        items=[
            EntryOut(
                id=line.entry_id,
                act=line.act,
                label=line.label,
                on=line.on,
                data=veil.over_all(dict(line.data)),
                recorded_at=clocks.in_shanghai(line.recorded_at),
                recorded_by=line.recorded_by,
                reason=veil.over_all(line.reason),
                supersedes_id=line.supersedes_id,
                superseded_by=line.superseded_by,
                in_force=line.superseded_by is None and line.act != clocks.RETRACTED,
            )
            for line in lines
        ]
    )
