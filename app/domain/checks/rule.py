"""What a check is, and the few questions about a draft that many checks ask."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.domain import commands
from app.domain.facts import Facts
from app.domain.terms import CheckCode, CheckGate, CheckLevel, ReplyKind, State

UNDER_REVIEW = frozenset({State.SECTION_REVIEW, State.LEADER_REVIEW, State.SIGNED})
SENT = frozenset({State.DELIVERING, State.DELIVERED, State.ARCHIVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule:
    """One check: a question a clerk reads, the article it rests on, and how it is answered from the facts.

    `gates` are the points at which it is enforced, the latest last. `applies` tells whether the case has what the check
    judges; `finds` lists in Chinese what is wrong, empty when nothing is. `excused` tells whether the override at
    this place of `facts.past` still covers what is wrong; None where no leader may let the check pass.
    """

    code: CheckCode
    asks: str
    gates: tuple[CheckGate, ...]
    level: CheckLevel = CheckLevel.BLOCKER
    basis: str
    applies: Callable[[Facts], bool]
    finds: Callable[[Facts], list[str]]
    excused: Callable[[Facts, int], bool] | None = None

    @property
    def gate(self) -> CheckGate:
        """The latest point at which the check is enforced."""
        return self.gates[-1]

    @property
    def overridable(self) -> bool:
        """Whether a leader may let the check pass, with a reason."""
        return self.excused is not None


class Passage(NamedTuple):
    """A piece of what the drafter wrote; `where` names it to a clerk, such as “第1项的理由”."""

    where: str
    text: str


_PASSAGES = {
    "found": "事实",
    "reason": "理由",
    "provision": "提供方式",
    "severability": "区分处理的判断",
    "guidance": "渠道告知",
    "existing": "现有信息状况",
}


def drafted(facts: Facts) -> bool:
    """Tell whether there is a draft to judge."""
    return bool(facts.conclusions)


def concluded(*kinds: ReplyKind) -> Callable[[Facts], bool]:
    """Tell whether the draft has an item of one of these kinds."""
    return lambda facts: not facts.kinds.isdisjoint(kinds)


def items(facts: Facts, kinds: Iterable[ReplyKind]) -> list[commands.Conclusion]:
    """Give the conclusions of these kinds."""
    wanted = frozenset(kinds)
    return [item for item in facts.conclusions if item.kind in wanted]


def sent(facts: Facts) -> bool:
    """Tell whether a sending stands: made, and not come back."""
    return facts.state in SENT and facts.sending is not None


def passages(facts: Facts) -> Iterator[Passage]:
    """Give everything the drafter wrote that the applicant may read."""
    for item in facts.conclusions:
        for field, label in _PASSAGES.items():
            if text := getattr(item, field):
                yield Passage(f"第{item.item_no}项的{label}", text)
    draft = facts.last(commands.Submit)
    if draft and draft.body:
        yield Passage("答复正文", draft.body)
    if draft and draft.form_reason:
        yield Passage("改变提供形式的理由", draft.form_reason)


def newest(facts: Facts, kind: type[commands.Command]) -> int:
    """Return the place in `facts.past` of the newest command of this kind; -1 if there is none."""
    return max((place for place, past in enumerate(facts.past) if isinstance(past.command, kind)), default=-1)


def given_after(kind: type[commands.Command]) -> Callable[[Facts, int], bool]:
    """Let an override count only for what the newest command of this kind brought about."""
    return lambda facts, place: place > newest(facts, kind)
