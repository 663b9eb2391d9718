"""Hours of mixed load with a fault every half minute: `python -m tests.faults.soak [--minutes 120] [--every 30] [--kinds …]`.

One service and one worker live through all of it, started as an operator starts them, and are watched for memory, files
and connections that they gather; a service and a worker beside them are killed. Clerks take cases to the archive, readers
poll, streams are listened to, receivers are told. In the end everything is held against what callers were told. Prints
how the two went on and a scorecard, and ends with 1 if a promise was broken.
"""

import argparse
import datetime as dt
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median
from threading import Event, Lock, Thread

import httpx

from tests.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.faults import outages, receivers, trials
from tests.faults.ledger import Finding, Promise
from tests.faults.proxy import Cut, Proxy
from tests.faults.scorecard import Score, table
from tests.faults.services import Child, Service, Worker, faulty, nursery
from tests.faults.stage import Stage, found, stage
from tests.receiver import Receiver, receiving

CLERKS, READERS, LISTENERS, SUBSCRIPTIONS = 4, 2, 5, 2
THINK_S, POLL_S, WATCH_S = 0.5, 0.5, 10.0
WRONG_CLOCK_S = 900.0
HEARD_S = 120.0
"""How long the listeners may take to the last event."""

POLLED = (
    "/cases/overdue",
    "/cases/due-soon",
    "/cases",
    "/cases/1",
    "/cases/1/timeline",
    "/cases/1/clock",
    "/cases/1/checks",
    "/feed?after=0",
    "/statistics/overview",
    "/statistics/annual-report?agency=370600-GXJ&year={year}",
    "/calendar/CN?from={year}-01-01&to={year}-12-31",
    "/worklist",
)


