"""What receivers that hang cost the callers of the interface: waiting times of writes with none, and with twenty of them.

Run from the repository root: `python -m benchmarks.webhooks [--seconds 5] [--rounds 4] [--kinds sqlite postgresql]`. Served as an
operator does it: on SQLite the jobs run in `serve`, on PostgreSQL in a `work` beside it. Both states are measured in turn,
because the machine is never the same for long.
"""

import argparse
import datetime as dt
import json
from statistics import median

import httpx

from benchmarks.databases import asked_for, each
from benchmarks.load import load
from benchmarks.results import waits
from tests.faults.services import Service, Worker, environment_of
from tests.faults.stage import Founded, found
from tests.receiver import Receiver, receiving
from tests.town import CITY, SHANGHAI, application

RECEIVERS = 20
CALLERS = 4


class Writes:
    """Applications, as bytes ready to send."""

    def __init__(self, founded: Founded) -> None:
        body = json.dumps(application(submitted_at=dt.datetime.now(SHANGHAI).isoformat())).encode()
        token = founded.headers["dengji"]["Authorization"]
        head = f"POST /api/v1/cases HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
        self._sent = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    def one(self, _number: int) -> bytes:
        return self._sent


def measure(kind: str, founded: Founded, seconds: float, rounds: int) -> None:
    environment = environment_of(founded.url, founded.folder) | {
        "DISCLOSURE_WORK_IN_SERVE": "true" if kind == "sqlite" else "false"
    }
    service, writes = Service(None, environment, founded.folder), Writes(founded)
    worker = Worker(None, environment, founded.folder)
    headers = dict(founded.headers["anquan"])
    middles: dict[bool, list[float]] = {False: [], True: []}
    with service.running(), receiving(Receiver(hangs=True)) as receiver, httpx.Client(headers=headers) as client:
        if kind != "sqlite":
            worker.start()
        hooks = f"{service.origin}/api/v1/webhooks"
        load(service.port, writes.one, CALLERS, 2)  # warms up
        for _ in range(rounds):
            for hanging in (False, True):
                ids = []
                for number in range(RECEIVERS if hanging else 0):
                    body = {"label": "a", "url": f"{receiver.url}{number}", "events": ["*"], "agency_code": CITY}
                    ids.append(client.post(hooks, json=body).raise_for_status().json()["id"])
                tally = load(service.port, writes.one, CALLERS, seconds)
                middles[hanging].append(median(tally.waits_s))
                said = f"{RECEIVERS if hanging else 0:2} hanging receivers, {len(receiver.got)} waited for"
                print(f"{kind:10} {said}: {tally.rate:4.0f} writes/s  {waits(tally.waits_s)}  {dict(tally.statuses)}")
                for one in ids:
                    client.delete(f"{hooks}/{one}").raise_for_status()
        worker.kill()
    ratio = median(middles[True]) / median(middles[False])
    print(f"{kind:10} median of the medians with them against without: {ratio:.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=4)
    asked_for(parser)
    given = parser.parse_args()
    for kind, databases, folder in each(given.kinds):
        measure(kind, found(databases, folder / kind), given.seconds, given.rounds)


if __name__ == "__main__":
    main()
