"""Whose turn it is: the step that each state is waiting for, read from the workflow tables, and by whom it is due.

The tables say everything that may be done; here stands which of it moves a case along when nothing unusual happens.
Withdrawing, merging, transferring and the like are always possible and nobody's turn.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.domain import commands
from app.domain.agenda import OWED
from app.domain.commands import Command
from app.domain.facts import Facts
from app.domain.machine import Reason, Step
from app.domain.terms import CaseKind, NodeParty, ReasonKind, Role, State, Urgency, Waiting
from app.domain.workdays import WorkCalendar
from app.domain.workflow import WORKFLOWS

SOON_WORKDAYS = 3

MAIN_LINE: Mapping[State, tuple[type[Command], ...]] = {
    State.REGISTERED: (commands.ConfirmReceipt, commands.Accept),
    State.REVIEWING: (commands.Assign,),
    State.AWAITING_CORRECTION: (
        *(commands.RecordCorrectionDelivery, commands.ReceiveCorrection, commands.CloseUncorrected),
    ),
    State.HANDLING: (commands.Submit, commands.DecideRectification, commands.ConcludeComplaint),
    State.AWAITING_PAYMENT: (commands.RecordFeeDelivery, commands.RecordPayment, commands.CloseUnpaid),
    State.SECTION_REVIEW: (commands.Endorse, commands.ReviewSecrecy, commands.ReviewLegality),
    State.LEADER_REVIEW: (commands.ReviewSecrecy, commands.ReviewLegality, commands.Sign),
    State.SIGNED: (commands.Deliver,),
    State.DELIVERING: (commands.ConfirmDelivery,),
    State.DELIVERED: (commands.Archive,),
    State.CLOSED: (commands.Archive,),
    State.ARCHIVED: (),
}

_ASKED_FOR: Mapping[type[Command], Callable[[Facts], bool]] = {
    **OWED,
    commands.Accept: lambda f: f.received_on is not None,
}
"""When a step of the main line is due at all; one that is not named here always is."""

_WHEN_OPEN = (commands.CloseUncorrected, commands.CloseUnpaid)
"""Steps that are due only once nothing stands in their way: the applicant's period has run out."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A step a case is waiting for, with what it still lacks, whoever takes it."""

    step: Step
    lacks: tuple[Reason, ...]


def main_line(kind: CaseKind, state: State) -> tuple[Step, ...]:
    """List the steps that move a case of this kind along from a state, in the order they are taken."""
    steps = {type_of.command: type_of for type_of in WORKFLOWS[kind].rows if state in type_of.sources}
    return tuple(steps[command] for command in MAIN_LINE[state] if command in steps)


def turns(facts: Facts) -> tuple[Turn, ...]:
    """Say what the case is waiting for today and what is missing for it."""
    anyone = replace(facts, roles=frozenset(Role), actor="")
    found = []
    for step in main_line(facts.kind, facts.state):
        lacks = tuple(bar for bar in step.obstacles(anyone) if bar.kind is not ReasonKind.ROLE)
        asked_for = _ASKED_FOR.get(step.command, _always)(facts)
        if asked_for and not (lacks and step.command in _WHEN_OPEN):
            found.append(Turn(step, lacks))
    return tuple(found)


def by_the_handler(step: Step, kind: CaseKind) -> bool:
    """Tell whether a step is the handler's own once the case has one, rather than everybody's with the role.

    A complaint's handler is a supervisor.
    """
    own = {Role.AGENCY_SUPERVISOR, Role.CITY_SUPERVISOR} if kind is CaseKind.COMPLAINT else {Role.HANDLER}
    return bool(step.roles & own)


def party(waiting: Waiting | None) -> NodeParty:
    """Say who has to act first."""
    if waiting is None:
        return NodeParty.AGENCY
    return NodeParty.CONSULTED if waiting is Waiting.CONSULTATION else NodeParty.APPLICANT


def urgency(next_on: dt.date | None, today: dt.date, calendar: WorkCalendar) -> Urgency:
    """Judge the next date of a case, as the agency's working days count."""
    if next_on is None:
        return Urgency.NONE
    if next_on < today:
        return Urgency.LATE
    if next_on == today:
        return Urgency.TODAY
    return Urgency.SOON if next_on <= calendar.nth_after(today, SOON_WORKDAYS) else Urgency.LATER


def _always(_facts: Facts) -> bool:
    return True
