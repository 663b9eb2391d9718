"""Many tries of many keys at once, against a service that is stopped and started again meanwhile.

Under DISCLOSURE_FULL=1 there are 200 keys, and a process that is killed with -9.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from app.domain.terms import Role
from app.main import create_app
from tests.servers import free_port, serving
from tests.sizes import FULL
from tests.town import CITY, Town, application

log = logging.getLogger(__name__)

KEYS, TRIES = (200, 50) if FULL else (6, 50)
KILLS = 8
CALLERS = 24
GIVE_UP_S = 900 if FULL else 60


@dataclass
class Tally:
    """What the callers were told."""

    created: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    tries: int = 0
    in_flight: int = 0
    broken: int = 0


@contextmanager
def restarted(place: Town, port: int) -> Iterator[None]:
    """Run the service, as an application with connections of its own, and start another in its place after a moment."""
    done = Event()

    def run() -> None:
        while not done.is_set():
            with serving(create_app(place.settings, now=lambda: place.now), port):
                done.wait(1)

    server = Thread(target=run)
    server.start()
    try:
        yield
    finally:
        done.set()
        server.join()


@contextmanager
def killed(place: Town, port: int) -> Iterator[None]:
    """Run the service as a process of its own, and kill -9 it again and again while the block runs."""
    environment = os.environ | {
        "DISCLOSURE_DATABASE_URL": place.settings.url,
        "DISCLOSURE_DATA_DIR": str(place.settings.data_dir),
        "DISCLOSURE_SECRET": "test-secret-of-at-least-32-characters",
        "DISCLOSURE_PORT": str(port),
    }
    running = [_start(environment, port)]
    done = Event()

    def kill() -> None:
        for _ in range(KILLS):
            if done.wait(2):
                return
            running[-1].send_signal(signal.SIGKILL)
            running[-1].wait()
            running.append(_start(environment, port))

    killer = Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        done.set()
        killer.join()
        running[-1].terminate()
        running[-1].wait()


def _start(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve"],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return process
        except httpx.TransportError:
            assert process.poll() is None, "the service does not start"
        time.sleep(0.1)
    raise AssertionError("the service does not answer")


@pytest.mark.timeout(1800 if FULL else 300)
def test_every_key_makes_one_case_and_every_try_of_it_gets_the_same_answer(place: Town) -> None:
    headers = {"X-API-Key": place.issue_key("门户", CITY, Role.PORTAL)}
    tally, port = Tally(), free_port()
    origin = f"http://127.0.0.1:{port}/api/v1"

    def attempt(number: int) -> None:
        """Try until there is an answer, as a portal does."""
        key = f"key-{number % KEYS}"
        sent = application(applicant=application()["applicant"] | {"name": f"申请人{number % KEYS}"})
        give_up = time.monotonic() + GIVE_UP_S
        while time.monotonic() < give_up:
            tally.tries += 1
            try:
                answer = client.post(f"{origin}/cases", json=sent, headers=headers | {"Idempotency-Key": key})
            except httpx.TransportError:
                tally.broken += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 201:
                tally.created[key].add(answer.content)
                return
            assert answer.status_code in {409, 503}, answer.text
            tally.in_flight += answer.status_code == 409
            time.sleep(0.05)
        pytest.fail(f"no answer to {key}")

    limits = httpx.Limits(max_connections=CALLERS)
    running = killed(place, port) if FULL else restarted(place, port)
    with httpx.Client(timeout=30, limits=limits) as client, running, ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(attempt, range(KEYS * TRIES)))
    assert {key: len(bodies) for key, bodies in tally.created.items()} == {f"key-{n}": 1 for n in range(KEYS)}
    assert place.get("门户", "/cases").json()["total"] == KEYS
    log.info("%s keys, %s tries, %s in flight, %s broken off", KEYS, tally.tries, tally.in_flight, tally.broken)
