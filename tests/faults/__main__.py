"""The whole of the trials: `python -m tests.faults [--kills N] [--cuts N] [--restarts N] [--minutes N] [--kinds …]`.

Prints a scorecard and ends with 1 if a promise was broken. Processes are forked from one that has everything imported;
of those killed under load one in fifty is started as an operator starts it (`python -m app serve`), so that recovery is
measured from nothing too. With `--minutes` the trials are played again, with other moments, until the time is over.
"""

import argparse
import datetime as dt
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.faults import outages, trials
from tests.faults.scorecard import Score, table
from tests.faults.services import Nursery, nursery
from tests.faults.stage import Founded, Stage, found, stage


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many faults of each sort."""

    kills: int
    cuts: int
    restarts: int


def played(
    kind: str,
    databases: Databases,
    founded: Founded,
    forking: Nursery,
    server: outages.Server | None,
    sizes: Sizes,
    seed: int,
) -> Iterator[Score]:
    """Play every trial that this kind of database has, each on a stage of its own."""

    def on(play: Callable[[Stage], Score], *, from_nothing: bool = False) -> Score:
        with stage(databases, None if from_nothing else forking, founded) as opened:
            return play(opened)

    yield on(trials.boundaries)
    yield on(lambda opened: trials.kills(opened, sizes.kills, seed=seed))
    yield on(lambda opened: trials.kills(opened, max(1, sizes.kills // 50), seed=seed), from_nothing=True)
    yield on(lambda opened: trials.plain(opened, clerks=8, cases=40, offsets_s=(0, 0)))
    yield on(lambda opened: trials.plain(opened, clerks=8, cases=40, offsets_s=(0, 900, -900)))
    yield on(trials.refused_journal)
    yield on(trials.restored)
    if kind == "sqlite":
        yield on(trials.full_disk)
    if server is not None:
        acts = 14
        yield on(lambda opened: trials.cuts(opened, -(-sizes.cuts // (3 * acts))))
        yield on(lambda opened: trials.outages(opened, sizes.restarts, server.down, server.up))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--restarts", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--kinds", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    sizes = Sizes(given.kills, given.cuts, given.restarts)
    until, scores = time.monotonic() + 60 * given.minutes, []
    sys.stdout.write(
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, {platform.platform()}\n"
    )
    with ExitStack() as opened:
        forking = opened.enter_context(nursery())
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL may run as another account
        for kind in given.kinds:
            server = opened.enter_context(outages.server(folder / "postgresql")) if kind == "postgresql" else None
            databases: Databases = PostgresDatabases(server.url) if server else SqliteDatabases(folder)
            founded, seed = found(databases, folder / kind), 0
            while True:
                seed += 1
                for score in played(kind, databases, founded, forking, server, sizes, seed):
                    scores.append(score)
                    sys.stdout.write(f"{' '.join(score.row())}\n")
                    sys.stdout.flush()
                if time.monotonic() > until:
                    break
    sys.stdout.write(f"\n{table(scores)}\n")
    sys.exit(any(score.findings for score in scores))


if __name__ == "__main__":
    main()
