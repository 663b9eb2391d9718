"""What is wrong with a list of acts: every impossible order or unlawful act, each with its reason in Chinese.

`check` reads the acts as they are listed and wants them chronological by `on`; acts of one day are taken in legal order
(`acts.ORDER`) whatever their order in the list. An act objected to is left out when the next ones are judged. It
judges the sequence, not what a step needs besides (approvals, documents).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain import acts as a
from app.domain.acts import Act, chronological
from app.domain.fold import History, Wait, absorb, gather, statutory_period
from app.domain.limits import ClockRules
from app.domain.terms import Waiting
from app.domain.workdays import OutsideCalendarError, WorkCalendar

_Reason = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against the act at `index` of the list (-1: against the receipt itself)."""

    code: str
    message: str
    index: int


def check(
    acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar, received_on: date | None = None
) -> list[Objection]:
    """Every objection to `acts`, by index; empty when they can be read.

    Without `received_on` the list must begin with a `received` act.
    """
    if received_on is None:
        if not acts or not isinstance(acts[0], a.Received):
            return [Objection("not_received", "缺少收到申请的日期，不能起算", -1)]
        received_on = acts[0].on
        first = 1
    else:
        first = 0
    if not calendar.first <= received_on <= calendar.last:
        return [Objection("outside_calendar", f"收到日期 {received_on} 超出工作日历（{_reach(calendar)}）", -1)]
    found = list(_unordered(acts, received_on))
    if found:
        return found
    sequence = sorted(((act, i) for i, act in enumerate(acts) if i >= first), key=lambda pair: chronological(pair[0]))
    history = gather(received_on, (), rules)
    for act, index in sequence:
        try:
            reasons = _object(history, act, rules, calendar)
            if not reasons:
                absorb(history, act, rules)
                statutory_period(history, rules, calendar)
        except OutsideCalendarError as error:
            reasons = [("outside_calendar", str(error))]
        found += [Objection(code, message, index) for code, message in reasons]
    return sorted(found, key=lambda objection: objection.index)


def _unordered(acts: Sequence[Act], received_on: date) -> Iterator[Objection]:
    before = received_on
    for index, act in enumerate(acts):
        if act.on < received_on:
            yield Objection("before_receipt", f"{act.on} 早于收到申请之日 {received_on}", index)
        elif act.on < before:
            yield Objection("out_of_order", f"{act.on} 早于前一行为的日期 {before}，应当按时间先后列出", index)
        before = max(before, act.on)
        delivered_on = getattr(act, "delivered_on", None)
        if delivered_on is not None and delivered_on < act.on:
            yield Objection("delivered_before_sent", f"送达日期 {delivered_on} 早于发出日期 {act.on}", index)


def _reach(calendar: WorkCalendar) -> str:
    return f"{calendar.first} 至 {calendar.last}"


def _object(history: History, act: Act, rules: ClockRules, calendar: WorkCalendar) -> list[_Reason]:
    """The reasons against one act after the acts already in `history`."""
    if history.ended_on is not None and not isinstance(act, a.Served | a.ReconsiderationDecided):
        return [("already_ended", f"案件已于 {history.ended_on} 结案或撤回，不能再登记此行为")]
    if history.replied_on is not None and not isinstance(act, _AFTER_REPLY):
        return [("already_replied", f"已于 {history.replied_on} 答复，不能再登记此行为")]
    return list(_object_to_kind(history, act, rules, calendar))


def _object_to_kind(history: History, act: Act, rules: ClockRules, calendar: WorkCalendar) -> Iterator[_Reason]:
    match act:
        case a.Received():
            yield "already_received", "收到申请只能登记一次"
        case a.Extended() | a.ExcessivePeriodSet() | a.FeeNotified():
            yield from _object_to_timed(history, act, rules, statutory_period(history, rules, calendar).due_on)
        case a.ConsultationSent() | a.ConsultationDelivered() | a.ConsultationAnswered():
            yield from _object_to_consultation(history, act)
        case a.Served() | a.ReconsiderationDecided():
            yield from _object_to_service(history, act)
        case _:
            for waiting, asked, delivered, answered in _NOTICES:
                last = next((wait for wait in reversed(history.waits) if wait.waiting is waiting), None)
                if isinstance(act, asked):
                    yield from _object_to_asking(waiting, last)
                elif isinstance(act, delivered | answered):
                    yield from _object_to_answer(waiting, last, act.on, delivery=not isinstance(act, answered))


