"""The fold: acts in, the facts of a reply period out, and from those its last day.

    due = the N-th working day after the base day that no consultation covers

The base day is the last of: receipt, receipt of the corrected application (条例第30条), payment of the fee. N is 20
plus the extension granted since that base. Consultations cover the days from the day after sending to the day the
answer came (`PauseReading` moves these boundaries) and end at their own limit when no answer came; overlapping ones
cover a day once. A period set under 条例第35条 replaces the count by a date.

The fold takes acts in any order (it sorts them) and does not judge them: `app.domain.objections` does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from app.domain import acts as a
from app.domain.acts import Act, chronological
from app.domain.limits import ClockRules
from app.domain.terms import ConsultationKind, PauseReading, ReceiptReading, Waiting
from app.domain.workdays import WorkCalendar

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Consultation:
    """One letter asking for an opinion; its limit runs from delivery, and from sending until delivery is known."""

    ref: str
    kind: ConsultationKind
    sent_on: date
    delivered_on: date | None
    answered_on: date | None = None
    _limit: tuple[WorkCalendar, date] | None = None

    def limit_on(self, rules: ClockRules, calendar: WorkCalendar) -> date:
        """The last day for the answer; without one the consultation ends here. Remembered: one reading asks often."""
        if self._limit is None or self._limit[0] is not calendar:
            n = _consultation_limit(self.kind, rules)
            self._limit = calendar, calendar.nth_after(self.delivered_on or self.sent_on, n)
        return self._limit[1]


@dataclass(slots=True)
class Wait:
    """A notice that leaves the next step to the applicant: a correction, a payment, a statement of reasons."""

    waiting: Waiting
    sent_on: date
    delivered_on: date | None
    limit: int | None
    answered_on: date | None = None

    def limit_on(self, calendar: WorkCalendar) -> date | None:
        """The applicant's last day; None while delivery is unknown or no period was set."""
        if self.delivered_on is None or self.limit is None:
            return None
        return calendar.nth_after(self.delivered_on, self.limit)


@dataclass(slots=True)
class History:
    """The facts of one case's reply period, as far as its acts go."""

    received_on: date
    began_on: date
    began_by_receipt: bool = True
    extended: int = 0
    keeps_extension: bool = False
    dropped_extension: bool = False
    consultations: dict[str, Consultation] = field(default_factory=dict)
    waits: list[Wait] = field(default_factory=list)
    excessive: a.ExcessivePeriodSet | None = None
    replied_on: date | None = None
    reconsideration_first: bool = False
    served_on: date | None = None
    decided_on: date | None = None
    ended_on: date | None = None

    @property
    def stopped_on(self) -> date | None:
        """The day the clock stopped for good: the reply, else the closing or withdrawal."""
        return self.replied_on or self.ended_on

    def open_wait(self, waiting: Waiting) -> Wait | None:
        """The last notice of this kind if it is still unanswered."""
        for wait in reversed(self.waits):
            if wait.waiting is waiting:
                return wait if wait.answered_on is None else None
        return None


_Covered = tuple[date, date, date]  # (s, e], and the day the consultation was sent


class Period(NamedTuple):
    """A reply period counted out: its last day, the pauses that moved it as (s, e] in order, and what they cover."""

    base_on: date
    due_on: date
    pauses: tuple[tuple[date, date], ...]
    excluded: int


def gather(
    received_on: date,
    acts: Iterable[Act],
    rules: ClockRules,
    *,
    restart: bool = True,
    keep_extension: bool = False,
) -> History:
    """The facts after all `acts`, in legal order.

    For the other readings: with `restart` off a correction begins no new period, with `keep_extension` an extension
    outlives a new base whatever the rules say.
    """
    history = History(received_on, received_on, keeps_extension=keep_extension or rules.extension_survives_new_base)
    for act in sorted(acts, key=chronological):
        if restart or type(act) is not a.CorrectionReceived:
            absorb(history, act, rules)
    return history


def absorb(history: History, act: Act, rules: ClockRules) -> None:
    """Add one act to `history`, which must hold the acts before it."""
    take = _TAKE.get(type(act))
    if take is not None:
        take(history, act, rules)


