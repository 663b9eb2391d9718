"""What a reviewer goes through before a case is assigned, and before a draft is endorsed: points, what speaks to each, what
may follow.

A list of questions with what is known, never a decision: nothing here opens or closes a step. Words in an application that
make a point worth a look are our choice; they are no rule of law, and their absence says nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from app.domain.checks import Finding
from app.domain.commands import (
    Command,
    Consult,
    Merge,
    RequestCorrection,
    RequestReasons,
    ReturnDraft,
    ReviewLegality,
    ReviewSecrecy,
    Split,
    Transfer,
)
from app.domain.terms import CheckCode, ReviewPoint, ReviewVerdict

MANY_IN_A_MONTH = 10
"""More than this many requests of one applicant to one agency in a month are charged for (收费办法第4条): worth a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is known of a case that speaks to a point."""

    lacking: Mapping[ReviewPoint, tuple[str, ...]]
    texts: tuple[str, ...]
    items: int
    by_agent: bool
    authorised: bool  # a letter of authority is attached
    assistance: str | None
    purpose: str | None
    in_month: int | None
    repeated: tuple[str, ...]  # numbers of earlier cases of the same applicant, answered, for the same
    published: tuple[str, ...]  # titles of published documents that are alike
    findings: tuple[Finding, ...]
    drafted: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One point of the list, with what was found and the actions that may follow."""

    point: ReviewPoint
    asks: str
    basis: str
    verdict: ReviewVerdict
    notes: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    point: ReviewPoint
    asks: str
    basis: str
    notes: Callable[[Sight], Iterable[str]]
    actions: tuple[type[Command], ...] = ()
    settled: bool = False  # nothing found means that nothing is wrong


def _words(pattern: str, about: str) -> Callable[[Sight], Iterable[str]]:
    sought = re.compile(pattern)

    def notes(sight: Sight) -> Iterable[str]:
        found = dict.fromkeys(match[0] for text in sight.texts for match in sought.finditer(text))
        if found:
            yield f"申请内容中有{'、'.join(f'“{word}”' for word in found)}，{about}"

    return notes


def _lacks(point: ReviewPoint) -> Callable[[Sight], Iterable[str]]:
    return lambda sight: (f"申请中没有{label}" for label in sight.lacking.get(point, ()))


def _agent(sight: Sight) -> Iterable[str]:
    if sight.by_agent and not sight.authorised:
        yield "由代理人提出，没有附授权委托书"


def _said(text: str | None, note: str) -> Iterable[str]:
    return (note,) if text else ()


def _excessive(sight: Sight) -> Iterable[str]:
    if (sight.in_month or 0) > MANY_IN_A_MONTH:
        yield f"同一申请人本月已向本机关提出{sight.in_month}件申请"


def _repeated(sight: Sight) -> Iterable[str]:
    return (f"同一申请人曾就相似内容申请，已作答复：{number}" for number in sight.repeated)


def _published(sight: Sight) -> Iterable[str]:
    return (f"目录中有相似的已公开文件：{title}" for title in sight.published)


def _several(sight: Sight) -> Iterable[str]:
    if sight.items > 1:
        yield f"一件申请包含{sight.items}项内容"


_OF_APPLICATION = (
    _Point(
        ReviewPoint.IDENTITY,
        "姓名或者名称、身份证明、联系方式是否齐全",
        "条例第29条第2款第（一）项",
        _lacks(ReviewPoint.IDENTITY),
        (RequestCorrection,),
        settled=True,
    ),
    _Point(
        ReviewPoint.WANTED,
        "所需信息的名称、文号或者特征描述是否写明、是否明确，能否据以检索",
        "条例第29条第2款第（二）项、第30条",
        _lacks(ReviewPoint.WANTED),
        (RequestCorrection,),
    ),
    _Point(
        ReviewPoint.FORM,
        "是否写明信息的形式和获取的方式、途径",
        "条例第29条第2款第（三）项",
        _lacks(ReviewPoint.FORM),
        (RequestCorrection,),
        settled=True,
    ),
    _Point(
        ReviewPoint.AGENT, "由代理人提出的，有无授权委托书", "条例第29条", _agent, (RequestCorrection,), settled=True
    ),
    _Point(
        ReviewPoint.ASSISTANCE,
        "申请人有无阅读困难、视听障碍，需要什么帮助",
        "条例第43条",
        lambda sight: _said(sight.assistance, "申请人写明需要帮助，应当提供"),
        settled=True,
    ),
    _Point(
        ReviewPoint.PURPOSE,
        "申请人无须说明用途，不得以用途拒绝",
        "条例第27条",
        lambda sight: _said(sight.purpose, "申请人写了用途：不得作为不予公开的理由"),
        settled=True,
    ),
    _Point(
        ReviewPoint.EXCESSIVE,
        "数量、频次是否明显超过合理范围",
        "条例第35条",
        _excessive,
        (RequestReasons,),
        settled=True,
    ),
    _Point(
        ReviewPoint.OURS,
        "是否由本机关制作、获取并负责公开；由其他机关负责的，移送或者告知",
        "条例第10条、第36条第（五）项",
        lambda _: (),
        (Transfer,),
    ),
    _Point(ReviewPoint.PUBLISHED, "是否已经主动公开", "条例第36条第（一）项", _published),
    _Point(ReviewPoint.REPEATED, "是否同一申请人重复申请相同信息", "条例第36条第（六）项", _repeated, (Merge,)),
    _Point(
        ReviewPoint.SPECIAL_QUERY,
        "是否工商、不动产登记资料等，法律、行政法规对获取另有规定",
        "条例第36条第（七）项",
        _words("工商登记|企业登记档案|不动产登记|房产登记|房屋登记|户籍档案", "是否属于另有规定的查询事项"),
    ),
    _Point(ReviewPoint.SEVERABLE, "含有不应当公开的内容的，能否区分处理", "条例第37条", lambda _: ()),
    _Point(
        ReviewPoint.PROCESSING,
        "是否需要对现有信息加工、分析",
        "条例第38条",
        _words("统计|汇总|分析|对比|占比|比例|平均", "是否有现成的信息"),
    ),
    _Point(
        ReviewPoint.PETITION,
        "是否以申请的形式信访、投诉、举报",
        "条例第39条第1款",
        _words("信访|投诉|举报|查处|追究|赔偿|答复.{0,4}为什么|为什么|是否合法", "是要获取信息，还是反映问题"),
    ),
    _Point(
        ReviewPoint.PUBLICATION,
        "是否要求提供公报、报刊、书籍等公开出版物",
        "条例第39条第2款",
        _words("公报|年鉴|报纸|期刊|杂志|书籍|地方志|县志|市志", "是否公开出版物"),
    ),
    _Point(
        ReviewPoint.THIRD_PARTY,
        "公开是否会损害第三方合法权益，须否书面征求意见",
        "条例第15条、第32条",
        _words("合同|协议|报价|投标|商业秘密|个人信息|名单|病历|档案", "是否涉及第三方"),
        (Consult,),
    ),
    _Point(
        ReviewPoint.SEVERAL_MATTERS,
        "多项内容是否分属不同事项，须否分立",
        "国办函〔2020〕109号第4条",
        _several,
        (Split,),
        settled=True,
    ),
)