def _object_to_timed(
    history: History, act: a.Extended | a.ExcessivePeriodSet | a.FeeNotified, rules: ClockRules, due_on: date
) -> Iterator[_Reason]:
    """What may only be done while the reply period still runs, its last day included."""
    if isinstance(act, a.FeeNotified):
        if history.open_wait(Waiting.PAYMENT):
            yield "fee_already_notified", "已发出收费通知且尚未缴费，不能再次通知"
        if act.on > due_on:
            yield "fee_notice_after_due", f"收费通知应当在办理期限内发出，期限已于 {due_on} 届满"
        return
    if act.on > due_on:
        yield "extension_after_due", f"期限已于 {due_on} 届满，不能再延长（应在届满之前批准并告知）"
    if isinstance(act, a.Extended):
        if history.excessive is not None:
            yield "extension_after_excessive_period", "已依条例第35条另定延迟答复的期限，不能再延长"
        if history.extended + act.workdays > rules.extend_max:
            total = history.extended + act.workdays
            yield (
                "extension_beyond_cap",
                f"延长合计 {total} 个工作日，超过上限 {rules.extend_max} 个工作日（条例第33条第2款）",
            )
        return
    if history.excessive is not None:
        yield "second_excessive_period", "延迟答复的期限只能确定一次"
    elif act.due_on <= due_on:
        yield "excessive_period_not_later", f"延迟答复的期限应当晚于现期限 {due_on}"


def _object_to_consultation(
    history: History, act: a.ConsultationSent | a.ConsultationDelivered | a.ConsultationAnswered
) -> Iterator[_Reason]:
    letter = history.consultations.get(act.ref)
    if isinstance(act, a.ConsultationSent):
        if letter is not None:
            yield "duplicate_ref", f"征求意见编号 {act.ref} 已使用"
    elif letter is None:
        yield "consultation_not_sent", f"没有发出过编号为 {act.ref} 的征求意见书"
    elif isinstance(act, a.ConsultationDelivered):
        if letter.delivered_on is not None:
            yield "already_delivered", f"征求意见书 {act.ref} 已登记送达"
    elif letter.answered_on is not None:
        yield "already_answered", f"征求意见书 {act.ref} 已登记收到意见"
    elif letter.delivered_on is not None and act.on < letter.delivered_on:
        yield "answered_before_delivery", f"收到意见之日早于征求意见书 {act.ref} 的送达之日 {letter.delivered_on}"


def _object_to_service(history: History, act: a.Served | a.ReconsiderationDecided) -> Iterator[_Reason]:
    if isinstance(act, a.Served):
        if history.replied_on is None:
            yield "not_replied", "尚未答复，不能登记送达"
        elif history.served_on is not None:
            yield "already_served", f"答复已于 {history.served_on} 送达"
    elif history.served_on is None:
        yield "not_served", "答复尚未送达，不能登记复议决定"
    elif history.decided_on is not None:
        yield "already_decided", "复议决定已登记"


def _object_to_asking(waiting: Waiting, last: Wait | None) -> Iterator[_Reason]:
    if waiting is Waiting.CORRECTION and last is not None:
        yield "second_correction", "补正应当一次性告知，不能再次要求补正（条例第30条）"
    elif last is not None and last.answered_on is None:
        yield "reasons_already_requested", "已要求说明理由且尚未收到，不能再次要求"


def _object_to_answer(waiting: Waiting, last: Wait | None, on: date, *, delivery: bool) -> Iterator[_Reason]:
    code, notice, answer = _WORDS[waiting]
    if last is None:
        yield f"{code}_not_asked", f"没有发出过{notice}"
    elif last.answered_on is not None:
        yield f"{code}_already_answered", f"{answer}已于 {last.answered_on} 登记"
    elif delivery:
        if last.delivered_on is not None:
            yield "already_delivered", f"{notice}已登记送达"
    elif last.delivered_on is not None and on < last.delivered_on:
        yield "answered_before_delivery", f"{answer}之日早于{notice}的送达之日 {last.delivered_on}"


_AFTER_REPLY = (
    a.Served
    | a.Closed
    | a.ReconsiderationDecided
    | a.ConsultationDelivered
    | a.ConsultationAnswered
    | a.CorrectionDelivered
    | a.FeeDelivered
    | a.ReasonsDelivered
)
_WORDS = {
    Waiting.CORRECTION: ("correction", "补正告知书", "收到补正申请"),
    Waiting.PAYMENT: ("fee", "收费通知", "缴费"),
    Waiting.REASONS: ("reasons", "说明理由告知书", "收到说明"),
}
_NOTICES = (
    (Waiting.CORRECTION, a.CorrectionRequested, a.CorrectionDelivered, a.CorrectionReceived),
    (Waiting.PAYMENT, a.FeeNotified, a.FeeDelivered, a.FeePaid),
    (Waiting.REASONS, a.ReasonsRequested, a.ReasonsDelivered, a.ReasonsReceived),
)
