"""One pydantic body per action: what the API takes, what the domain judges and what the journal keeps are the same thing.

Dates are legal dates in Asia/Shanghai: the day the act was done (posted, signed for, sent), not the day of typing.
"""

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.domain.terms import DeliveryMethod, ProofKind, ReplyKind

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Workdays = Annotated[int, Field(ge=1, le=250, strict=True)]


class Strict(BaseModel):
    """An input that refuses unknown fields; never the base of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Command(Strict):
    """A request to take one step of the workflow."""

    action: ClassVar[str]

    on: dt.date | None = Field(
        None, description="行为的法定日期（上海时区），不填即今天；补录时填实际发生日", examples=[None]
    )


class ConfirmReceipt(Command):
    action = "confirm_receipt"

    note: Line | None = Field(
        None, description="与申请人确认的经过，如联系方式、联系人", examples=["电话联系申请人，双方确认收到"]
    )


class Accept(Command):
    action = "accept"

    note: Line | None = Field(None, description="受理说明", examples=["要件齐全，予以受理"])


class RequestCorrection(Command):
    action = "request_correction"

    unclear: Text = Field(description="申请中不明确之处", examples=["未指明所需规划文件的年度和区域"])
    required: Text = Field(description="需要补充的事项", examples=["请补充文件的年度、区域或者文号"])
    reply_within_workdays: Workdays = Field(description="合理的补正期限，工作日", examples=[10])
    delivered_on: dt.date | None = Field(None, description="申请人收到补正告知书之日；尚不知道可留空", examples=[None])


class RecordCorrectionDelivery(Command):
    action = "record_correction_delivery"

    proof_ref: Line | None = Field(None, description="送达凭证，如邮件单号", examples=["EX123456789CN 妥投回执"])


class ReceiveCorrection(Command):
    action = "receive_correction"

    content: Text = Field(description="补正的内容", examples=["需要2025年度城东片区控制性详细规划的批复"])
    late_reason: Text | None = Field(None, description="超过补正期限才补正的，写明其正当理由", examples=[None])


class CloseUncorrected(Command):
    action = "close_uncorrected"

    note: Text | None = Field(None, description="结案说明", examples=["补正期限届满，申请人无正当理由未补正"])


class Assign(Command):
    action = "assign"

    handler: Line = Field(description="经办人的登录名", examples=["jingban"])
    opinion: Text = Field(description="审核意见", examples=["申请内容明确，属本机关职责范围，交业务科室办理"])


class Reassign(Command):
    action = "reassign"

    handler: Line = Field(description="新的经办人的登录名", examples=["jingban2"])
    reason: Text = Field(description="改派原因", examples=["原经办人出差"])


class Extend(Command):
    action = "extend"

    workdays: Annotated[int, Field(ge=1, le=20, strict=True)] = Field(description="延长的工作日数", examples=[20])
    reason: Text = Field(description="延长的理由", examples=["需调阅历年档案，二十个工作日内难以完成"])
    approved_on: dt.date | None = Field(None, description="工作机构负责人同意之日，不填即告知之日", examples=[None])


class Conclusion(Strict):
    """What the agency concludes on one requested item (条例第36条至第39条)."""

    item_no: Annotated[int, Field(ge=1, le=50, strict=True)] = Field(description="申请内容的序号", examples=[1])
    kind: ReplyKind = Field(description="处理决定", examples=["grant"])
    found: Text = Field(description="审查、检索的事实", examples=["经检索，本机关保存有该批复"])
    reason: Text = Field(description="理由", examples=["该信息属于可以公开的政府信息"])
    citations: list[Line] = Field(
        min_length=1, max_length=10, description="法律依据", examples=[["《政府信息公开条例》第三十六条第（二）项"]]
    )
    provision: Text | None = Field(
        None, description="提供的信息，或者获取的方式、途径和时间", examples=["随函提供该批复复印件1份"]
    )


class Submit(Command):
    action = "submit"

    conclusions: list[Conclusion] = Field(min_length=1, max_length=50, description="逐项处理结论")
    body: Text | None = Field(None, description="答复正文中需要补充的话", examples=[None])


class Endorse(Command):
    action = "endorse"

    opinion: Text = Field(description="科室审核意见", examples=["同意"])


class ReviewSecrecy(Command):
    action = "review_secrecy"

    cleared: bool = Field(strict=True, description="审查结论：拟公开的内容不涉及国家秘密、工作秘密", examples=[True])
    opinion: Text = Field(description="审查意见；不得写入涉密内容", examples=["经审查，不涉及国家秘密，可以公开"])


class ReturnDraft(Command):
    action = "return_draft"

    reason: Text = Field(description="退回的理由", examples=["不予公开的理由不充分，请补充"])


class Sign(Command):
    action = "sign"

    opinion: Text | None = Field(None, description="签发意见", examples=["同意发出"])


class Deliver(Command):
    action = "deliver"

    method: DeliveryMethod = Field(description="送达方式", examples=["post"])
    carrier: Line | None = Field(None, description="邮寄的承运单位，须为邮政企业", examples=["中国邮政速递物流"])
    tracking_no: Line | None = Field(None, description="邮件单号", examples=["EX123456789CN"])
    late_reason: Text | None = Field(None, description="超过法定答复期限才发出的，写明原因", examples=[None])


class ConfirmDelivery(Command):
    action = "confirm_delivery"

    proof: ProofKind = Field(description="送达凭证", examples=["postal_receipt"])
    proof_ref: Line = Field(description="凭证编号或者出处", examples=["EX123456789CN 妥投回执"])
    receiver: Line | None = Field(None, description="签收人", examples=["本人"])
    late_reason: Text | None = Field(None, description="以签收之日为准而超过法定答复期限的，写明原因", examples=[None])


class Archive(Command):
    action = "archive"

    volume_no: Line = Field(description="案卷号", examples=["2026-YSQ-0001"])
    retention_years: Annotated[int, Field(ge=10, le=30, strict=True)] | None = Field(
        10, description="保管期限，年；不填为永久", examples=[10]
    )
