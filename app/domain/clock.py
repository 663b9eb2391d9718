"""The legal clock of a case: acts in, a reading out. Nothing is stored and edited; everything is folded again from
the acts.

Decisions where the law leaves room (条例 = 政府信息公开条例; the reading may be changed only here):

* **Due dates do not depend on the day of asking.** `due_on`, `target_on`, `overdue_after` and every node follow from
  the acts alone, so they may be cached; `as_of` decides only `clock`, `waiting`, `late`, `projected`, the used and
  the left days.
* **An open consultation** is projected to end on its own limit (15 working days from delivery, from sending until
  delivery is known). Meanwhile the clock is paused, the due date `projected`, and the case cannot be overdue. A
  consultation sent on the last day or later stops nothing: that day still counts.
* **Waiting for the applicant** (correction, fee): the old due date keeps standing in `due_on`, as the conservative
  date, until the corrected application or the payment sets a new base. But once a notice sent by that date is known to
  be *delivered*, the clock is paused, the used days freeze at the day of sending, and `overdue_after` is None: the
  applicant's delay cannot make the agency late. A notice not known to be delivered stops nothing, since the agency
  could not prove that the applicant was ever asked. When the applicant's period has run out unused the clock reads
  `abandoned` from the day after; late corrections and payments the agency chooses to accept still set a new base.
  Where the agency set no period for correcting, nobody is deemed to have given up.
* **A new base** begins a full period. An extension granted before it is spent; a new one of up to 20 days may be
  granted.
* **A correction requested late** (after 7 working days) still restarts the clock, and `conservative_due_on` keeps the
  date without the restart, since the law does not say. The same field holds the date counted from submission where
  the agency confirmed receipt later (条例第31条). It is the earliest of them and None when none is earlier than
  `due_on`.
* **A reply stops the clock**; it is late by the legal day of the reply, whenever somebody types it in.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple

from app.domain.acts import Act
from app.domain.explanation import Line, explain
from app.domain.fold import Consultation, History, Period, Wait, gather, reply_periods, statutory_period
from app.domain.limits import LIMITS, OPEN_QUESTIONS, ClockRules, Limit, OpenQuestion
from app.domain.nodes import Node, key_nodes
from app.domain.objections import Objection, check
from app.domain.terms import ClockState, PauseReading, ReceiptReading, Waiting
from app.domain.workdays import WorkCalendar

__all__ = [
    "CONSERVATIVE",
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


CONSERVATIVE = frozenset({"from_submission", "correction_late_no_restart"})


class Alternative(NamedTuple):
    """The due date under another reading of a point the law leaves open; `code` names the setting or the ground."""

    code: str
    label: str
    due_on: date


class Reading(NamedTuple):
    """What the clock says. Days are legal days; counts are working days of the region's calendar.

    `left_workdays` = allowed − used, negative when late; both freeze when the clock stops or waits for the applicant.
    `overdue_after`: the case is overdue (and, past `target_on`, behind its local limit) on every later day; None when
    it is answered, ended, or waits for the applicant. `provisional`: a date counts over days no notice has settled;
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

    The acts may come in any order and may lie after `as_of`; they should have passed `check`. `submitted_on` is the day
    the applicant sent it, where receipt was confirmed later. Raises OutsideCalendarError beyond the calendar.
    """
    history = gather(received_on, acts, rules)
    period, target = reply_periods(history, rules, calendar)
    case = _Case(history, period, rules, calendar)
    due = period.due_on
    clock, waiting = case.state(as_of)
    allowed, used = case.allowed(), case.used(as_of)
    others = case.other_readings(acts, submitted_on)
    provisional = calendar.rests_on_projection(period.base_on, due)
    earliest, latest = case.envelope() if provisional else (due, due)
    return Reading(
        received_on=received_on,
        base_on=period.base_on,
        due_on=due,
        target_on=target.due_on if target else None,
        overdue_after=None if history.stopped_on or case.waits_in_time else due,
        clock=clock,
        waiting=waiting,
        stopped_on=history.stopped_on,
        abandoned_from=_lapses_on(case.wait, calendar),
        allowed_workdays=allowed,
        used_workdays=used,
        left_workdays=allowed - used,
        excluded_workdays=period.excluded,
        late=case.late(as_of),
        provisional=provisional,
        projected=waiting is Waiting.CONSULTATION,
        earliest_due_on=earliest,
        latest_due_on=latest,
        conservative_due_on=min((o.due_on for o in others if o.code in CONSERVATIVE and o.due_on < due), default=None),
        alternatives=others,
        nodes=key_nodes(history, (period, target), rules, calendar, suspended=case.waits_in_time),
    )


def due_on(received_on: date, acts: Sequence[Act], rules: ClockRules, calendar: WorkCalendar) -> date:
    """Only the statutory due date of `read`, for sweeps over many cases."""
    if not acts and rules.receipt_on_rest_day is ReceiptReading.SAME_DAY:
        return calendar.nth_after(received_on, rules.reply_workdays)
    return statutory_period(gather(received_on, acts, rules), rules, calendar).due_on


def legal_day(instant: datetime) -> date:
    """The day in Asia/Shanghai of an instant; ValueError for one without an offset (+08:00 all year since 1992)."""
    if instant.tzinfo is None:
        raise ValueError("时刻必须带有时区")
    return instant.astimezone(_SHANGHAI).date()


def receipt_day(
    confirmed_at: datetime, rules: ClockRules, calendar: WorkCalendar, closing: time = time(17, 30)
) -> date:
    """The day of receipt of an application confirmed at an instant (条例第31条).

    Confirmed after business hours it is still received that day, unless `after_hours_next_workday` adopts the looser
    reading (民法典第203条第2款).
    """
    day = legal_day(confirmed_at)
    if rules.after_hours_next_workday and confirmed_at.astimezone(_SHANGHAI).time() > closing:
        return calendar.nth_after(day, 1)
    return day


class _Case:
    """One folded case and the questions `read` asks about it."""

    __slots__ = ("calendar", "history", "period", "rules", "wait", "waits_in_time")

    def __init__(self, history: History, period: Period, rules: ClockRules, calendar: WorkCalendar) -> None:
        self.history, self.period, self.rules, self.calendar = history, period, rules, calendar
        self.wait: Wait | None = None
        for notice in history.waits:
            if notice.answered_on is None and (notice.waiting is not Waiting.REASONS or rules.reasons_as_correction):
                self.wait = notice
        wait = self.wait
        self.waits_in_time = wait is not None and wait.delivered_on is not None and wait.sent_on <= period.due_on

    def allowed(self) -> int:
        """The working days the agency has in all."""
        period = self.period
        if self.history.excessive is None:
            return self.rules.reply_workdays + self.history.extended
        return self.calendar.count(period.base_on, period.due_on) - period.excluded

    def used(self, as_of: date) -> int:
        """Counted working days after the base up to `as_of`, or to the day the clock stopped or began to wait."""
        period, count = self.period, self.calendar.count
        until = min(as_of, self.history.stopped_on or as_of)
        if self.wait is not None and self._waited_for(self.wait, as_of):
            until = min(until, self.wait.sent_on)
        if until <= period.base_on:
            return 0
        covered = sum(count(start, min(end, until)) for start, end in period.pauses if start < until)
        return count(period.base_on, until) - covered

    def late(self, as_of: date) -> bool:
        """Whether the due date had passed when the clock stopped, or has by now, with nobody else to wait for."""
        stopped_on = self.history.stopped_on
        until = as_of if stopped_on is None else min(as_of, stopped_on)
        return until > self.period.due_on and not self.waits_in_time

    def state(self, as_of: date) -> tuple[ClockState, Waiting | None]:
        """The clock at the end of `as_of`, by what had happened until then."""
        stopped_on = self.history.stopped_on
        if as_of < self.history.received_on:
            return ClockState.IDLE, None
        if stopped_on is not None and stopped_on <= as_of:
            return ClockState.STOPPED, None
        for notice in self.history.waits:
            if self._waited_for(notice, as_of):
                lapses_on = _lapses_on(notice, self.calendar)
                if lapses_on is not None and lapses_on <= as_of:
                    return ClockState.ABANDONED, notice.waiting
                if notice is not self.wait or self.waits_in_time:
                    return ClockState.PAUSED, notice.waiting
        if any(self._is_open(letter, as_of) for letter in self.history.consultations.values()):
            return ClockState.PAUSED, Waiting.CONSULTATION
        return ClockState.RUNNING, None

    def _waited_for(self, notice: Wait, as_of: date) -> bool:
        if notice.waiting is Waiting.REASONS and not self.rules.reasons_as_correction:
            return False
        if notice.delivered_on is None or notice.delivered_on > as_of:
            return False
        return notice.answered_on is None or notice.answered_on > as_of

    def _is_open(self, letter: Consultation, as_of: date) -> bool:
        """Whether a consultation that moves the due date is unanswered, and within its limit, when `as_of` ends."""
        if not letter.sent_on <= as_of < self.period.due_on:
            return False
        if letter.answered_on is not None and letter.answered_on <= as_of:
            return False
        return as_of <= letter.limit_on(self.rules, self.calendar)

    def envelope(self) -> tuple[date, date]:
        """The earliest and the latest due date under any plausible notice for the years without one."""
        due = self.period.due_on
        plausible = [statutory_period(self.history, self.rules, it).due_on for it in self.calendar.scenarios]
        return min(due, *plausible), max(due, *plausible)

    def other_readings(self, acts: Sequence[Act], submitted_on: date | None) -> tuple[Alternative, ...]:
        """The due date under every other reading that would change it."""
        history, rules, calendar = self.history, self.rules, self.calendar
        found: list[Alternative] = []

        def consider(code: str, label: str, other: Period) -> None:
            if other.due_on != self.period.due_on:
                found.append(Alternative(code, label, other.due_on))

        if history.began_by_receipt and not calendar.is_workday(history.began_on):
            other, _ = reply_periods(history, rules, calendar, local=False, receipt=ReceiptReading.NEXT_WORKDAY)
            consider("receipt_on_rest_day", "收到日为休息日，视为其后首个工作日收到", other)
        if self.period.pauses:
            other, _ = reply_periods(history, rules, calendar, local=False, pause=PauseReading.CLOSED)
            consider("pause_reading", "征求意见发出当日、收到意见当日均不计", other)
        if history.dropped_extension:
            kept = gather(history.received_on, acts, rules, keep_extension=True)
            consider("extension_survives_new_base", "重新起算后保留此前的延长", statutory_period(kept, rules, calendar))
        if submitted_on is not None and submitted_on < history.received_on == history.began_on:
            from_submission = replace(history, began_on=submitted_on)
            consider(
                "from_submission", "自申请人提交之日起算（从严）", statutory_period(from_submission, rules, calendar)
            )
        if self._restarted_by_late_correction():
            whole = gather(history.received_on, acts, rules, restart=False)
            label = "补正告知超过法定期限，不重新起算（从严）"
            consider("correction_late_no_restart", label, statutory_period(whole, rules, calendar))
        return tuple(found)

    def _restarted_by_late_correction(self) -> bool:
        return any(
            wait.waiting is Waiting.CORRECTION
            and wait.answered_on is not None
            and self.calendar.count(self.history.received_on, wait.sent_on) > self.rules.correction_notice
            for wait in self.history.waits
        )


def _lapses_on(wait: Wait | None, calendar: WorkCalendar) -> date | None:
    """The first day on which the applicant is deemed to have given up."""
    last_day = wait.limit_on(calendar) if wait else None
    return None if last_day is None else last_day + _DAY
