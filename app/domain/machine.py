"""The engine of the case workflow: what a step is, which steps are open, and whether a command may pass.

It knows nothing of any particular step; the table is `workflow.py`. `options` (the buttons) and `decide` (the verdict)
ask the same `Step.obstacles`, so they cannot disagree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from app.domain.acts import Act
from app.domain.commands import Command
from app.domain.facts import Facts
from app.domain.terms import CaseKind, Doc, ReasonKind, Role, Stage, State


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step may not be taken: what is missing, in Chinese, and the article that asks for it."""

    kind: ReasonKind
    code: str
    message: str
    basis: str = ""


Verdict = bool | list[str]
"""Yes or no, or a list in Chinese of what exactly is wrong (empty: nothing)."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition over the facts of the case, known before a body is written; shown on the button."""

    code: str
    message: str
    holds: Callable[[Facts], Verdict]
    basis: str = ""
    kind: ReasonKind = ReasonKind.GUARD

    def reasons(self, facts: Facts) -> list[Reason]:
        return _reasons(self.kind, self.code, self.basis, self.message, self.holds(facts))


@dataclass(frozen=True, slots=True)
class Check:
    """A condition over the facts and what the clerk has written; asked only when the command is sent."""

    code: str
    message: str
    holds: Callable[[Facts, Any], Verdict]
    basis: str = ""

    def reasons(self, facts: Facts, command: Command) -> list[Reason]:
        return _reasons(ReasonKind.GUARD, self.code, self.basis, self.message, self.holds(facts, command))


def _reasons(kind: ReasonKind, code: str, basis: str, message: str, verdict: Verdict) -> list[Reason]:
    messages = verdict if isinstance(verdict, list) else [] if verdict else [message]
    return [Reason(kind, code, text, basis) for text in messages]


