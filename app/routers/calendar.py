"""工作日历."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from app.deps import Asking, PageNo, PageSize, Reading, allow, anybody
from app.domain.acts import LegalDay
from app.domain.commands import PLAIN
from app.domain.terms import Role
from app.http.doors import Operations
from app.http.stages import WriteInStages
from app.schemas.calendar import (
    REGION,
    CalendarOut,
    NoticeEffect,
    NoticeIn,
    NoticePage,
    calendar_out,
    notice_effect,
    notice_out,
)
from app.services import calendars, notices
from app.services.stages import Stages

router = Operations(tags=["calendar"])

Region = Annotated[str, Path(pattern=REGION, description="地区：CN 或者 CN-行政区划代码", examples=["CN"])]


@router.get("/calendar/notices", summary="查看导入过的放假通知", **allow())
def list_notices(
    desk: Reading,
    region: Annotated[str | None, Query(pattern=REGION, description="只看这个地区")] = None,
    year: Annotated[Annotated[int, Field(ge=2004, le=2050), PLAIN] | None, Query(description="只看这一年")] = None,
    page: PageNo = 1,
    size: PageSize = 50,
) -> NoticePage:
    """每一版通知：内容、出处、指纹、何时由何人导入；每个地区每一年，最新的一版有效。"""
    found, in_force, total = notices.versions(desk, region, year, page, size)
    items = [notice_out(notice, in_force=notice.id in in_force) for notice in found]
    return NoticePage(items=items, total=total, page=page, size=size)


@router.post(
    "/calendar/notices",
    summary="导入放假通知",
    response_model=NoticeEffect,
    status_code=201,
    responses={200: {"model": NoticeEffect, "description": "试运行，或者内容与现行版本相同"}},
    **allow(Role.SYSTEM_ADMIN),
)
def import_notice(
    body: NoticeIn,
    write: WriteInStages,
    dry_run: Annotated[bool, Query(description="试运行：只看哪些在办案件的期限会变，不导入")] = False,
) -> Response:
    """导入国务院办公厅或者民族自治地方的放假通知，并按它重算全部在办案件的期限。

    - 由最上级机关的系统管理员导入；先用 `dry_run=true` 看影响。
    - 明显有误的通知（缺少法定节假日、日期重复、年份不符、周一至周五列为调休上班等）逐条退回，现行版本不变。
    - 内容与现行版本相同的，不形成新版本（200）。
    - 已答复、已结案案件的期限不变；每件变动的案件记入日志（`deadline_moved`，含前后日期）；行政复议、诉讼和投诉中的
      答复、答辩等期限同样重算（`remedies`，日志 `remedy_deadline_moved`）。
    - 期限自导入时起即按新日历答复；列表和轮询用到的字段在本次请求返回之前更新完毕。
    """

    def work(stages: Stages) -> tuple[int, NoticeEffect]:
        outcome = notices.bring_in(stages, body.content(), dry_run=dry_run)
        return 201 if outcome.imported else 200, notice_effect(outcome, dry_run=dry_run)

    return write.answer(work)


@router.get("/calendar/{region}", summary="查看工作日历", **anybody())
def get_calendar(
    region: Region,
    inquiry: Asking,
    first: Annotated[LegalDay, Query(alias="from", description="自", examples=["2026-10-01"])],
    last: Annotated[LegalDay, Query(alias="to", description="至，最多731天", examples=["2026-10-11"])],
) -> CalendarOut:
    """每一天是否工作日、为什么、依据哪个通知；尚未公布通知的年份标为暂定（provisional）。无需登录。"""
    calendar = inquiry.book.of(region)
    return calendar_out(region, calendar, calendars.days(calendar, first, last))
