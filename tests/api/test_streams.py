"""The feed as server-sent events: from where one left off, for as long as one may, with a clear ending."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import delete, update

from app import db
from app.domain.actor import Actor
from app.domain.terms import Role
from app.house import House
from app.http.streams import Limits, Streams
from app.main import create_app
from app.models import AccessToken, ApiKey, UserRole
from app.services.identity import digest
from app.workers.jobs import Job
from app.workers.runner import run_once
from app.workers.sealer import seal_journal
from tests.servers import serving
from tests.town import BUREAU, CITY, COUNTY, Town, problem

PATIENCE_S = 30.0


@dataclass
class Service:
    """A town, and the same service on a real port, where answers leave piece by piece."""

    place: Town
    origin: str
    leaving: threading.Event

    @contextmanager
    def stream(self, who: str, query: str = "", **headers: str) -> Iterator["Receiver"]:
        url = f"{self.origin}/api/v1/feed/stream{query}"
        with (
            httpx.Client(timeout=PATIENCE_S, trust_env=False) as client,
            client.stream("GET", url, headers=self.place.headers(who) | headers) as answer,
        ):
            yield Receiver(answer)

    def happen(self, number: int = 1, who: str = "dengji", agency: str = BUREAU) -> None:
        """Let things happen and be sealed."""
        for _ in range(number):
            self.place.register(who, agency_code=agency)
        house = House.of(self.place.settings, self.place.engine, lambda: self.place.now)
        run_once(house, [Job("sealer", "封存", seal_journal)])


class Receiver:
    """Reads a stream as a browser does."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def event(self) -> dict[str, Any]:
        """Wait for the next event with data; `event` and `id` beside what it says."""
        found: dict[str, Any] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "data":
                found |= json.loads(value)
            elif name in {"event", "id"}:
                found[f"_{name}"] = value
            elif not line and set(found) - {"_id"}:
                return found
            elif not line:
                found = {}
        raise EOFError

    def numbers(self, count: int) -> list[int]:
        return [self.event()["sequence"] for _ in range(count)]


@pytest.fixture
def service(place: Town) -> Iterator[Service]:
    place.hire("haidong", COUNTY, Role.INTAKE_CLERK)
    place.hire("shizhang", CITY, Role.CITY_SUPERVISOR)
    app = create_app(place.settings, engine=place.engine, now=lambda: place.now)
    with serving(app) as origin:
        yield Service(place, origin, app.state.leaving)


def test_a_receiver_goes_on_where_it_left_off_and_sees_only_what_it_may(service: Service) -> None:
    service.happen(2)
    with service.stream("dengji", "?after=0") as receiver:
        assert receiver.answer.headers["content-type"].startswith("text/event-stream")
        assert receiver.numbers(2) == [1, 2]
        service.happen(who="haidong", agency=COUNTY)
        service.happen()
        event = receiver.event()
    assert (event["sequence"], event["_id"], event["type"]) == (4, "4", "case.register")
    service.happen(2)
    with service.stream("dengji", **{"Last-Event-ID": "4"}) as receiver:
        assert receiver.numbers(2) == [5, 6]
    with service.stream("shizhang", "?after=0") as everybody, service.stream("haidong", "?after=0") as other:
        assert everybody.numbers(6) == [1, 2, 3, 4, 5, 6]
        assert other.numbers(1) == [3]
    with service.stream("dengji") as receiver:  # from now on
        assert "6" in next(line for line in receiver._lines if line.startswith(":"))
        service.happen()
        assert receiver.numbers(1) == [7]


@pytest.mark.parametrize(
    ("what", "reason"), [("log out", "signed_out"), ("revoke", "signed_out"), ("role", "rights_changed")]
)
def test_a_stream_ends_when_its_holder_may_no_longer_listen(service: Service, what: str, reason: str) -> None:
    place = service.place
    who = "portal" if what == "revoke" else "dengji"
    place.issue_key("portal", CITY, Role.PORTAL)
    with service.stream(who, "?after=0") as receiver, service.stream("shizhang", "?after=0") as other:
        with db.writer(place.engine) as session:
            if what == "log out":
                session.execute(delete(AccessToken).where(AccessToken.digest == digest(place.tokens["dengji"])))
            elif what == "revoke":
                session.execute(update(ApiKey).values(revoked_at=place.now))
            else:
                session.execute(update(UserRole).where(UserRole.role == Role.INTAKE_CLERK).values(role=Role.REVIEWER))
            session.commit()
        ending = receiver.event()
        assert (ending["_event"], ending["reason"]) == ("end", reason)
        assert ending["message"]
        with pytest.raises(EOFError):
            receiver.event()
        if what != "role":
            service.happen(who="haidong", agency=COUNTY)
            assert other.numbers(1) == [1]


def test_streams_end_when_the_service_is_told_to_stop(service: Service) -> None:
    with service.stream("dengji") as receiver:
        next(receiver._lines)
        service.leaving.set()
        ending = receiver.event()
    assert (ending["_event"], ending["reason"]) == ("end", "restarting")
    with service.stream("dengji") as refused:
        assert refused.answer.status_code == 503


def test_streams_of_one_caller_are_limited(service: Service) -> None:
    streams = [service.stream("dengji") for _ in range(Limits().per_account)]
    opened = [stream.__enter__() for stream in streams]
    for receiver in opened:
        next(receiver._lines)
    with service.stream("dengji") as refused:
        refused.answer.read()
        assert (refused.answer.status_code, problem(refused.answer)["code"]) == (429, "too_many_requests")
    with service.stream("shizhang") as other:
        assert other.answer.status_code == 200
    for stream in streams:
        stream.__exit__(None, None, None)


def test_a_receiver_that_the_window_has_passed_is_told_and_misses_nothing_when_it_comes_back(service: Service) -> None:
    """Without a socket in between, whose buffers would take thousands of events from a receiver that reads none."""
    place = service.place
    house = House.of(place.settings, place.engine, lambda: place.now)
    actor = Actor(name="x", label="", agency_id=1, agency_path="/1/", roles=frozenset({Role.CITY_SUPERVISOR}))
    holder = digest(place.tokens["shizhang"])
    service.happen(3)

    async def listen() -> tuple[list[bytes], list[bytes]]:
        streams = Streams(house, Limits(window=5, heartbeat_s=0.2))
        async with aclosing(streams.follow(actor, holder, 0)) as receiver:
            parts = [await anext(receiver) for _ in range(5)]
            await asyncio.to_thread(service.happen, 9)
            while streams._window.high < 12:  # the reader is a task of this loop
                await asyncio.wait_for(streams._news.wait(), PATIENCE_S)
            parts += [part async for part in receiver]
        async with aclosing(streams.follow(actor, holder, 3)) as receiver:
            again = [await anext(receiver) for _ in range(10)]
        await streams.close()
        return parts, again

    parts, again = asyncio.run(listen())
    assert [_id(part) for part in parts[1:4]] == [1, 2, 3]
    assert b"data" not in parts[4], "a heartbeat fires no event, but says where to reconnect from"
    assert _id(parts[4]) == 3
    assert b'"reason": "slow"' in parts[-1]
    last = _id(parts[-1])
    assert [_id(part) for part in parts[1:-1] if b"data" in part] == [*range(1, last + 1)]
    assert [_id(part) for part in again[1:]] == [*range(4, 13)]


def _id(part: bytes) -> int:
    return int(part.split(b"id: ")[1].split(b"\n")[0])
