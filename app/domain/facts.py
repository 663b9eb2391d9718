"""What a guard may look at: one case and its caller at one moment, as a frozen value built from rows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain import clock
from app.domain.acts import Act, chronological
from app.domain.clock import Objection, Reading
from app.domain.limits import ClockRules
from app.domain.terms import Channel, DeliveryMethod, ReplyKind, Role, State
from app.domain.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The case as the law sees it today. People are named by their user names."""

    today: dt.date
    actor: str
    roles: frozenset[Role]
    state: State
    channel: Channel
    submitted_on: dt.date
    received_on: dt.date | None
    item_numbers: frozenset[int]
    assignees: frozenset[str]
    handler: str | None = None
    drafter: str | None = None
    endorser: str | None = None
    secrecy_cleared: bool = False
    proposed: frozenset[ReplyKind] = frozenset()
    outcome: ReplyKind | None = None
    delivery: DeliveryMethod | None = None
    proof_of_delivery: bool = False
    acts: tuple[Act, ...] = ()
    rules: ClockRules
    calendar: WorkCalendar

    @cached_property
    def reading(self) -> Reading | None:
        """The clock today; None until the date of receipt is known (条例第31条)."""
        if self.received_on is None:
            return None
        return clock.read(self.received_on, self.acts, self.rules, self.calendar, self.today)

    @cached_property
    def due_on(self) -> dt.date | None:
        return self.reading.due_on if self.reading else None

    def made(self, kind: type[Act]) -> bool:
        """Tell whether an act of this kind stands in the clock's history."""
        return any(isinstance(act, kind) for act in self.acts)

    def objections(self, fresh: Sequence[Act]) -> list[Objection]:
        """What the clock has against entering these acts now."""
        if self.received_on is None:
            return []
        history = sorted([*self.acts, *fresh], key=chronological)  # what is learnt late is recorded late
        return clock.check(history, self.rules, self.calendar, self.received_on)
