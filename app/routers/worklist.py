"""我的待办."""

from typing import Annotated

from fastapi import Query, Response

from app.deps import PlainId, Reading, Write, allow
from app.http.doors import Operations
from app.schemas.identity import Done
from app.schemas.reminders import MailboxIn, MailboxOut, ReadCount, ReminderPage, mailbox_out, reminder_page
from app.schemas.worklist import FilterList, FilterOut, NewFilter, WorklistPage, filter_out, worklist_page
from app.services import digests, reminders, saved_filters, worklist
from app.services.desk import Desk
from app.services.worklist import WORKERS

router = Operations(tags=["worklist"])


@router.get("/worklist", summary="查看我的待办", **allow(*WORKERS))
def get_worklist(desk: Reading, query: Annotated[worklist.Query, Query()]) -> WorklistPage:
    """早上登录后先看这里：轮到您办的案件，最紧的在前。

    - 每件列出下一个节点和剩余的工作日（`next_node`）、等着办的事和还缺什么（`to_do`）、申请中的缺项（`missing`）、
      在等谁（`waiting_for`）；`href` 是操作的地址，在下面相应的分组中能找到同名的操作。
    - 有经办人的案件只在经办人的待办中；还没有交办的，在登记员、审核人的待办中；送签的先到保密审查人、合法性审查人，再到签发人。
    - `view=team` 看本单位（督办员：及其下级）在办的全部案件和每名经办人手上的件数，限科室审核人、签发人和督办员。
    - 没有本机关期限的（等待补正、缴费，已发出待归档）排在最后。
    """
    return worklist_page(desk, query, worklist.listing(desk, query))


@router.get("/worklist/filters", summary="查看常用筛选", **allow(*WORKERS))
def list_filters(desk: Reading) -> FilterList:
    """您保存的筛选条件；只有您自己看得到。"""
    return FilterList(items=[filter_out(row, saved_filters.query_of(desk, row)) for row in saved_filters.listing(desk)])


@router.post("/worklist/filters", summary="保存常用筛选", status_code=201, response_model=FilterOut, **allow(*WORKERS))
def save_filter(body: NewFilter, write: Write) -> Response:
    """以一个名称保存筛选条件，以后用 `GET /worklist?filter=` 加它的 id 查看。同名的替换。每人最多30个。"""

    def work(desk: Desk) -> FilterOut:
        row = saved_filters.save(desk, body.name, body.query.model_dump(mode="json", exclude_unset=True))
        return filter_out(row, saved_filters.query_of(desk, row))

    return write.answer(201, work)


@router.delete("/worklist/filters/{filter_id}", summary="删除常用筛选", response_model=Done, **allow(*WORKERS))
def delete_filter(filter_id: PlainId, write: Write) -> Response:
    """删除您保存的一个筛选条件。"""

    def work(desk: Desk) -> Done:
        saved_filters.delete(desk, filter_id)
        return Done()

    return write.answer(200, work)


@router.get("/reminders", summary="查看提醒", **allow(*WORKERS))
def list_reminders(desk: Reading, query: Annotated[reminders.Query, Query()]) -> ReminderPage:
    """关键节点的提醒，新的在前。

    - 到期前5、3、1个工作日和到期当日的早上提醒经办人，前1日和当日同时提醒科室审核人；逾期次日起三方都提醒，督办员在内，
      以后每5个工作日一次。哪一天提醒谁、几点，由机关设置（`reminders`），不是法定。
    - 每个节点的每一步只提醒一次，记在应当提醒的那一天；案件答复或者期限变动后，`settled` 为 true。
    """
    return reminder_page(desk, query, *reminders.listing(desk, query))


@router.post("/reminders/read", summary="阅知全部提醒", response_model=ReadCount, **allow(*WORKERS))
def read_reminders(write: Write) -> Response:
    """把您的全部提醒标为已阅知。"""
    return write.answer(200, lambda desk: ReadCount(read=reminders.read(desk, None)))


@router.post("/reminders/{reminder_id}/read", summary="阅知一条提醒", response_model=ReadCount, **allow(*WORKERS))
def read_reminder(reminder_id: PlainId, write: Write) -> Response:
    """把一条提醒标为已阅知；已经阅知的不变。"""
    return write.answer(200, lambda desk: ReadCount(read=reminders.read(desk, reminder_id)))


@router.get("/me/mailbox", summary="查看提醒邮箱", **allow(*WORKERS))
def get_mailbox(desk: Reading) -> MailboxOut:
    """您登记的接收每日汇总提醒的邮箱。"""
    return mailbox_out(digests.mailbox(desk))


@router.put("/me/mailbox", summary="登记提醒邮箱", response_model=MailboxOut, **allow(*WORKERS))
def set_mailbox(body: MailboxIn, write: Write) -> Response:
    """登记之后，有新提醒的工作日早上收到一封汇总邮件：只有案号、节点和日期，没有申请人信息。不填 `address` 为取消。"""
    return write.answer(200, lambda desk: mailbox_out(digests.set_mailbox(desk, body.address)))
