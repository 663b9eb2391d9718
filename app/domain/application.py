"""An application as it comes in (条例第29条), what it lacks, and the day it counts as received (条例第31条)."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from app.domain import identifiers
from app.domain.acts import LegalDay, Moment
from app.domain.commands import STRIPPED, Line, Strict, Text
from app.domain.terms import ApplicantKind, Carrier, CaseKind, Channel, DeliveryMethod, IdType

CONFIRMED_CHANNELS = frozenset({Channel.ORDINARY_MAIL, Channel.INTERNET, Channel.FAX})
"""Channels whose day of receipt is the day both sides confirm (条例第31条)."""

Token = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^\s*[\w.\-/:（）()〔〕]+\s*$"), STRIPPED
]


class Agent(Strict):
    """Somebody who applies in the applicant's name, with a letter of authority."""

    name: Line = Field(description="姓名", examples=["李四"])
    phone: Line | None = Field(None, description="联系电话", examples=["13900000000"])


class ApplicantIn(Strict):
    """Who applies; every field may be missing, none may be malformed."""

    kind: ApplicantKind = Field(description="申请人类别（年度报告的列）", examples=["natural_person"])
    name: Line | None = Field(None, description="姓名或者名称", examples=["张三"])
    id_type: IdType | None = Field(None, description="证件类型", examples=["resident_id"])
    id_number: Line | None = Field(None, description="证件号码", examples=["11010519491231002X"])
    phone: Line | None = Field(None, description="联系电话", examples=["13800000000"])
    email: Line | None = Field(None, description="电子邮箱", examples=["zhangsan@example.com"])
    address: Line | None = Field(None, description="联系地址", examples=["幸福路1号"])
    postcode: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = Field(
        None, description="邮政编码", examples=["264000"]
    )
    legal_representative: Line | None = Field(None, description="法定代表人（组织）", examples=[None])
    contact_person: Line | None = Field(None, description="联系人（组织）", examples=[None])
    agent: Agent | None = Field(None, description="代理人", examples=[None])
    assistance_needed: Text | None = Field(
        None, description="阅读困难、视听障碍等需要的帮助（条例第43条）", examples=[None]
    )

    @model_validator(mode="after")
    def _well_formed(self) -> "ApplicantIn":
        faults = (
            ("证件号码", self.id_number and self.id_type and identifiers.id_fault(self.id_type, self.id_number)),
            ("电子邮箱", self.email and identifiers.email_fault(self.email)),
        )
        if found := [f"{name}{fault}" for name, fault in faults if fault]:
            raise ValueError("；".join(found))
        return self


class ItemIn(Strict):
    """One piece of information asked for: a name, a document number or any other description will do."""

    title: Line | None = Field(None, description="所需信息的名称", examples=["城东片区控制性详细规划的批复"])
    document_no: Line | None = Field(None, description="文号", examples=[None])
    description: Text | None = Field(None, description="便于查询的其他特征描述", examples=["2025年度批准的文本和图则"])


class Incoming(Strict, ABC):
    """What every kind of case comes in with."""

    kind: ClassVar[CaseKind]

    agency_code: Line = Field(description="受文机关的代码", examples=["370600-GXJ"])
    channel: Channel = Field(description="申请渠道", examples=["internet"])
    submitted_at: Moment = Field(
        description="提交时间，带时区；当面提交即当面提交的时间，邮寄为信件到达的时间",
        examples=["2026-11-20T16:30:00+08:00"],
    )
    signed_on: LegalDay | None = Field(None, description="挂号信、特快专递的签收日，不填即提交日", examples=[None])
    confirmed_on: LegalDay | None = Field(
        None, description="平常信函、互联网、传真：登记时已与申请人确认的，填双方确认之日", examples=[None]
    )
    external_no: Token | None = Field(None, description="来件系统的编号；同一系统同一编号只登记一次", examples=[None])
    applicant: ApplicantIn = Field(description="申请人")
    delivery_method: DeliveryMethod | None = Field(None, description="希望的获取方式", examples=["email"])

    @model_validator(mode="after")
    def _dates_fit(self) -> Self:
        if self.signed_on and self.channel is not Channel.REGISTERED_MAIL:
            raise ValueError("signed_on 只用于需签收的邮寄（registered_mail）")
        if self.confirmed_on and self.channel not in CONFIRMED_CHANNELS:
            raise ValueError("confirmed_on 只用于平常信函、互联网和传真")
        return self

    def received_on(self, submitted_on: dt.date) -> dt.date | None:
        """Return the day the application counts as received (条例第31条); None until both sides have confirmed."""
        if self.channel in CONFIRMED_CHANNELS:
            return self.confirmed_on
        return self.signed_on or submitted_on

    @property
    @abstractmethod
    def words(self) -> list[str | None]:
        """What it is about, for the title and the search; the first that is given is the title."""


