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
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.faults import outages, trials
from tests.faults.procession import ACTS
from tests.faults.proxy import Cut
from tests.faults.scorecard import Score, table
from tests.faults.services import nursery
from tests.faults.stage import Stage, found, stage


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many faults of each sort."""

    kills: int
    cuts: int
    restarts: int


Play = Callable[[Stage], Score]
TRIALS = (
    "boundaries",
    "kills",
    "starts",
    "deliveries",
    "processes",
    "clocks",
    "journal",
    "backup",
    "disk",
    "cuts",
    "restarts",
)


def plays(kind: str, server: outages.Server | None, sizes: Sizes, seed: int) -> dict[str, Play]:
    """Name the trials that this kind of database has."""
    found: dict[str, Play] = {
        "boundaries": trials.boundaries,
        "kills": lambda opened: trials.kills(opened, sizes.kills, seed=seed),
        "starts": lambda opened: trials.kills(opened, max(1, sizes.kills // 50), seed=seed),
        "deliveries": lambda opened: trials.deliveries(opened, max(1, sizes.kills // 10), seed=seed),
        "processes": lambda opened: trials.plain(opened, clerks=8, cases=40, offsets_s=(0, 0)),
        "clocks": lambda opened: trials.plain(opened, clerks=8, cases=40, offsets_s=(0, 900, -900)),
        "journal": trials.refused_journal,
        "backup": trials.restored,
    }
    if kind == "sqlite":
        found["disk"] = trials.full_disk
    if server is not None:
        rounds = -(-sizes.cuts // (len(Cut) * ACTS))
        found["cuts"] = lambda opened: trials.cuts(opened, rounds)
        found["restarts"] = lambda opened: trials.outages(opened, sizes.restarts, server.down, server.up)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--restarts", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--kinds", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--trials", nargs="+", default=TRIALS, choices=TRIALS)
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
                for name, play in plays(kind, server, sizes, seed).items():
                    if name not in given.trials:
                        continue
                    # Those that are started from nothing show how long an operator waits.
                    with stage(databases, None if name == "starts" else forking, founded) as played:
                        score = play(played)
                    scores.append(score)
                    sys.stdout.write(f"{' '.join(score.row())}\n")
                    sys.stdout.flush()
                if time.monotonic() > until:
                    break
    sys.stdout.write(f"\n{table(scores)}\n")
    sys.exit(any(score.findings for score in scores))


if __name__ == "__main__":
    main()
