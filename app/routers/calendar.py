"""工作日历."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.deps import Reading, allow
from app.domain.acts import LegalDay
from app.schemas.calendar import CalendarOut, calendar_out
from app.services import calendars

router = APIRouter(tags=["calendar"])

Region = Annotated[
    str, Path(pattern=r"^CN(-\d{2}(\d{4})?)?$", description="地区：CN 或者 CN-行政区划代码", examples=["CN"])
]


@router.get("/calendar/{region}", summary="查看工作日历", **allow())
def get_calendar(
    region: Region,
    desk: Reading,
    first: Annotated[LegalDay, Query(alias="from", description="自", examples=["2026-10-01"])],
    last: Annotated[LegalDay, Query(alias="to", description="至，最多731天", examples=["2026-10-11"])],
) -> CalendarOut:
    """每一天是否工作日、为什么、依据哪个通知；尚未公布通知的年份标为暂定（provisional）。"""
    calendar = desk.book.of(region)
    return calendar_out(region, calendar, calendars.days(calendar, first, last))
