"""The trials: each sets faults upon a stage, lets every caller finish, and says what came of it."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event

from sqlalchemy import make_url

from app.errors import OutcomeUnknown
from tests.faults import receivers
from tests.faults.audit import fingerprint
from tests.faults.ledger import Promise
from tests.faults.nursery import Death, Order
from tests.faults.procession import Deed, Step
from tests.faults.proxy import Cut, Proxy
from tests.faults.scorecard import Score
from tests.faults.services import faulty
from tests.faults.stage import Stage
from tests.receiver import Receiver, receiving

SUBSCRIPTIONS = 4


def score(stage: Stage, trial: str, faults: int, recoveries_s: Sequence[float] = ()) -> Score:
    """Audit the stage when everybody has been answered."""
    ledger = stage.ledger
    return Score(trial, stage.kind, faults, ledger.tries, ledger.acknowledged, stage.audit(), list(recoveries_s))


def boundaries(stage: Stage, actions: Sequence[str] = (), stride: int = 1, mutant: str = "") -> Score:
    """Kill the process at the boundaries of every act of a case, or of the acts named and at every `stride`-th statement.

    Each time the database must be as before the act, until it is killed after COMMIT: then a retry, at another process,
    gets the answer that nobody has heard.
    """
    dying, living = stage.service(), stage.service()
    callers, case_id, faults = stage.callers(living), None, 0
    living.start(faulty(mutant=mutant))
    wanted = set(actions or (step.action for step in stage.steps))
    for step in stage.steps:
        deed = callers.deed("case", step, case_id)
        if step.action in wanted:
            wanted.remove(step.action)
            before = fingerprint(stage.engine)
            for order in _deaths(stride, mutant):
                dying.start(order)
                answered = callers.send(deed, dying.origin) is not None
                died = dying.ended(2 if answered else 20)  # without an answer it is on its way out, however slowly
                dying.kill()
                faults += died
                if not died or deed.key in stage.ledger.told or fingerprint(stage.engine) != before:
                    break
        if deed.key in stage.ledger.told:
            break  # somebody was told before the process died, which must not be: the audit says what is there
        answer = callers.do(deed)
        if answer is None or not wanted:
            break
        case_id = answer["id"]
    callers.close()
    return score(stage, "statement boundary", faults)


def _deaths(stride: int, mutant: str) -> Iterator[Order]:
    """Before COMMIT, before each statement, and once there are no more statements, after COMMIT."""
    yield faulty(die=Death.BEFORE_COMMIT, mutant=mutant)
    for number in count(1, stride):
        yield faulty(die_at=number, die=Death.AFTER_COMMIT, mutant=mutant)


def kills(stage: Stage, times: int, clerks: int = 6, processes: int = 2, mutant: str = "", seed: int = 1) -> Score:
    """Kill one of several served processes again and again while clerks work, at moments nobody chooses."""
    chance = random.Random(seed)
    order = faulty(mutant=mutant, sealing=True)
    services = [stage.service() for _ in range(processes)]
    for service in services:
        service.start(order)
        service.recoveries_s.clear()
    callers, done = stage.callers(*services), Event()
    with callers.work(clerks, done):
        for _ in range(times):
            _await_tries(stage, 5)
            time.sleep(chance.uniform(0, 0.5))
            victim = chance.choice(services)
            victim.kill()
            victim.start(order)
    callers.repeat()
    callers.close()
    recoveries = [seconds for service in services for seconds in service.recoveries_s]
    how = f"kill -9, {processes} processes" + ("" if stage.nursery else ", `python -m app serve`")
    return score(stage, how, times, recoveries)


def deliveries(stage: Stage, times: int, clerks: int = 4, seed: int = 1) -> Score:
    """Kill any of two that serve and two that work, again and again, while clerks work and receivers are told of it."""
    chance = random.Random(seed)
    services, workers = [stage.service() for _ in range(2)], [stage.worker() for _ in range(2)]
    for child in (*services, *workers):
        child.start()
    for service in services:
        service.recoveries_s.clear()
    callers, done = stage.callers(*services), Event()
    with receiving(Receiver()) as receiver:
        hooks = receivers.subscribe(stage, services[0], receiver, SUBSCRIPTIONS)
        with callers.work(clerks, done):
            for _ in range(times):
                _await_tries(stage, 5)
                time.sleep(chance.uniform(0, 1))
                victim = chance.choice([*services, *workers])
                victim.kill()
                victim.start()
        callers.repeat()
        callers.close()
        receivers.await_deliveries(stage, hooks)
        taken = [*receiver.taken]
    events = receivers.events_of(stage)
    for finding in receivers.compared(events, hooks, taken):
        stage.ledger.broken(finding.promise, finding.text)
    again = len(taken) - len({got.id for got in taken})
    how = f"kill -9, 2 serve and 2 work, {len(events)} events to {len(hooks)} receivers, {again} sent again"
    return score(stage, how, times, [seconds for service in services for seconds in service.recoveries_s])


def _await_tries(stage: Stage, more: int) -> None:
    """Wait until callers have tried a few times more, however slow the machine is just now."""
    enough, give_up = stage.ledger.tries + more, time.monotonic() + 60
    while stage.ledger.tries < enough and time.monotonic() < give_up:
        time.sleep(0.01)


def cuts(stage: Stage, rounds: int = 1, mutant: str = "") -> Score:
    """Cut the connection to PostgreSQL before COMMIT arrives, after it was done, and at the moment it is sent."""
    faults = 0
    with Proxy(stage.url) as proxy:
        service = stage.service(proxy.url)
        callers = stage.callers(service)
        with service.running(faulty(mutant=mutant)):
            for number in range(rounds):
                for cut in Cut:
                    case_id = None
                    for step in stage.steps:
                        deed = callers.deed(f"case{number}-{cut.value}", step, case_id)
                        before = proxy.cuts
                        proxy.next = cut
                        lost = callers.send(deed)
                        # Cut off while it races, the server's word may still have come through.
                        if lost is None or not (lost.is_success or lost.json()["code"] == OutcomeUnknown.code):
                            stage.ledger.broken(Promise.TRUE, f"{deed.key}: nobody can know whether it was done")
                        faults += proxy.cuts - before
                        answer = callers.do(deed)
                        if answer is None:
                            break
                        case_id = answer["id"]
            callers.repeat()
        callers.close()
    return score(stage, "connection cut at COMMIT", faults)


@contextmanager
def refusing_journal(stage: Stage) -> Iterator[None]:
    """Let no row into the journal, as a full tablespace or a damaged index would."""
    if stage.kind == "sqlite":
        make = ["CREATE TRIGGER refused BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'refused'); END"]
        drop = ["DROP TRIGGER refused"]
    else:
        make = [
            (
                "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'disk_full'; END$$"
            ),
            "CREATE TRIGGER refused BEFORE INSERT ON journal EXECUTE FUNCTION refused()",
        ]
        drop = ["DROP TRIGGER refused ON journal", "DROP FUNCTION refused"]
    _run(stage, make)
    try:
        yield
    finally:
        _run(stage, drop)


def _run(stage: Stage, statements: Sequence[str]) -> None:
    with stage.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def refused_journal(stage: Stage, mutant: str = "") -> Score:
    """Refuse the journal's row of every act once: the act does not happen, and succeeds when it is tried again."""
    service = stage.service()
    callers, case_id, faults = stage.callers(service), None, 0
    with service.running(faulty(mutant=mutant)):
        for step in stage.steps:
            deed = callers.deed("case", step, case_id)
            before = fingerprint(stage.engine)
            with refusing_journal(stage):
                callers.send(deed)
                faults += 1
            if fingerprint(stage.engine) != before:
                stage.ledger.broken(Promise.JOURNAL, f"{step.action} happened without its journal row")
            answer = callers.do(deed)
            if answer is None:
                break
            case_id = answer["id"]
    callers.close()
    return score(stage, "journal refuses", faults)


