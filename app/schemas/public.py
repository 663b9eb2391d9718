"""A case as its applicant sees it: nothing of the inside, and of the person only what proves that it is the right case."""

import datetime as dt

from pydantic import Field

from app.domain import commands
from app.domain.facts import Past
from app.domain.identifiers import mask_name
from app.domain.shape import Shape
from app.domain.terms import ApplicantTask, CaseKind, ClockState, Stage, State
from app.services.clocks import REMEDIES
from app.services.desk import shanghai_date
from app.services.lookups import Progress


class PublicRequest(Shape):
    """What the agency asks of the applicant."""

    task: ApplicantTask
    task_label: str
    text: str = Field(description="要求的内容", examples=["未指明所需文件的年度；请补充文件的年度或者文号"])
    by: dt.date | None = Field(description="最迟日期；机关尚不知道通知何时送达的为空")
    amount_yuan: int | None = Field(description="应缴金额，元")


class PublicExtension(Shape):
    """That the period was lengthened (条例第33条第2款)."""

    on: dt.date = Field(description="告知延期之日")
    workdays: int = Field(description="延长的工作日数")


class PublicRemedy(Shape):
    """Until when the applicant may turn elsewhere."""

    label: str
    until: dt.date
    basis: str


class PublicSending(Shape):
    """The reply on its way."""

    method_label: str
    tracking_no: str | None
    sent_on: dt.date
    served_on: dt.date | None


class PublicProgress(Shape):
    """The progress of one case."""

    case_no: str
    kind: CaseKind
    kind_label: str
    agency_name: str
    agency_phone: str | None
    applicant_name: str | None = Field(description="申请人，已遮盖")
    stage: Stage
    stage_label: str
    progress: str = Field(description="办到哪一步")
    submitted_on: dt.date
    received_on: dt.date | None = Field(description="收到之日；双方确认之前为空")
    due_on: dt.date | None = Field(description="法定答复期限届满之日；更正申请、投诉举报没有")
    paused: bool = Field(description="答复期限停止计算：正在征求意见，或者等待您补正、缴费")
    provisional: bool = Field(description="日期依赖尚未公布放假通知的年份，公布后可能变动")
    extension: PublicExtension | None
    requests: list[PublicRequest] = Field(description="现在请您做的事")
    sending: PublicSending | None
    remedies: list[PublicRemedy] = Field(description="不服答复的救济途径和期限，送达后列出")


_SENT = frozenset({State.DELIVERING, State.DELIVERED, State.ARCHIVED})


def public_progress(found: Progress) -> PublicProgress:
    file = found.file
    case, reading, sent = file.case, file.reading, file.delivery
    extended = [past for past in file.past if isinstance(past.command, commands.Extend)]
    return PublicProgress(
        case_no=case.case_no,
        kind=case.kind,
        kind_label=case.kind.label,
        agency_name=file.agency.name,
        agency_phone=file.settings.contact_phone,
        applicant_name=file.applicant.name and mask_name(file.applicant.name),
        stage=case.state.stage,
        stage_label=case.state.stage.label,
        progress=found.sentence,
        submitted_on=shanghai_date(case.submitted_at),
        received_on=case.received_on,
        due_on=reading.due_on if reading else None,
        paused=file.clock is ClockState.PAUSED,
        provisional=reading.provisional if reading else False,
        extension=_extension(extended[-1]) if extended else None,
        requests=[
            PublicRequest(
                task=asked.task,
                task_label=asked.task.label,
                text=asked.text,
                by=asked.by,
                amount_yuan=asked.amount_yuan,
            )
            for asked in found.requests
        ],
        sending=PublicSending(
            method_label=sent.method.label,
            tracking_no=sent.tracking_no,
            sent_on=sent.sent_on,
            served_on=sent.served_on,
        )
        if sent and case.state in _SENT
        else None,
        remedies=[
            PublicRemedy(label=node.label, until=node.due_on, basis=node.basis)
            for node in file.nodes
            if node.node in REMEDIES and node.due_on
        ],
    )


def _extension(past: Past) -> PublicExtension:
    assert isinstance(past.command, commands.Extend)
    return PublicExtension(on=past.on, workdays=past.command.workdays)