@dataclass
class Watch:
    """What a process holds, looked at again and again."""

    name: str
    child: Child
    held: list[Mapping[str, float]] = field(default_factory=list)

    def look(self) -> None:
        folder = Path(f"/proc/{self.child.pid}")
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        self.held.append(
            {
                "MiB": int(status["VmRSS"].split()[0]) / 1024,
                "files": len(list((folder / "fd").iterdir())),
                "threads": int(status["Threads"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Trend:
    """What one kind of thing was, by quarters of the time; the first is for warming up."""

    what: str
    quarters: Sequence[float]
    allowed: float  # from the second quarter to the last

    @property
    def grows(self) -> bool:
        return self.quarters[-1] - self.quarters[1] > self.allowed

    def __str__(self) -> str:
        return f"{self.what}: {' → '.join(f'{quarter:.1f}' for quarter in self.quarters)}, allowed +{self.allowed:.1f}"


def trends(name: str, held: Sequence[Mapping[str, float]]) -> Iterator[Trend]:
    """Lay what was held out by quarters: a leak is more than a tenth of the memory, or than three files or threads."""
    step = max(1, len(held) // 4)
    for what in held[0]:
        quarters = [median(one[what] for one in held[start : start + step]) for start in range(0, 4 * step, step)]
        yield Trend(f"{name}, {what}", quarters, quarters[1] / 10 if what == "MiB" else 3)


@dataclass
class Reading:
    """Readers who poll one service: whatever goes wrong, it answers or says that it cannot now."""

    stage: Stage
    service: Service
    done: Event
    answers: dict[int, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def poll(self, seed: int) -> None:
        chance, year = random.Random(seed), dt.datetime.now(dt.UTC).year
        etags: dict[str, str] = {}
        while not self.stage.ledger.acknowledged:  # so that there is a first case
            time.sleep(0.1)
        with httpx.Client(base_url=f"{self.service.origin}/api/v1", timeout=30) as client:
            while not self.done.wait(POLL_S):
                path = chance.choice(POLLED).format(year=year)
                headers = {**self.stage.headers["duban"], "If-None-Match": etags.get(path, '"none"')}
                try:
                    answer = client.get(path, headers=headers)
                except httpx.TransportError as error:
                    self.stage.ledger.broken(Promise.OPEN, f"{path}: {error!r}")
                    continue
                etags[path] = answer.headers.get("ETag", '"none"')
                with self._lock:
                    self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
                if answer.status_code not in {200, 304, 503}:
                    self.stage.ledger.broken(Promise.OPEN, f"{path}: {answer.status_code} {answer.text[:200]}")


@dataclass
class Listener:
    """Follows the feed as a browser does: after each break it goes on behind the last event it has."""

    stage: Stage
    service: Service
    done: Event
    heard: list[int] = field(default_factory=list)

    def follow(self) -> None:
        while not self.done.is_set():
            headers = {**self.stage.headers["duban"], "Last-Event-ID": str(self.heard[-1] if self.heard else 0)}
            try:
                with httpx.stream(
                    "GET", f"{self.service.origin}/api/v1/feed/stream", headers=headers, timeout=60
                ) as told:
                    number = 0
                    for line in told.iter_lines():
                        if line.startswith("id:"):
                            number = int(line[3:])
                        elif line.startswith('data: {"sequence"'):
                            self.heard.append(number)
                        if self.done.is_set():
                            break
            except httpx.TransportError:
                pass
            self.done.wait(0.5)


def _missed(listeners: Sequence[Listener], events: Mapping[int, int]) -> Iterator[Finding]:
    for number, listener in enumerate(listeners):
        if missing := events.keys() - set(listener.heard):
            yield Finding(Promise.DELIVERED, f"stream {number}: {len(missing)} of {len(events)} events never came")
        if len(set(listener.heard)) != len(listener.heard):
            yield Finding(Promise.DELIVERED, f"stream {number}: an event came twice")


Fault = Callable[[], None]


def _faults(
    stage: Stage, mortal: Service, worker: Worker, proxy: Proxy | None, server: outages.Server | None
) -> dict[str, Fault]:
    def again(child: Child, clock_offset_s: float = 0) -> None:
        child.kill()
        child.start(faulty(clock_offset_s=clock_offset_s) if clock_offset_s else None)

    def refuse() -> None:
        with trials.refusing_journal(stage):
            time.sleep(1)

    def restart(server: outages.Server) -> None:
        server.down()
        time.sleep(1)
        server.up()

    faults: dict[str, Fault] = {
        "service killed": lambda: again(mortal),
        "journal refused for a second": refuse,
        "worker killed": lambda: again(worker),
        "service killed, its clock a quarter of an hour ahead": lambda: again(mortal, WRONG_CLOCK_S),
        "service killed, its clock a quarter of an hour behind": lambda: again(mortal, -WRONG_CLOCK_S),
    }
    if proxy:
        for cut in Cut:
            faults[f"connection cut: {cut.value}"] = lambda cut=cut: setattr(proxy, "next", cut)  # type: ignore[misc]  # mypy knows no type of a default
    if server:
        faults["database restarted"] = lambda: restart(server)
    return faults


@contextmanager
def _threads(targets: Sequence[Callable[[], None]], done: Event) -> Iterator[None]:
    running = [Thread(target=target) for target in targets]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in running:
            thread.join()


def soak(stage: Stage, server: outages.Server | None, minutes: float, every_s: float) -> tuple[Score, list[Trend]]:
    """Play it on a stage; returns the score, and what the two that lived held."""
    with ExitStack() as leaving:
        proxy = leaving.enter_context(Proxy(stage.url)) if server else None
        receiver = leaving.enter_context(receiving(Receiver()))
        living, lasting = stage.service(proxy.url if proxy else None), stage.worker()
        living.nursery = lasting.nursery = None
        mortal, worker = stage.service(), stage.worker()
        for child in (living, mortal, lasting, worker):
            child.start()
        mortal.recoveries_s.clear()
        hooks = receivers.subscribe(stage, living, receiver, SUBSCRIPTIONS)
        callers, stop, silence = stage.callers(living, mortal, refusals_allowed=True), Event(), Event()
        callers.think_s = THINK_S
        reading = Reading(stage, living, stop)
        listeners = [Listener(stage, living, silence) for _ in range(LISTENERS)]
        watches = [Watch("service", living), Watch("worker", lasting)]
        faults, number = cycle(_faults(stage, mortal, worker, proxy, server).items()), 0
        with _threads([listener.follow for listener in listeners], silence):
            with (
                callers.work(CLERKS, stop),
                _threads([lambda seed=seed: reading.poll(seed) for seed in range(READERS)], stop),  # type: ignore[misc]  # mypy knows no type of a default
            ):
                for _moment in _moments(minutes, every_s, watches):
                    name, fault = next(faults)
                    number += 1
                    _say(stage, name, watches)
                    fault()
            callers.repeat()
            receivers.await_deliveries(stage, hooks)
            events = receivers.events_of(stage)
            give_up = time.monotonic() + HEARD_S
            while time.monotonic() < give_up and any(events.keys() - set(one.heard) for one in listeners):
                time.sleep(1)
        callers.close()
        taken = [*receiver.taken]
    for finding in (*receivers.compared(events, hooks, taken), *_missed(listeners, events)):
        stage.ledger.broken(finding.promise, finding.text)
    seen = [trend for watch in watches for trend in trends(watch.name, watch.held)]
    for trend in seen:
        if trend.grows:
            stage.ledger.broken(Promise.FRUGAL, str(trend))
    how = f"{minutes:g} minutes, {sum(reading.answers.values())} polls {reading.answers}, {len(events)} events"
    return trials.score(stage, how, number, mortal.recoveries_s), seen


def _moments(minutes: float, every_s: float, watches: Sequence[Watch]) -> Iterator[None]:
    """Give the moments for a fault, and look at the processes in between."""
    began = time.monotonic()
    following = began + every_s
    while time.monotonic() < began + 60 * minutes:
        time.sleep(min(WATCH_S, max(0.0, following - time.monotonic())))
        for watch in watches:
            watch.look()
        if time.monotonic() >= following:
            yield
            following = max(following + every_s, time.monotonic())


def _say(stage: Stage, fault: str, watches: Sequence[Watch]) -> None:
    held = "; ".join(
        f"{watch.name} {' '.join(f'{value:.0f} {what}' for what, value in watch.held[-1].items())}" for watch in watches
    )
    sys.stdout.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {stage.ledger.acknowledged} acts; {held}; {fault}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--every", type=float, default=30, help="seconds between two faults")
    parser.add_argument("--kinds", nargs="+", default=["postgresql"], choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    sys.stdout.write(
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, {platform.platform()}\n"
    )
    scores, seen = [], []
    with ExitStack() as opened:
        forking = opened.enter_context(nursery())
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL may run as another account
        for kind in given.kinds:
            server = opened.enter_context(outages.server(folder / "postgresql")) if kind == "postgresql" else None
            databases: Databases = PostgresDatabases(server.url) if server else SqliteDatabases(folder)
            with stage(databases, forking, found(databases, folder / kind)) as played:
                score, held = soak(played, server, given.minutes, given.every)
            scores.append(score)
            seen += [f"- {kind}: {trend}" for trend in held]
    sys.stdout.write("\n".join(("", *seen, "", table(scores), "")))
    sys.exit(any(score.findings for score in scores))


if __name__ == "__main__":
    main()