def full_disk(stage: Stage, clerks: int = 3, mutant: str = "") -> Score:
    """Let no file grow beyond a size that is soon reached; then take the limit away (SQLite, in the service itself)."""
    path = Path(make_url(stage.url).database or "")
    limit = path.stat().st_size + 40_000
    service = stage.service()
    callers, done = stage.callers(service), Event()
    service.start(faulty(file_limit=limit, mutant=mutant))
    with callers.work(clerks, done):
        _await_tries(stage, 60)
        service.stop()
        service.recoveries_s.clear()
        service.start(faulty(mutant=mutant))
        _await_tries(stage, 10)
    callers.repeat()
    callers.close()
    return score(stage, "disk full", 1, service.recoveries_s)


def plain(stage: Stage, clerks: int = 4, cases: int = 4, mutant: str = "", offsets_s: Sequence[float] = (0,)) -> Score:
    """Two processes and no fault but a clock that was set wrong in one of them, where offsets say so."""
    services = [stage.service() for _ in offsets_s]
    for service, offset in zip(services, offsets_s, strict=True):
        service.start(faulty(mutant=mutant, clock_offset_s=offset))
    callers = stage.callers(*services, refusals_allowed=len(set(offsets_s)) > 1)
    with ThreadPoolExecutor(clerks) as pool:
        for task in [pool.submit(callers.walk) for _ in range(cases)]:
            task.result()
    callers.repeat()
    callers.close()
    return score(stage, "clock jumps" if any(offsets_s) else "two processes", len(offsets_s) - 1)


