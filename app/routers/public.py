"""公众查询."""

from typing import Annotated

from fastapi import Path, Query, Request

from app.deps import HouseDep, anybody
from app.errors import NotFound, TooManyRequests
from app.http.doors import Operations
from app.openapi import refusing
from app.schemas.public import PublicProgress, public_progress
from app.services import lookups, tries
from app.services.lookups import Question

router = Operations(tags=["public"])


@router.get(
    "/public/cases/{case_no}",
    summary="查询办理进度",
    responses=refusing(NotFound, TooManyRequests),
    **anybody(),
)
async def look_up_case(
    case_no: Annotated[str, Path(min_length=1, max_length=64, description="案号", examples=["370600-GXJ-2026-000001"])],
    query_code: Annotated[
        str, Query(min_length=1, max_length=64, description="登记时给申请人的查询码", examples=["7K2M9QXR4T"])
    ],
    request: Request,
    house: HouseDep,
) -> PublicProgress:
    """申请人凭案号和查询码查询自己的申请：办到哪一步、各项日期、现在请申请人做什么。

    - 案号不存在和查询码不正确，答复完全相同（404）。
    - 查询过于频繁、连续填错的，须等待 `Retry-After` 所说的秒数（429）。
    - 只有遮盖后的姓名，没有经办人员的姓名和内部意见。
    """
    address = request.client.host if request.client else ""
    question, now = Question(case_no.strip(), query_code, address), house.now()
    await house.read(lambda session: lookups.check(session, house.settings, question, now))
    counted = await house.write(lambda session: lookups.count(session, house.settings, question, now))
    found = await house.read(
        lambda session: _shown(lookups.find(session, house.settings, house.calendars.book(session), question, now))
    )
    if found is None:
        raise NotFound(lookups.ANSWER, next_step="核对案号和登记回执上的查询码；查询码遗失的，请与受理机关联系")
    await house.write(lambda session: tries.take_back(session, counted, now))
    return found


def _shown(found: lookups.Progress | None) -> PublicProgress | None:
    return public_progress(found) if found else None
