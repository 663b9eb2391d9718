"""What callers were told: the one record by which a fault is judged, kept outside of the service."""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from tests.faults.procession import Deed


class Promise(StrEnum):
    """What the service promises whatever happens; a finding says which promise was broken."""

    KEPT = "an acknowledged act is there"
    ONCE = "an act happens once, however often it is tried"
    TRUE = "an answer says what is kept"
    ANSWER = "every try of a key gets the first answer"
    OPEN = "what is allowed is answered in the end"
    STATE = "the state follows from the history"
    CLOCK = "the projection follows from the clock's entries"
    JOURNAL = "the journal tells the whole history"
    NUMBERS = "numbers are neither skipped nor given twice"
    DELIVERED = "every event reaches every receiver, in the order of its case and under one id"
    WHOLE = "an act is there whole or not at all"
    FRUGAL = "a process gathers neither memory nor files"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise."""

    promise: Promise
    text: str


@dataclass
class Ledger:
    """Deeds and their first answers; callers on many threads write into it."""

    told: dict[str, tuple[Deed, bytes]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    tries: int = 0
    _lock: Lock = field(default_factory=Lock)

    def tried(self) -> None:
        with self._lock:
            self.tries += 1

    def acknowledge(self, deed: Deed, answer: bytes) -> None:
        """Write down an answer of success; another one for the same key breaks a promise."""
        with self._lock:
            _, first = self.told.setdefault(deed.key, (deed, answer))
        if first != answer:
            self.broken(Promise.ANSWER, f"{deed.key}: another answer than the first")

    def broken(self, promise: Promise, text: str) -> None:
        with self._lock:
            self.findings.append(Finding(promise, text))

    def forget(self, keys: set[str]) -> None:
        """Leave out deeds that an older back-up cannot know."""
        for key in keys:
            self.told.pop(key, None)

    @property
    def acknowledged(self) -> int:
        return len(self.told)

    def by_case(self) -> dict[str, list[tuple[Deed, bytes]]]:
        """Group what was acknowledged by case, in the order of the acts."""
        found: dict[str, list[tuple[Deed, bytes]]] = defaultdict(list)
        for deed, answer in list(self.told.values()):
            found[deed.case].append((deed, answer))
        return found