def outages(stage: Stage, times: int, down: Callable[[], None], up: Callable[[], None]) -> Score:
    """Take the database away under load and bring it back; recovery is the time until somebody's act is acknowledged."""
    services = [stage.service() for _ in range(2)]
    for service in services:
        service.start()
    callers, done, recoveries = stage.callers(*services), Event(), []
    with callers.work(6, done):
        for _ in range(times):
            time.sleep(0.5)
            down()
            time.sleep(0.3)
            up()
            began, before = time.perf_counter(), stage.ledger.acknowledged
            while stage.ledger.acknowledged == before and time.perf_counter() - began < 60:
                time.sleep(0.01)
            recoveries.append(time.perf_counter() - began)
    callers.repeat()
    callers.close()
    return score(stage, "database restart", times, recoveries)


def restored(stage: Stage, mutant: str = "") -> Score:
    """Go back to an old copy of the database: what it knows is answered as before, what it does not know happens anew."""
    service = stage.service()
    callers, half = stage.callers(service), len(stage.steps) // 2
    deeds: list[Deed] = []
    case_ids: dict[str, int] = {}

    def walk(names: Sequence[str], steps: Sequence[Step]) -> None:
        for name in names:
            for step in steps:
                deed = callers.deed(name, step, case_ids.get(name))
                answer = callers.do(deed)
                assert answer is not None, "nothing has gone wrong yet"
                case_ids[name] = answer["id"]
                deeds.append(deed)

    with service.running(faulty(mutant=mutant)):
        walk(("old", "older"), stage.steps[:half])
    stage.engine.dispose()
    copy, known = stage.databases.copy(stage.url), set(stage.ledger.told)
    with service.running(faulty(mutant=mutant)):
        walk(("old",), stage.steps[half:])
    stage.databases.drop(stage.url)
    stage.move(copy)
    lost = [deed for deed in deeds if deed.key not in known]
    stage.ledger.forget({deed.key for deed in lost})
    service = stage.service()
    callers.origins = [service.origin]
    with service.running(faulty(mutant=mutant)):
        callers.repeat()
        for deed in lost:  # as callers do who were told of nothing
            if callers.do(deed) is None:
                break
        callers.walk()
    callers.close()
    return score(stage, "old back-up restored", 1)
