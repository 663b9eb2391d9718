"""Handler, reviewer and approver of one case are three people, whatever is returned, handed on and tried again.

Everybody here holds every role, so that only the table keeps them apart.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from app.domain import commands
from app.domain.commands import Command
from app.domain.facts import Facts, Past
from app.domain.machine import Refused
from app.domain.terms import CaseKind, CheckCode, State
from app.domain.workflow import WORKFLOWS
from tests.domain.test_workflow import TODAY, facts, sample
from tests.sizes import FULL

PEOPLE = ("jia", "yi", "bing", "ding", "wu", "ji", "geng")
STORIES = 5_000 if FULL else 60
DRAFTING: dict[CaseKind, type[Command]] = {
    CaseKind.DISCLOSURE: commands.Submit,
    CaseKind.RECTIFICATION: commands.DecideRectification,
    CaseKind.COMPLAINT: commands.ConcludeComplaint,
}


def possible(kind: CaseKind) -> list[Command]:
    """Every command that gives somebody a part in the case."""
    judging: list[type[Command]] = [commands.Endorse, commands.ReviewSecrecy, commands.ReturnDraft, commands.Sign]
    found = [sample(one, on=TODAY) for one in (DRAFTING[kind], *judging)]
    found += [sample(one, on=TODAY, handler=who) for one in (commands.Assign, commands.Reassign) for who in PEOPLE[:4]]
    return [*found, sample(commands.Override, on=TODAY, check=CheckCode.K01)]


@dataclass
class Story:
    """One case as it goes on: who has taken which part in it."""

    facts: Facts

    def attempt(self, who: str, command: Command) -> bool:
        case = replace(self.facts, actor=who)
        try:
            decision = WORKFLOWS[case.kind].decide(command, case)
        except Refused:
            return False
        changes: dict[str, Any] = {"state": decision.target, "past": (*case.past, Past(command, who))}
        if isinstance(command, commands.Assign | commands.Reassign):
            changes["handler"] = command.handler
        if isinstance(command, tuple(DRAFTING.values())):
            changes["drafter"] = who
        if isinstance(command, commands.Endorse):
            changes["endorser"] = who
        self.facts = replace(case, **changes)
        return True

    def did(self, *kinds: type[Command]) -> set[str]:
        return {past.actor for past in self.facts.past if isinstance(past.command, kinds)}

    def handlers(self) -> set[str]:
        given = (past.command for past in self.facts.past)
        named = {one.handler for one in given if isinstance(one, commands.Assign | commands.Reassign)}
        return named | self.did(*DRAFTING.values())


def story(kind: CaseKind) -> Story:
    nobody: dict[str, Any] = {"handler": None, "drafter": None, "endorser": None, "supervises": True}
    return Story(facts(kind=kind, state=State.REVIEWING, past=(), **nobody))


@pytest.mark.parametrize("kind", CaseKind)
def test_nobody_takes_two_parts_in_one_case(kind: CaseKind) -> None:
    rng, everything, signed = Random(45), possible(kind), 0
    for _ in range(STORIES):
        told = story(kind)
        for _ in range(150):
            told.attempt(rng.choice(PEOPLE), rng.choice(everything))
            reviewers, approvers = told.did(commands.Endorse), told.did(commands.Sign, commands.Override)
            assert not told.handlers() & reviewers
            assert not told.handlers() & approvers
            assert not reviewers & approvers
        signed += told.facts.state is State.SIGNED
    assert signed > STORIES / 20, "the stories get as far as the signature"


def test_three_people_bring_a_case_to_its_signature_and_two_do_not() -> None:
    def signed(*people: str) -> bool:
        told = story(CaseKind.DISCLOSURE)
        steps: list[tuple[str, Command]] = [
            (people[1], sample(commands.Assign, on=TODAY, handler=people[0])),
            (people[0], sample(commands.Submit, on=TODAY)),
            (people[1], sample(commands.Endorse, on=TODAY)),
            ("baomi", sample(commands.ReviewSecrecy, on=TODAY)),
            (people[2], sample(commands.Sign, on=TODAY)),
        ]
        return all(told.attempt(who, command) for who, command in steps)

    assert signed("jia", "yi", "bing")
    assert not any(signed(*two) for two in (("jia", "jia", "yi"), ("jia", "yi", "jia"), ("jia", "yi", "yi")))
