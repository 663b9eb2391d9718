"""机关交流: threads between the agencies that take part in a case."""

from typing import Annotated

from fastapi import Query, Response

from app.deps import CaseId, HouseDep, PageNo, PageSize, PlainId, Reading, Write, allow
from app.domain.terms import FileType, Role
from app.http.doors import Operations
from app.http.downloads import file_answers, sent_file
from app.schemas.threads import ThreadList, ThreadOut, ThreadPage, thread_out
from app.services import attachments, threads
from app.services.permissions import CASE_ROLES, SYSTEMS_ONLY
from app.services.threads import NewMessage, ReadUpTo

router = Operations(tags=["messages"])

READERS = allow(*(CASE_ROLES - SYSTEMS_ONLY - {Role.CITY_SUPERVISOR}))


@router.get("/cases/{case_id}/messages", summary="查看本案的话题", **READERS)
def list_case_messages(case_id: CaseId, desk: Reading) -> ThreadList:
    """本案中本机关参加的话题和其中的消息。

    看到话题的，只有办理本案的机关和受邀参加这个话题的机关；上级督办员和其他机关看不到，如同没有这件案件。
    """
    return ThreadList(items=[thread_out(talk) for talk in threads.of_case(desk, case_id)])


@router.get("/messages", summary="查看本机关参加的话题", **READERS)
def list_messages(
    desk: Reading,
    unread: Annotated[bool, Query(description="true 只看有未读消息的")] = False,
    page: PageNo = 1,
    size: PageSize = 20,
) -> ThreadPage:
    """本机关参加的全部话题，最新有消息的在前；受邀的机关从这里看到案件的 id。"""
    found, total = threads.inbox(desk, unread=unread, page=page, size=size)
    return ThreadPage(items=[thread_out(talk) for talk in found], total=total, page=page, size=size)


@router.post("/cases/{case_id}/messages", status_code=201, summary="发出话题消息", response_model=ThreadOut, **READERS)
def send_message(case_id: CaseId, body: NewMessage, write: Write) -> Response:
    """在话题中提问、回答或者说明；不填 `thread_id` 即新开话题。

    - 只有办理本案的机关可以新开话题、邀请机关；可以邀请的是参与过本案的机关：
      请求过协助的、移送本案的、征求过意见的共同制作机关和其他机关。
    - 可以引用本案的附件，受邀的机关即可取得这个附件；可以提到参加话题的机关和人。
    - 消息不能修改、删除。日志和变更流只说有新消息，不含内容。
    """
    return write.answer(201, lambda desk: thread_out(threads.say(desk, case_id, body)))


@router.post("/cases/{case_id}/messages/read", summary="登记读到哪一条", response_model=ThreadOut, **READERS)
def mark_messages_read(case_id: CaseId, body: ReadUpTo, write: Write) -> Response:
    """把话题标记为已读到某一条；只会向后移动。参加话题的各方看到各人读到哪一条。"""
    return write.answer(200, lambda desk: thread_out(threads.read(desk, case_id, body)))


@router.get(
    "/cases/{case_id}/messages/{message_id}/attachment",
    summary="取得消息引用的附件",
    response_class=Response,
    responses=file_answers(*FileType),
    **READERS,
)
def get_message_attachment(case_id: CaseId, message_id: PlainId, desk: Reading, house: HouseDep) -> Response:
    """参加话题的机关取得其中一条消息引用的附件；取得记入日志。已经撤下的附件取不到。"""
    row, content = threads.attachment(desk, case_id, message_id)
    house.write_aside(lambda session: attachments.hand_out(session, desk, row))
    return sent_file(content, row.file_type, row.name)