class Application(Incoming):
    """An application to register."""

    kind = CaseKind.DISCLOSURE

    items: list[ItemIn] = Field(
        default_factory=list, validate_default=True, max_length=50, description="所需信息，逐项填写"
    )
    carrier: Carrier | None = Field(None, description="希望的载体形式", examples=["electronic"])
    purpose: Text | None = Field(None, description="用途：申请人无须说明，不得作为拒收的理由", examples=[None])

    @field_validator("items")
    @classmethod
    def _at_least_a_blank(cls, items: list[ItemIn]) -> list[ItemIn]:
        return items or [ItemIn(title=None, document_no=None, description=None)]

    @property
    def words(self) -> list[str | None]:
        return [text for item in self.items for text in (item.title, item.document_no, item.description)]


class RectificationRequest(Incoming):
    """A request to correct a record about the applicant himself (条例第41条); what is missing does not refuse it."""

    kind = CaseKind.RECTIFICATION

    record: Text = Field(description="认为记录不准确的政府信息", examples=["某某安置补偿登记表中的出生日期"])
    concern: Text | None = Field(None, description="该信息与申请人自身的关系", examples=["登记表所记的就是申请人本人"])
    correct_content: Text | None = Field(
        None, description="申请人认为正确的内容", examples=["出生日期应为1949年12月31日"]
    )
    evidence: Text | None = Field(None, description="证明记录不准确的证据", examples=["居民身份证、户口簿复印件"])

    @property
    def words(self) -> list[str | None]:
        return [self.record, self.correct_content]


class ComplaintReport(Incoming):
    """A complaint about how an agency handles disclosure (条例第47条第2款、第51条), to the one that supervises it."""

    kind = CaseKind.COMPLAINT

    about_agency: Line = Field(description="被投诉机关的代码", examples=["370600-GXJ"])
    about_case_no: Line | None = Field(None, description="所涉政府信息公开申请的案号", examples=[None])
    grounds: Text = Field(description="投诉举报的事实和理由", examples=["申请公开某某批复，逾期未收到答复"])

    @property
    def words(self) -> list[str | None]:
        return [self.grounds]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something 条例第29条第2款 asks for and the application lacks."""

    field: str
    label: str


def missing(
    *,
    name: str | None,
    id_number: str | None,
    contact: str | None,
    carrier: Carrier | None,
    delivery_method: DeliveryMethod | None,
    items: Sequence[str | None],
) -> list[Gap]:
    """List the gaps of an application; `items` says of each requested item whatever describes it.

    Nothing here refuses an application: it is what a correction notice would ask for.
    """
    found = (
        ("applicant.name", "申请人的姓名或者名称", name),
        ("applicant.id_number", "身份证明", id_number),
        ("applicant.phone", "联系方式", contact),
        ("carrier", "政府信息的形式要求", carrier),
        ("delivery_method", "获取信息的方式、途径", delivery_method),
        *((f"items.{no}", f"第{no}项申请内容的名称、文号或者特征描述", item) for no, item in enumerate(items, 1)),
    )
    return [Gap(field, label) for field, label, value in found if not value]


def missing_of_rectification(
    *, name: str | None, contact: str | None, concern: str | None, correct_content: str | None, evidence: str | None
) -> list[Gap]:
    """List what 条例第41条 asks for and a request for rectification lacks; nothing here refuses it."""
    found = (
        ("applicant.name", "申请人的姓名或者名称", name),
        ("applicant.phone", "联系方式", contact),
        ("concern", "该信息与申请人自身的关系", concern),
        ("correct_content", "申请人认为正确的内容", correct_content),
        ("evidence", "证明记录不准确的证据", evidence),
    )
    return [Gap(field, label) for field, label, value in found if not value]
