"""What a guard may look at: one case and its caller at one moment, as a frozen value built from rows."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from app.domain import clock, commands
from app.domain.acts import Act, chronological
from app.domain.clock import Objection, Reading
from app.domain.fees import Charge
from app.domain.settings import AgencySettings
from app.domain.terms import Carrier, CaseKind, Channel, DeliveryMethod, ReplyKind, Role, SendMethod, State
from app.domain.workdays import WorkCalendar

C = TypeVar("C", bound=commands.Command)


@dataclass(frozen=True, slots=True)
class Past:
    """A step that was taken: by whom, and the command as it was accepted, with its date."""

    command: commands.Command
    actor: str

    @property
    def on(self) -> dt.date:
        assert self.command.on is not None, "a command is dated before it is recorded"
        return self.command.on


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The case as the law sees it today. People are named by their user names.

    `past` is the case's whole procedure in the order it was recorded; whatever was searched, asked, paid or said is
    read from there, so that nothing is counted twice.
    """

    today: dt.date
    actor: str
    roles: frozenset[Role]
    state: State
    channel: Channel
    submitted_on: dt.date
    received_on: dt.date | None
    item_numbers: frozenset[int]
    settings: AgencySettings
    calendar: WorkCalendar
    kind: CaseKind = CaseKind.DISCLOSURE
    acts: tuple[Act, ...] = ()
    past: tuple[Past, ...] = ()

    carrier: Carrier | None = None
    wanted: DeliveryMethod | None = None
    reachable: bool = True  # the application names an address, telephone or mailbox
    requests_in_month: int | None = None  # of this applicant to this agency, this one included; None: applicant unknown

    charge: Charge | None = None  # what the fee notice sent asks for; before one is sent, `charging.reckoned` says

    handler: str | None = None
    drafter: str | None = None
    endorser: str | None = None
    secrecy_cleared: bool = False
    legality_passed: bool = False
    conclusions: tuple[commands.Conclusion, ...] = ()
    outcome: ReplyKind | None = None
    signed_on: dt.date | None = None
    sending: SendMethod | None = None
    proof_of_delivery: bool = False
    attachments: frozenset[str] = frozenset()
    supervises: bool = False  # a complaint's agency stands above the one complained of
    known_earlier: frozenset[str] = frozenset()  # numbers of this agency's answered cases a draft may call repeated

    @cached_property
    def reading(self) -> Reading | None:
        """The clock today; None until the date of receipt is known (条例第31条), and where no reply period runs."""
        return self.reading_on(self.today)

    def reading_on(self, day: dt.date) -> Reading | None:
        """The clock as it stood on another day."""
        if self.received_on is None or self.kind is not CaseKind.DISCLOSURE:
            return None
        return clock.read(self.received_on, self.acts, self.settings.clock_rules(), self.calendar, day)

    @cached_property
    def due_on(self) -> dt.date | None:
        return self.reading.due_on if self.reading else None

    @property
    def kinds(self) -> frozenset[ReplyKind]:
        """The reply kinds of the newest draft, item by item."""
        return frozenset(conclusion.kind for conclusion in self.conclusions)

    def made(self, kind: type[Act]) -> bool:
        """Tell whether an act of this kind stands in the clock's history."""
        return any(isinstance(act, kind) for act in self.acts)

    def taken(self, kind: type[C]) -> Iterator[C]:
        """Give the accepted commands of this kind, oldest first."""
        return (past.command for past in self.past if isinstance(past.command, kind))

    def last(self, kind: type[C]) -> C | None:
        """Return the newest accepted command of this kind."""
        return max(enumerate(self.taken(kind)), default=(0, None), key=lambda pair: pair[0])[1]

    def objections(self, fresh: Sequence[Act]) -> list[Objection]:
        """What the clock has against entering these acts now."""
        if self.received_on is None:
            return []
        history = sorted([*self.acts, *fresh], key=chronological)  # what is learnt late is recorded late
        return clock.check(history, self.settings.clock_rules(), self.calendar, self.received_on)
