"""Checks of days and sums: the deadline, corrections, extensions, the fee, the order of dates (K01–K03, K26, K28)."""

import datetime as dt
from collections.abc import Iterator

from app.domain import acts, commands
from app.domain.charging import paid, reckoned
from app.domain.checks.rule import CheckRule, given_after, sent
from app.domain.facts import Facts
from app.domain.fees import FeeNotice, check_notice
from app.domain.terms import CheckCode, CheckGate, CheckLevel, FeeMethod, FeeNoticePart

_EXTENSION_OBJECTIONS = frozenset({"extension_after_due", "extension_beyond_cap", "extension_after_excessive_period"})


def _reply_expected(facts: Facts) -> bool:
    ended = facts.made(acts.Closed) or facts.made(acts.Withdrawn)
    return facts.received_on is not None and (facts.made(acts.Replied) or not ended)


def _late(facts: Facts) -> list[str]:
    reading = facts.reading
    if reading is None or not reading.late:
        return []
    if reading.stopped_on is not None:
        return [f"法定答复期限{reading.due_on}，{reading.stopped_on}才答复，已超期"]
    return [f"法定答复期限{reading.due_on}已经届满，今天是{facts.today}，尚未答复"]


def _already_late(facts: Facts, place: int) -> bool:
    """Nobody may excuse a lateness that has not come about yet."""
    return facts.due_on is not None and facts.past[place].on > facts.due_on


def _correction(facts: Facts) -> list[str]:
    asked = [act.on for act in facts.acts if isinstance(act, acts.CorrectionRequested)]
    if facts.received_on is None or not asked:
        return []
    found = []
    limit = facts.settings.clock_rules().correction_notice
    taken = facts.calendar.count(facts.received_on, asked[0])
    if taken > limit:
        found.append(
            f"{facts.received_on}收到申请，{asked[0]}才告知补正，已是第{taken}个工作日，"
            f"超过{limit}个工作日；能否重新计算答复期限有争议"
        )
    if len(asked) > 1:
        days = "、".join(str(day) for day in asked)
        found.append(f"补正只能一次性告知，已于{days}告知{len(asked)}次")
    return found


def _extension(facts: Facts) -> list[str]:
    found = []
    for past in facts.past:
        given = past.command
        if isinstance(given, commands.Extend) and given.approved_on is not None and given.approved_on > past.on:
            found.append(f"{past.on}告知延期，{given.approved_on}才经工作机构负责人同意")
    found += _clock_objects(facts, _EXTENSION_OBJECTIONS)
    noticed = {past.on for past in facts.past if isinstance(past.command, commands.Extend)}
    found += [
        f"{act.on}延长{act.workdays}个工作日，没有工作机构负责人同意和告知申请人的记录"
        for act in facts.acts
        if isinstance(act, acts.Extended) and act.on not in noticed
    ]
    return found


def _clock_objects(facts: Facts, codes: frozenset[str]) -> list[str]:
    """Return what the clock has against the acts already recorded: later entries may have moved the due date."""
    return [objection.message for objection in facts.objections(()) if objection.code in codes]


def _fee(facts: Facts) -> list[str]:
    """A fee wrongly charged is put right by giving it back; then nothing stands against the reply."""
    refunded = any(facts.taken(commands.RefundFee)) and paid(facts) <= 0
    return [] if refunded else [*_fee_faults(facts)]


def _fee_faults(facts: Facts) -> Iterator[str]:
    notice = facts.last(commands.NotifyFee)
    if notice is None or notice.on is None:
        return
    by_request = notice.method is FeeMethod.PER_REQUEST
    charge = reckoned(facts, notice)
    due = charge.amount_yuan if charge else 0
    if charge is None and by_request:
        yield "申请人没有证件号码，无法累计件数，不能按件计收（国办函〔2020〕109号第4条）"
    else:
        nth = charge.quantity if charge else 0
        yield from check_notice(
            FeeNotice(
                amount_yuan=due,
                issued_on=notice.on,
                due_on=notice.on,  # whether it was in time is asked of the clock below, as of that day
                states=frozenset(FeeNoticePart),  # the service writes the first three, the command demands the fourth
                sent_by=notice.sent_by,
                wanted_by=facts.wanted or notice.sent_by,
                requests=range(nth, nth + 1) if by_request else None,
                pages=None if by_request else notice.pages,
                kinds=facts.kinds,
            )
        )
    if len([*facts.taken(commands.NotifyFee)]) > 1:
        yield "发出了不止一份收费通知，按件、按量只能选择一种计收一次（国办函〔2020〕109号第3条）"
    yield from _clock_objects(facts, frozenset({"fee_notice_after_due", "fee_already_notified"}))
    if paid(facts) > due:
        yield f"实收{paid(facts)}元，应收{due}元，多收的应当退还"
    if paid(facts) > 0 and not facts.made(acts.FeePaid):
        yield "已经缴费，答复期限没有自缴费次日起重新计算"


def _dates(facts: Facts) -> list[str]:
    signed = facts.signed_on
    if signed is None:
        return []
    found = []
    if facts.received_on is not None and signed < facts.received_on:
        found.append(f"成文日期{signed}早于收到申请之日{facts.received_on}")
    if signed > facts.today:
        found.append(f"成文日期{signed}晚于今天{facts.today}")
    sent_on = _sent_on(facts)
    if sent_on is not None and sent_on < signed:
        found.append(f"发出日期{sent_on}早于成文日期{signed}")
    return found


def _sent_on(facts: Facts) -> dt.date | None:
    delivery = facts.last(commands.Deliver) if sent(facts) else None
    return delivery.on if delivery else None


TIMING = (
    CheckRule(
        code=CheckCode.K01,
        asks="答复是否在法定答复期限内发出？",
        gates=(CheckGate.SIGN, CheckGate.DELIVER),
        basis="条例第33条",
        applies=_reply_expected,
        finds=_late,
        excused=_already_late,
    ),
    CheckRule(
        code=CheckCode.K02,
        asks="补正是否在收到申请之日起7个工作日内一次性告知？",
        gates=(CheckGate.SIGN,),
        level=CheckLevel.WARNING,
        basis="条例第30条",
        applies=lambda facts: facts.made(acts.CorrectionRequested),
        finds=_correction,
    ),
    CheckRule(
        code=CheckCode.K03,
        asks="延期是否在原期限届满前经工作机构负责人同意，并告知申请人？",
        gates=(CheckGate.SIGN,),
        basis="条例第33条第2款",
        applies=lambda facts: facts.made(acts.Extended) or any(facts.taken(commands.Extend)),
        finds=_extension,
        excused=given_after(commands.Extend),
    ),
    CheckRule(
        code=CheckCode.K26,
        asks="信息处理费的标准、金额、通知期限和方式是否正确？",
        gates=(CheckGate.SIGN,),
        basis="条例第42条、国办函〔2020〕109号",
        applies=lambda facts: any(facts.taken(commands.NotifyFee)),
        finds=_fee,
    ),
    CheckRule(
        code=CheckCode.K28,
        asks="收到、成文、发出的日期先后是否合理？（发文号由系统编发，不会重复）",
        gates=(CheckGate.DELIVER,),
        basis="条例第45条（登记、答复制度；日期核对为系统默认）",
        applies=lambda facts: facts.signed_on is not None,
        finds=_dates,
    ),
)
