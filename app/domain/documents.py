"""What each document must say: one frozen model a document, every field named in Chinese, none of them blank.

Wording stands in the templates, which an agency may replace; what cannot be left out stands here (rules.md §5.2). The
values are kept with the case when the document is issued, so that it can be made again, letter by letter.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationError, ValidationInfo

from app.domain import acts, numerals
from app.domain.acts import Act
from app.domain.shape import Shape
from app.domain.terms import ConsultationKind, Doc, ReplyFamily

Given = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_ENDED = re.compile(r"[。！？；：…!?;:][”’」』）)]?\Z")


def ended(text: str) -> str:
    """End what a clerk wrote as a sentence where he did not."""
    return text if _ENDED.search(text) else f"{text}。"


def paragraphs(*texts: str | None) -> str | None:
    """Put those texts that there are one under the other, each of them ended."""
    return "\n".join(ended(text) for text in texts if text) or None


def _ended(text: str, info: ValidationInfo) -> str:
    """End a text that is being written; what was issued before and is read again stays as it is."""
    return ended(text) if info.context else text


Prose = Annotated[Given, AfterValidator(_ended)]
"""A paragraph of the document's text."""
Count = Annotated[int, Field(ge=1)]


class Part(Shape):
    """A document's data, or a piece of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(Part):
    """What every document has."""

    doc: ClassVar[Doc]

    agency: Given = Field(title="发文机关")
    case_no: Given = Field(title="申请编号")
    dated: dt.date = Field(title="成文日期")


class Letter(Document):
    """A document that leaves the agency and can be answered."""

    contact: Given = Field(title="联系方式（机关设置中的工作机构电话）")


class ToApplicant(Letter):
    """A letter to the applicant."""

    applicant: Given = Field(title="申请人")
    you: Given = Field(title="对申请人的称呼")
    received_on: dt.date = Field(title="收到申请之日")


class Receipt(ToApplicant):
    """登记回执."""

    doc = Doc.RECEIPT

    channel: Given = Field(title="申请渠道")
    asked: tuple[Given, ...] = Field(title="申请内容", min_length=1)
    due_on: dt.date = Field(title="答复到期日")
    query_code: Given | None = Field(None, title="查询码")  # never stored: given when the receipt is printed


class Correction(ToApplicant):
    """补正告知书（条例第30条）."""

    doc = Doc.CORRECTION

    asked: tuple[Given, ...] = Field(title="申请内容", min_length=1)
    unclear: Prose = Field(title="不明确之处")
    required: Prose = Field(title="需要补正的事项")
    reply_within_workdays: Count = Field(title="补正期限")


class Reasons(ToApplicant):
    """说明理由告知书（条例第35条）."""

    doc = Doc.REASONS

    circumstances: Prose = Field(title="数量、频次的事实")
    reply_within_workdays: Count = Field(title="说明理由的期限")


class Extension(ToApplicant):
    """延期答复告知书（条例第33条第2款）."""

    doc = Doc.EXTENSION

    due_before: dt.date = Field(title="原答复到期日")
    workdays: Count = Field(title="延长的工作日数")
    due_on: dt.date = Field(title="延长后的答复到期日")
    reason: Prose = Field(title="延长的理由")


class ConsultApplicant(ToApplicant):
    """征求意见告知书（条例第33条第3款）."""

    doc = Doc.CONSULT_APPLICANT

    consulted: Given = Field(title="征求何方意见")


class Fee(ToApplicant):
    """收费通知书（国办函〔2020〕109号）."""

    doc = Doc.FEE

    basis: Given = Field(title="收费依据")
    method: Given = Field(title="计收方式")
    standard: Given = Field(title="收费标准")
    working: tuple[Given, ...] = Field(title="计算过程", min_length=1)
    amount_yuan: Count = Field(title="收费数额")
    payment: Prose = Field(title="缴纳方式")


class ReplyItem(Part):
    """The answer to one requested item."""

    no: Count = Field(title="序号")
    asked: Given = Field(title="申请内容")
    decision: Given = Field(title="处理决定")
    found: Prose = Field(title="审查、检索的事实")
    reason: Prose = Field(title="理由")
    citations: tuple[Given, ...] = Field(title="法律依据", min_length=1)
    provision: Prose | None = Field(None, title="提供的方式和途径")


class Reply(ToApplicant):
    """政府信息公开申请答复书（条例第36条至第39条）: one layout, whose parts follow from the kinds of reply."""

    doc = Doc.REPLY

    document_no: Given = Field(title="发文号")
    channel: Given = Field(title="申请渠道")
    family: ReplyFamily = Field(title="答复类别")
    course: tuple[Given, ...] = Field((), title="办理经过")
    items: tuple[ReplyItem, ...] = Field(title="逐项答复", min_length=1)
    body: Prose | None = Field(None, title="补充说明")
    remedy: Given = Field(title="救济途径")
    attachments: tuple[Given, ...] = Field((), title="附件")


class Supplement(ToApplicant):
    """补充、更正答复书: a second document after the reply, which itself stays as it is."""

    doc = Doc.SUPPLEMENT

    document_no: Given = Field(title="发文号")
    way: Given = Field(title="补充还是更正")
    replied_on: dt.date = Field(title="原答复的日期")
    replied_no: Given = Field(title="原答复的发文号")
    reason: Prose = Field(title="理由")
    content: Prose = Field(title="补充或者更正的内容")
    remedy: Given = Field(title="救济途径")


class Decision(ToApplicant):
    """What was decided on something that is no request for information."""

    document_no: Given = Field(title="发文号")
    decision: Given = Field(title="处理决定")
    found: Prose = Field(title="核实的事实")
    reason: Prose = Field(title="理由")
    citations: tuple[Given, ...] = Field(title="依据", min_length=1)
    authority: Given | None = Field(None, title="有权处理的机关")


class Rectification(Decision):
    """更正申请处理决定书（条例第41条）."""

    doc = Doc.RECTIFICATION

    record: Given = Field(title="申请更正的信息")
    corrected: Prose | None = Field(None, title="更正后的内容")
    remedy: Given = Field(title="救济途径")


class Complaint(Decision):
    """投诉举报处理告知书（条例第47条第2款、第51条）."""

    doc = Doc.COMPLAINT

    about: Given = Field(title="被投诉的机关")
    grounds: Prose = Field(title="投诉举报的事项")
    demand: Prose | None = Field(None, title="整改要求")


class Closing(ToApplicant):
    """结案告知书."""

    doc = Doc.CLOSING

    facts: Prose = Field(title="结案的事实")
    basis: Given = Field(title="结案的依据")
    decision: Given = Field(title="处理决定")
    remedy: Given | None = Field(None, title="救济途径")


class ToParty(Letter):
    """A letter to somebody else."""

    party: Given = Field(title="受文单位或者个人")


class ConsultThirdParty(ToParty):
    """征求第三方意见书（条例第32条）."""

    doc = Doc.CONSULT_THIRD_PARTY

    disclosing: Prose = Field(title="拟公开的内容")


class ConsultCoProducer(ToParty):
    """征求共同制作机关意见书（条例第34条）."""

    doc = Doc.CONSULT_CO_PRODUCER

    disclosing: Prose = Field(title="拟公开的内容")


class ConsultAgency(ToParty):
    """征求其他机关意见书（条例第11条、第33条第3款）."""

    doc = Doc.CONSULT_AGENCY

    disclosing: Prose = Field(title="征求意见的内容")


class NoticeThirdParty(ToParty):
    """告知第三方（条例第32条）."""

    doc = Doc.NOTICE_THIRD_PARTY

    content: Prose = Field(title="决定公开的内容")
    public_interest: Prose = Field(title="公共利益的理由")
    remedy: Given = Field(title="救济途径")


class Assist(ToParty):
    """协办函."""

    doc = Doc.ASSIST

    question: Prose = Field(title="请求协助的事项")
    answer_by: dt.date = Field(title="希望答复的日期")


class Transfer(ToParty):
    """转办函."""

    doc = Doc.TRANSFER

    applicant: Given = Field(title="申请人")
    received_on: dt.date = Field(title="收到申请之日")
    asked: tuple[Given, ...] = Field(title="申请内容", min_length=1)
    reason: Prose = Field(title="转办的理由")


class IndexEntry(Part):
    """One line of the volume's index."""

    no: Count = Field(title="顺序号")
    title: Given = Field(title="题名")
    reference: Given = Field(title="文号或者来源")
    on: dt.date = Field(title="日期")


