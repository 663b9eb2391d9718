"""A case as callers see it: codes in English with the Chinese label beside each."""

import datetime as dt
from typing import Any

from pydantic import Field

from app.domain.shape import Shape
from app.domain.terms import (
    ApplicantKind,
    Carrier,
    CaseKind,
    CaseOrigin,
    Channel,
    ClockState,
    ComplaintOutcome,
    DeliveryMethod,
    IdType,
    NodeKind,
    NodeParty,
    ReasonKind,
    RectificationOutcome,
    ReplyKind,
    ReviewKind,
    Role,
    SendMethod,
    Stage,
    State,
    SupplementKind,
)
from app.schemas.charges import FeeOut


class NextNode(Shape):
    """The next date by which the agency must have acted."""

    node: NodeKind
    label: str
    due_on: dt.date
    due_label: str = Field(description="日期、星期和剩余的工作日")
    left_workdays: int = Field(description="剩余工作日，负数为已超过")
    basis: str


class CaseSummary(Shape):
    """One line of a list."""

    id: int
    kind: CaseKind
    kind_label: str
    case_no: str
    version: int
    agency_code: str
    agency_name: str
    stage: Stage
    stage_label: str
    state: State
    state_label: str
    channel: Channel
    channel_label: str
    applicant_name: str | None = Field(description="申请人，已遮盖")
    applicant_kind: ApplicantKind
    applicant_kind_label: str
    title: str
    submitted_at: dt.datetime
    received_on: dt.date | None = Field(description="收到之日；平常信函、互联网、传真在确认之前为空")
    due_on: dt.date | None = Field(description="法定答复期限届满之日")
    due_label: str | None = Field(description="法定期限：日期、星期和剩余的工作日")
    target_on: dt.date | None = Field(description="内控期限届满之日")
    target_label: str | None = Field(description="内控期限：日期、星期和剩余的工作日")
    left_workdays: int | None = Field(description="距法定期限的工作日，负数为已超期")
    clock: ClockState
    clock_label: str
    provisional: bool = Field(description="日期依赖尚未公布放假通知的年份，公布后可能变动")
    projected: bool = Field(description="征求意见未回复，日期按其期限届满推算")
    next_node: NextNode | None
    handler: str | None
    outcome: ReplyKind | None
    outcome_label: str | None
    origin: CaseOrigin
    origin_label: str
    updated_at: dt.datetime


class ItemOut(Shape):
    no: int
    title: str | None
    document_no: str | None
    description: str | None


class ApplicantOut(Shape):
    """申请人，已遮盖；需要原值的，用“查看个人信息的原值”逐项取得。"""

    kind: ApplicantKind
    kind_label: str
    name: str | None
    id_type: IdType | None
    id_number: str | None
    phone: str | None
    email: str | None
    address: str | None
    postcode: str | None
    legal_representative: str | None
    contact_person: str | None
    agent_name: str | None
    agent_phone: str | None
    assistance_needed: bool


class Missing(Shape):
    """A field of 条例第29条 the application lacks."""

    field: str
    label: str
    basis: str


class ReviewOut(Shape):
    kind: ReviewKind
    kind_label: str
    passed: bool
    reviewer: str
    opinion: str | None
    on: dt.date


class DraftOut(Shape):
    """The newest version of the reply under review, or the signed one."""

    number: int
    drafter: str
    content: dict[str, Any] = Field(description="送审的内容：逐项结论及正文")
    reviews: list[ReviewOut]


class ReplyOut(Shape):
    kind: ReplyKind
    kind_label: str
    document_no: str
    signed_on: dt.date
    signed_by: str
    attachment_ids: list[int] = Field(description="随答复提供的附件")


class SupplementOut(Shape):
    """A second document after the reply."""

    kind: SupplementKind
    kind_label: str
    document_no: str
    reason: str
    content: str
    sent_by: str
    signed_on: dt.date
    signed_by: str


class RectificationOut(Shape):
    """What is to be corrected (条例第41条)."""

    record: str
    concern: str | None
    correct_content: str | None
    evidence: str | None
    outcome: RectificationOutcome | None
    outcome_label: str | None


class ComplaintOut(Shape):
    """What is complained of (条例第47条第2款、第51条)."""

    about_agency: str = Field(description="被投诉机关的代码")
    about_agency_name: str
    about_case_no: str | None = Field(description="所涉申请的案号")
    grounds: str
    outcome: ComplaintOutcome | None
    outcome_label: str | None


