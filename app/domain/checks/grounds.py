"""Checks of what a conclusion must have behind it, kind by kind (K04–K06, K09, K10, K12–K16, K25, K27)."""

from collections.abc import Iterator

from app.domain import acts, commands
from app.domain.checks.rule import UNDER_REVIEW, CheckRule, concluded, drafted, given_after, items
from app.domain.checks.third_parties import (
    unconsulted,
    unnotified,
    weighs_third_party,
    withstands_objection,
)
from app.domain.facts import Facts
from app.domain.fold import gather
from app.domain.reasons import too_thin
from app.domain.replies import REPLIES
from app.domain.terms import AttachmentKind, CheckCode, CheckGate, CheckLevel, ReplyFamily, ReplyKind, Waiting

WITHHOLDING = frozenset(
    kind for kind, rule in REPLIES.items() if rule.family in {ReplyFamily.DENY, ReplyFamily.PARTIAL}
)
"""Kinds that keep back something the agency holds: reasons are due, and a judgement whether a part can be given."""


def _numbers(numbers: list[int]) -> str:
    return "、".join(f"第{number}项" for number in numbers)


def _searches(facts: Facts) -> list[str]:
    """Only the newest search of each place counts, so that a search made again corrects an earlier one."""
    absent = items(facts, {ReplyKind.UNABLE_NOT_EXIST})
    if not absent:
        return []
    which = _numbers([item.item_no for item in absent])
    searches = {(search.scope, search.place): search for search in facts.taken(commands.RecordSearch)}
    in_vain = {search.scope for search in searches.values() if not search.found}
    found = []
    missing = [scope.label for scope in facts.settings.search_scopes if scope not in in_vain]
    if missing:
        found.append(f"{which}答复不存在，但没有在{'、'.join(missing)}检索未果的记录（检索范围由本机关设定）")
    if len(absent) == len(facts.conclusions):  # otherwise what was found may be another item
        found += [
            f"{which}答复不存在，但{search.on}在“{search.place}”的检索登记为检索到"
            for search in searches.values()
            if search.found
        ]
    return found


def _severability(facts: Facts) -> list[str]:
    """Judged, and where a part is given, the part: a file with the rest taken out, or in words how it is provided."""
    redacted = AttachmentKind.REDACTED in facts.attachments
    unjudged = [
        f"第{item.item_no}项“{item.kind.label}”没有写明能否区分处理的判断（severability）"
        for item in items(facts, WITHHOLDING)
        if item.severability is None
    ]
    withheld_whole = [
        f"第{item.item_no}项部分公开，但案件中没有区分处理后的材料（种类 redacted 的附件，记载原件和去掉的内容），"
        "也没有写明以何种方式提供可以公开的部分（provision）"
        for item in items(facts, {ReplyKind.PARTIAL})
        if not redacted and item.provision is None
    ]
    return unjudged + withheld_whole


def _conclusion_expected(facts: Facts) -> bool:
    """A case under review without conclusions must not pass for one that is fully answered."""
    return drafted(facts) or facts.state in UNDER_REVIEW


def _every_item(facts: Facts) -> list[str]:
    given = [item.item_no for item in facts.conclusions]
    groups = (
        (sorted(facts.item_numbers - set(given)), "没有处理结论"),
        (sorted(set(given) - facts.item_numbers), "不在申请内容之中"),
        (sorted(number for number in set(given) if given.count(number) > 1), "有不止一个处理结论"),
    )
    return [f"{_numbers(numbers)}{fault}" for numbers, fault in groups if numbers]


def _responsible(facts: Facts) -> list[str]:
    found = []
    for item in items(facts, {ReplyKind.UNABLE_NOT_OURS}):
        if item.responsible is None and not item.responsible_unknown:
            found.append(
                f"第{item.item_no}项没有写明责任机关的名称和联系方式（responsible），"
                "也没有注明无法确定（responsible_unknown）"
            )
        elif item.responsible is not None and item.responsible_unknown:
            found.append(f"第{item.item_no}项既写明了责任机关，又注明无法确定")
    return found


def _published(facts: Facts) -> list[str]:
    found = []
    for item in items(facts, {ReplyKind.GRANT_PUBLISHED}):
        if item.published is None:
            found.append(f"第{item.item_no}项没有写明获取的方式、途径和核验日期（published）")
        elif item.published.checked_on > facts.today:
            found.append(f"第{item.item_no}项获取途径的核验日期{item.published.checked_on}晚于今天{facts.today}")
    return found


def _repeat(facts: Facts) -> list[str]:
    found = []
    for item in items(facts, {ReplyKind.REJECT_REPEAT}):
        if item.earlier_case_no is None:
            found.append(f"第{item.item_no}项没有写明前一件的案号（earlier_case_no）")
        elif item.earlier_case_no not in facts.known_earlier:
            found.append(f"第{item.item_no}项所称前一件{item.earlier_case_no}，系统中没有该申请人这一件已经答复的案件")
    return found


def _petition(facts: Facts) -> list[str]:
    found = []
    for item in items(facts, {ReplyKind.REJECT_PETITION}):
        if item.guidance is None:
            found.append(f"第{item.item_no}项没有告知相应渠道（guidance）")
        if too_thin(item.reason, minimum=facts.settings.minimum_reason):
            found.append(f"第{item.item_no}项没有充分说明为何不是申请政府信息，而是信访、投诉、举报")
    return found


