"""The hot paths through the whole API, against a floor written by hand, in one run on one database.

Run from the repository root: `python -m benchmarks.paths [--cases 10000 1000000 5000000] [--kinds sqlite postgresql]
[--seconds 3] [--rounds 5]`. A city of each size (benchmarks.city); the service and the floor (benchmarks.floor) are served
by turns, one process each, and asked by the same callers: the overdue page of 50, its 304, one case, its timeline, an
intake, one action at 16 clerks and at 100. What is read is read again and again while nothing is committed, as pollers do,
and once more "made afresh", as after a commit. Rates are requests a second.
"""

import argparse
import asyncio
import datetime as dt
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from sqlalchemy import Engine, select

from app import db
from app.config import Settings
from app.domain.terms import Role, State
from app.main import create_app
from app.models import Agency, Case
from benchmarks import city
from benchmarks.floor import Answers, floor
from benchmarks.load import Request, Tally, ask, load, serving
from benchmarks.results import Figure, machine, table, waits
from benchmarks.similar import originals
from tests.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.faults import outages
from tests.town import BUREAU, CITY, SHANGHAI, Town, application, town

READ = 60  # cases that came through the API, whose texts are sealed as always
FEW, MANY, HUNDRED = 8, 16, 100
TITLE = "城东片区控制性详细规划的批复".encode()
TITLES = 5_000  # requests that all differ, as they mostly do
POLL = "/api/v1/cases/overdue?limit=50"


@dataclass
class Place:
    """One filled database and what is needed to ask about it."""

    url: str
    settings: Settings
    headers: Mapping[str, str]
    sent: bytes
    case_ids: Sequence[int]
    engine: Engine
    label: str
    agency_id: int

    def get(self, path: str, *more: str) -> bytes:
        return self._head("GET", path, *more) + b"\r\n"

    def post(self, path: str, body: bytes, key: str) -> bytes:
        of_body = (f"Content-Length: {len(body)}", "Content-Type: application/json", f"Idempotency-Key: {key}")
        return self._head("POST", path, *of_body) + b"\r\n" + body

    def _head(self, method: str, path: str, *more: str) -> bytes:
        lines = ("Host: localhost", *(f"{name}: {value}" for name, value in self.headers.items()), *more)
        return "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", *lines)).encode()


def prepared(url: str, folder: Path, count: int) -> Place:
    """Fill a database and let some cases come in as always; the one who asks supervises the city and registers."""
    now = dt.datetime.now(SHANGHAI)
    with town(url, folder, now=f"{now:%Y-%m-%d %H:%M}") as place:
        city.fill(db.everywhere(place.engine), count, now)
        sent = application(submitted_at=place.now.isoformat())
        ids = [_taken_in(place, sent) for _ in range(READ)]
        place.hire("all", CITY, Role.CITY_SUPERVISOR, Role.INTAKE_CLERK)
        headers, settings = place.headers("all"), place.settings
    engine = db.everywhere(db.build_engine(url, connections=1))
    with db.reader(engine) as session:
        agency_id = session.scalars(select(Agency.id).where(Agency.code == BUREAU)).one()
    label = f"{engine.dialect.name}, {count:_} cases".replace("_", " ")
    return Place(url, settings, headers, json.dumps(sent, ensure_ascii=False).encode(), ids, engine, label, agency_id)


def _taken_in(place: Town, sent: dict[str, Any]) -> int:
    case = place.register(**sent)
    place.act("dengji", case, "accept")
    place.act("dengji", case, "assign", handler="jingban", opinion="请办理")
    return int(case["id"])


def measure(place: Place, seconds: float, rounds: int) -> Iterator[Figure]:
    """Measure every path, service and floor by turns."""
    first = place.case_ids[0]
    with serving(lambda: create_app(place.settings)) as port:
        status, page = ask(port, place.get(POLL))
        assert status == 200, page
        answers = {
            "overdue": page,
            "case": ask(port, place.get(f"/api/v1/cases/{first}"))[1],
            "timeline": ask(port, place.get(f"/api/v1/cases/{first}/timeline"))[1],
            "insert": ask(port, place.post("/api/v1/cases", place.sent, "first"))[1],
            "update": ask(port, place.get(f"/api/v1/cases/{first}"))[1],
        }
        etag = asyncio.run(_etag(port, place))
        with serving(
            lambda: floor(
                place.url, Answers({name: json.loads(text) for name, text in answers.items()}, place.agency_id)
            )
        ) as below:
            yield from _reads(place, port, below, etag, seconds, rounds)
            yield from _writes(place, port, below, seconds, rounds)


async def _etag(port: int, place: Place) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(place.get(POLL))
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    found = [line for line in head.decode().split("\r\n") if line.lower().startswith("etag:")]
    return found[0].partition(":")[2].strip()


