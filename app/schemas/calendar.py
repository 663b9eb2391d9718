"""Calendar days as callers see them."""

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel, Field

from app.domain.terms import DayKind
from app.domain.workdays import Day, WorkCalendar


class DayOut(BaseModel):
    on: dt.date
    workday: bool
    kind: DayKind
    why: str
    source: str
    provisional: bool = Field(description="该年的放假通知尚未公布")


class CalendarOut(BaseModel):
    region: str
    version: str
    published_through: dt.date = Field(description="已公布通知的最后一天")
    items: list[DayOut]


def calendar_out(region: str, calendar: WorkCalendar, days: Sequence[Day]) -> CalendarOut:
    return CalendarOut(
        region=region,
        version=calendar.version,
        published_through=calendar.published_through,
        items=[
            DayOut(
                on=day.on,
                workday=day.workday,
                kind=day.kind,
                why=day.why,
                source=day.source,
                provisional=day.provisional,
            )
            for day in days
        ],
    )
