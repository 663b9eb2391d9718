"""案卷：归档包、卷内目录、保管期限届满的清单."""

from typing import Annotated

from fastapi import Query, Response

from app.deps import CaseId, HouseDep, Reading, allow
from app.domain.terms import Role
from app.errors import ActionRefused, ChangedMeanwhile, FontMissing
from app.http.doors import Operations
from app.http.downloads import attached
from app.openapi import refusing
from app.schemas.archive import ExpiredVolumes, VolumeIndex, expired_volume, volume_index
from app.services import archive

router = Operations(tags=["archive"])

NOT_YET = (ActionRefused, ChangedMeanwhile)
KEEPERS = allow(Role.ARCHIVIST, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR)
TAKERS = allow(Role.ARCHIVIST, Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR, second_factor=True, exports=True)


@router.get("/archive/expired", summary="列出保管期限届满的案卷", **KEEPERS)
def list_expired_volumes(desk: Reading, page: Annotated[archive.Page, Query()]) -> ExpiredVolumes:
    """供鉴定使用（档案法第14条）：只列出，不自动销毁；经鉴定后由运维人员用 `python -m app erase` 删除。

    保管期限自归档次年起算，永久保管的不列。
    """
    found, total = archive.expired(desk, page)
    return ExpiredVolumes(items=[expired_volume(row) for row in found], total=total, page=page.page, size=page.size)


@router.get(
    "/cases/{case_id}/archive",
    summary="取得案卷包（zip）",
    response_class=Response,
    responses={200: {"description": "案卷包", "content": {"application/zip": {}}}, **refusing(*NOT_YET, FontMissing)},
    **TAKERS,
)
def get_volume(case_id: CaseId, desk: Reading, house: HouseDep) -> Response:
    """一件一包，离开本服务也能打开：卷内目录、文书、附件、案件全部内容（含申请人信息）、期限计算说明、日志和带哈希的清单。

    归档后才有（之前为409）；第一次取得时生成，以后每次都是同样的内容；取得记入日志。
    用 `python -m app verify` 检验真实性、完整性、可用性、安全性。响应头 `ETag` 是包的 SHA-256。
    """
    found, build = archive.volume(desk, case_id)
    house.write_aside(lambda session: archive.hand_out(session, desk, found, build, taken=True))
    name = f"案卷-{found.case_no}.zip"
    return attached(found.package, "application/zip", name, {"ETag": f'"{found.sha256}"'})


@router.get("/cases/{case_id}/archive/index", summary="查看卷内目录", responses=refusing(*NOT_YET), **KEEPERS)
def get_volume_index(case_id: CaseId, desk: Reading, house: HouseDep) -> VolumeIndex:
    """案卷包中的每一个文件：是什么、大小、SHA-256；归档后才有。"""
    found, build = archive.volume(desk, case_id)
    if build is not None:
        house.write_aside(lambda session: archive.hand_out(session, desk, found, build, taken=False))
    return volume_index(found)
