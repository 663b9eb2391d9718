"""运行状况."""

from typing import Literal

from pydantic import Field

from app import migrate
from app.deps import HouseDep, anybody
from app.domain.shape import Shape
from app.errors import Unavailable
from app.http.doors import Operations
from app.services import lags, notices

router = Operations(tags=["health"])


class Health(Shape):
    status: Literal["ok"]


class Readiness(Health):
    warnings: list[str] = Field(description="不影响服务、但需要管理员处理的事项")


@router.get("/healthz", summary="查看进程是否存活", **anybody())
def get_health() -> Health:
    """只说明进程在运行，不访问数据库。"""
    return Health(status="ok")


@router.get("/readyz", summary="查看是否可以服务", **anybody())
async def get_readiness(house: HouseDep) -> Readiness:
    """数据库可用、已升级到最新版本，否则答复 503；并列出需要管理员处理的事项：工作日历将用尽、日志封存或者回调停滞。"""
    if not await house.read(migrate.is_current):
        raise Unavailable("数据库尚未升级到最新版本：请运行 python -m app migrate")
    now = house.now()
    return Readiness(
        status="ok",
        warnings=await house.read(
            lambda session: [
                *notices.warnings(session, house.calendars.book(session), now),
                *lags.warnings(session, now),
            ]
        ),
    )
