"""What is entered about a remedy; unlike a `Command`, none of it is a step of the case's workflow."""

from typing import Annotated

from pydantic import Field

from app.domain.acts import LegalDay
from app.domain.commands.base import Line, Strict, Text
from app.domain.terms import (
    CheckCode,
    PartyRole,
    RectificationStatus,
    RemedyDecision,
    RemedyKind,
    RemedyOutcome,
    RemedyPaperKind,
    RemedyProcedure,
)


class Party(Strict):
    """Somebody who takes part."""

    role: PartyRole = Field(description="地位", examples=["claimant"])
    name: Line = Field(description="姓名或者名称", examples=["张三"])
    phone: Annotated[str, Field(max_length=50)] | None = Field(None, description="联系电话", examples=[None])


class Filing(Strict):
    """A remedy as it became known."""

    kind: RemedyKind = Field(description="种类", examples=["reconsideration"])
    authority: Line = Field(description="复议机关、人民法院或者主管部门", examples=["海州市人民政府"])
    filed_on: LegalDay = Field(description="提出申请、起诉或者投诉之日", examples=["2026-03-20"])
    docket_no: Line | None = Field(None, description="案号", examples=["海府复〔2026〕18号"])
    procedure: RemedyProcedure | None = Field(
        None, description="适用的程序；行政复议不填即普通程序", examples=["ordinary"]
    )
    notified_on: LegalDay | None = Field(
        None, description="本机关收到申请书、起诉状副本或者通知之日，答复、答辩的期限由此起算", examples=["2026-03-23"]
    )
    answer_by: LegalDay | None = Field(
        None, description="主管部门通知载明的答复期限；只用于投诉举报，法律没有规定", examples=[None]
    )
    after_remedy_id: Annotated[int, Field(ge=1, le=2**53, strict=True)] | None = Field(
        None, description="复议后起诉的：所不服的行政复议的 id", examples=[None]
    )
    grounds: Text | None = Field(None, description="请求和理由的要点", examples=["认为应当公开该批复全文"])
    parties: list[Party] = Field(default=[], max_length=50, description="当事人；申请人就是本案申请人的可以不填")


class Notice(Strict):
    """Word from the authority that the agency has to answer."""

    notified_on: LegalDay = Field(description="收到副本或者通知之日", examples=["2026-03-23"])
    procedure: RemedyProcedure | None = Field(None, description="适用的程序", examples=["simplified"])
    docket_no: Line | None = Field(None, description="案号", examples=[None])
    answer_by: LegalDay | None = Field(None, description="投诉举报：通知载明的答复期限", examples=[None])


class Dated(Strict):
    """An act of which only the day matters."""

    on: LegalDay | None = Field(None, description="行为的法定日期，不填即今天", examples=[None])


class RemedyConclusion(Strict):
    """How it was decided."""

    decision: RemedyDecision = Field(description="决定或者判决", examples=["ordered_to_act"])
    result: RemedyOutcome | None = Field(
        None, description="年度报告表四的口径；不填则按决定归类（归类是通行口径，非法定）", examples=[None]
    )
    closed_on: LegalDay = Field(description="决定书、判决书的日期", examples=["2026-05-08"])
    decision_no: Line | None = Field(None, description="文号", examples=["海府复决〔2026〕18号"])
    decision_served_on: LegalDay | None = Field(None, description="送达之日，不服复议决定的起诉期限由此起算")
    order_by: LegalDay | None = Field(None, description="责令履行或者重新作出的期限", examples=[None])
    cause: CheckCode | None = Field(None, description="败因，与答复前检查同一套代码；被纠正的必填", examples=["K04"])
    cause_note: Text | None = Field(
        None, description="败因说明；不在所列败因之内的必填", examples=["只检索了业务科室，没有检索档案室"]
    )


class Rectification(Strict):
    """How far what was found has been put right."""

    status: RectificationStatus = Field(description="整改状态", examples=["in_progress"])
    plan: Text | None = Field(None, description="整改措施", examples=["补充检索档案室，重新作出答复"])
    rectify_by: LegalDay | None = Field(None, description="整改期限", examples=["2026-06-30"])
    rectified_on: LegalDay | None = Field(None, description="完成之日；状态为已整改的，不填即今天", examples=[None])


class Paper(Strict):
    """A paper received or filed."""

    kind: RemedyPaperKind = Field(description="种类", examples=["answer"])
    title: Line = Field(description="名称", examples=["行政复议答复书"])
    document_no: Line | None = Field(None, description="文号", examples=[None])
    on: LegalDay = Field(description="收到或者提交之日", examples=["2026-04-02"])


class Amendment(Strict):
    """Putting an entry right that was typed wrongly: the fields given take the place of those entered."""

    reason: Text = Field(description="更正的理由", examples=["收到副本的日期录入有误"])
    authority: Line | None = Field(None, description="复议机关、人民法院或者主管部门", examples=[None])
    docket_no: Line | None = Field(None, description="案号", examples=[None])
    procedure: RemedyProcedure | None = Field(None, description="适用的程序", examples=[None])
    filed_on: LegalDay | None = Field(None, description="提出之日", examples=[None])
    notified_on: LegalDay | None = Field(None, description="收到副本或者通知之日", examples=["2026-03-24"])
    answer_by: LegalDay | None = Field(None, description="投诉举报：通知载明的答复期限", examples=[None])
    answered_on: LegalDay | None = Field(None, description="提交答复或者答辩之日", examples=[None])
    decision_served_on: LegalDay | None = Field(None, description="决定书、判决书送达之日", examples=[None])
    order_by: LegalDay | None = Field(None, description="履行期限", examples=[None])
    opinion_on: LegalDay | None = Field(None, description="收到意见书之日", examples=[None])
