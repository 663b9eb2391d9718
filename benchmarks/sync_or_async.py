"""The same endpoint written both ways, against the floor, in one run: what docs/decisions/0004 rests on.

Run from the repository root: `python -m benchmarks.sync_or_async [--cases 10000] [--seconds 3] [--rounds 3]`. On PostgreSQL;
what the overdue page asks for (the caller's sign-in, then 51 rows), by sync SQLAlchemy in the thread pool, by async
SQLAlchemy on the loop, both on the same driver, and by hand (benchmarks.floor); at 8 and at 50 callers.
"""

import argparse
import datetime as dt
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from fastapi import FastAPI, Response
from pydantic_core import to_json
from sqlalchemy import Row, Select, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from app.models import AccessToken, Agency, Case, RunningClock, User
from benchmarks import city
from benchmarks.floor import Answers, floor
from benchmarks.load import Tally, load, serving
from benchmarks.results import Figure, machine, table, waits
from tests.databases import PostgresDatabases
from tests.faults import outages
from tests.town import SHANGHAI, town

CONNECTIONS = 16
CALLERS = (8, 50)
Build = Callable[[str, str], FastAPI]


def asked(_number: int) -> bytes:
    return b"GET /overdue HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _signed_in(digest: str) -> Select[str, str]:
    wanted = select(User.username, Agency.path).join(AccessToken, AccessToken.user_id == User.id)
    return wanted.join(Agency, Agency.id == User.agency_id).where(AccessToken.digest == digest)


def _page(today: dt.date) -> Select[*tuple[Any, ...]]:
    columns = (Case.id, Case.case_no, Case.version, Agency.code, Agency.region, Case.state, Case.handler)
    clock = RunningClock
    dates = (clock.overdue_after, clock.due_on, clock.target_on, clock.next_node, clock.next_node_on, clock.provisional)
    wanted = select(*columns, *dates).select_from(clock).join(Case, Case.id == clock.case_id)
    wanted = wanted.join(Agency, Agency.id == clock.agency_id).where(clock.overdue_after < today)
    return wanted.order_by(clock.overdue_after, clock.case_id).limit(51)


def _answer(rows: list[Row[Any]]) -> Response:
    return Response(to_json([tuple(row) for row in rows]), media_type="application/json")


def in_threads(url: str, digest: str) -> FastAPI:
    app = FastAPI()
    engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=0)

    @app.get("/overdue")
    def overdue() -> Response:
        with Session(engine) as session:
            session.execute(_signed_in(digest)).one()
            return _answer(list(session.execute(_page(dt.datetime.now(SHANGHAI).date()))))

    return app


def on_the_loop(url: str, digest: str) -> FastAPI:
    engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/overdue")
    async def overdue() -> Response:
        async with AsyncSession(engine) as session:
            (await session.execute(_signed_in(digest))).one()
            return _answer(list(await session.execute(_page(dt.datetime.now(SHANGHAI).date()))))

    return app


WAYS: dict[str, Build] = {"sync, in threads": in_threads, "async, on the loop": on_the_loop}


def measure(url: str, digest: str, label: str, seconds: float, rounds: int) -> Iterator[Figure]:
    """Measure each way at each number of callers, the ways and the floor by turns."""
    with ExitStack() as open_:
        ports = {what: open_.enter_context(serving(partial(build, url, digest))) for what, build in WAYS.items()}
        below = open_.enter_context(serving(lambda: floor(url, Answers({"overdue": []}, 0))))
        for port in (*ports.values(), below):
            load(port, asked, CALLERS[0], seconds / 3)  # the first of all builds what the others find
        for callers in CALLERS:
            seen: dict[str, list[Tally]] = {what: [] for what in (*ports, "floor")}
            for _ in range(rounds):
                for what, port in (*ports.items(), ("floor", below)):
                    seen[what].append(load(port, asked, callers, seconds))
            against = median(tally.rate for tally in seen["floor"])
            for what in ports:
                waited = [wait for tally in seen[what] for wait in tally.waits_s]
                rates = [tally.rate for tally in seen[what]]
                yield Figure(f"{what}, {callers} callers", label, "/s", rates, against, waits(waited))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{machine()}\n", flush=True)
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL may run as another account
        url = PostgresDatabases(opened.enter_context(outages.server(folder / "postgresql")).url).new()
        now = dt.datetime.now(SHANGHAI)
        with town(url, folder / "town", now=f"{now:%Y-%m-%d %H:%M}") as place:
            city.fill(place.engine, given.cases, now)
            with Session(place.engine) as session:
                digest = session.scalars(select(AccessToken.digest).limit(1)).one()
        label = f"postgresql, {given.cases:_} cases".replace("_", " ")
        print(table(measure(url, digest, label, given.seconds, given.rounds)))


if __name__ == "__main__":
    main()
