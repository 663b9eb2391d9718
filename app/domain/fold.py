"""The fold: acts in, the facts of a reply period out, and from those its last day.

    due = the N-th working day after the base day that no consultation covers

The base day is the last of: receipt, receipt of the corrected application (条例第30条), payment of the fee. N is 20 plus the
extension granted since that base. Consultations cover the days from the day after sending to the day the answer came
(`PauseReading` moves these boundaries) and end at their own limit when no answer came; overlapping ones cover a day once. A
period set under 条例第35条 replaces the count by a date.

The fold takes acts in any order (it sorts them) and does not judge them: `app.domain.objections` does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

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

    def limit_on(self, rules: ClockRules, calendar: WorkCalendar) -> date:
        """The last day for the answer; without one the consultation ends here."""
        return calendar.nth_after(self.delivered_on or self.sent_on, _consultation_limit(self.kind, rules))


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


@dataclass(frozen=True, slots=True)
class Period:
    """A reply period counted out: its last day, the pauses that moved it as (s, e] in order, and what they cover."""

    base_on: date
    due_on: date
    pauses: tuple[tuple[date, date], ...]
    excluded: int


def gather(received_on: date, acts: Iterable[Act], rules: ClockRules, *, restart: bool = True) -> History:
    """The facts after all `acts`, in legal order. With `restart` off a correction does not begin a new period."""
    history = History(received_on, received_on)
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
    excessive = history.excessive
    if excessive is None:
        return _count_out(history, rules.reply_workdays + history.extended, rules, calendar)
    return _run_to(history, excessive, rules, calendar)


def local_period(history: History, rules: ClockRules, calendar: WorkCalendar) -> Period | None:
    """The agency's own stricter limit: same base and excluded days, never lengthened by an extension."""
    if rules.local_limit is None:
        return None
    return _count_out(history, rules.local_limit, rules, calendar)


def base_day(history: History, rules: ClockRules, calendar: WorkCalendar) -> date:
    """The day that is not counted and after which the count begins."""
    if history.began_by_receipt and rules.receipt_on_rest_day is ReceiptReading.NEXT_WORKDAY:
        return calendar.roll_forward(history.began_on)
    return history.began_on


def _count_out(history: History, n: int, rules: ClockRules, calendar: WorkCalendar) -> Period:
    base = reached = base_day(history, rules, calendar)
    effective: list[tuple[date, date]] = []
    due = calendar.nth_after(base, n)
    excluded = 0
    for start, end in _intervals(history.consultations.values(), rules, calendar):
        start = max(start, reached)
        if start >= due:
            break
        if end <= start:
            continue
        covered = calendar.count(start, end)
        reached = end
        effective.append((start, end))
        if covered:
            excluded += covered
            due = calendar.nth_after(base, n + excluded)
    return Period(base, due, tuple(effective), excluded)


def _run_to(history: History, excessive: a.ExcessivePeriodSet, rules: ClockRules, calendar: WorkCalendar) -> Period:
    """A date set by the agency, moved only by the days of consultations sent after it was set."""
    before = [c for c in history.consultations.values() if c.sent_on < excessive.on]
    after = [c for c in history.consultations.values() if c.sent_on >= excessive.on]
    base = reached = base_day(history, rules, calendar)
    due = excessive.due_on
    effective: list[tuple[date, date]] = []
    excluded = 0
    for letters, moves in ((before, False), (after, True)):
        for start, end in _intervals(letters, rules, calendar):
            start = max(start, reached)
            end = end if moves else min(end, due)
            if start >= due:
                break
            if end <= start:
                continue
            covered = calendar.count(start, end)
            reached = end
            effective.append((start, end))
            excluded += covered
            if moves and covered:
                due = calendar.nth_after(due, covered)
    return Period(base, due, tuple(effective), excluded)


def interval(letter: Consultation, rules: ClockRules, calendar: WorkCalendar) -> tuple[date, date]:
    """The days a consultation covers, as (s, e]: those after s, up to and including e."""
    start, end = letter.sent_on, letter.limit_on(rules, calendar)
    if letter.answered_on is not None and letter.answered_on < end:
        end = letter.answered_on
    if rules.pause_reading is PauseReading.CLOSED:
        return start - _DAY, end
    return start, end - _DAY if rules.pause_reading is PauseReading.OPEN else end


def _intervals(
    consultations: Iterable[Consultation], rules: ClockRules, calendar: WorkCalendar
) -> list[tuple[date, date]]:
    return sorted(interval(letter, rules, calendar) for letter in consultations)


def _consultation_limit(kind: ConsultationKind, rules: ClockRules) -> int:
    if kind is ConsultationKind.THIRD_PARTY:
        return rules.third_party
    return rules.co_producer if kind is ConsultationKind.CO_PRODUCER else rules.other_agency


def _restart(history: History, on: date, rules: ClockRules, *, by_receipt: bool = True) -> None:
    history.began_on, history.began_by_receipt = on, by_receipt
    history.excessive = None
    if history.extended and not rules.extension_survives_new_base:
        history.extended = 0
        history.dropped_extension = True


def _correction_requested(h: History, act: a.CorrectionRequested, _rules: ClockRules) -> None:
    h.waits.append(Wait(Waiting.CORRECTION, act.on, act.delivered_on, act.reply_within_workdays))


def _correction_delivered(h: History, act: a.CorrectionDelivered, _rules: ClockRules) -> None:
    _deliver(h.open_wait(Waiting.CORRECTION), act.on)


def _correction_received(h: History, act: a.CorrectionReceived, rules: ClockRules) -> None:
    _answer(h.open_wait(Waiting.CORRECTION), act.on)
    _restart(h, act.on, rules)


def _fee_notified(h: History, act: a.FeeNotified, rules: ClockRules) -> None:
    h.waits.append(Wait(Waiting.PAYMENT, act.on, act.delivered_on, rules.fee_payment))


def _fee_delivered(h: History, act: a.FeeDelivered, _rules: ClockRules) -> None:
    _deliver(h.open_wait(Waiting.PAYMENT), act.on)


def _fee_paid(h: History, act: a.FeePaid, rules: ClockRules) -> None:
    _answer(h.open_wait(Waiting.PAYMENT), act.on)
    _restart(h, act.on, rules, by_receipt=False)


def _reasons_requested(h: History, act: a.ReasonsRequested, _rules: ClockRules) -> None:
    h.waits.append(Wait(Waiting.REASONS, act.on, act.delivered_on, act.reply_within_workdays))


def _reasons_received(h: History, act: a.ReasonsReceived, rules: ClockRules) -> None:
    _answer(h.open_wait(Waiting.REASONS), act.on)
    if rules.reasons_as_correction:
        _restart(h, act.on, rules)


def _consultation_sent(h: History, act: a.ConsultationSent, _rules: ClockRules) -> None:
    h.consultations[act.ref] = Consultation(act.ref, act.kind, act.on, act.delivered_on)


def _consultation_delivered(h: History, act: a.ConsultationDelivered, _rules: ClockRules) -> None:
    if act.ref in h.consultations:
        h.consultations[act.ref].delivered_on = act.on


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
    a.ReasonsReceived: _reasons_received,
    a.ExcessivePeriodSet: _excessive_period_set,
    a.Replied: _replied,
    a.Served: _served,
    a.ReconsiderationDecided: _reconsideration_decided,
    a.Closed: _ended,
    a.Withdrawn: _ended,
}
