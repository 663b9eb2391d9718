"""A notice of days off against a city's running cases: how long the import takes, and what callers notice meanwhile.

Run from the repository root: `python -m benchmarks.recompute [--cases 1000000] [--kinds sqlite postgresql]`. The import goes
over HTTP into a real server process, while others read cases, poll and register new ones against the same process. The
notice frees one more day in January, so that every case moves: the most work a notice can make.
"""

import argparse
import datetime as dt
import json
import multiprocessing
import os
import random
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx2 as httpx
import psycopg
import uvicorn
from sqlalchemy import Table, insert, make_url
from sqlalchemy.orm import Session

from app import db
from app.config import Settings
from app.domain.limits import ClockRules
from app.domain.settings import AgencySettings
from app.domain.terms import Role
from app.domain.workdays import WorkCalendar
from app.main import create_app
from app.migrate import migrate
from app.models import AccessToken, Agency, Applicant, Base, Case, ClockEntry, Keyring, RunningClock, User, UserRole
from app.sealing import MasterKeys
from app.services import agencies, clocks
from app.services.calendars import Calendars
from app.services.identity import digest
from tests.databases import postgresql_server

NOW = dt.datetime(2026, 12, 31, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
RECEIVED = [dt.date(2026, 12, day) for day in range(7, 32)]
AGENCIES = 300
WITH_ACTS = 0.15
CHUNK = 20_000
SHOWN = ("fsync", "synchronous_commit", "full_page_writes", "max_wal_size", "checkpoint_timeout", "shared_buffers")
"""Settings of PostgreSQL that decide how long it takes."""
NOTICE = {
    "region": "CN",
    "year": 2027,
    "source": "压力测试用的2027年通知",
    "off": [
        *(f"2027-01-{day:02}" for day in range(1, 5)),
        *(f"2027-02-{day:02}" for day in range(5, 13)),
        *("2027-04-03", "2027-04-04", "2027-04-05"),
        *(f"2027-05-{day:02}" for day in range(1, 6)),
        *("2027-06-09", "2027-09-15"),
        *(f"2027-10-{day:02}" for day in range(1, 8)),
    ],
    "work": ["2027-02-13", "2027-02-14", "2027-05-08", "2027-10-09", "2027-10-10"],
}


def found(session: Session) -> dict[str, str]:
    """Make the agencies and two people with open sign-ins; returns their tokens."""
    root = Agency(code="370600", name="市政府", region="CN", settings={})
    agencies.plant(session, root, "/")
    for n in range(1, AGENCIES):
        settings = AgencySettings(local_limit_workdays=15 if n % 3 else 10).model_dump(mode="json")
        below = Agency(code=f"370600-{n:03}", name=f"机关{n}", region="CN", settings=settings, parent_id=root.id)
        agencies.plant(session, below, root.path)
    tokens = {}
    for name, role in (("admin", Role.SYSTEM_ADMIN), ("duban", Role.CITY_SUPERVISOR), ("dengji", Role.INTAKE_CLERK)):
        user = User(
            username=name,
            display_name=name,
            agency_id=root.id,
            password_hash="!",
            created_at=NOW,
            roles=[UserRole(role=role)],
        )
        session.add(user)
        session.flush()
        tokens[name] = secrets.token_urlsafe(16)
        session.add(
            AccessToken(
                digest=digest(tokens[name]),
                user_id=user.id,
                code_digest=digest(name),
                second_factor_at=NOW,
                created_at=NOW,
                used_at=NOW,
                expires_at=NOW + dt.timedelta(hours=12),
            )
        )
    return tokens


Ways = dict[int, tuple[ClockRules, WorkCalendar]]


def ways_of(session: Session) -> Ways:
    """Say how each agency counts, by its id."""
    book = Calendars().book(session)
    return {row.id: (clocks.rules_of(row), book.of(row.region)) for row in session.query(Agency)}


def cases(ways: Ways, count: int) -> Iterator[dict[type[Base], list[dict[str, Any]]]]:
    """Give rows of running cases by table, a chunk at a time; one in seven has acts."""
    chance = random.Random(6)
    ids = sorted(ways)
    plain: dict[tuple[int, dt.date], clocks.Projection] = {}
    for first in range(1, count + 1, CHUNK):
        rows: dict[type[Base], list[dict[str, Any]]] = {Case: [], RunningClock: [], Applicant: [], ClockEntry: []}
        for number in range(first, min(first + CHUNK, count + 1)):
            # Numbers are given in the order of receipt, as in a real register.
            agency_id, received_on = chance.choice(ids), RECEIVED[(number - 1) * len(RECEIVED) // count]
            acts: list[dict[str, Any]] = []
            if chance.random() < WITH_ACTS:
                acts = history(chance, received_on)
                read = [clocks.act_of(act) for act in acts]
                fresh = clocks.projection(received_on, received_on, read, *ways[agency_id])
            else:
                key = (agency_id, received_on)
                if key not in plain:
                    plain[key] = clocks.projection(received_on, received_on, (), *ways[agency_id])
                fresh = plain[key]
            rows[Case].append(
                {
                    "id": number,
                    "version": chance.randint(1, 4),
                    "case_no": f"370600-2026-{number:07}",
                    "agency_id": agency_id,
                    "state": "handling",
                    "channel": "internet",
                    "query_code_digest": f"{number:064}",
                    "submitted_at": dt.datetime.combine(received_on, dt.time(2), dt.UTC),
                    "received_on": received_on,
                    "title": "城东片区控制性详细规划的批复",
                    "created_at": NOW,
                    "updated_at": NOW,
                    **fresh.final,
                }
            )
            running = fresh.running
            assert running is not None, "no clock of these has stopped"
            rows[RunningClock].append({"case_id": number, "agency_id": agency_id, **running})
            rows[Applicant].append({"case_id": number, "kind": "natural_person", "name": "张三"})
            rows[ClockEntry] += [
                {
                    "case_id": number,
                    "act": act["act"],
                    "on": dt.date.fromisoformat(act["on"]),
                    "data": act,
                    "recorded_at": NOW,
                    "recorded_by": "bench",
                }
                for act in acts
            ]
        yield rows


def history(chance: random.Random, received_on: dt.date) -> list[dict[str, Any]]:
    on = (received_on + dt.timedelta(chance.randint(1, 5))).isoformat()
    if chance.random() < 0.5:
        return [{"act": "extended", "on": on, "workdays": chance.choice((5, 10, 20))}]
    sent = {"act": "consultation_sent", "on": on, "ref": "A", "kind": "third_party"}
    return [sent, {"act": "consultation_delivered", "on": on, "ref": "A"}]


def fill(url: str, count: int) -> dict[str, str]:
    """Migrate the database at `url` and fill it the fastest way it has; returns the tokens."""
    migrate(url, NOW)
    engine = db.everywhere(db.build_engine(url, keyring=Keyring("aes-256-gcm", MasterKeys.fresh)))
    with db.writer(engine) as session:
        tokens = found(session)
        session.commit()
    with db.reader(engine) as session:
        ways = ways_of(session)
    for chunk in cases(ways, count):
        for model, rows in chunk.items():
            load(engine, model, rows)
    if engine.dialect.name == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('cases', 'id'), (SELECT max(id) FROM cases))"
            )
            connection.exec_driver_sql("VACUUM ANALYZE")
    else:
        with engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return tokens