def _excessive(facts: Facts) -> list[str]:
    return [
        f"{_numbers([item.item_no for item in items(facts, {ReplyKind.REJECT_EXCESSIVE})])}{fault}"
        for fault in _reasons_outstanding(facts)
    ]


def _reasons_outstanding(facts: Facts) -> Iterator[str]:
    if not facts.made(acts.ReasonsRequested) or facts.received_on is None:
        yield "以大量反复申请为由不予处理，但没有先要求申请人说明理由"
        return
    given = facts.last(commands.ReceiveReasons)
    if given is not None:
        if given.reasonable:
            yield f"以大量反复申请为由不予处理，但{given.on}已认定申请人说明的理由合理"
        return
    history = gather(facts.received_on, facts.acts, facts.settings.clock_rules())
    asked = next(wait for wait in reversed(history.waits) if wait.waiting is Waiting.REASONS)
    limit = asked.limit_on(facts.calendar)
    if limit is None:
        yield f"{asked.sent_on}要求说明理由，尚未收到说明，也没有登记申请人收到之日，期限不能届满"
    elif facts.today <= limit:
        yield f"申请人说明理由的期限到{limit}，尚未届满"


def _existing(facts: Facts) -> list[str]:
    return [
        f"第{item.item_no}项以需要加工、分析为由不予提供，没有说明现有信息的状况（existing）"
        for item in items(facts, {ReplyKind.UNABLE_CREATE})
        if item.existing is None
    ]


def _secret(facts: Facts) -> list[str]:
    return [
        f"第{item.item_no}项以国家秘密为由不予公开，没有写明密级、保密期限和定密依据（secret）"
        for item in items(facts, {ReplyKind.DENY_STATE_SECRET})
        if item.secret is None
    ]


_SIGN = (CheckGate.SIGN,)

GROUNDS = (
    CheckRule(
        code=CheckCode.K04,
        asks="答复“不存在”的，是否已在应当检索的范围内全部检索并留有记录？",
        gates=_SIGN,
        basis="条例第36条第（四）项、最高人民法院指导案例101号",
        applies=concluded(ReplyKind.UNABLE_NOT_EXIST),
        finds=_searches,
    ),
    CheckRule(
        code=CheckCode.K05,
        asks="涉及第三方合法权益的，是否已书面征求意见，并收到意见或者15个工作日届满？",
        gates=_SIGN,
        basis="条例第15条、第32条",
        applies=weighs_third_party,
        finds=unconsulted,
    ),
    CheckRule(
        code=CheckCode.K06,
        asks="第三方不同意而决定公开的，是否已把公开的内容和理由书面告知第三方？",
        gates=(CheckGate.DELIVER,),
        basis="条例第32条",
        applies=withstands_objection,
        finds=unnotified,
    ),
    CheckRule(
        code=CheckCode.K09,
        asks="不予公开、部分公开的，是否已判断能否区分处理，并提供可以公开的部分？",
        gates=_SIGN,
        basis="条例第37条",
        applies=concluded(*WITHHOLDING),
        finds=_severability,
    ),
    CheckRule(
        code=CheckCode.K10,
        asks="每一项申请内容是否都有且只有一个处理结论？",
        gates=_SIGN,
        basis="条例第36条",
        applies=_conclusion_expected,
        finds=_every_item,
    ),
    CheckRule(
        code=CheckCode.K12,
        asks="不属于本机关负责公开的，是否告知责任机关的名称和联系方式，或者注明无法确定？",
        gates=_SIGN,
        basis="条例第36条第（五）项",
        applies=concluded(ReplyKind.UNABLE_NOT_OURS),
        finds=_responsible,
    ),
    CheckRule(
        code=CheckCode.K13,
        asks="已主动公开的，是否告知获取的方式、途径，并核验可以获取？",
        gates=_SIGN,
        basis="条例第36条第（一）项",
        applies=concluded(ReplyKind.GRANT_PUBLISHED),
        finds=_published,
    ),
    CheckRule(
        code=CheckCode.K14,
        asks="认定重复申请的，是否写明已经答复的前一件？",
        gates=_SIGN,
        basis="条例第36条第（六）项",
        applies=concluded(ReplyKind.REJECT_REPEAT),
        finds=_repeat,
        excused=given_after(commands.Submit),
    ),
    CheckRule(
        code=CheckCode.K15,
        asks="作为信访、投诉、举报不予处理的，是否说明理由并告知相应渠道？",
        gates=_SIGN,
        level=CheckLevel.WARNING,
        basis="条例第39条第1款",
        applies=concluded(ReplyKind.REJECT_PETITION),
        finds=_petition,
    ),
    CheckRule(
        code=CheckCode.K16,
        asks="以大量反复申请为由不予处理的，是否已要求说明理由，且理由不合理或者逾期未说明？",
        gates=_SIGN,
        basis="条例第35条",
        applies=concluded(ReplyKind.REJECT_EXCESSIVE),
        finds=_excessive,
    ),
    CheckRule(
        code=CheckCode.K25,
        asks="以需要加工、分析为由不予提供的，是否说明现有信息的状况？",
        gates=_SIGN,
        level=CheckLevel.WARNING,
        basis="条例第38条",
        applies=concluded(ReplyKind.UNABLE_CREATE),
        finds=_existing,
    ),
    CheckRule(
        code=CheckCode.K27,
        asks="以国家秘密为由不予公开的，是否写明密级、保密期限和定密依据（不得写入涉密内容）？",
        gates=_SIGN,
        basis="条例第14条",
        applies=concluded(ReplyKind.DENY_STATE_SECRET),
        finds=_secret,
    ),
)
