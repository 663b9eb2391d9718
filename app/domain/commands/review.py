"""审核: correction, reasons for excessive requests, handing on, and ends before the work begins."""

from typing import Annotated

from pydantic import Field

from app.domain.acts import LegalDay
from app.domain.commands.base import Command, Line, Text, Workdays


class RequestCorrection(Command):
    action = "request_correction"

    unclear: Text = Field(description="申请中不明确之处", examples=["未指明所需规划文件的年度和区域"])
    required: Text = Field(description="需要补充的事项", examples=["请补充文件的年度、区域或者文号"])
    reply_within_workdays: Workdays = Field(description="合理的补正期限，工作日", examples=[10])
    delivered_on: LegalDay | None = Field(None, description="申请人收到补正告知书之日；尚不知道可留空", examples=[None])


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


class Transfer(Command):
    action = "transfer"

    agency_code: Line = Field(description="接收机关的代码", examples=["379900-ZRJ"])
    reason: Text = Field(description="移送的理由", examples=["所需信息由该机关制作，属其负责公开的范围"])


class Withdraw(Command):
    action = "withdraw"

    form: Line = Field(description="撤回的方式和凭证", examples=["申请人来信撤回，附签名"])
    reason: Text | None = Field(None, description="申请人说明的原因", examples=[None])


class Split(Command):
    action = "split"

    item_nos: list[Annotated[int, Field(ge=1, le=50, strict=True)]] = Field(
        min_length=1, max_length=49, description="分出另立一件的申请内容序号", examples=[[2]]
    )
    reason: Text = Field(description="分立的理由", examples=["两项内容分属不同事项，按一事一申请分别办理"])


class Merge(Command):
    action = "merge"

    case_no: Line = Field(description="并入哪一件（同一申请人的在办案件）", examples=["370600-GXJ-2026-000001"])
    reason: Text = Field(description="合并的理由", examples=["同一申请人就同一信息分两次提交，经其同意合并办理"])


class RequestReasons(Command):
    action = "request_reasons"

    circumstances: Text = Field(
        description="数量、频次明显不合理的事实", examples=["该申请人本月已向本机关提出46件申请，内容多有重复"]
    )
    reply_within_workdays: Workdays = Field(description="说明理由的期限，工作日", examples=[10])
    delivered_on: LegalDay | None = Field(None, description="申请人收到之日；尚不知道可留空", examples=[None])


class RecordReasonsDelivery(Command):
    action = "record_reasons_delivery"

    proof_ref: Line | None = Field(None, description="送达凭证，如邮件单号", examples=["EX123456789CN 妥投回执"])


class ReceiveReasons(Command):
    action = "receive_reasons"

    content: Text = Field(description="申请人说明的理由", examples=["为编写地方志需要查阅历年批复"])
    reasonable: bool = Field(strict=True, description="机关认定：理由是否合理", examples=[True])
    opinion: Text = Field(description="认定的依据", examples=["申请人提供了修志任务书，理由合理"])


class SetExcessivePeriod(Command):
    action = "set_excessive_period"

    due_on: LegalDay = Field(description="延迟答复的期限届满之日", examples=["2027-03-31"])
    basis: Text = Field(description="确定该期限的依据", examples=["所涉档案约六百卷，按每周三十卷清理"])
