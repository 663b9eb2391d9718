"""脚本轮询."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field

from app.deps import Reading, allow
from app.domain.commands import PLAIN
from app.http.conditional import conditional
from app.http.doors import Operations
from app.schemas.polling import DueSoonPage, OverduePage, due_soon_page, overdue_page
from app.services import polling
from app.services.permissions import CASE_ROLES

router = Operations(tags=["polling"])

KindParam = Annotated[
    polling.Kind,
    Query(
        description="`statutory` 法定期限；`local` 内控期限；`node` 最近的关键节点；`remedy` 复议、诉讼、投诉中的期限"
    ),
]
AgencyParam = Annotated[str | None, Query(max_length=64, description="只看这个机关（代码）")]
LimitParam = Annotated[int, Field(ge=1, le=500), PLAIN, Query(description="每页件数")]
CursorParam = Annotated[str | None, Query(max_length=400, description="上一页给出的 next")]
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "与 If-None-Match 相比没有变化"}}


@router.get(
    "/cases/overdue", summary="查询超期案件", response_model=OverduePage, responses=NOT_MODIFIED, **allow(*CASE_ROLES)
)
def list_overdue(
    request: Request,
    desk: Reading,
    kind: KindParam = "statutory",
    agency: AgencyParam = None,
    limit: LimitParam = 100,
    cursor: CursorParam = None,
) -> Response:
    """已超过期限而尚未答复的案件，超期最久的在前。征求意见停止计时的、等待申请人补正的，不算超期。

    带上 `If-None-Match` 轮询，没有变化时答复 304。
    """
    batch = polling.overdue(desk, kind, agency, limit, cursor)
    return conditional(request, batch, lambda: overdue_page(desk, batch))


@router.get(
    "/cases/due-soon",
    summary="查询即将到期案件",
    response_model=DueSoonPage,
    responses=NOT_MODIFIED,
    **allow(*CASE_ROLES),
)
def list_due_soon(
    request: Request,
    desk: Reading,
    within_workdays: Annotated[int, Field(ge=0, le=60), PLAIN, Query(description="今后几个工作日之内")] = 5,
    kind: KindParam = "statutory",
    agency: AgencyParam = None,
    limit: LimitParam = 100,
    cursor: CursorParam = None,
) -> Response:
    """今天起若干个工作日之内到期的案件，最早到期的在前。"""
    batch = polling.due_soon(desk, kind, within_workdays, agency, limit, cursor)
    return conditional(request, batch, lambda: due_soon_page(desk, batch))
