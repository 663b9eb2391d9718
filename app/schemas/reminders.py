"""Reminders as the reminded read them."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.commands import Strict
from app.domain.days import dated
from app.domain.shape import Shape
from app.domain.terms import NodeKind, RemedyNode, ReminderTier, State
from app.models import Mailbox
from app.services.desk import SHANGHAI, Desk
from app.services.reminders import Query, Told

Address = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^@\s<>,;]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$")]


class ReminderOut(Shape):
    """One reminder to the caller; of the case only its number and where it stands."""

    id: int
    case_id: int
    case_no: str
    state: State
    state_label: str
    node: NodeKind | RemedyNode = Field(description="本案的节点，或者行政复议、诉讼、投诉中本机关的期限")
    node_label: str
    due_on: dt.date = Field(description="节点的日期")
    due_label: str = Field(description="日期、星期和今天剩余的工作日")
    step: int = Field(description="提前几个工作日的提醒；负数为逾期后第几个工作日")
    step_label: str
    reminded_on: dt.date = Field(description="应当提醒之日；后台晚运行也记这一天")
    tier: ReminderTier = Field(description="以什么身份提醒您")
    tier_label: str
    settled: bool = Field(description="已经不必办：案件已答复、结案，复议诉讼中的事项已办，或者期限已变动")
    read_at: dt.datetime | None = Field(description="阅知的时间；没有阅知为空")
    href: str = Field(description="案件的地址")


class ReminderPage(Shape):
    items: list[ReminderOut]
    total: int
    unread: int = Field(description="没有阅知的条数")
    page: int
    size: int


class ReadCount(Shape):
    read: int = Field(description="本次阅知的条数")


class MailboxIn(Strict):
    address: Address | None = Field(
        None, description="接收每日汇总提醒的邮箱；不填为取消", examples=["jingban@example.gov.cn"]
    )


class MailboxOut(Shape):
    address: str | None = Field(description="登记的邮箱；没有登记为空")
    set_at: dt.datetime | None


def reminder_page(desk: Desk, query: Query, found: list[Told], total: int, unread: int) -> ReminderPage:
    return ReminderPage(
        items=[_reminder(desk, told) for told in found], total=total, unread=unread, page=query.page, size=query.size
    )


def mailbox_out(found: Mailbox | None) -> MailboxOut:
    return MailboxOut(
        address=found.address if found else None, set_at=found.set_at.astimezone(SHANGHAI) if found else None
    )


def _reminder(desk: Desk, told: Told) -> ReminderOut:
    reminder, case = told.reminder, told.case
    left = desk.book.of(told.region).count(desk.today, reminder.due_on)
    return ReminderOut(
        id=reminder.id,
        case_id=case.id,
        case_no=case.case_no,
        state=case.state,
        state_label=case.state.label,
        node=reminder.node,
        node_label=reminder.node.label,
        due_on=reminder.due_on,
        due_label=dated(reminder.due_on, desk.today, None if told.settled else left),
        step=reminder.step,
        step_label=_step(reminder.step),
        reminded_on=reminder.due_at.astimezone(SHANGHAI).date(),
        tier=told.copy.tier,
        tier_label=told.copy.tier.label,
        settled=told.settled,
        read_at=told.copy.read_at.astimezone(SHANGHAI) if told.copy.read_at else None,
        href=f"/api/v1/cases/{case.id}",
    )


def _step(step: int) -> str:
    if step == 0:
        return "到期当日"
    return f"提前{step}个工作日" if step > 0 else f"逾期{-step}个工作日"
