"""Callers that try until they are answered, as a portal does, and write down what they were told."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Event
from typing import Any

import httpx

from app.errors import ChangedMeanwhile, KeyInFlight
from tests.faults.ledger import Ledger, Promise
from tests.faults.procession import Deed, Step

AGAIN = {KeyInFlight.code, ChangedMeanwhile.code}
REPLAYED = 0.1
TWICE_AT_ONCE = 0.1


@dataclass
class Callers:
    """Clerks who take cases from registration to the archive, each act under a key of its own."""

    origins: Sequence[str]
    headers: Mapping[str, Mapping[str, str]]  # by login name
    ledger: Ledger
    steps: Sequence[Step]
    give_up_s: float = 240  # of a test that may take 300 s; a busy machine needs most of a minute now and then
    refusals_allowed: bool = False  # where a set-back clock makes an act impossible
    think_s: float = 0  # between two acts
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self._client = httpx.Client(timeout=20, limits=httpx.Limits(max_connections=200, max_keepalive_connections=20))

    def close(self) -> None:
        self._client.close()

    def send(self, deed: Deed, origin: str | None = None) -> httpx.Response | None:
        """Try once; None where there was no answer."""
        self.ledger.tried()
        address = f"{origin or self.chance.choice(self.origins)}/api/v1{deed.path}"
        headers = {**self.headers[deed.who], "Idempotency-Key": deed.key}
        try:
            answer = self._client.post(address, json=deed.body, headers=headers)
        except httpx.TransportError:
            return None
        if answer.is_success:
            self.ledger.acknowledge(deed, answer.content)
        return answer

    def do(self, deed: Deed) -> dict[str, Any] | None:
        """Try until there is an answer; None where it was refused or never came, which the ledger then says."""
        give_up = time.monotonic() + self.give_up_s
        while time.monotonic() < give_up:
            answer = self.send(deed)
            if answer is not None and answer.is_success:
                found: dict[str, Any] = answer.json()
                return found
            if answer is not None and answer.status_code != 503 and answer.json().get("code") not in AGAIN:
                if not self.refusals_allowed or answer.status_code >= 500:
                    self.ledger.broken(Promise.OPEN, f"{deed.key}: {answer.status_code} {answer.text[:200]}")
                return None
            time.sleep(0.02 + 0.05 * self.chance.random())
        self.ledger.broken(Promise.OPEN, f"{deed.key}: no answer within {self.give_up_s:.0f} s")
        return None

    def deed(self, name: str, step: Step, case_id: int | None) -> Deed:
        return Deed(f"{name}-{step.action}", step.who, step.action, step.path(case_id), step.body, name)

    def walk(self, steps: Sequence[Step] | None = None, until: Event | None = None) -> str:
        """Take one new case through the steps; some acts are tried twice at once, some again later."""
        name, case_id = f"case{next(self._numbers)}", None
        for step in steps or self.steps:
            if until is not None and until.is_set():
                break
            deed = self.deed(name, step, case_id)
            if self.chance.random() < TWICE_AT_ONCE:
                with ThreadPoolExecutor(1) as beside:
                    other = beside.submit(self.do, deed)
                    answer = self.do(deed)
                    other.result()
            else:
                answer = self.do(deed)
            if answer is None:
                break
            case_id = answer["id"]
            if self.chance.random() < REPLAYED:
                self.do(deed)
            time.sleep(self.think_s)
        return name

    def work(self, clerks: int, until: Event, steps: Sequence[Step] | None = None) -> "Working":
        """Set clerks to work beside the caller's own thread; a case begun when `until` is set is left where it is."""
        return Working(self, clerks, until, steps)

    def repeat(self, most: int = 200) -> None:
        """Try acknowledged keys again: each must get its first answer."""
        deeds = [deed for deed, _ in self.ledger.told.values()]
        for deed in self.chance.sample(deeds, min(most, len(deeds))):
            self.do(deed)


class Working:
    """Clerks at work until told to stop."""

    def __init__(self, callers: Callers, clerks: int, until: Event, steps: Sequence[Step] | None) -> None:
        self._until, self._pool = until, ThreadPoolExecutor(clerks)
        self._tasks = [self._pool.submit(self._keep_on, callers, steps) for _ in range(clerks)]

    def _keep_on(self, callers: Callers, steps: Sequence[Step] | None) -> None:
        while not self._until.is_set():
            callers.walk(steps, self._until)

    def __enter__(self) -> "Working":
        return self

    def __exit__(self, *_error: object) -> None:
        self._until.set()
        for task in self._tasks:
            task.result()
        self._pool.shutdown()
