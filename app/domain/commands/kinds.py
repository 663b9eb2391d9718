"""更正、投诉举报: the steps that only these kinds of case have."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from app.domain.commands.base import Command, Line, Text
from app.domain.terms import ComplaintOutcome, RectificationOutcome

Citations = Annotated[list[Line], Field(min_length=1, max_length=10, description="依据")]


class DecideRectification(Command):
    action = "decide_rectification"

    outcome: RectificationOutcome = Field(description="处理结果", examples=["corrected"])
    found: Text = Field(description="核实的事实", examples=["经核对原始登记档案，登记的出生日期有误"])
    reason: Text = Field(description="理由；不予更正的，写明为什么不予更正", examples=["申请人提供的证据属实"])
    citations: Citations = Field(examples=[["《政府信息公开条例》第四十一条"]])
    corrected: Text | None = Field(
        None, description="已更正的：更正后的内容；结果为已更正时必填", examples=["出生日期更正为1949年12月31日"]
    )
    authority: Line | None = Field(None, description="有权更正的机关；结果为转送或者告知时必填", examples=[None])
    authority_contact: Line | None = Field(None, description="有权更正机关的联系方式", examples=[None])

    @model_validator(mode="after")
    def _complete(self) -> Self:
        elsewhere = self.outcome in {RectificationOutcome.FORWARDED, RectificationOutcome.TOLD_WHOM}
        faults = (
            (self.outcome is RectificationOutcome.CORRECTED and not self.corrected, "已更正的，须写明更正后的内容"),
            (
                self.outcome is not RectificationOutcome.CORRECTED and bool(self.corrected),
                "没有更正的，不填更正后的内容",
            ),
            (elsewhere and not self.authority, "转送或者告知向有权机关提出的，须写明该机关"),
            (not elsewhere and bool(self.authority), "由本机关处理的，不填有权机关"),
        )
        if found := [message for wrong, message in faults if wrong]:
            raise ValueError("；".join(found))
        return self


class ConcludeComplaint(Command):
    action = "conclude_complaint"

    outcome: ComplaintOutcome = Field(description="处理结果", examples=["upheld"])
    found: Text = Field(description="核查的事实", examples=["经核查，被投诉机关收到申请后逾期未作答复"])
    reason: Text = Field(description="理由", examples=["被投诉机关未在法定期限内答复，投诉成立"])
    citations: Citations = Field(examples=[["《政府信息公开条例》第四十七条第二款"]])
    demand: Text | None = Field(
        None, description="整改要求；督促整改、通报批评时必填", examples=["自收到之日起5个工作日内依法答复申请人"]
    )
    authority: Line | None = Field(None, description="转给哪个机关处理；结果为转办时必填", examples=[None])

    @model_validator(mode="after")
    def _complete(self) -> Self:
        stands = self.outcome in {ComplaintOutcome.UPHELD, ComplaintOutcome.CRITICISED}
        transferred = self.outcome is ComplaintOutcome.TRANSFERRED
        faults = (
            (stands and not self.demand, "督促整改、通报批评的，须写明整改要求"),
            (not stands and bool(self.demand), "投诉不成立或者转办的，不填整改要求"),
            (transferred and not self.authority, "转有权机关处理的，须写明该机关"),
            (not transferred and bool(self.authority), "由本机关处理的，不填转办机关"),
        )
        if found := [message for wrong, message in faults if wrong]:
            raise ValueError("；".join(found))
        return self


class RecordFollowUp(Command):
    action = "record_follow_up"

    done: Text = Field(description="被投诉机关的整改情况", examples=["已于2026年3月20日向申请人作出答复"])
    completed: bool = Field(strict=True, description="整改是否已经完成", examples=[True])
