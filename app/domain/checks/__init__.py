"""The checks before a reply leaves (rules.md §8): what usually loses a lawsuit, asked while it can still be mended.

`run` answers all of them at any time; `blockers` is what the guards of signing, sending and archiving ask. Which law a
check rests on stands in its `basis`; thresholds that are practice and not law are the agency's settings.

A leader may let pass (`commands.Override`), with a reason, only:

* K01 超期答复, as the checks' own list says: a late reply is still owed, and the lateness remains on record. The override
  counts only if given after the deadline had passed.
* K03 延期手续不全, since an extension once given cannot be undone, and refusing the reply would make it later still. It
  counts for the extensions given before it.
* K07 说理不足, since how many characters make a reason is experience and not law. It counts for the draft it was given for.
* K14 重复申请, since 条例第36条第（六）项 asks for an earlier reply, not that this system holds it; one on paper will do. It
  counts for the draft it was given for.

Everything else can be mended by the clerk (or, for a fee, by giving it back), so nobody may let it pass.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.domain import commands
from app.domain.checks.grounds import GROUNDS
from app.domain.checks.handover import HANDOVER
from app.domain.checks.rule import CheckRule
from app.domain.checks.timing import TIMING
from app.domain.checks.wording import WORDING
from app.domain.facts import Facts
from app.domain.terms import CaseKind, CheckCode, CheckGate, CheckLevel

__all__ = ["CHECKS", "CheckRule", "Finding", "blockers", "run"]

CHECKS: Mapping[CheckCode, CheckRule] = MappingProxyType(
    {rule.code: rule for rule in sorted((*TIMING, *GROUNDS, *WORDING, *HANDOVER), key=lambda rule: rule.code)}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check answers for one case now.

    A check whose matter the case does not have, or not yet, is neither passed nor failed: `applicable` is False.
    `overridden_by` is the reason for which a leader let pass what `messages` say.
    """

    code: CheckCode
    asks: str
    gate: CheckGate
    level: CheckLevel
    basis: str
    overridable: bool
    applicable: bool
    passed: bool
    messages: tuple[str, ...] = ()
    overridden_by: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the case may not go on past the check's gates."""
        return self.level is CheckLevel.BLOCKER and bool(self.messages) and self.overridden_by is None


def run(facts: Facts) -> tuple[Finding, ...]:
    """Answer every check, in the order of their codes; none for a case that is no disclosure request."""
    if facts.kind is not CaseKind.DISCLOSURE:
        return ()
    return tuple(_judge(rule, facts) for rule in CHECKS.values())


def blockers(facts: Facts, gate: CheckGate, codes: Collection[CheckCode] = tuple(CheckCode)) -> list[str]:
    """Say in Chinese what keeps the case from passing this gate, each with its code; empty when nothing does."""
    return [
        f"{finding.code} {finding.code.label}：{message}"
        for rule in CHECKS.values()
        if gate in rule.gates and rule.code in codes and (finding := _judge(rule, facts)).blocks
        for message in finding.messages
    ]


def _judge(rule: CheckRule, facts: Facts) -> Finding:
    applicable = rule.applies(facts)
    messages = tuple(rule.finds(facts)) if applicable else ()
    return Finding(
        code=rule.code,
        asks=rule.asks,
        gate=rule.gate,
        level=rule.level,
        basis=rule.basis,
        overridable=rule.overridable,
        applicable=applicable,
        passed=applicable and not messages,
        messages=messages,
        overridden_by=_let_pass(rule, facts) if messages else None,
    )


def _let_pass(rule: CheckRule, facts: Facts) -> str | None:
    """Return the reason of the newest override that still covers this check."""
    if rule.excused is None:
        return None
    reasons = [
        past.command.reason
        for place, past in enumerate(facts.past)
        if isinstance(past.command, commands.Override)
        and past.command.check is rule.code
        and rule.excused(facts, place)
    ]
    return reasons[-1] if reasons else None