def load(engine: Any, model: type[Base], rows: list[dict[str, Any]]) -> None:
    table = model.__table__
    assert isinstance(table, Table)
    if not rows:
        return
    if engine.dialect.name != "postgresql":
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(insert(table), rows)
        return
    url = make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    names = ", ".join(f'"{name}"' for name in rows[0])
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([json.dumps(value) if isinstance(value, dict) else value for value in row.values()])


def serve(url: str, folder: str, port: int) -> None:
    settings = Settings(database_url=url, data_dir=Path(folder), secret="benchmark-secret-of-32-characters!!")
    uvicorn.run(create_app(settings, now=lambda: NOW), port=port, log_level="error")


@contextmanager
def server(url: str, folder: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, folder, port))
    process.start()
    address = f"http://127.0.0.1:{port}"
    while True:
        try:
            httpx.get(f"{address}/healthz")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    try:
        yield address
    finally:
        process.terminate()
        process.join()


class Caller(threading.Thread):
    """Somebody who calls the service again and again and looks at the clock."""

    def __init__(self, name: str, address: str, token: str, ask: Callable[[httpx.Client], httpx.Response]) -> None:
        super().__init__(name=name, daemon=True)
        self._client = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self._ask = ask
        self._stop_asked = threading.Event()
        self.took: list[float] = []
        self.failed = 0

    def run(self) -> None:
        while not self._stop_asked.is_set():
            began = time.perf_counter()
            self.failed += self._ask(self._client).status_code >= 400
            self.took.append(time.perf_counter() - began)
            time.sleep(0.02)

    def stop(self) -> None:
        self._stop_asked.set()
        self.join()

    def __str__(self) -> str:
        cuts = quantiles(self.took, n=100)
        times = f"p50 {cuts[49] * 1e3:6.1f}  p99 {cuts[98] * 1e3:7.1f}  max {max(self.took) * 1e3:7.1f} ms"
        return f"  {self.name:<9} {len(self.took):5} calls  {times}  failed {self.failed}"


