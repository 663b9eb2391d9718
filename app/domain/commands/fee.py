"""收费: the information-processing fee, from notice to refund, in whole yuan (条例第42条、国办函〔2020〕109号)."""

from typing import Annotated

from pydantic import Field

from app.domain.acts import LegalDay
from app.domain.commands.base import Command, Line, Text
from app.domain.fees import MAX_PAGES
from app.domain.terms import DeliveryMethod, FeeMethod

Yuan = Annotated[int, Field(ge=1, le=100_000_000, strict=True)]


class NotifyFee(Command):
    action = "notify_fee"

    method: FeeMethod = Field(description="计收方式，每件只能选一种", examples=["per_page"])
    pages: Annotated[int, Field(ge=1, le=MAX_PAGES, strict=True)] | None = Field(
        None, description="按量计收的页数（A4及以下单面为一页）；按件计收不填，件数由系统累计", examples=[45]
    )
    payment: Text = Field(description="缴纳方式", examples=["凭通知书到市行政服务中心缴费窗口缴纳"])
    sent_by: DeliveryMethod = Field(description="通知的送达方式，须与申请人获取信息的途径一致", examples=["email"])
    delivered_on: LegalDay | None = Field(None, description="申请人收到之日；尚不知道可留空", examples=[None])


class RecordFeeDelivery(Command):
    action = "record_fee_delivery"

    proof_ref: Line | None = Field(None, description="送达凭证", examples=["EX123456789CN 妥投回执"])


class RecordPayment(Command):
    action = "record_payment"

    amount_yuan: Yuan = Field(description="实收金额，元", examples=[150])
    receipt_no: Line = Field(description="财政票据号", examples=["37060026000123"])


class CloseUnpaid(Command):
    action = "close_unpaid"

    note: Text | None = Field(None, description="结案说明", examples=["缴费期限届满，申请人未缴费"])


class RefundFee(Command):
    action = "refund_fee"

    amount_yuan: Yuan = Field(description="退付金额，元", examples=[150])
    reason: Text = Field(description="退付的理由", examples=["页数计算有误"])
    receipt_no: Line = Field(description="退付凭证号", examples=["37060026000124"])