def statutory_period(history: History, rules: ClockRules, calendar: WorkCalendar) -> Period:
    """The statutory reply period (条例第33条; 第35条 where the agency set a date)."""
    return reply_periods(history, rules, calendar, local=False)[0]


def reply_periods(
    history: History,
    rules: ClockRules,
    calendar: WorkCalendar,
    *,
    local: bool = True,
    receipt: ReceiptReading | None = None,
    pause: PauseReading | None = None,
) -> tuple[Period, Period | None]:
    """The statutory period, and (with `local`) the agency's own stricter one where it has one.

    Both have the same base and the same excluded days; an extension lengthens only the first. `receipt` and `pause` try
    another reading than the rules'.
    """
    base = history.began_on
    if history.began_by_receipt and (receipt or rules.receipt_on_rest_day) is ReceiptReading.NEXT_WORKDAY:
        base = calendar.roll_forward(base)
    pause = pause or rules.pause_reading
    covered = [(*interval(letter, rules, calendar, pause), letter.sent_on) for letter in history.consultations.values()]
    covered.sort()
    if history.excessive is None:
        statutory = _count_out(base, rules.reply_workdays + history.extended, covered, calendar)
    else:
        statutory = _run_to(base, history.excessive, covered, calendar)
    if not local or rules.local_limit is None:
        return statutory, None
    return statutory, _count_out(base, rules.local_limit, covered, calendar)


def _count_out(base: date, n: int, covered: list[_Covered], calendar: WorkCalendar) -> Period:
    """The n-th working day after `base` outside `covered`, which is sorted by start."""
    due, reached, excluded = calendar.nth_after(base, n), base, 0
    effective: list[tuple[date, date]] = []
    for first, end, _ in covered:
        start = max(first, reached)
        if start >= due:
            break
        if end > start:
            effective.append((start, end))
            excluded += calendar.count(start, end)
            due, reached = calendar.nth_after(base, n + excluded), end
    return Period(base, due, tuple(effective), excluded)


def _run_to(base: date, excessive: a.ExcessivePeriodSet, covered: list[_Covered], calendar: WorkCalendar) -> Period:
    """A date set by the agency, moved only by the days of consultations sent on or after the day it was set."""
    due, reached, excluded = excessive.due_on, base, 0
    effective: list[tuple[date, date]] = []
    for first, end, sent_on in covered:
        moves = sent_on >= excessive.on
        start, stop = max(first, reached), end if moves else min(end, due)
        if start < min(due, stop):
            days = calendar.count(start, stop)
            effective.append((start, stop))
            excluded, reached = excluded + days, stop
            due = calendar.nth_after(due, days) if moves and days else due
    return Period(base, due, tuple(effective), excluded)


def interval(letter: Consultation, rules: ClockRules, calendar: WorkCalendar, pause: PauseReading) -> tuple[date, date]:
    """The days a consultation covers, as (s, e]: those after s, up to and including e."""
    start, end = letter.sent_on, letter.limit_on(rules, calendar)
    if letter.answered_on is not None and letter.answered_on < end:
        end = letter.answered_on
    if pause is PauseReading.HALF_OPEN:
        return start, end
    return (start - _DAY, end) if pause is PauseReading.CLOSED else (start, end - _DAY)


def _consultation_limit(kind: ConsultationKind, rules: ClockRules) -> int:
    if kind is ConsultationKind.THIRD_PARTY:
        return rules.third_party
    return rules.co_producer if kind is ConsultationKind.CO_PRODUCER else rules.other_agency


def _restart(history: History, on: date, *, by_receipt: bool = True) -> None:
    history.began_on, history.began_by_receipt = on, by_receipt
    history.excessive = None
    if history.extended and not history.keeps_extension:
        history.extended = 0
        history.dropped_extension = True


def _correction_requested(h: History, act: a.CorrectionRequested, _rules: ClockRules) -> None:
    h.waits.append(Wait(Waiting.CORRECTION, act.on, act.delivered_on, act.reply_within_workdays))


def _correction_delivered(h: History, act: a.CorrectionDelivered, _rules: ClockRules) -> None:
    _deliver(h.open_wait(Waiting.CORRECTION), act.on)