class ArchiveIndex(Document):
    """卷内目录."""

    doc = Doc.ARCHIVE_INDEX

    applicant: Given = Field(title="申请人")
    volume_no: Given = Field(title="案卷号")
    retention: Given = Field(title="保管期限")
    entries: tuple[IndexEntry, ...] = Field(title="卷内文件", min_length=1)


MODELS: Mapping[Doc, type[Document]] = MappingProxyType(
    {
        model.doc: model
        for model in (
            *(Receipt, Correction, Reasons, Extension, ConsultThirdParty, ConsultApplicant, NoticeThirdParty),
            *(ConsultCoProducer, ConsultAgency, Assist, Fee, Reply, Supplement, Rectification, Complaint),
            *(Closing, Transfer, ArchiveIndex),
        )
    }
)

D = TypeVar("D", bound=Document)
_ABSENT = frozenset({"missing", "string_too_short", "too_short"})


class MissingFields(ValueError):
    """A document cannot be made: what it must say is not known. `labels` are the fields' names in Chinese."""

    def __init__(self, doc: Doc, labels: Iterable[str]) -> None:
        self.doc = doc
        self.labels = tuple(labels)
        super().__init__(f"{doc.label}缺少：{'、'.join(self.labels)}")


def write(model: type[D], values: Mapping[str, Any]) -> D:
    """Fill a document's data. Raises `MissingFields` for all that is absent or blank at once."""
    try:
        return model.model_validate(dict(values), context={"writing": True})
    except ValidationError as error:
        if any(fault["type"] not in _ABSENT and fault["input"] is not None for fault in error.errors()):
            raise
        labels = [label_of(model, fault["loc"]) for fault in error.errors()]
        raise MissingFields(model.doc, dict.fromkeys(labels)) from error


