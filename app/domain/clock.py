"""The legal clock of a case: acts in, a reading out. Nothing is stored and edited; everything is folded again from the acts.

Decisions where the law leaves room (条例 = 政府信息公开条例; the reading may be changed only here):

* **Due dates do not depend on the day of asking.** `due_on`, `target_on`, `overdue_after` and every node follow from the acts
  alone, so they may be cached; `as_of` decides only `clock`, `waiting`, `late`, `projected`, the used and the left days.
* **An open consultation** is projected to end on its own limit (15 working days from delivery, from sending until delivery is
  known). Meanwhile the clock is paused, the due date `projected`, and the case cannot be overdue. A consultation sent on the
  last day or later stops nothing: that day still counts.
* **Waiting for the applicant** (correction, fee): the old due date keeps standing in `due_on`, as the conservative date, until
  the corrected application or the payment sets a new base. But once the notice has been *delivered* in time, the clock is
  paused and `overdue_after` is None: the applicant's delay cannot make the agency late. A notice not known to be delivered
  stops nothing, since the agency could not prove that the applicant was ever asked, and the old date stays in force.
  When the applicant's period has run out unused the clock reads `abandoned` from the day after; late corrections and payments
  the agency chooses to accept still set a new base. Without an agreed period there is no deemed abandonment.
* **A new base** begins a full period. An extension granted before it is spent; a new one of up to 20 days may be granted.
* **A correction requested late** (after 7 working days) still restarts the clock, and `conservative_due_on` keeps the date
  without the restart, since the law does not say. The same field holds the date counted from submission where the agency
  confirmed receipt later (条例第31条). It is the earliest of them and None when none is earlier than `due_on`.
* **A reply stops the clock**; it is late by the legal day of the reply, whenever somebody types it in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

from app.domain.acts import Act
from app.domain.explanation import Line, explain
from app.domain.fold import Consultation, History, Period, Wait, gather, local_period, statutory_period
from app.domain.limits import LIMITS, OPEN_QUESTIONS, ClockRules, Limit, OpenQuestion
from app.domain.nodes import Node, key_nodes
from app.domain.objections import Objection, check
from app.domain.terms import ClockState, PauseReading, ReceiptReading, Waiting
from app.domain.workdays import WorkCalendar

__all__ = [
    "LIMITS",
    "OPEN_QUESTIONS",
    "Act",
    "Alternative",
    "ClockRules",
    "Limit",
    "Line",
    "Objection",
    "OpenQuestion",
    "Reading",
    "check",
    "due_on",
    "explain",
    "legal_day",
    "read",
    "receipt_day",
]

_DAY = timedelta(days=1)
_SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Alternative:
    """The due date under another reading of a point the law leaves open; `code` names the setting or the ground."""

    code: str
    label: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Reading:
    """What the clock says. Days are legal days; counts are working days of the region's calendar.

    `left_workdays` = allowed − used, negative when late; both freeze when the clock stops or waits for the applicant.
    `overdue_after`: the case is overdue (and, past `target_on`, behind its local limit) on every later day; None when it is
    answered, ended, or waits for the applicant. `provisional`: a date counts over days no notice has settled;
    `earliest_due_on` and `latest_due_on` bound it (equal to `due_on` otherwise). `projected`: it assumes that an open
    consultation lasts to its limit.
    """

    received_on: date
    base_on: date
    due_on: date
    target_on: date | None
    overdue_after: date | None
    clock: ClockState
    waiting: Waiting | None
    stopped_on: date | None
    abandoned_from: date | None
    allowed_workdays: int
    used_workdays: int
    left_workdays: int
    excluded_workdays: int
    late: bool
    provisional: bool
    projected: bool
    earliest_due_on: date
    latest_due_on: date
    conservative_due_on: date | None
    alternatives: tuple[Alternative, ...]
    nodes: tuple[Node, ...]


def read(
    received_on: date,
    acts: Sequence[Act],
    rules: ClockRules,
    calendar: WorkCalendar,
    as_of: date,
    *,
    submitted_on: date | None = None,
) -> Reading:
    """The reading of a case received on `received_on` after `acts`, as it stands at the end of `as_of`.

    The acts may come in any order and may lie after `as_of`; they should have passed `check`. `submitted_on` is the day the
    applicant sent it, where receipt was confirmed later. Raises OutsideCalendarError beyond the calendar.
    """
    history = gather(received_on, acts, rules)
    period = statutory_period(history, rules, calendar)
    target = local_period(history, rules, calendar)
    due = period.due_on
    wait = _open_wait(history, rules)
    gave_up = _abandoned_from(wait, calendar)
    clock, waiting = _state(history, period, wait, gave_up, rules, calendar, as_of)
    excluded = period.excluded
    allowed = (
        calendar.count(period.base_on, due) - excluded if history.excessive else rules.reply_workdays + history.extended
    )
    used = _used(history, period, wait, calendar, as_of)
    others = _other_readings(history, acts, period, rules, calendar, submitted_on)
    provisional = calendar.rests_on_projection(period.base_on, due)
    earliest, latest = _envelope(history, rules, calendar, due) if provisional else (due, due)
    return Reading(
        received_on=received_on,
        base_on=period.base_on,
        due_on=due,
        target_on=target.due_on if target else None,
        overdue_after=None if history.stopped_on or _waits_in_time(wait, due) else due,
        clock=clock,
        waiting=waiting,
        stopped_on=history.stopped_on,
        abandoned_from=gave_up,
        allowed_workdays=allowed,
        used_workdays=used,
        left_workdays=allowed - used,
        excluded_workdays=excluded,
        late=_late(history, wait, due, as_of),
        provisional=provisional,
        projected=waiting is Waiting.CONSULTATION,
        earliest_due_on=earliest,
        latest_due_on=latest,
        conservative_due_on=min((o.due_on for o in others if o.code in _CONSERVATIVE and o.due_on < due), default=None),
        alternatives=others,
        nodes=key_nodes(history, period, target, rules, calendar),
    )


def due_on(received_on: date, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar) -> date:
    """Only the statutory due date of `read`, for sweeps over many cases."""
    if not acts and rules.receipt_on_rest_day is ReceiptReading.SAME_DAY:
        return calendar.nth_after(received_on, rules.reply_workdays)
    return statutory_period(gather(received_on, acts, rules), rules, calendar).due_on


def legal_day(instant: datetime) -> date:
    """The day in Asia/Shanghai of an instant; ValueError for one without an offset. China has had no other offset since 1991."""
    if instant.tzinfo is None:
        raise ValueError("时刻必须带有时区")
    return instant.astimezone(_SHANGHAI).date()


def receipt_day(
    confirmed_at: datetime, rules: ClockRules, calendar: WorkCalendar, closing: time = time(17, 30)
) -> date:
    """The day of receipt of an application confirmed at an instant (条例第31条).

    Confirmed after business hours it is still received that day, unless `after_hours_next_workday` adopts the looser reading
    (民法典第203条第2款).
    """
    day = legal_day(confirmed_at)
    if rules.after_hours_next_workday and confirmed_at.astimezone(_SHANGHAI).time() > closing:
        return calendar.nth_after(day, 1)
    return day


def _open_wait(history: History, rules: ClockRules) -> Wait | None:
    """The unanswered notice the clock waits for, the latest if there are several."""
    kinds = {Waiting.CORRECTION, Waiting.PAYMENT} | ({Waiting.REASONS} if rules.reasons_as_correction else set())
    for wait in reversed(history.waits):
        if wait.answered_on is None and wait.waiting in kinds:
            return wait
    return None


def _waits_in_time(wait: Wait | None, due: date) -> bool:
    return wait is not None and wait.delivered_on is not None and wait.delivered_on <= due


def _abandoned_from(wait: Wait | None, calendar: WorkCalendar) -> date | None:
    limit_on = wait.limit_on(calendar) if wait else None
    return limit_on + _DAY if limit_on else None


def _state(
    history: History,
    period: Period,
    wait: Wait | None,
    gave_up: date | None,
    rules: ClockRules,
    calendar: WorkCalendar,
    as_of: date,
) -> tuple[ClockState, Waiting | None]:
    """The clock at the end of `as_of`, by what had happened until then."""
    stopped_on = history.stopped_on
    if as_of < history.received_on:
        return ClockState.IDLE, None
    if stopped_on is not None and stopped_on <= as_of:
        return ClockState.STOPPED, None
    for notice in history.waits:
        if notice.waiting is Waiting.REASONS and not rules.reasons_as_correction:
            continue
        if notice.delivered_on is None or not notice.delivered_on <= as_of:
            continue
        if notice.answered_on is not None and notice.answered_on <= as_of:
            continue
        lapses = gave_up if notice is wait else _abandoned_from(notice, calendar)
        if lapses is not None and lapses <= as_of:
            return ClockState.ABANDONED, notice.waiting
        return ClockState.PAUSED, notice.waiting
    for letter in history.consultations.values():
        if _is_open(letter, period, rules, calendar, as_of):
            return ClockState.PAUSED, Waiting.CONSULTATION
    return ClockState.RUNNING, None


def _is_open(letter: Consultation, period: Period, rules: ClockRules, calendar: WorkCalendar, as_of: date) -> bool:
    """Whether a consultation that moves the due date is still unanswered, and within its limit, when `as_of` ends."""
    if not letter.sent_on <= as_of < period.due_on or (letter.answered_on is not None and letter.answered_on <= as_of):
        return False
    return as_of <= letter.limit_on(rules, calendar)


def _used(history: History, period: Period, wait: Wait | None, calendar: WorkCalendar, as_of: date) -> int:
    """Counted working days after the base up to `as_of`, or up to the day the clock stopped or began to wait."""
    until = min(as_of, history.stopped_on or as_of)
    if wait is not None and wait.delivered_on is not None:
        until = min(until, wait.delivered_on)
    if until <= period.base_on:
        return 0
    used = calendar.count(period.base_on, until)
    for start, end in period.pauses:
        if start < until:
            used -= calendar.count(start, min(end, until))
    return used


def _late(history: History, wait: Wait | None, due: date, as_of: date) -> bool:
    stopped_on = history.stopped_on
    if stopped_on is not None and stopped_on <= as_of:
        return stopped_on > due and (history.replied_on is not None or not _waits_in_time(wait, due))
    return as_of > due and not _waits_in_time(wait, due)


def _envelope(history: History, rules: ClockRules, calendar: WorkCalendar, due: date) -> tuple[date, date]:
    """The earliest and the latest due date under any plausible notice for the years without one."""
    plausible = [statutory_period(history, rules, scenario).due_on for scenario in calendar.scenarios]
    return min(due, *plausible), max(due, *plausible)


_CONSERVATIVE = frozenset({"from_submission", "correction_late_no_restart"})


def _other_readings(
    history: History,
    acts: Sequence[Act],
    period: Period,
    rules: ClockRules,
    calendar: WorkCalendar,
    submitted_on: date | None,
) -> tuple[Alternative, ...]:
    """The due date under every other reading that would change it."""
    found: list[tuple[str, str, History, ClockRules]] = []
    loose = _looser(rules)
    if history.began_by_receipt and not calendar.is_workday(history.began_on) and "receipt_on_rest_day" in loose:
        found.append(
            ("receipt_on_rest_day", "收到日为休息日，视为其后首个工作日收到", history, loose["receipt_on_rest_day"])
        )
    if period.pauses and "pause_reading" in loose:
        found.append(("pause_reading", "征求意见发出当日、收到意见当日均不计", history, loose["pause_reading"]))
    if history.dropped_extension:
        kept = loose["extension_survives_new_base"]
        found.append(
            ("extension_survives_new_base", "重新起算后保留此前的延长", gather(history.received_on, acts, kept), kept)
        )
    if submitted_on is not None and submitted_on < history.received_on == history.began_on:
        label = "自申请人提交之日起算（从严）"
        found.append(("from_submission", label, replace(history, began_on=submitted_on), rules))
    if _correction_was_late(history, rules, calendar):
        label = "补正告知超过法定期限，不重新起算（从严）"
        found.append(
            ("correction_late_no_restart", label, gather(history.received_on, acts, rules, restart=False), rules)
        )
    dated = [Alternative(code, label, statutory_period(h, r, calendar).due_on) for code, label, h, r in found]
    return tuple(other for other in dated if other.due_on != period.due_on)


@lru_cache(maxsize=256)
def _looser(rules: ClockRules) -> dict[str, ClockRules]:
    """Every looser reading than `rules`, one setting changed at a time."""
    looser: dict[str, ClockRules] = {}
    if rules.receipt_on_rest_day is ReceiptReading.SAME_DAY:
        looser["receipt_on_rest_day"] = replace(rules, receipt_on_rest_day=ReceiptReading.NEXT_WORKDAY)
    if rules.pause_reading is not PauseReading.CLOSED:
        looser["pause_reading"] = replace(rules, pause_reading=PauseReading.CLOSED)
    if not rules.extension_survives_new_base:
        looser["extension_survives_new_base"] = replace(rules, extension_survives_new_base=True)
    return looser


def _correction_was_late(history: History, rules: ClockRules, calendar: WorkCalendar) -> bool:
    return any(
        wait.answered_on is not None and calendar.count(history.received_on, wait.sent_on) > rules.correction_notice
        for wait in history.waits
        if wait.waiting is Waiting.CORRECTION
    )
