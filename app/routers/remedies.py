"""复议诉讼: what is brought against replies, and what becomes of it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query, Response

from app.deps import CaseId, HouseDep, PlainId, Reading, Write, Writing, allow
from app.domain.commands import Strict
from app.domain.commands import remedy as entries
from app.domain.terms import FileType
from app.http.doors import Operations
from app.http.downloads import file_answers, sent_file
from app.http.upload import Upload
from app.schemas.remedies import RemedyList, RemedyOut, RemedyPage, remedy_out
from app.services import remedies, remedy_papers
from app.services.desk import Desk
from app.services.permissions import CASE_ROLES
from app.services.remedy_query import Query as Wanted

router = Operations(tags=["remedies"])


@router.post(
    "/cases/{case_id}/remedies",
    summary="登记复议、诉讼、投诉",
    response_model=RemedyOut,
    status_code=201,
    **allow(*remedies.WRITERS),
)
def file_remedy(case_id: CaseId, filing: entries.Filing, write: Write) -> Response:
    """登记对本案答复（或者逾期不答复）提起的行政复议、行政诉讼或者投诉举报。

    已结案、已归档的案件也可以登记：登记在案卷之外，不改动案件，也不动已封存的案卷。答复、答辩的期限自收到副本之日起算：
    行政复议普通程序10个、简易程序5个工作日（行政复议法第48条、第54条、第88条第2款），行政诉讼15日（行政诉讼法第67条）；
    投诉举报法律没有规定，以主管部门的通知为准。
    """
    return write.answer(
        201,
        lambda desk: remedy_out(remedies.file(desk, case_id, filing, write.seen_version)),
        lambda remedy: {"Location": f"/api/v1/remedies/{remedy.id}"},
    )


@router.get("/cases/{case_id}/remedies", summary="查看本案的复议、诉讼、投诉", **allow(*CASE_ROLES))
def list_case_remedies(case_id: CaseId, desk: Reading) -> RemedyList:
    """本案的行政复议、行政诉讼和投诉举报，按提出的先后。"""
    return RemedyList(items=[remedy_out(found) for found in remedies.of_case(desk, case_id)])


@router.get("/remedies", summary="查询复议、诉讼、投诉", **allow(*CASE_ROLES))
def list_remedies(desk: Reading, query: Annotated[Wanted, Query()]) -> RemedyPage:
    """按条件查询您能看到的案件的复议、诉讼、投诉，新提出的在前。"""
    found, total = remedies.listing(desk, query)
    return RemedyPage(items=[remedy_out(one) for one in found], total=total, page=query.page, size=query.size)


@router.get("/remedies/{remedy_id}", summary="查看一件复议、诉讼或者投诉", **allow(*CASE_ROLES))
def get_remedy(remedy_id: PlainId, desk: Reading) -> RemedyOut:
    """全部登记内容、各个期限，以及可以提出的意见（逾期申请、未经复议前置等）。"""
    return remedy_out(remedies.get(desk, remedy_id))


_ACTS: tuple[tuple[str, str, type[Strict], Callable[..., remedies.Opened], str], ...] = (
    (
        "notify",
        "收到申请书、起诉状副本或者通知",
        entries.Notice,
        remedies.notify,
        "登记收到之日，答复、答辩的期限由此起算。",
    ),
    (
        "answer",
        "登记提交答复、答辩",
        entries.Dated,
        remedies.answer,
        "登记向复议机关提交答复书、向法院提交答辩状或者答复主管部门之日。",
    ),
    (
        "conclude",
        "登记复议、诉讼、投诉结果",
        entries.RemedyConclusion,
        remedies.conclude,
        "撤销、变更、确认违法、责令履行归为纠正，维持、驳回请求归为维持（通行口径，非法定）；被纠正的须填败因并转入整改。",
    ),
    (
        "receive_opinion",
        "收到行政复议意见书",
        entries.Dated,
        remedies.receive_opinion,
        "登记收到之日；自收到之日起60日内反馈整改情况（行政复议法第76条）。",
    ),
    ("answer_opinion", "登记反馈意见书整改情况", entries.Dated, remedies.answer_opinion, "登记向复议机关反馈之日。"),
    ("fulfil", "登记履行决定、判决", entries.Dated, remedies.fulfil, "登记履行决定书、判决书所定事项之日。"),
    ("rectify", "登记整改情况", entries.Rectification, remedies.rectify, "整改措施、期限和状态。"),
    ("papers", "登记复议、诉讼材料", entries.Paper, remedies.add_paper, "登记收到或者提交的一份材料。"),
    (
        "amend",
        "更正复议、诉讼、投诉登记",
        entries.Amendment,
        remedies.amend,
        "更正录入错误；所填各项代替原来的登记，原值和理由记入办理经过。",
    ),
)


def _endpoint(
    act: str, body: type[Strict], work: Callable[[Desk, int, Strict], remedies.Opened]
) -> Callable[..., Response]:
    def take(remedy_id: int, given: Strict, write: Writing) -> Response:
        return write.answer(200, lambda desk: remedy_out(work(desk, remedy_id, given)))

    take.__annotations__ = {"remedy_id": PlainId, "given": body, "write": Write, "return": Response}
    take.__name__ = f"{act}_remedy"
    return take


for _act, _summary, _body, _work, _about in _ACTS:
    router.add_api_route(
        f"/remedies/{{remedy_id}}/{_act}",
        _endpoint(_act, _body, _work),
        methods=["POST"],
        summary=_summary,
        description=_about,
        response_model=RemedyOut,
        **allow(*remedies.WRITERS),
    )


@router.post(
    "/remedies/{remedy_id}/papers/{paper_id}/file",
    summary="添加复议、诉讼材料的文件",
    response_model=RemedyOut,
    status_code=201,
    **allow(*remedies.WRITERS),
)
def add_paper_file(remedy_id: PlainId, paper_id: PlainId, upload: Upload, write: Write) -> Response:
    """一份材料一个文件，类型和检查与案件附件相同；保存在案卷之外，已归档的案件也可以添加。"""
    return write.answer(201, lambda desk: remedy_out(remedy_papers.put(desk, remedy_id, paper_id, upload)))


@router.get(
    "/remedies/{remedy_id}/papers/{paper_id}/file",
    summary="取得复议、诉讼材料",
    response_class=Response,
    responses=file_answers(*FileType),
    **allow(*remedies.WRITERS),
)
def get_paper_file(remedy_id: PlainId, paper_id: PlainId, desk: Reading, house: HouseDep) -> Response:
    """材料的原样内容。材料多含个人信息，取得记入日志。"""
    paper, kind, content = remedy_papers.fetch(desk, remedy_id, paper_id)
    case_id = remedies.get(desk, remedy_id).case.id
    house.write_aside(lambda session: remedy_papers.hand_out(session, desk, case_id, paper.id))
    return sent_file(content, kind, paper.file_name or paper.title)