class DecisionOut(Shape):
    """The signed decision on a rectification or a complaint."""

    document_no: str
    signed_on: dt.date
    signed_by: str


class DeliveryOut(Shape):
    method: SendMethod
    method_label: str
    carrier: str | None
    tracking_no: str | None
    sent_on: dt.date
    served_on: dt.date | None
    proof_label: str | None
    proof_ref: str | None
    late_reason: str | None
    returned_on: dt.date | None = Field(description="被退回之日；须重新发出")
    return_reason: str | None


class BlockedBy(Shape):
    kind: ReasonKind
    code: str
    message: str
    basis: str


class AwaitedOut(Shape):
    """Something with a day by which it is awaited, of whomever."""

    node: NodeKind
    label: str
    party: NodeParty
    party_label: str = Field(description="等谁：本机关、申请人、被征求意见方")
    due_on: dt.date | None = Field(description="届满之日；送达尚未登记、还不能起算的为空")
    due_label: str | None = Field(description="届满之日、星期和剩余的工作日")
    left_workdays: int | None
    basis: str
    ref: str | None = Field(description="哪一次征求意见")


class NextStepOut(Shape):
    """A step that is somebody's to take."""

    action: str
    label: str
    roles: list[Role]
    roles_label: str = Field(description="由谁操作")
    occasional: bool = Field(description="视情况才办（撤回、移送、补正、退回等），没有人在等这一步")
    yours: bool = Field(description="您有这一步的角色")
    ready: bool = Field(description="条件已经具备")
    lacks: list[BlockedBy] = Field(description="还缺什么")
    href: str = Field(description="操作的地址（POST）")


class CaseOut(CaseSummary):
    """A case whole."""

    external_no: str | None
    carrier: Carrier | None
    carrier_label: str | None
    delivery_method: DeliveryMethod | None
    delivery_method_label: str | None
    purpose: str | None
    conservative_due_on: dt.date | None = Field(description="自提交之日起算的保守期限，供内部预警")
    items: list[ItemOut]
    applicant: ApplicantOut
    missing: list[Missing] = Field(description="申请中缺少的条例第29条事项；缺项也受理，可以告知补正")
    waiting_label: str | None = Field(description="在等谁：征求意见、补正、缴费")
    next_steps: list[NextStepOut] = Field(description="下一步：做什么、由谁做、还缺什么；应办的在前，视情况才办的在后")
    awaits: list[AwaitedOut] = Field(description="在等谁、等到哪一天：尚未办理的各个节点，先到期的在前")
    draft: DraftOut | None
    reply: ReplyOut | None
    rectification: RectificationOut | None = Field(description="更正申请的内容和结果")
    complaint: ComplaintOut | None = Field(description="投诉举报的内容和结果")
    decision: DecisionOut | None = Field(description="更正、投诉举报的处理决定")
    supplements: list[SupplementOut] = Field(description="补充、更正答复")
    fee: FeeOut | None = Field(description="收费通知：依据、标准、计算过程、数额，及缴费、退费")
    delivery: DeliveryOut | None
    volume_no: str | None
    retention_years: int | None
    archived_on: dt.date | None
    held_at: dt.datetime | None = Field(description="因诉讼、复议、审计等暂停删除，自何时起；为空即没有")
    erased_at: dt.datetime | None = Field(description="个人信息已依规定删除的时间；此后不能恢复")
    links: dict[str, str]


class RegisteredCase(CaseOut):
    """A case as it was just registered."""

    query_code: str | None = Field(description="申请人的查询码，只在登记时给出一次")


class CasePage(Shape):
    items: list[CaseSummary]
    total: int
    page: int
    size: int


class ActionOut(Shape):
    """One action of the workflow on this case, for this caller."""

    action: str
    label: str
    basis: str
    allowed: bool
    blocked_by: list[BlockedBy]
    href: str
    body_schema: str


class Actions(Shape):
    headline: str = Field(description="一句话：您现在能做什么")
    items: list[ActionOut]


class TimelineEntry(Shape):
    """One act of the case's history."""

    act: str
    label: str
    on: dt.date = Field(description="行为的法定日期")
    at: dt.datetime = Field(description="登记的时间")
    actor: str
    actor_label: str
    state: State | None
    state_label: str | None
    data: dict[str, Any]


class Timeline(Shape):
    items: list[TimelineEntry]