def _reads(place: Place, port: int, below: int, etag: str, seconds: float, rounds: int) -> Iterator[Figure]:
    ids, unheard = place.case_ids, count()

    def case(root: str, rest: str = "") -> Request:
        return lambda number: place.get(f"{root}/cases/{ids[number % len(ids)]}{rest}")

    def afresh(path: Callable[[int], str]) -> Request:
        """Ask what nobody has asked before: the answer is made from the database, as after every commit."""
        return lambda number: place.get(path(number), f'If-None-Match: "{next(unheard)}"')

    api = "/api/v1"
    made = afresh(lambda number: f"{api}/cases/{ids[number % len(ids)]}")
    for what, here, there, bar in (
        ("overdue page of 50", lambda _: place.get(POLL), lambda _: place.get("/overdue"), "≥ 65 %"),
        ("the same, made afresh", afresh(lambda _: POLL), lambda _: place.get("/overdue"), ""),
        (
            "the same, 304",
            lambda _: place.get(POLL, f"If-None-Match: {etag}"),
            lambda _: place.get("/overdue"),
            "≥ 170 %",
        ),
        ("one case", case(api), case(""), ""),
        ("the same, made afresh", made, case(""), ""),
        ("its timeline", case(api, "/timeline"), case("", "/timeline"), "≥ 35 % together"),
    ):
        load(port, here, FEW, seconds / 3)
        pairs = [(load(port, here, FEW, seconds), load(below, there, FEW, seconds)) for _ in range(rounds)]
        yield _figure(what, place, pairs, bar)
    alone = [load(port, made, 1, seconds) for _ in range(rounds)]
    p99 = [quantiles(tally.waits_s, n=100)[98] * 1000 for tally in alone]
    yield Figure(
        "one case made afresh, p99, one caller", place.label, "ms", p99, bar="≤ 1.2 × from 10 000 to 5 000 000"
    )


def _figure(what: str, place: Place, pairs: Sequence[tuple[Tally, Tally]], bar: str) -> Figure:
    waited = [wait for tally, _ in pairs for wait in tally.waits_s]
    told = " ".join(filter(None, (waits(waited), *{tally.told for tally, _ in pairs})))
    against = median(under.rate for _, under in pairs)
    return Figure(what, place.label, "/s", [tally.rate for tally, _ in pairs], against, told, bar)


def _writes(place: Place, port: int, below: int, seconds: float, rounds: int) -> Iterator[Figure]:
    numbers, ours = count(), count()

    titles = originals(Random(1), TITLES)

    def register(number: int) -> bytes:
        sent = place.sent.replace(TITLE, titles[number % TITLES].encode())
        return place.post("/api/v1/cases", sent, f"intake-{number}")

    pairs = [
        (
            load(port, register, MANY, seconds, numbers),
            load(below, lambda _: place.post("/cases", place.sent, "-"), MANY, seconds),
        )
        for _ in range(rounds)
    ]
    yield _figure("intake, 16 clerks", place, pairs, "≥ 20 %; ≥ 300/s")
    hundred = [load(port, register, HUNDRED, seconds, numbers) for _ in range(rounds)]
    yield Figure(
        "intake, 100 clients",
        place.label,
        "/s",
        [tally.rate for tally in hundred],
        median(tally.rate for tally, _ in pairs),
        " ".join(
            filter(None, (waits([wait for tally in hundred for wait in tally.waits_s]), *{t.told for t in hundred}))
        ),
        "≥ 80 % of 16 clerks; no 5xx",
    )
    with db.reader(place.engine) as session:
        fresh = select(Case.id).where(Case.state == State.REGISTERED, Case.case_no.startswith(BUREAU)).order_by(Case.id)
        waiting = iter(session.scalars(fresh).all())

    def accept(case_id: int) -> bytes:
        return place.post(f"/api/v1/cases/{case_id}/accept", b"{}", f"accept-{next(ours)}")

    def update(number: int) -> bytes:
        return place.post(f"/cases/{place.case_ids[number % READ]}/act", b"{}", "-")

    acts = [(load(port, accept, MANY, seconds / 2, waiting), load(below, update, MANY, seconds)) for _ in range(rounds)]
    yield _figure("one action (受理), 16 clerks", place, acts, "≥ 20 %; p99 ≤ 60 ms")
    at_once = load(port, accept, HUNDRED, seconds / 2, waiting)
    if at_once.waits_s:
        yield Figure(
            "one action, 100 clients",
            place.label,
            "/s",
            [at_once.rate],
            median(tally.rate for tally, _ in acts),
            " ".join(filter(None, (waits(at_once.waits_s), at_once.told))),
            "≥ 80 % of 16 clerks; no 5xx",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[10_000, 1_000_000, 5_000_000])
    parser.add_argument("--kinds", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(machine(), flush=True)
    figures = []
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL may run as another account
        for kind in given.kinds:
            if kind == "sqlite":
                databases: Databases = SqliteDatabases(folder)
            else:
                databases = PostgresDatabases(opened.enter_context(outages.server(folder / "postgresql")).url)
            for size in given.cases:
                url = databases.new()
                place = prepared(url, folder / f"{kind}-{size}", size)
                for figure in measure(place, given.seconds, given.rounds):
                    figures.append(figure)
                    print(figure.row(), file=sys.stderr, flush=True)
                place.engine.dispose()
                databases.drop(url)
    print(f"\n{table(figures)}")


if __name__ == "__main__":
    main()
