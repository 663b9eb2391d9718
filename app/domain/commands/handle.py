"""办理: who works on it, searching, consulting, assisting, talking with the applicant, extending."""

from typing import Annotated

from pydantic import Field

from app.domain.acts import LegalDay
from app.domain.commands.base import Command, Line, Ref, Text
from app.domain.terms import ConsultationKind, ContactWay, Position, SearchScope


class Reassign(Command):
    action = "reassign"

    handler: Line = Field(description="新的经办人的登录名", examples=["jingban2"])
    reason: Text = Field(description="改派原因", examples=["原经办人出差"])


class Extend(Command):
    action = "extend"

    workdays: Annotated[int, Field(ge=1, le=20, strict=True)] = Field(description="延长的工作日数", examples=[20])
    reason: Text = Field(description="延长的理由", examples=["需调阅历年档案，二十个工作日内难以完成"])
    approved_on: LegalDay | None = Field(None, description="工作机构负责人同意之日，不填即告知之日", examples=[None])


class RecordSearch(Command):
    action = "record_search"

    scope: SearchScope = Field(description="检索范围", examples=["archive_room"])
    place: Line = Field(description="检索的部门、系统或者库", examples=["机关档案室"])
    keywords: list[Line] = Field(
        min_length=1, max_length=20, description="检索词", examples=[["城东片区", "控制性详细规划"]]
    )
    period: Line = Field(description="检索的时间范围", examples=["2020年1月至2026年11月"])
    searcher: Line = Field(description="检索人", examples=["李某"])
    found: bool = Field(strict=True, description="是否检索到", examples=[True])
    result: Text = Field(description="检索结果", examples=["检索到批复1份，文号海政字〔2025〕12号"])


class Consult(Command):
    action = "consult"

    ref: Ref = Field(description="本案内的征求意见编号", examples=["A"])
    kind: ConsultationKind = Field(description="征求谁的意见", examples=["third_party"])
    party: Line = Field(description="被征求意见方的名称", examples=["海州某某有限公司"])
    contact: Line | None = Field(None, description="联系方式", examples=[None])
    disclosing: Text = Field(description="拟公开的内容", examples=["建设工程规划许可证及附图"])
    delivered_on: LegalDay | None = Field(None, description="对方收到之日；尚不知道可留空", examples=[None])


class RecordConsultationDelivery(Command):
    action = "record_consultation_delivery"

    ref: Ref = Field(description="征求意见编号", examples=["A"])
    proof_ref: Line | None = Field(None, description="送达凭证", examples=["EX123456789CN 妥投回执"])


class RecordConsultationAnswer(Command):
    action = "record_consultation_answer"

    ref: Ref = Field(description="征求意见编号", examples=["A"])
    position: Position = Field(description="对方的意见", examples=["agrees"])
    opinion: Text = Field(description="意见和理由", examples=["同意公开"])


class NotifyThirdParty(Command):
    action = "notify_third_party"

    ref: Ref = Field(description="征求意见编号", examples=["A"])
    content: Text = Field(description="决定公开的内容", examples=["建设工程规划许可证"])
    public_interest: Text = Field(
        description="不公开可能对公共利益造成重大影响的理由", examples=["涉及周边居民采光权益和公共安全"]
    )
    proof_ref: Line = Field(description="送达凭证", examples=["EX123456780CN 妥投回执"])


class AskAssistance(Command):
    action = "ask_assistance"

    agency_code: Line = Field(description="请求协助的机关代码", examples=["379900-ZRJ"])
    question: Text = Field(description="请求协助的事项", examples=["请核实该批复是否由贵机关制作并提供文本"])
    answer_by: LegalDay = Field(description="希望答复的日期", examples=["2027-01-08"])


class RecordContact(Command):
    action = "record_contact"

    way: ContactWay = Field(description="沟通方式", examples=["phone"])
    gist: Text = Field(description="沟通要点", examples=["申请人说明实际需要的是批复正文，不需要附图"])
