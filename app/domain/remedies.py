"""Reconsiderations, lawsuits and complaints against a reply: by when the agency must act in them, and how they count.

Every date is a fact written down with its document; what falls due is worked out from them each time. The answer to a
reconsideration is counted in working days (行政复议法第88条第2款), the defence and the feedback in natural days whose last
one is moved over rest days (民法典第203条). A complaint has no limit in the law: only the notice sets one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import ClassVar

from app.domain.limits import LIMITS, ClockRules
from app.domain.nodes import roll_over
from app.domain.terms import NodeParty, RemedyDecision, RemedyKind, RemedyNode, RemedyOutcome, RemedyProcedure, Unit
from app.domain.workdays import WorkCalendar

LAWSUITS = frozenset({RemedyKind.LITIGATION_DIRECT, RemedyKind.LITIGATION_AFTER_RECONSIDERATION})

RESULT_OF: Mapping[RemedyDecision, RemedyOutcome] = MappingProxyType(
    {
        RemedyDecision.UPHELD: RemedyOutcome.UPHELD,
        RemedyDecision.CLAIM_DISMISSED: RemedyOutcome.UPHELD,
        RemedyDecision.REVOKED: RemedyOutcome.CORRECTED,
        RemedyDecision.CHANGED: RemedyOutcome.CORRECTED,
        RemedyDecision.DECLARED_UNLAWFUL: RemedyOutcome.CORRECTED,
        RemedyDecision.ORDERED_TO_ACT: RemedyOutcome.CORRECTED,
        RemedyDecision.WITHDRAWN: RemedyOutcome.OTHER,
        RemedyDecision.NOT_ADMITTED: RemedyOutcome.OTHER,
        RemedyDecision.ACTION_DISMISSED: RemedyOutcome.OTHER,
        RemedyDecision.SETTLED: RemedyOutcome.OTHER,
        RemedyDecision.OTHER: RemedyOutcome.OTHER,
    }
)
"""Under which heading of table four a decision is usually reported; practice, not law, so that a clerk may say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceedings:
    """What is known of one remedy; the fields bear the names of the stored ones."""

    kind: RemedyKind
    filed_on: date
    procedure: RemedyProcedure | None = None
    notified_on: date | None = None
    answer_by: date | None = None
    answered_on: date | None = None
    closed_on: date | None = None
    decision_served_on: date | None = None
    order_by: date | None = None
    order_met_on: date | None = None
    opinion_on: date | None = None
    opinion_answered_on: date | None = None
    rectify_by: date | None = None
    rectified_on: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One day by which the agency must have acted; `provisional` if it counts over days no notice has settled."""

    node: RemedyNode
    due_on: date
    met_on: date | None
    basis: str
    provisional: bool = False
    ref: str | None = None  # of the remedy, among those against one case

    suspended: ClassVar[bool] = False
    party: ClassVar[NodeParty] = NodeParty.AGENCY
    binding: ClassVar[bool] = True

    def is_late(self, today: date) -> bool:
        """Whether it was met after its day, or has passed unmet before `today`."""
        return (self.met_on or today) > self.due_on


def due(remedy: Proceedings, rules: ClockRules, calendar: WorkCalendar) -> tuple[Due, ...]:
    """Every day by which the agency must act or should have acted, in the order of the procedure.

    An answer that was never given stops being due once the remedy is closed; the rest does not.
    """
    return tuple(_due(remedy, rules, calendar))


def _due(remedy: Proceedings, rules: ClockRules, calendar: WorkCalendar) -> Iterator[Due]:
    if not (remedy.closed_on and remedy.answered_on is None):
        yield from _answer(remedy, rules, calendar)
    if remedy.order_by:
        yield Due(RemedyNode.ORDER, remedy.order_by, remedy.order_met_on, "决定书、判决书载明的期限")
    if remedy.opinion_on:
        yield _counted(
            RemedyNode.OPINION, "opinion_feedback", remedy.opinion_on, remedy.opinion_answered_on, rules, calendar
        )
    if remedy.rectify_by:
        yield Due(RemedyNode.RECTIFICATION, remedy.rectify_by, remedy.rectified_on, "本机关整改计划")


def _answer(remedy: Proceedings, rules: ClockRules, calendar: WorkCalendar) -> Iterator[Due]:
    if remedy.kind is RemedyKind.COMPLAINT:
        if remedy.answer_by:
            yield Due(
                RemedyNode.COMPLAINT_ANSWER, remedy.answer_by, remedy.answered_on, "主管部门通知载明的期限（非法定）"
            )
        return
    if remedy.notified_on is None:
        return
    if remedy.kind in LAWSUITS:
        yield _counted(RemedyNode.DEFENCE, "defence", remedy.notified_on, remedy.answered_on, rules, calendar)
    else:
        simple = remedy.procedure is RemedyProcedure.SIMPLIFIED
        limit = "reconsideration_answer_simplified" if simple else "reconsideration_answer"
        yield _counted(RemedyNode.ANSWER, limit, remedy.notified_on, remedy.answered_on, rules, calendar)


def _counted(
    node: RemedyNode, limit: str, base_on: date, met_on: date | None, rules: ClockRules, calendar: WorkCalendar
) -> Due:
    found = LIMITS[limit]
    if found.unit is Unit.WORKDAYS:
        due_on = calendar.nth_after(base_on, found.length)
        guessed = calendar.rests_on_projection(base_on, due_on)
    else:
        last = base_on + timedelta(days=found.length)
        due_on = roll_over(last, rules, calendar)
        guessed = calendar.rests_on_projection(last - timedelta(days=1), due_on)
    return Due(node, due_on, met_on, found.article, guessed)


def next_due(nodes: tuple[Due, ...]) -> Due | None:
    """What falls due first among what is not done."""
    return min((node for node in nodes if node.met_on is None), key=lambda node: node.due_on, default=None)


def sue_until(remedy: Proceedings, rules: ClockRules, calendar: WorkCalendar) -> date | None:
    """Until when a reconsideration decision may be taken to court (行政诉讼法第45条); None before it was served."""
    if remedy.kind is not RemedyKind.RECONSIDERATION or remedy.decision_served_on is None:
        return None
    days = LIMITS["litigation_after_reconsideration"].length
    return roll_over(remedy.decision_served_on + timedelta(days=days), rules, calendar)


def faults(remedy: Proceedings, today: date) -> list[tuple[str, str]]:
    """What cannot be, as (field, Chinese message); empty when all of it can."""
    found = [(name, f"{_NAMES[name]}不能晚于今天") for name in _PAST if (day := getattr(remedy, name)) and day > today]
    for earlier, later in _ORDER:
        first, second = getattr(remedy, earlier), getattr(remedy, later)
        if first and second and second < first:
            found.append((later, f"{_NAMES[later]}不能早于{_NAMES[earlier]}"))
    for later, needed in _NEEDS:
        if getattr(remedy, later) and not getattr(remedy, needed):
            found.append((later, f"登记{_NAMES[later]}，须先登记{_NAMES[needed]}"))
    return found


_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "filed_on": "提出之日",
        "notified_on": "收到副本或者通知之日",
        "answered_on": "提交答复或者答辩之日",
        "closed_on": "决定、判决之日",
        "decision_served_on": "决定书、判决书送达之日",
        "order_by": "履行期限",
        "order_met_on": "履行之日",
        "opinion_on": "收到意见书之日",
        "opinion_answered_on": "反馈整改情况之日",
        "rectify_by": "整改期限",
        "rectified_on": "完成整改之日",
        "answer_by": "通知载明的答复期限",
    }
)
_PAST = (
    *("filed_on", "notified_on", "answered_on", "closed_on", "decision_served_on", "order_met_on"),
    *("opinion_on", "opinion_answered_on", "rectified_on"),
)
_ORDER = (
    ("filed_on", "notified_on"),
    ("notified_on", "answered_on"),
    ("notified_on", "answer_by"),
    ("filed_on", "closed_on"),
    ("closed_on", "decision_served_on"),
    ("closed_on", "order_by"),
    ("closed_on", "order_met_on"),
    ("filed_on", "opinion_on"),
    ("opinion_on", "opinion_answered_on"),
    ("filed_on", "rectified_on"),
)
_NEEDS = (
    ("answered_on", "notified_on"),
    ("decision_served_on", "closed_on"),
    ("order_by", "closed_on"),
    ("order_met_on", "closed_on"),
    ("opinion_answered_on", "opinion_on"),
)
