"""看板: the figures of the API as pictures, written here so that the page needs no program to draw them."""

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from app.deps import Reading, allow
from app.domain.shape import Shape
from app.http.doors import Operations
from app.routers.figures import AgencyParam, PeriodParam, ScopeParam
from app.services import board
from app.services.figures import due_days, scope
from app.services.permissions import CASE_ROLES

router = Operations(tags=["statistics"])

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _pages() -> "Environment":
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("app", "templates")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)


class DueDayOut(Shape):
    """One day of the calendar of limits."""

    on: dt.date
    workday: bool
    requests: int
    remedies: int


@router.get(
    "/statistics/board", summary="查看看板（图）", response_class=HTMLResponse,
    responses={200: {"content": {"text/html": {}}}}, **allow(*CASE_ROLES),
)  # fmt: skip
def get_board(
    desk: Reading, agency: AgencyParam = None, scope_: ScopeParam = "subtree", period: PeriodParam = None
) -> HTMLResponse:
    """请打开[看板页面](/board)看图；这里是供它取用的内容：阶段流转、到期日历、按期率走势、各机关比较、热点信息，每张图附文字说明和数据表。

    数字与 `GET /statistics/overview`、`/statistics/agencies`、`/statistics/due-days` 相同。
    """
    made = board.make(desk, scope.of(desk, agency, scope_), scope.period(desk, period))
    html = _pages().get_template("board_fragment.html").render(board=made)
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


@router.get("/statistics/due-days", summary="查看到期日历", **allow(*CASE_ROLES))
def list_due_days(desk: Reading, agency: AgencyParam = None, scope_: ScopeParam = "subtree") -> list[DueDayOut]:
    """本周起六周，每一天有多少件申请的法定期限、多少项复议诉讼期限届满。"""
    days = due_days.coming(desk, scope.of(desk, agency, scope_))
    return [DueDayOut(on=day.on, workday=day.workday, requests=day.requests, remedies=day.remedies) for day in days]