@dataclass(frozen=True, slots=True)
class ClockRule:
    """What a step does to the statutory clock: a sentence for the reader, and the acts it enters."""

    effect: str
    acts: Callable[[Facts, Any], tuple[Act, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: one action, one body, one label, one way through."""

    label: str
    command: type[Command]
    sources: frozenset[State]
    target: State | None  # None: the case stays where it is
    roles: frozenset[Role]
    basis: str
    about: str  # who does it and what comes of it, for Swagger UI
    guards: tuple[Guard, ...] = ()
    checks: tuple[Check, ...] = ()
    clock: ClockRule | None = None
    issues: frozenset[Doc] = frozenset()  # documents the step may write; `services.letters` makes them

    @property
    def action(self) -> str:
        return self.command.action

    @property
    def stage(self) -> Stage:
        """The stage in whose group the action is listed: where it ends, if it starts there too, else where it starts."""
        starts = [state.stage for state in State if state in self.sources]
        return self.target.stage if self.target and self.target.stage in starts else starts[0]

    @property
    def rules(self) -> tuple[Guard | Check, ...]:
        """Everything the step demands, for those who document it."""
        return (*self.guards, *self.checks)

    def within(self, states: Set[State]) -> "Step":
        """Give the same step to a workflow that knows only these states."""
        return replace(self, sources=self.sources & states)

    def obstacles(self, facts: Facts) -> list[Reason]:
        """Every reason why this step is closed; empty when it is open."""
        reasons = []
        if not self.roles & facts.roles:
            names = "、".join(role.label for role in Role if role in self.roles)
            reasons.append(Reason(ReasonKind.ROLE, "role_required", f"“{self.label}”须由{names}操作"))
        if facts.state not in self.sources:
            names = "、".join(state.label for state in State if state in self.sources)
            text = f"案件现处“{facts.state.label}”，“{self.label}”只能在“{names}”时进行"
            reasons.append(Reason(ReasonKind.STATE, "wrong_state", text))
        else:
            reasons += [reason for guard in self.guards for reason in guard.reasons(facts)]
        return reasons


@dataclass(frozen=True, slots=True)
class Option:
    """A step as the caller sees it on one case."""

    step: Step
    obstacles: tuple[Reason, ...]

    @property
    def allowed(self) -> bool:
        return not self.obstacles


@dataclass(frozen=True, slots=True)
class Decision:
    """What taking a step means: the state after it and the clock acts to enter."""

    step: Step
    command: Command  # as it was sent, with its date filled in
    target: State
    acts: tuple[Act, ...]


class Refused(Exception):
    """The step may not be taken; `reasons` says all of why, `due` which steps somebody may take instead."""

    due: Sequence[Step] = ()

    def __init__(self, action: str, reasons: Sequence[Reason]) -> None:
        super().__init__(f"{action}: {', '.join(reason.code for reason in reasons)}")
        self.action = action
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Workflow:
    """The table of one kind of case with its three questions; refuses to exist when it contradicts itself."""

    kind: CaseKind
    start: State
    ends: frozenset[State]
    common: tuple[Check, ...]  # asked of every command
    rows: tuple[Step, ...]
    steps: Mapping[str, Step] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", {step.action: step for step in self.rows})
        if faults := self.faults():
            raise ValueError("the workflow table contradicts itself: " + "; ".join(faults))

    @cached_property
    def states(self) -> frozenset[State]:
        """The states a case of this kind can be in."""
        return frozenset({self.start}).union(
            self.ends, *({*step.sources, *({step.target} if step.target else ())} for step in self.rows)
        )

    def options(self, facts: Facts) -> list[Option]:
        """Return every step of the table, in its order, with all that stands in its way."""
        return [Option(step, tuple(step.obstacles(facts))) for step in self.rows]

    def decide(self, command: Command, facts: Facts) -> Decision:
        """Judge a command, done today unless it says otherwise.

        Raises `Refused` with every reason found, else returns what the command means.
        """
        step = self.steps.get(command.action)
        if step is None:
            text = f"{self.kind.label}没有这一步"
            raise Refused(command.action, [Reason(ReasonKind.STATE, "not_for_this_kind", text)])
        command = command if command.on else command.model_copy(update={"on": facts.today})
        reasons = step.obstacles(facts)
        if not reasons:
            checks = (*self.common, *step.checks)
            reasons = [reason for check in checks for reason in check.reasons(facts, command)]
        acts: tuple[Act, ...] = ()
        if not reasons and step.clock:
            acts = step.clock.acts(facts, command)
            reasons = [Reason(ReasonKind.GUARD, bar.code, bar.message) for bar in facts.objections(acts)]
        if reasons:
            raise Refused(step.action, reasons)
        return Decision(step, command, step.target or facts.state, acts)

    def faults(self) -> list[str]:
        """List what is wrong with the table itself: duplicates, unreachable states, dead ends, nobody to act."""
        found = []
        actions = [step.action for step in self.rows]
        found += [f"duplicate action {action}" for action in sorted(set(actions)) if actions.count(action) > 1]
        found += [f"{step.action}: no source" for step in self.rows if not step.sources]
        found += [f"{step.action}: nobody may take it" for step in self.rows if not step.roles]
        found += [
            f"{step.action}: leaves the final state {end}" for step in self.rows for end in step.sources & self.ends
        ]
        for step in self.rows:
            codes = [rule.code for rule in (*step.rules, *self.common)]
            found += [f"{step.action}: duplicate rule {code}" for code in sorted(set(codes)) if codes.count(code) > 1]
        reached = self._closure({self.start}, forward=True)
        found += [f"unreachable state {state}" for state in State if state in self.states - reached]
        ending = self._closure(set(self.ends), forward=False)
        found += [f"no way out of {state}" for state in State if state in self.states - ending]
        return found

    def _closure(self, seed: Iterable[State], *, forward: bool) -> set[State]:
        edges = [(source, step.target) for step in self.rows for source in step.sources if step.target]
        found = set(seed)
        while fresh := {
            (target if forward else source)
            for source, target in edges
            if (source if forward else target) in found and (target if forward else source) not in found
        }:
            found |= fresh
        return found
