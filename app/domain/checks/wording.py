"""Checks of what the draft says: reasons, citations, remedies, numbers of persons (K07, K08, K17, K22, K23)."""

from app.domain import commands
from app.domain.checks.grounds import WITHHOLDING
from app.domain.checks.rule import CheckRule, concluded, drafted, given_after, items, passages
from app.domain.citation import find_citations, flaw
from app.domain.facts import Facts
from app.domain.identifiers import find_personal_numbers
from app.domain.reasons import purpose_as_ground, too_thin
from app.domain.remedy import check_added_text
from app.domain.replies import GRANTING, check_citations
from app.domain.terms import CheckCode, CheckGate, CheckLevel

_SIGN = (CheckGate.SIGN,)


def _reasons(facts: Facts) -> list[str]:
    minimum = facts.settings.minimum_reason
    return [
        f"第{item.item_no}项：{fault}"
        for item in items(facts, WITHHOLDING)
        for fault in too_thin(item.reason, minimum=minimum)
    ]


def _citations(facts: Facts) -> list[str]:
    """The citations given as such must suit the kind; those within sentences need only stand."""
    listed = [
        f"第{item.item_no}项：{fault}"
        for item in facts.conclusions
        for fault in check_citations([item.kind], item.citations)
    ]
    mentioned = [
        f"{passage.where}：{fault}"
        for passage in passages(facts)
        for citation in find_citations(passage.text)
        if citation.law and (fault := flaw(citation))
    ]
    return listed + mentioned


def _remedies(facts: Facts) -> list[str]:
    settings = facts.settings
    found = []
    if settings.reconsideration_authority is None:
        found.append("机关设置中没有填写行政复议机关全称（reconsideration_authority），无法告知救济途径")
    if settings.court is None:
        found.append("机关设置中没有填写有管辖权的人民法院全称（court），无法告知救济途径")
    found += [
        f"{passage.where}：{fault}"
        for passage in passages(facts)
        for fault in check_added_text(passage.text, facts.kinds)
    ]
    return found


def _personal_numbers(facts: Facts) -> list[str]:
    return [
        f"{passage.where}中有{number.kind.label}{number.masked}，请确认是否应当遮盖"
        for passage in passages(facts)
        for number in find_personal_numbers(passage.text)
    ]


def _refusing(facts: Facts) -> bool:
    return bool(facts.kinds - GRANTING)


def _purpose(facts: Facts) -> list[str]:
    texts = [
        (f"第{item.item_no}项的{label}", text)
        for item in facts.conclusions
        if item.kind not in GRANTING
        for label, text in (("事实", item.found), ("理由", item.reason))
    ]
    draft = facts.last(commands.Submit)
    if draft and draft.body and _refusing(facts):
        texts.append(("答复正文", draft.body))
    return [f"{where}：{fault}" for where, text in texts for fault in purpose_as_ground(text)]


WORDING = (
    CheckRule(
        code=CheckCode.K07,
        asks="不予公开的理由是否结合事实说明，而不只是重复条款和套语？",
        gates=_SIGN,
        basis="条例第36条第（三）项、第37条",
        applies=concluded(*WITHHOLDING),
        finds=_reasons,
        excused=given_after(commands.Submit),
    ),
    CheckRule(
        code=CheckCode.K08,
        asks="引用的条款是否有效，并与处理决定相符？",
        gates=_SIGN,
        basis="条例第36条至第39条",
        applies=drafted,
        finds=_citations,
    ),
    CheckRule(
        code=CheckCode.K17,
        asks="行政复议机关、人民法院和申请救济的期限是否能够正确告知？",
        gates=_SIGN,
        basis="行政复议法第20条、第23条，行政诉讼法第45条、第46条",
        applies=drafted,
        finds=_remedies,
    ),
    CheckRule(
        code=CheckCode.K22,
        asks="答复稿中是否出现身份证号码、手机号码等个人信息？",
        gates=_SIGN,
        level=CheckLevel.WARNING,
        basis="个人信息保护法第34条、第51条",
        applies=drafted,
        finds=_personal_numbers,
    ),
    CheckRule(
        code=CheckCode.K23,
        asks="是否以申请人没有说明用途、不符合“三需要”为由拒绝？",
        gates=_SIGN,
        basis="条例第27条",
        applies=_refusing,
        finds=_purpose,
    ),
)