GATES: Mapping[ReviewPoint, tuple[CheckCode, ...]] = MappingProxyType(
    {
        ReviewPoint.LAW: (
            *(CheckCode.K04, CheckCode.K07, CheckCode.K08, CheckCode.K09, CheckCode.K11, CheckCode.K12, CheckCode.K14),
            *(CheckCode.K15, CheckCode.K16, CheckCode.K17, CheckCode.K18, CheckCode.K23, CheckCode.K25, CheckCode.K29),
        ),
        ReviewPoint.SECRECY: (CheckCode.K05, CheckCode.K06, CheckCode.K21, CheckCode.K22, CheckCode.K27),
        ReviewPoint.WORDING: (CheckCode.K10, CheckCode.K13, CheckCode.K24, CheckCode.K28),
    }
)
"""Which of the pre-reply checks speak to which of the five gates (政治关、法律关、政策关、保密关、文字关)."""


def _found(point: ReviewPoint) -> Callable[[Sight], Iterable[str]]:
    """Repeat what the checks say, each with its number, once there is a draft to judge."""
    return lambda sight: (
        f"{finding.code}：{message}" if not message.startswith(finding.code) else message
        for finding in sight.findings
        if sight.drafted and finding.code in GATES.get(point, ()) and finding.overridden_by is None
        for message in finding.messages
    )


_OF_DRAFT = (
    _Point(
        ReviewPoint.POLITICS,
        "内容、表述是否符合政治要求",
        "答复文稿审核要点（非法定）",
        _found(ReviewPoint.POLITICS),
        (ReturnDraft,),
    ),
    _Point(
        ReviewPoint.LAW,
        "事实、依据、程序、救济告知是否合法",
        "答复文稿审核要点（非法定）",
        _found(ReviewPoint.LAW),
        (ReviewLegality, ReturnDraft),
    ),
    _Point(
        ReviewPoint.POLICY,
        "与现行政策口径、已公开的信息是否一致",
        "答复文稿审核要点（非法定）",
        _found(ReviewPoint.POLICY),
        (ReturnDraft,),
    ),
    _Point(
        ReviewPoint.SECRECY,
        "是否涉及国家秘密、工作秘密、商业秘密和个人隐私",
        "条例第14条、第15条、第17条",
        _found(ReviewPoint.SECRECY),
        (ReviewSecrecy, ReturnDraft),
    ),
    _Point(
        ReviewPoint.WORDING,
        "逐项答复，文字、文号、日期是否准确",
        "答复文稿审核要点（非法定）",
        _found(ReviewPoint.WORDING),
        (ReturnDraft,),
    ),
)


def of_application(sight: Sight) -> list[Seen]:
    """Go through the points of an application, in the order of the articles."""
    return _seen(_OF_APPLICATION, sight)


def of_draft(sight: Sight) -> list[Seen]:
    """Go through the five gates of a draft."""
    return _seen(_OF_DRAFT, sight)


def _seen(points: Sequence[_Point], sight: Sight) -> list[Seen]:
    found = []
    for point in points:
        notes = tuple(point.notes(sight))
        silent = ReviewVerdict.IN_ORDER if point.settled else ReviewVerdict.JUDGE
        verdict = ReviewVerdict.LOOK if notes else silent
        actions = tuple(command.action for command in point.actions)
        found.append(Seen(point.point, point.asks, point.basis, verdict, notes, actions))
    return found