def label_of(model: type[Part], place: tuple[int | str, ...]) -> str:
    """Name a field by its title: `("items", 0, "found")` → “第1项的审查、检索的事实”."""
    name, *below = place
    field = model.model_fields[str(name)]
    if len(below) >= 2 and isinstance(below[0], int):
        inner = next(part for part in (ReplyItem, IndexEntry) if str(below[1]) in part.model_fields)
        return f"第{below[0] + 1}项的{label_of(inner, tuple(below[1:]))}"
    return field.title or str(name)


_DIGITS = "〇一二三四五六七八九"


def chinese_date(day: dt.date) -> str:
    """Write a date in characters, for templates that want it so: 二〇二六年三月十三日."""
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{numerals.write(day.month)}月{numerals.write(day.day)}日"


def plain_date(day: dt.date) -> str:
    """Write a date as official documents do, in the text and under the signature: 2026年3月13日 (GB/T 9704-2012)."""
    return f"{day.year}年{day.month}月{day.day}日"


def course(history: Iterable[Act]) -> tuple[str, ...]:
    """Tell what happened between receipt and reply that the applicant should know of: sentences in order."""
    told: list[str] = []
    for act in sorted(history, key=acts.chronological):
        on = plain_date(act.on)
        match act:
            case acts.CorrectionRequested():
                told.append(f"{on}，本机关告知补正。")
            case acts.CorrectionReceived():
                told.append(f"{on}，本机关收到补正后的申请，答复期限自该日起重新计算。")
            case acts.ReasonsRequested():
                told.append(f"{on}，本机关要求说明理由。")
            case acts.ReasonsReceived():
                told.append(f"{on}，本机关收到对理由的说明。")
            case acts.ConsultationSent(kind=kind):
                told.append(f"{on}，本机关书面征求{CONSULTED[kind]}的意见，所需时间不计算在答复期限内。")
            case acts.Extended(workdays=workdays):
                told.append(f"{on}，本机关告知延长答复期限{workdays}个工作日。")
            case acts.FeeNotified():
                told.append(f"{on}，本机关发出信息处理费收费通知。")
            case acts.FeePaid():
                told.append(f"{on}，信息处理费缴清，答复期限自次日起重新计算。")
            case _:
                pass
    return tuple(told)


CONSULTED: Mapping[ConsultationKind, str] = MappingProxyType(
    {
        ConsultationKind.THIRD_PARTY: "第三方",
        ConsultationKind.CO_PRODUCER: "共同制作机关",
        ConsultationKind.OTHER_AGENCY: "其他机关",
    }
)


def known_fields(doc: Doc) -> Mapping[str, str]:
    """Name the fields a template of this document may use, with their Chinese names."""
    return {name: field.title or name for name, field in MODELS[doc].model_fields.items()}
