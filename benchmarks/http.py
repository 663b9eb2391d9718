"""A hundred clerks and scripts at once: throughput and waiting at 16 and at 100 connections, on both databases.

Run from the repository root: `python -m benchmarks.http [--seconds 10] [--kinds sqlite postgresql]`. A real server process with
the settings of `serve`; of ten requests seven look at a case, one lists, one polls and one registers an application.
The client speaks HTTP over plain sockets, because it shares the machine with the server.
"""

import argparse
import datetime as dt
import json
import random
from pathlib import Path

from app.main import create_app
from benchmarks.databases import asked_for, each
from benchmarks.load import load, serving
from benchmarks.results import waits
from tests.town import SHANGHAI, Town, application, town

CONNECTIONS = (16, 100)
CASES = 200


class Requests:
    """The mix, as bytes ready to send."""

    def __init__(self, place: Town) -> None:
        token = place.headers("dengji")["Authorization"]
        self._head = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
        body = json.dumps(application(submitted_at=place.now.isoformat())).encode()
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._register = f"POST /api/v1/cases {self._head}{more}".encode() + body

    def one(self, number: int) -> bytes:
        chance = random.Random(number)
        kind = chance.randrange(10)
        if kind == 0:
            return self._register
        path = {1: "/cases?sort=due_on", 2: "/cases/overdue"}.get(kind) or f"/cases/{chance.randint(1, CASES)}"
        return f"GET /api/v1{path} {self._head}\r\n".encode()


def measure(kind: str, url: str, folder: Path, seconds: float) -> None:
    today = dt.datetime.now(SHANGHAI)
    with town(url, folder, now=f"{today:%Y-%m-%d %H:%M}") as place:
        for _ in range(CASES):
            place.register(submitted_at=place.now.isoformat())
        requests, settings = Requests(place), place.settings
    rates = []
    with serving(lambda: create_app(settings)) as port:
        load(port, requests.one, 8, 2)  # warms up
        for connections in CONNECTIONS:
            tally = load(port, requests.one, connections, seconds)
            rates.append(tally.rate)
            statuses = " ".join(f"{status}×{count}" for status, count in sorted(tally.statuses.items()))
            print(
                f"{kind:10} {connections:3} connections: {rates[-1]:5.0f} requests/s  {waits(tally.waits_s)}  {statuses}"
            )
            if broken := [status for status in tally.statuses if status >= 400]:
                raise SystemExit(f"answers that should not have been: {broken}")
    print(f"{kind:10} 100 against 16 connections: {rates[1] / rates[0]:.0%} of the throughput")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    asked_for(parser)
    given = parser.parse_args()
    for kind, databases, folder in each(given.kinds):
        measure(kind, databases.new(), folder, given.seconds)


if __name__ == "__main__":
    main()
