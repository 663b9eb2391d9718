"""日志：审计管理员查阅，一件案件的摘录，和检验它的公钥."""

from typing import Annotated

from fastapi import Query

from app.deps import CaseId, HouseDep, Reading, allow, anybody
from app.domain.journal_extract import JournalExtract
from app.domain.terms import Role
from app.errors import ActionRefused
from app.http.doors import Operations
from app.openapi import refusing
from app.schemas.journal import JournalKey, JournalPage, journal_key, journal_page
from app.services import journal_extract, journal_reading

router = Operations(tags=["journal"])


@router.get("/journal", summary="查询日志", **allow(Role.AUDIT_ADMIN))
def list_journal(desk: Reading, page: Annotated[journal_reading.Query, Query()]) -> JournalPage:
    """本机关及其下级机关的全部日志，新的在前：登录和失败、被拒绝的请求、账号、角色和设置的变动、个人信息的查看和导出、案件的每一次操作。

    审计管理员不办理、不阅读案件：与案件有关的，只有谁、何时、做了什么，没有案件中的文字。被拒绝的请求（`act=refused`）短时间内反复出现的，
    只记第1、10、100……次（`times`）。
    """
    return journal_page(journal_reading.page(desk, page))


@router.get(
    "/cases/{case_id}/journal-extract",
    summary="取得一件案件的日志摘录",
    responses=refusing(ActionRefused),
    **allow(Role.ARCHIVIST, Role.AGENCY_SUPERVISOR),
)
def get_journal_extract(case_id: CaseId, desk: Reading, house: HouseDep) -> JournalExtract:
    """案件的全部日志连同证明：每一行的内容、哈希、链上的前后行、末端和签名，可以交法院、复议机关离线检验。

    检验：`python -m app verify extract 文件`，不需要数据库和网络。摘录记入日志；刚发生的操作编号之前（通常不到一秒）为409。
    """
    extract = journal_extract.of_case(desk, case_id)
    house.write_aside(lambda session: journal_extract.write_down(session, desk, extract))
    return extract


@router.get("/journal/key", summary="取得日志的公钥", **anybody())
def get_journal_key(house: HouseDep) -> JournalKey:
    """用来检验日志摘录和检查点的签名；请由可信的途径另行公布它的指纹，供收到摘录的人核对。"""
    return journal_key(house.settings.journal_seed)