def callers(address: str, tokens: dict[str, str], count: int) -> list[Caller]:
    def register(client: httpx.Client) -> httpx.Response:
        body = {
            "agency_code": "370600",
            "channel": "in_person",
            "submitted_at": "2026-12-30T09:00:00+08:00",
            "applicant": {"kind": "natural_person", "name": "李四"},
            "items": [{"title": "年度预算"}],
        }
        return client.post("/api/v1/cases", json=body)

    return [
        Caller("GET case", address, tokens["duban"], lambda c: c.get(f"/api/v1/cases/{random.randint(1, count)}")),
        Caller("poll", address, tokens["duban"], lambda c: c.get("/api/v1/cases/due-soon?within_workdays=5")),
        Caller("register", address, tokens["dengji"], register),
    ]


def measure(kind: str, url: str, folder: str, count: int) -> None:
    began = time.perf_counter()
    tokens = fill(url, count)
    print(f"{kind}: {count:,} running cases filled in {time.perf_counter() - began:.0f} s", flush=True)
    with server(url, folder) as address:
        everyone = callers(address, tokens, count)
        for caller in everyone:
            caller.start()
        time.sleep(5)
        for caller in everyone:
            caller.stop()
        print(" before", *everyone, sep="\n", flush=True)
        admin = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {tokens['admin']}"}, timeout=600)
        began = time.perf_counter()
        outlook = admin.post("/api/v1/calendar/notices?dry_run=true", json=NOTICE).raise_for_status().json()
        print(f" dry run, alone: {time.perf_counter() - began:.1f} s, {outlook['moved']:,} would move", flush=True)
        everyone, load_before = callers(address, tokens, count), os.getloadavg()[0]
        for caller in everyone:
            caller.start()
        began = time.perf_counter()
        done = admin.post("/api/v1/calendar/notices", json=NOTICE).raise_for_status().json()
        took = time.perf_counter() - began
        for caller in everyone:
            caller.stop()
        print(
            f" import: {took:.1f} s, {done['moved']:,} of {done['open_cases']:,} moved; load before it {load_before:.1f}",
            *everyone,
            sep="\n",
            flush=True,
        )
        assert done["moved"] >= count, "the notice was meant to move every case"


def main() -> None:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=1_000_000)
    options.add_argument("--kinds", nargs="+", default=["sqlite", "postgresql"])
    given = options.parse_args()
    for kind in given.kinds:
        with tempfile.TemporaryDirectory() as folder:
            if kind == "sqlite":
                measure(kind, f"sqlite:///{folder}/cases.sqlite3", folder, given.cases)
                continue
            with postgresql_server(Path(folder) / "postgresql") as url:
                plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
                with psycopg.connect(plain, autocommit=True) as connection:
                    for setting in (
                        "fsync",
                        "synchronous_commit",
                        "full_page_writes",
                    ):  # the tests do not wait for disks
                        connection.execute(f"ALTER SYSTEM RESET {setting}")
                    for setting in ("max_wal_size = '4GB'", "checkpoint_timeout = '15min'"):  # as compose.yaml has them
                        connection.execute(f"ALTER SYSTEM SET {setting}")
                    connection.execute("SELECT pg_reload_conf()")
                    time.sleep(1)  # until it has
                    shown = [connection.execute(f"SHOW {name}").fetchall()[0][0] for name in SHOWN]
                    print(*(f"{name} = {value}" for name, value in zip(SHOWN, shown, strict=True)), sep=", ")
                measure(kind, url, folder, given.cases)


if __name__ == "__main__":
    main()
