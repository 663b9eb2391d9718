"""The checks before a reply leaves (rules.md §8): each with its article, its level, and whether a leader may let it pass."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.facts import Facts
from app.domain.terms import CheckCode, CheckGate, CheckLevel


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One check: `finds` lists in Chinese what is wrong, empty when nothing is."""

    code: CheckCode
    asks: str
    gate: CheckGate
    level: CheckLevel
    basis: str
    finds: Callable[[Facts], list[str]]
    overridable: bool = False


CHECKS: Mapping[CheckCode, CheckRule] = {}


def blockers(facts: Facts, gate: CheckGate) -> list[str]:
    return []
