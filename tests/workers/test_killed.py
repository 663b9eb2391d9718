"""Workers killed at any moment lose no event and double none but under its own id."""

import datetime as dt
import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select

from app import db
from app.config import Settings
from app.domain.terms import Role, WebhookDeliveryState
from app.house import House
from app.models import JournalEntry, Keyring, Seal, Unsealed, WebhookDelivery
from app.workers.jobs import Job
from app.workers.runner import working
from app.workers.sealer import seal_journal
from app.workers.webhooks import deliver_webhooks
from tests.receiver import Receiver, receiving
from tests.town import CITY, Town, town

FULL = bool(os.environ.get("DISCLOSURE_FULL"))
KILLS = 200
WORKERS = 2
JOBS = [Job("sealer", "封存", seal_journal), *(Job(f"webhooks-{n}", "投递", deliver_webhooks) for n in range(2))]
OPEN: dict[str, Any] = {"webhook_http": True, "webhook_networks": ["127.0.0.0/8"]}


@pytest.fixture
def place(fresh_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(fresh_database, tmp_path, **OPEN) as opened:
        opened.hire("anquan", CITY, Role.SECURITY_ADMIN)
        yield opened


def _work(url: str, folder: Path, began: dt.datetime, passed: Any, up: Any) -> None:
    settings = Settings(data_dir=folder, database_url=url, secret="test-secret-of-at-least-32-characters", **OPEN)
    engine = db.engine_of(settings, connections=6, keyring=Keyring(settings.cipher_suite, settings.master_keys))
    with working(House.of(settings, engine, lambda: began + dt.timedelta(seconds=passed.value)), JOBS):
        up.set()
        Event().wait()


@pytest.mark.skipif(not FULL, reason="a quarter of an hour; DISCLOSURE_FULL=1 runs it")
def test_workers_killed_under_load_lose_no_event(place: Town, tmp_path: Path) -> None:
    rng = random.Random(7)
    processes = multiprocessing.get_context("spawn")
    passed = processes.Value("d", 0.0)

    def start() -> Any:
        up = processes.Event()
        worker = processes.Process(
            target=_work, args=(place.settings.url, tmp_path, place.now, passed, up), daemon=True
        )
        worker.start()
        return worker, up

    with receiving(Receiver()) as receiver:
        body = {"label": "a", "url": receiver.url, "events": ["case.*"], "agency_code": CITY}
        assert place.post("anquan", "/webhooks", body).status_code == 201
        workers = [start() for _ in range(WORKERS)]
        try:
            for number in range(KILLS):
                worker, up = workers[number % WORKERS]
                assert up.wait(60)
                seen = len(receiver.got)
                for _ in range(4):
                    place.act("dengji", place.register(), "accept")
                until = time.monotonic() + 20
                while len(receiver.got) == seen and time.monotonic() < until:
                    time.sleep(0.005)
                time.sleep(rng.random() / 20)
                worker.kill()
                worker.join()
                passed.value += 61  # what it held is let go of
                workers[number % WORKERS] = start()
            wanted = _numbers(place)
            until = time.monotonic() + 120
            while _pending(place) and time.monotonic() < until:
                time.sleep(0.1)
        finally:
            for worker, _ in workers:
                worker.kill()
                worker.join()
    assert _pending(place) == 0
    assert set(receiver.numbers) == set(wanted), "none missing, none invented"
    assert len({got.id for got in receiver.taken}) == len(wanted), "what came twice came under the same id"
    first: dict[int, list[int]] = {}
    for number in dict.fromkeys(receiver.numbers):
        first.setdefault(wanted[number], []).append(number)
    assert all(one < other for numbers in first.values() for one, other in pairwise(numbers))


def _numbers(place: Town) -> dict[int, int]:
    """Wait until all is sealed; the case of each number."""
    with db.reader(place.engine) as session:
        while session.scalar(select(func.count()).select_from(Unsealed)):
            session.rollback()
            time.sleep(0.05)
        rows = session.execute(
            select(Seal.sequence, JournalEntry.case_id)
            .join(JournalEntry, JournalEntry.id == Seal.entry_id)
            .where(JournalEntry.case_id.is_not(None))
        )
        found = {sequence: case_id for sequence, case_id in rows if case_id is not None}
    assert [*range(min(found), max(found) + 1)] == sorted(found)
    return found


def _pending(place: Town) -> int:
    """Count what is on its way, and what is yet to be put there."""
    with db.reader(place.engine) as session:
        settled = select(func.count(WebhookDelivery.id)).where(WebhookDelivery.state == WebhookDeliveryState.DELIVERED)
        wanted = select(func.count(JournalEntry.id)).where(JournalEntry.case_id.is_not(None))
        return (session.scalar(wanted) or 0) - (session.scalar(settled) or 0)
