"""答复: drafting, reviewing, signing, and what may follow a reply."""

from typing import Annotated

from pydantic import Field

from app.domain.acts import LegalDay
from app.domain.commands.base import Command, Line, Strict, Text
from app.domain.terms import CheckCode, LegalQualification, ReplyKind, SupplementKind


class Published(Strict):
    """Where published information can be had (条例第36条第1项)."""

    where: Line = Field(description="网址、公报期号或者查阅点", examples=["市人民政府公报2025年第3期"])
    checked_on: LegalDay = Field(description="核验可以获取之日", examples=["2026-11-20"])


class ResponsibleAgency(Strict):
    """Who holds what this agency does not (条例第36条第5项)."""

    name: Line = Field(description="机关名称", examples=["海州市自然资源局"])
    contact: Line = Field(description="联系方式", examples=["电话 0535-0000000"])


class Secret(Strict):
    """The marks of a state secret; never its content (保密法)."""

    level: Line = Field(description="密级", examples=["秘密"])
    period: Line = Field(description="保密期限", examples=["10年"])
    ground: Line = Field(description="定密依据", examples=["《某某工作国家秘密范围的规定》第3项"])


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
    severability: Text | None = Field(
        None, description="能否区分处理的判断（条例第37条）；不予公开、部分公开时必填", examples=[None]
    )
    published: Published | None = Field(None, description="已主动公开的：获取途径", examples=[None])
    responsible: ResponsibleAgency | None = Field(None, description="不属本机关的：责任机关", examples=[None])
    responsible_unknown: bool = Field(
        False, strict=True, description="不属本机关，且无法确定责任机关", examples=[False]
    )
    earlier_case_no: Line | None = Field(None, description="重复申请的：前一件的案号", examples=[None])
    secret: Secret | None = Field(None, description="属于国家秘密的：密级、期限和依据", examples=[None])
    guidance: Text | None = Field(None, description="不作为申请处理的：告知的相应渠道", examples=[None])
    existing: Text | None = Field(None, description="需要加工、分析的：现有信息的状况", examples=[None])


class Submit(Command):
    action = "submit"

    conclusions: list[Conclusion] = Field(min_length=1, max_length=50, description="逐项处理结论")
    body: Text | None = Field(None, description="答复正文中需要补充的话", examples=[None])
    third_party_concerned: bool = Field(
        False, strict=True, description="拟公开的内容涉及第三方合法权益（须已征求意见）", examples=[False]
    )
    attachment_ids: list[Annotated[int, Field(ge=1, le=2**53, strict=True)]] = Field(
        default_factory=list,
        max_length=50,
        description="随答复一并提供的附件（本案附件的编号），写入答复书的“附件”，随答复发出和归档",
        examples=[[]],
    )
    form_reason: Text | None = Field(None, description="不按申请人要求的形式提供的理由（条例第40条）", examples=[None])


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


class ReviewLegality(Command):
    action = "review_legality"

    passed: bool = Field(strict=True, description="审查结论：合法性审查通过", examples=[True])
    reviewer: Line = Field(description="审查人姓名", examples=["王某"])
    qualification: LegalQualification = Field(description="审查人的身份", examples=["public_lawyer"])
    opinion: Text = Field(description="审查意见", examples=["事实清楚，依据正确，程序合法"])


class Override(Command):
    action = "override"

    check: CheckCode = Field(description="放行哪一项检查", examples=["K01"])
    reason: Text = Field(description="放行的理由", examples=["系统故障期间的纸质审签手续齐全，附情况说明"])


class Supplement(Command):
    action = "supplement"

    kind: SupplementKind = Field(description="补充还是更正", examples=["supplement"])
    reason: Text = Field(description="理由", examples=["原答复遗漏附图一张"])
    content: Text = Field(description="补充或者更正的内容", examples=["现补充提供规划图则1张"])
    sent_by: Line = Field(description="送达方式和凭证", examples=["邮政特快专递 EX123456781CN"])
