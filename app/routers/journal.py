"""日志：一件案件的摘录，和检验它的公钥."""

from app.deps import CaseId, HouseDep, Reading, allow, anybody
from app.domain.journal_extract import JournalExtract
from app.domain.terms import Role
from app.errors import ActionRefused
from app.http.doors import Operations
from app.openapi import refusing
from app.schemas.journal import JournalKey, journal_key
from app.services import journal_extract

router = Operations(tags=["journal"])


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
