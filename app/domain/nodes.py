"""The key nodes of a case: a date by which somebody must act, the day they did, and the article.

Working-day nodes end on a working day by themselves. The remedy windows run in natural days and months from the day
the reply was served, their last day rolled forward over rest days (民法典第201–203条), and exist only once it was
served. Lateness is a question of legal days (posted, signed for, sent), never of the day of typing.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from app.domain.fold import Consultation, History, Period, Wait
from app.domain.limits import LIMITS, ClockRules
from app.domain.terms import NodeKind, NodeParty, Waiting
from app.domain.workdays import DayKind, WorkCalendar

_APPLICANT = frozenset(
    {
        NodeKind.CORRECTION_REPLY,
        NodeKind.FEE_PAYMENT,
        NodeKind.RECONSIDERATION,
        NodeKind.LITIGATION,
        NodeKind.LITIGATION_AFTER_RECONSIDERATION,
    }
)

_ARTICLES = {
    NodeKind.CORRECTION_NOTICE: LIMITS["correction_notice"].article,
    NodeKind.CORRECTION_REPLY: LIMITS["correction_notice"].article,
    NodeKind.FEE_PAYMENT: LIMITS["fee_payment"].article,
}


class Node(NamedTuple):
    """One key node. `due_on` is None while its period has not begun (a notice not known to be delivered).

    `ref` names the consultation; `provisional` says the date counts over days no notice has settled yet; `suspended`
    that the applicant has to act first (correct, pay), so that passing the date is no lateness of the agency.
    """

    node: NodeKind
    label: str
    due_on: date | None
    met_on: date | None
    basis: str
    provisional: bool = False
    ref: str | None = None
    suspended: bool = False

    @property
    def party(self) -> NodeParty:
        """Who must act by it."""
        if self.node is NodeKind.CONSULTATION_REPLY:
            return NodeParty.CONSULTED
        return NodeParty.APPLICANT if self.node in _APPLICANT else NodeParty.AGENCY

    @property
    def binding(self) -> bool:
        """Whether letting it pass is a breach; a correction notice is only owed where a correction is needed."""
        return self.party is NodeParty.AGENCY and self.node is not NodeKind.CORRECTION_NOTICE

    def is_late(self, today: date) -> bool:
        """Whether it was met after its day, or, where it had to be met, has passed unmet before `today`."""
        if self.due_on is None or self.suspended:
            return False
        if self.met_on is not None:
            return self.met_on > self.due_on
        return self.node is not NodeKind.CORRECTION_NOTICE and today > self.due_on

    def left_workdays(self, today: date, calendar: WorkCalendar) -> int | None:
        """Working days from `today`, or from the day it was met, to its day; negative when late."""
        return None if self.due_on is None else calendar.count(self.met_on or today, self.due_on)


def key_nodes(
    history: History,
    periods: tuple[Period, Period | None],
    rules: ClockRules,
    calendar: WorkCalendar,
    *,
    suspended: bool = False,
) -> tuple[Node, ...]:
    """The nodes of a case in the order of its procedure; remedy windows only once the reply was served.

    `periods` are the statutory and the local one; `suspended` while the applicant has to act first.
    """
    period, target = periods
    nodes = [_correction_notice(history, rules, calendar)]
    nodes += [_asked(wait, calendar) for wait in history.waits if wait.waiting is Waiting.CORRECTION]
    nodes += [_asked_opinion(letter, rules, calendar) for letter in history.consultations.values()]
    nodes += [_asked(wait, calendar) for wait in history.waits if wait.waiting is Waiting.PAYMENT]
    replies = [(NodeKind.STATUTORY, period, "条例第35条" if history.excessive else LIMITS["reply"].article)]
    if target is not None:
        replies.insert(0, (NodeKind.LOCAL_LIMIT, target, "本机关内控时限"))
    for kind, counted, article in replies:
        guessed = calendar.rests_on_projection(counted.base_on, counted.due_on)
        nodes.append(Node(kind, kind.label, counted.due_on, history.replied_on, article, guessed, suspended=suspended))
    if history.served_on is not None:
        first = history.reconsideration_first
        nodes += remedy_nodes(history.served_on, history.decided_on, rules, calendar, reconsideration_first=first)
    return tuple(nodes)


def _correction_notice(history: History, rules: ClockRules, calendar: WorkCalendar) -> Node:
    sent_on = next((wait.sent_on for wait in history.waits if wait.waiting is Waiting.CORRECTION), None)
    return _counted(NodeKind.CORRECTION_NOTICE, history.received_on, rules.correction_notice, sent_on, calendar)


def _asked(wait: Wait, calendar: WorkCalendar) -> Node:
    """The applicant's day to correct or to pay."""
    kind = NodeKind.FEE_PAYMENT if wait.waiting is Waiting.PAYMENT else NodeKind.CORRECTION_REPLY
    if wait.delivered_on is None or wait.limit is None:
        return Node(kind, kind.label, None, wait.answered_on, _ARTICLES[kind])
    return _counted(kind, wait.delivered_on, wait.limit, wait.answered_on, calendar)


