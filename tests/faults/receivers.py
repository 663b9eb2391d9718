"""Receivers of webhooks on a stage, and holding what they got against what happened."""

import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import httpx
from sqlalchemy import func, select

from app import db
from app.domain.terms import WebhookDeliveryState
from app.models import JournalEntry, Seal, Unsealed, WebhookDelivery
from tests.faults.ledger import Finding, Promise
from tests.faults.services import Service
from tests.faults.stage import Stage
from tests.receiver import Got, Receiver
from tests.town import CITY

PATIENCE_S = 300.0


def subscribe(stage: Stage, service: Service, receiver: Receiver, number: int) -> list[int]:
    """Let so many subscriptions of the whole city lead to one receiver; returns their ids."""
    found = []
    for n in range(number):
        body = {"label": f"{n}", "url": f"{receiver.url}{n}", "events": ["case.*"], "agency_code": CITY}
        answer = httpx.post(f"{service.origin}/api/v1/webhooks", json=body, headers=dict(stage.headers["anquan"]))
        found.append(int(answer.raise_for_status().json()["id"]))
    return found


def await_deliveries(stage: Stage, hooks: list[int]) -> None:
    """Wait until all that happened is numbered and delivered, or nothing more is to be expected."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        with db.reader(stage.engine) as session:
            events = session.scalar(select(func.count(JournalEntry.id)).where(JournalEntry.case_id.is_not(None))) or 0
            waiting = session.scalar(select(func.count()).select_from(Unsealed))
            settled = session.scalar(
                select(func.count(WebhookDelivery.id)).where(WebhookDelivery.state == WebhookDeliveryState.DELIVERED)
            )
        if not waiting and settled == events * len(hooks):
            return
        time.sleep(0.2)


def events_of(stage: Stage) -> dict[int, int]:
    """The case of each event of a case, by the event's number."""
    with db.reader(stage.engine) as session:
        rows = session.execute(
            select(Seal.sequence, JournalEntry.case_id)
            .join(JournalEntry, JournalEntry.id == Seal.entry_id)
            .where(JournalEntry.case_id.is_not(None))
        )
        return {sequence: case_id for sequence, case_id in rows if case_id is not None}


def compared(events: dict[int, int], hooks: list[int], taken: list[Got]) -> Iterator[Finding]:
    """Every event came to every subscription; what came again came under the same id; each case's came in order."""
    for hook in hooks:
        mine = [got for got in taken if got.id.startswith(f"msg_{hook}_")]
        bodies: dict[str, set[bytes]] = defaultdict(set)
        for got in mine:
            bodies[got.id].add(got.body)
        wanted = {f"msg_{hook}_{sequence}" for sequence in events}
        if missing := wanted - bodies.keys():
            yield Finding(Promise.DELIVERED, f"webhook {hook}: {len(missing)} of {len(wanted)} never came")
        if invented := bodies.keys() - wanted:
            yield Finding(Promise.DELIVERED, f"webhook {hook}: {sorted(invented)[:5]} are no events")
        if changed := [name for name, said in bodies.items() if len(said) > 1]:
            yield Finding(Promise.DELIVERED, f"webhook {hook}: {changed[:5]} said something else the second time")
        of_case: dict[int, list[int]] = defaultdict(list)
        for sequence in dict.fromkeys(int(got.data["sequence"]) for got in mine):
            of_case[events.get(sequence, 0)].append(sequence)
        for case_id, numbers in of_case.items():
            if any(one > other for one, other in pairwise(numbers)):
                yield Finding(Promise.DELIVERED, f"webhook {hook}, case {case_id}: came as {numbers}")
