"""The kinds of reply: what each rests on, must contain, counts as and leaves open to the applicant.

One table, `REPLIES`. Everything else here reads it. It must not know cases, agencies or dates.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.domain.citation import REGULATION, Citation, cite, find_citations, flaw, since_moved
from app.domain.terms import RemedyOrder, ReplyFamily, ReplyKind, ReportRow


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """What follows from one kind of reply.

    `basis`: a reply of this kind cites at least one of these. `may_cite`: other articles of the Regulation that belong
    to this kind; procedure (`PROCEDURE`) may always be cited. `other_law`: an article of another law must be cited too.
    `content`: what the text must contain. `unverified` names the fields that rest on memory or inference, not on a text
    that was read: show them as the agency's setting, never as law.
    """

    family: ReplyFamily
    row: ReportRow
    content: tuple[str, ...]
    basis: tuple[Citation, ...] = ()
    may_cite: tuple[Citation, ...] = ()
    other_law: bool = False
    remedy: RemedyOrder = RemedyOrder.EITHER
    unverified: frozenset[str] = frozenset()

    def verified(self, field: str) -> bool:
        """Whether `field` of this rule was read in the law or in a published report."""
        return field not in self.unverified


def _cites(*texts: str) -> tuple[Citation, ...]:
    return tuple(cite(text) for text in texts)


PROCEDURE = tuple(Citation(REGULATION, article) for article in (27, 29, 30, 31, 32, 33, 34, 40, 42))
"""Articles on how a request is made and handled; a reply of any kind may tell its course by them."""

_REFUSAL = cite("条例第36条第（三）项")
_SEVERABLE = cite("条例第37条")


def _deny(
    row: ReportRow,
    content: tuple[str, ...],
    basis: str,
    *,
    other_law: bool = False,
    unverified: frozenset[str] = frozenset(),
) -> ReplyRule:
    """A refusal under 条例第14–16条: reconsideration comes first (复议法第23条第1款第4项、法释〔2025〕8号)."""
    return ReplyRule(
        family=ReplyFamily.DENY,
        row=row,
        content=content,
        basis=_cites(basis),
        may_cite=(_REFUSAL, _SEVERABLE),
        other_law=other_law,
        remedy=RemedyOrder.REVIEW_FIRST,
        unverified=unverified,
    )


REPLIES: Mapping[ReplyKind, ReplyRule] = MappingProxyType(
    {
        ReplyKind.GRANT_PUBLISHED: ReplyRule(
            family=ReplyFamily.GRANT,
            row=ReportRow.GRANTED,
            content=("获取该信息的方式、途径（网址、公报期号或查阅点）",),
            basis=_cites("条例第36条第（一）项"),
            unverified=frozenset({"row"}),
        ),
        ReplyKind.GRANT: ReplyRule(
            family=ReplyFamily.GRANT,
            row=ReportRow.GRANTED,
            content=("提供该信息，或者告知获取的方式、途径和时间",),
            basis=_cites("条例第36条第（二）项"),
            may_cite=_cites("条例第15条", "条例第44条"),
        ),
        ReplyKind.PARTIAL: ReplyRule(
            family=ReplyFamily.PARTIAL,
            row=ReportRow.PARTIALLY_GRANTED,
            content=("提供可以公开的部分", "对不予公开的部分说明理由"),
            basis=(_SEVERABLE,),
            may_cite=(
                *_cites("条例第2条", "条例第14条", "条例第15条", "条例第16条第1款", "条例第16条第2款"),
                *_cites("条例第36条第（二）项", "条例第36条第（三）项"),
            ),
            remedy=RemedyOrder.REVIEW_FIRST,
            unverified=frozenset({"remedy"}),
        ),
        ReplyKind.DENY_STATE_SECRET: _deny(
            ReportRow.DENIED_STATE_SECRET,
            ("不予公开的理由", "确定为国家秘密的依据"),
            "条例第14条",
            other_law=True,
            unverified=frozenset({"other_law"}),
        ),
        ReplyKind.DENY_LAW: _deny(
            ReportRow.DENIED_LAW_FORBIDDEN, ("禁止公开的具体法律、行政法规条款",), "条例第14条", other_law=True
        ),
        ReplyKind.DENY_SECURITY: _deny(ReportRow.DENIED_SECURITY, ("公开后可能造成的危害",), "条例第14条"),
        ReplyKind.DENY_THIRD_PARTY: _deny(
            ReportRow.DENIED_THIRD_PARTY_RIGHTS, ("征求第三方意见的经过", "不予公开的理由"), "条例第15条"
        ),
        ReplyKind.DENY_INTERNAL: _deny(
            ReportRow.DENIED_INTERNAL_AFFAIRS,
            ("属于人事管理、后勤管理、内部工作流程中的哪一类", "裁量不予公开的理由"),
            "条例第16条第1款",
        ),
        ReplyKind.DENY_PROCESS: _deny(
            ReportRow.DENIED_PROCESS_INFO,
            ("属于讨论记录、过程稿、磋商信函、请示报告中的哪一类", "裁量不予公开的理由"),
            "条例第16条第2款",
        ),
        ReplyKind.DENY_ENFORCEMENT: _deny(
            ReportRow.DENIED_ENFORCEMENT_FILE,
            ("属于哪一行政执法案卷", "裁量不予公开的理由", "法律、法规、规章没有应当公开的规定"),
            "条例第16条第2款",
        ),
        ReplyKind.DENY_QUERY: ReplyRule(
            family=ReplyFamily.DENY,
            row=ReportRow.DENIED_ADMIN_QUERY,
            content=("告知依照有关法律、行政法规的规定办理", "特别规定的名称和条款"),
            basis=_cites("条例第36条第（七）项"),
            other_law=True,
            remedy=RemedyOrder.REVIEW_FIRST,
            unverified=frozenset({"remedy"}),
        ),
        ReplyKind.UNABLE_NOT_EXIST: ReplyRule(
            family=ReplyFamily.UNABLE,
            row=ReportRow.UNABLE_NOT_HELD,
            content=("经检索没有该信息，告知不存在",),
            basis=_cites("条例第36条第（四）项"),
            unverified=frozenset({"row"}),
        ),
        ReplyKind.UNABLE_NOT_OURS: ReplyRule(
            family=ReplyFamily.UNABLE,
            row=ReportRow.UNABLE_NOT_HELD,
            content=("不属于本机关负责公开的理由", "能够确定负责机关的，其名称和联系方式"),
            basis=_cites("条例第36条第（五）项"),
            may_cite=_cites("条例第10条"),
            unverified=frozenset({"row"}),
        ),
        ReplyKind.UNABLE_CREATE: ReplyRule(
            family=ReplyFamily.UNABLE,
            row=ReportRow.UNABLE_NEEDS_CREATION,
            content=("现有信息的状态", "为何需要加工、分析"),
            basis=_cites("条例第38条"),
            unverified=frozenset({"content"}),
        ),
        ReplyKind.UNABLE_UNCLEAR: ReplyRule(
            family=ReplyFamily.UNABLE,
            row=ReportRow.UNABLE_STILL_UNCLEAR,
            content=("补正告知和补正的经过", "补正后仍不明确之处"),
            basis=_cites("条例第30条"),
        ),
        ReplyKind.REJECT_PETITION: ReplyRule(
            family=ReplyFamily.REJECT,
            row=ReportRow.REJECTED_PETITION,
            content=("不作为政府信息公开申请处理", "可以提出的相应渠道"),
            basis=_cites("条例第39条第1款"),
        ),
        ReplyKind.REJECT_REPEAT: ReplyRule(
            family=ReplyFamily.REJECT,
            row=ReportRow.REJECTED_REPEAT,
            content=("前次答复的文号和日期", "不予重复处理"),
            basis=_cites("条例第36条第（六）项"),
            unverified=frozenset({"content"}),
        ),
        ReplyKind.REJECT_PUBLICATION: ReplyRule(
            family=ReplyFamily.REJECT,
            row=ReportRow.REJECTED_PUBLICATION,
            content=("获取该出版物的途径",),
            basis=_cites("条例第39条第2款"),
        ),
        ReplyKind.REJECT_EXCESSIVE: ReplyRule(
            family=ReplyFamily.REJECT,
            row=ReportRow.REJECTED_EXCESSIVE,
            content=("申请数量、频次的事实", "要求说明理由的经过", "理由不合理的认定"),
            basis=_cites("条例第35条"),
        ),
        # The Regulation has no article on confirming or reissuing; the kind exists in the annual report's form only.
        ReplyKind.REJECT_REISSUE: ReplyRule(
            family=ReplyFamily.REJECT,
            row=ReportRow.REJECTED_CONFIRM_OR_REISSUE,
            content=("申请人已获取该信息的事实", "不予处理的说明"),
            may_cite=_cites("条例第2条"),
            unverified=frozenset({"content"}),
        ),
        ReplyKind.CLOSED_NO_CORRECTION: ReplyRule(
            family=ReplyFamily.OTHER,
            row=ReportRow.OTHER_NO_CORRECTION,
            content=("补正告知的日期和期限", "逾期未补正、视为放弃申请"),
            basis=_cites("条例第30条"),
            unverified=frozenset({"content"}),
        ),
        # That an unpaid request is dropped was read in a province's notice; the number of the article was not.
        ReplyKind.CLOSED_NO_PAYMENT: ReplyRule(
            family=ReplyFamily.OTHER,
            row=ReportRow.OTHER_NO_PAYMENT,
            content=("收费通知的日期和期限", "逾期未缴费、视为放弃申请"),
            basis=_cites("政府信息公开信息处理费管理办法第6条", "条例第42条"),
            unverified=frozenset({"basis", "content"}),
        ),
        ReplyKind.CLOSED_OTHER: ReplyRule(
            family=ReplyFamily.OTHER,
            row=ReportRow.OTHER_OTHER,
            content=("结案的事由",),
            may_cite=_cites("条例第2条", "条例第55条"),
            unverified=frozenset({"row", "content"}),
        ),
    }
)

GRANTING = frozenset(kind for kind, rule in REPLIES.items() if rule.family is ReplyFamily.GRANT)


def overall(kinds: Iterable[ReplyKind]) -> ReplyKind:
    """The one kind under which a request with several items is counted; table three has one row for it
    (国办公开办函〔2021〕30号).

    1. Anything granted beside anything not granted, or any partial item: 部分公开.
    2. Otherwise the kind that stands first in the annual report: among grants the provision of the information itself,
       among refusals 不予公开 before 无法提供 before 不予处理 before 其他处理.

    The form does not say which of several refusals counts. The report's own order is our documented choice: whatever
    was refused under 第14–16条 decides, so that the strictest remedy and the row agree. ValueError on no kinds.
    """
    given = set(kinds)
    if not given:
        raise ValueError("没有任何处理结论")
    granted = given & GRANTING
    if ReplyKind.PARTIAL in given or (granted and given - GRANTING):
        return ReplyKind.PARTIAL
    if ReplyKind.GRANT in granted:
        return ReplyKind.GRANT
    return next(kind for kind in ReplyKind if kind in given)


def remedy_orders(
    kinds: Iterable[ReplyKind], *, without_review: Collection[ReplyKind] = frozenset()
) -> frozenset[RemedyOrder]:
    """Which remedies a reply leaves open, item by item; both, where only some of it was refused.

    `without_review` is the agency's setting: kinds whose review-first rule is unsettled (部分公开、行政查询事项), taken
    as open to a lawsuit at once. ValueError if it names a kind for which the law decides.
    """
    if settled := [kind.label for kind in without_review if REPLIES[kind].verified("remedy")]:
        raise ValueError(f"法律已有规定，不能改为无须复议前置：{'、'.join(settled)}")
    orders: set[RemedyOrder] = set()
    for kind in kinds:
        order = RemedyOrder.EITHER if kind in without_review else REPLIES[kind].remedy
        orders.add(order)
        if kind is ReplyKind.PARTIAL:
            orders.add(RemedyOrder.EITHER)
    return frozenset(orders)


def check_citations(kinds: Collection[ReplyKind], citations: Iterable[str]) -> list[str]:
    """What is wrong with the articles cited in a reply of these kinds, in Chinese; empty when nothing is (K08).

    `kinds` are those of the items, not `overall`: a request answered partly 予以公开 and partly 不存在 cites 第36条
    twice and not 第37条. Articles of other laws are not judged, except those out of force.
    """
    faults: list[str] = []
    cited: list[Citation] = []
    for text in citations:
        found = find_citations(text)
        if not found:
            faults.append(f"“{text}”不是可以识别的条款引用，请写成“条例第36条第（二）项”的样式")
        cited += found
    faults += [fault for citation in cited if (fault := _fault(kinds, citation))]
    for kind in kinds:
        rule = REPLIES[kind]
        if rule.basis and not any(basis.covers(citation) for basis in rule.basis for citation in cited):
            faults.append(f"“{kind.label}”应当引用{_either(rule.basis)}")
        if rule.other_law and not any(_is_other_law(citation) for citation in cited):
            faults.append(f"“{kind.label}”还应当引用作出规定的具体法律、行政法规条款")
    return faults


def _fault(kinds: Collection[ReplyKind], citation: Citation) -> str | None:
    if reason := flaw(citation):
        return reason
    allowed = (*PROCEDURE, *(c for kind in kinds for c in (*REPLIES[kind].basis, *REPLIES[kind].may_cite)))
    if citation.law != REGULATION or any(provision.covers(citation) for provision in allowed):
        return None
    if narrower := [provision for provision in allowed if citation.covers(provision)]:
        return f"{citation}应当写明具体的款、项，如{_either(narrower)}"
    labels = "、".join(f"“{kind.label}”" for kind in kinds)
    return f"{citation}不是{labels}的依据{since_moved(citation)}"


def _is_other_law(citation: Citation) -> bool:
    return citation.law != REGULATION and flaw(citation) is None


def _either(citations: Iterable[Citation]) -> str:
    return "或者".join(str(citation) for citation in citations)