def _asked_opinion(letter: Consultation, rules: ClockRules, calendar: WorkCalendar) -> Node:
    kind = NodeKind.CONSULTATION_REPLY
    due_on = letter.limit_on(rules, calendar)
    provisional = calendar.rests_on_projection(letter.delivered_on or letter.sent_on, due_on)
    article = LIMITS[letter.kind.value].article
    return Node(kind, kind.label, due_on, letter.answered_on, article, provisional, letter.ref)


def _counted(kind: NodeKind, base_on: date, n: int, met_on: date | None, calendar: WorkCalendar) -> Node:
    due_on = calendar.nth_after(base_on, n)
    return Node(kind, kind.label, due_on, met_on, _ARTICLES[kind], calendar.rests_on_projection(base_on, due_on))


def remedy_nodes(
    served_on: date,
    decided_on: date | None,
    rules: ClockRules,
    calendar: WorkCalendar,
    *,
    reconsideration_first: bool = False,
) -> tuple[Node, ...]:
    """The remedy windows opened by a reply served on `served_on`, and by a reconsideration decision received.

    Where reconsideration must come first (行政复议法第23条) there is no window for suing directly.
    """
    windows = [(NodeKind.RECONSIDERATION, served_on, served_on + timedelta(days=60))]
    if not reconsideration_first:
        windows.append((NodeKind.LITIGATION, served_on, add_months(served_on, 6)))
    if decided_on is not None:
        windows.append((NodeKind.LITIGATION_AFTER_RECONSIDERATION, decided_on, decided_on + timedelta(days=15)))
    return tuple(
        Node(
            kind,
            kind.label,
            due_on := roll_over(last, rules, calendar),
            None,
            LIMITS[kind.value].article,
            provisional=calendar.rests_on_projection(last - timedelta(days=1), due_on),
        )
        for kind, _, last in windows
    )


def roll_over(last: date, rules: ClockRules, calendar: WorkCalendar) -> date:
    """The last day of a natural-day period, moved to the end of the rest days it falls on (民法典第203条第1款).

    With `weekends_roll_over` off only public holidays move it. A weekend day worked in exchange never does.
    """
    if rules.weekends_roll_over:
        return calendar.roll_forward(last)
    while calendar.day(last).kind in {DayKind.HOLIDAY, DayKind.REGIONAL_HOLIDAY}:
        last += timedelta(days=1)
    return last


def add_months(day: date, months: int) -> date:
    """The corresponding day `months` later, or that month's last day where there is none (民法典第202条)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def confirmation_node(submitted_on: date, confirmed_on: date | None, calendar: WorkCalendar) -> Node:
    """By when an application that needs confirming (internet, fax, ordinary mail) should be: the next working day.

    The law says 当日 for ordinary mail and nothing for the internet (条例第31条); the next working day is our warning
    line.
    """
    due_on = calendar.nth_after(submitted_on, LIMITS["receipt_confirmation"].length)
    kind = NodeKind.RECEIPT_CONFIRMATION
    provisional = calendar.rests_on_projection(submitted_on, due_on)
    return Node(kind, kind.label, due_on, confirmed_on, LIMITS["receipt_confirmation"].article, provisional)


def publication_due(formed_on: date, calendar: WorkCalendar) -> date:
    """By when information formed or changed on `formed_on` must be published proactively (条例第26条)."""
    return calendar.nth_after(formed_on, LIMITS["publication"].length)
