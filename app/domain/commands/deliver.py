"""送达: sending, arriving, coming back."""

from pydantic import Field

from app.domain.commands.base import Command, Line, Text
from app.domain.terms import ProofKind, SendMethod


class Deliver(Command):
    action = "deliver"

    method: SendMethod = Field(description="送达方式", examples=["post"])
    carrier: Line | None = Field(None, description="邮寄的承运单位，须为邮政企业", examples=["中国邮政速递物流"])
    tracking_no: Line | None = Field(None, description="邮件单号", examples=["EX123456789CN"])
    freight_collect: bool = Field(False, strict=True, description="邮费到付：不允许", examples=[False])
    address: Line | None = Field(None, description="电子送达的邮箱、号码或者网址", examples=[None])
    consent: Line | None = Field(None, description="申请人同意电子送达的凭据", examples=[None])
    late_reason: Text | None = Field(None, description="超过法定答复期限才发出的，写明原因", examples=[None])


class ConfirmDelivery(Command):
    action = "confirm_delivery"

    proof: ProofKind = Field(description="送达凭证", examples=["postal_receipt"])
    proof_ref: Line = Field(description="凭证编号或者出处", examples=["EX123456789CN 妥投回执"])
    receiver: Line | None = Field(None, description="签收人", examples=["本人"])
    late_reason: Text | None = Field(None, description="以签收之日为准而超过法定答复期限的，写明原因", examples=[None])


class RecordReturn(Command):
    action = "record_return"

    reason: Text = Field(description="退回的原因", examples=["地址不详，退回"])