def _correction_received(h: History, act: a.CorrectionReceived, rules: ClockRules) -> None:
    _answer(h.open_wait(Waiting.CORRECTION), act.on)
    _restart(h, act.on)


def _fee_notified(h: History, act: a.FeeNotified, rules: ClockRules) -> None:
    h.waits.append(Wait(Waiting.PAYMENT, act.on, act.delivered_on, rules.fee_payment))


def _fee_delivered(h: History, act: a.FeeDelivered, _rules: ClockRules) -> None:
    _deliver(h.open_wait(Waiting.PAYMENT), act.on)


def _fee_paid(h: History, act: a.FeePaid, rules: ClockRules) -> None:
    _answer(h.open_wait(Waiting.PAYMENT), act.on)
    _restart(h, act.on, by_receipt=False)


def _reasons_requested(h: History, act: a.ReasonsRequested, _rules: ClockRules) -> None:
    h.waits.append(Wait(Waiting.REASONS, act.on, act.delivered_on, act.reply_within_workdays))


def _reasons_delivered(h: History, act: a.ReasonsDelivered, _rules: ClockRules) -> None:
    _deliver(h.open_wait(Waiting.REASONS), act.on)


def _reasons_received(h: History, act: a.ReasonsReceived, rules: ClockRules) -> None:
    _answer(h.open_wait(Waiting.REASONS), act.on)
    if rules.reasons_as_correction:
        _restart(h, act.on)


def _consultation_sent(h: History, act: a.ConsultationSent, _rules: ClockRules) -> None:
    h.consultations[act.ref] = Consultation(act.ref, act.kind, act.on, act.delivered_on)


def _consultation_delivered(h: History, act: a.ConsultationDelivered, _rules: ClockRules) -> None:
    if act.ref in h.consultations:
        sent = h.consultations[act.ref]
        h.consultations[act.ref] = Consultation(sent.ref, sent.kind, sent.sent_on, act.on)


def _consultation_answered(h: History, act: a.ConsultationAnswered, _rules: ClockRules) -> None:
    if act.ref in h.consultations:
        h.consultations[act.ref].answered_on = act.on


def _extended(h: History, act: a.Extended, rules: ClockRules) -> None:
    h.extended = min(h.extended + act.workdays, rules.extend_max)


def _excessive_period_set(h: History, act: a.ExcessivePeriodSet, _rules: ClockRules) -> None:
    h.excessive = act


def _replied(h: History, act: a.Replied, _rules: ClockRules) -> None:
    h.replied_on = act.on
    h.reconsideration_first = act.reconsideration_first


def _served(h: History, act: a.Served, _rules: ClockRules) -> None:
    h.served_on = act.on


def _reconsideration_decided(h: History, act: a.ReconsiderationDecided, _rules: ClockRules) -> None:
    h.decided_on = act.on


def _ended(h: History, act: a.Closed | a.Withdrawn, _rules: ClockRules) -> None:
    h.ended_on = act.on


def _deliver(wait: Wait | None, on: date) -> None:
    if wait is not None:
        wait.delivered_on = on


def _answer(wait: Wait | None, on: date) -> None:
    if wait is not None:
        wait.answered_on = on


_TAKE: dict[type, Callable[..., None]] = {
    a.CorrectionRequested: _correction_requested,
    a.CorrectionDelivered: _correction_delivered,
    a.CorrectionReceived: _correction_received,
    a.ConsultationSent: _consultation_sent,
    a.ConsultationDelivered: _consultation_delivered,
    a.ConsultationAnswered: _consultation_answered,
    a.Extended: _extended,
    a.FeeNotified: _fee_notified,
    a.FeeDelivered: _fee_delivered,
    a.FeePaid: _fee_paid,
    a.ReasonsRequested: _reasons_requested,
    a.ReasonsDelivered: _reasons_delivered,
    a.ReasonsReceived: _reasons_received,
    a.ExcessivePeriodSet: _excessive_period_set,
    a.Replied: _replied,
    a.Served: _served,
    a.ReconsiderationDecided: _reconsideration_decided,
    a.Closed: _ended,
    a.Withdrawn: _ended,
}
