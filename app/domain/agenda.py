"""What a case is waiting for at this moment: the steps that are due, whether or not they move it on.

The table says which steps lead out of a state. Besides those, something may be owed that leaves the case where it is (a
delivery to be recorded, an opinion to come in, a review), and some ways out are no one's next duty (a withdrawal, a return).
"""

from collections.abc import Callable, Iterator, Mapping, Set

from app.domain import acts, commands
from app.domain.checks.third_parties import unnotified
from app.domain.facts import Facts
from app.domain.fold import gather
from app.domain.machine import Step
from app.domain.terms import State

OCCASIONAL: Set[type[commands.Command]] = frozenset(
    {
        commands.Withdraw,
        commands.Merge,
        commands.Transfer,
        commands.RequestCorrection,
        commands.NotifyFee,
        commands.ReturnDraft,
        commands.RecordReturn,
    }
)
"""Ways out of a state that are taken only if something happens or turns out; nobody waits for them."""


def due(facts: Facts, rows: tuple[Step, ...]) -> Iterator[Step]:
    """Give the steps of the table that are somebody's to take now, in its order, the occasional ones among them."""
    for step in rows:
        if facts.state not in step.sources:
            continue
        if step.target not in {None, facts.state} or ((owed := OWED.get(step.command)) is not None and owed(facts)):
            yield step


def _sent_but_not(kind: type[acts.Act], *after: type[acts.Act]) -> Callable[[Facts], bool]:
    """Tell whether a notice was sent whose delivery nobody has recorded, nor what came `after` it."""

    def open_still(facts: Facts) -> bool:
        notices = [act for act in facts.acts if isinstance(act, kind)]
        return bool(notices) and getattr(notices[-1], "delivered_on", None) is None and not any(map(facts.made, after))

    return open_still


def _opinions(facts: Facts, *, undelivered: bool) -> bool:
    if facts.received_on is None:
        return False
    history = gather(facts.received_on, facts.acts, facts.settings.clock_rules())
    waiting = [letter for letter in history.consultations.values() if letter.answered_on is None]
    return any(letter.delivered_on is None for letter in waiting) if undelivered else bool(waiting)


_IN_REVIEW = frozenset({State.SECTION_REVIEW, State.LEADER_REVIEW})

OWED: Mapping[type[commands.Command], Callable[[Facts], bool]] = {
    commands.ConfirmReceipt: lambda f: f.received_on is None,
    commands.RecordCorrectionDelivery: _sent_but_not(acts.CorrectionRequested, acts.CorrectionDelivered),
    commands.RecordFeeDelivery: _sent_but_not(acts.FeeNotified, acts.FeeDelivered),
    commands.RecordReasonsDelivery: _sent_but_not(acts.ReasonsRequested, acts.ReasonsDelivered, acts.ReasonsReceived),
    commands.ReceiveReasons: lambda f: f.made(acts.ReasonsRequested) and not f.made(acts.ReasonsReceived),
    commands.RecordConsultationDelivery: lambda f: _opinions(f, undelivered=True),
    commands.RecordConsultationAnswer: lambda f: _opinions(f, undelivered=False),
    commands.ReviewSecrecy: lambda f: f.state in _IN_REVIEW and not f.secrecy_cleared,
    commands.ReviewLegality: lambda f: (
        f.state in _IN_REVIEW and f.settings.legal_review_required and not f.legality_passed
    ),
    commands.NotifyThirdParty: lambda f: bool(unnotified(f)),
}
"""When a step is owed that need not move the case on, or only once it has come to that."""
