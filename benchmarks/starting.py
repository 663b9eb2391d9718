"""From starting the process to its first answer, and what an idle worker holds in memory.

Run from the repository root: `python -m benchmarks.starting [--rounds 5] [--kinds sqlite postgresql]`. The process is started as
an operator starts it, on a migrated and otherwise empty database, with the jobs beside it where it does them by default.
The floor is the bare interpreter with the framework and the driver imported and one endpoint. Both have been started once
before, so that Python has kept what it compiled, as it does wherever it may write (the container's image has it built
in). The first answer is that of `/readyz`, which looks into the database and at the calendar.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import httpx

from benchmarks.databases import asked_for, each
from benchmarks.results import Figure, machine, table
from tests.faults.services import environment_of
from tests.servers import free_port

FLOOR = """
import fastapi, psycopg, pydantic, sqlalchemy.orm, uvicorn
app = fastapi.FastAPI()
app.get("/healthz")(lambda: {"status": "ok"})
uvicorn.run(app, port=%d, log_level="error")
"""
IDLE_S = 4
"""By then the jobs have looked for work and the document of the interface is made."""


def started(command: Sequence[str], port: int, environment: Mapping[str, str]) -> tuple[float, float]:
    """Start a process; returns seconds until its first answer and MiB it holds when it has been idle for a moment."""
    began = time.perf_counter()
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, env=os.environ | environment, stdout=nowhere, stderr=nowhere) as process:
        try:
            with httpx.Client() as client:
                while True:
                    try:
                        client.get(f"http://127.0.0.1:{port}/readyz")
                        break
                    except httpx.TransportError:
                        time.sleep(0.005)
            took = time.perf_counter() - began
            time.sleep(IDLE_S)
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.terminate()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return took, int(resident.split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    asked_for(parser)
    given = parser.parse_args()
    print(machine(), flush=True)
    figures = []
    for kind, databases, folder in each(given.kinds):
        port, compiled = free_port(), {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        environment = environment_of(databases.new(), folder) | compiled
        del environment["DISCLOSURE_WORK_IN_SERVE"]
        ours = [sys.executable, "-m", "app", "serve", "--port", str(port)]
        bare = [sys.executable, "-c", FLOOR % port]
        pairs = [(started(ours, port, environment), started(bare, port, compiled)) for _ in range(given.rounds + 1)][1:]
        floors = [median(under[which] for _, under in pairs) for which in (0, 1)]
        figures += [
            Figure("start to first answer", kind, "s", [own[0] for own, _ in pairs], floors[0], bar="≤ 1.2 s"),
            Figure("an idle worker", kind, "MiB", [own[1] for own, _ in pairs], floors[1], bar="≤ 130 MiB"),
        ]
    print(f"\n{table(figures)}")


if __name__ == "__main__":
    main()
