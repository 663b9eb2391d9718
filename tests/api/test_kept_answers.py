"""Answers given again without asking: only while the database, the day and the caller's right are what they were."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Event
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, create_engine, event, text

from app import db
from app.deps import scope_of
from app.domain.terms import Role, Scope
from app.http.doors import opened
from app.http.kept import KEPT
from app.main import create_app
from app.models import AccessToken, Agency, ApiKey, User
from app.pulse import Pulse
from app.services import expenses
from tests.town import BUREAU, CITY, COUNTY, SHANGHAI, Town

TRIES = 60
"""On a PostgreSQL that other tests use, their commits end what was kept as well."""


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def statements_of(place: Town, work: Callable[[], Any]) -> int:
    with counted(place.engine) as asked:
        work()
    return len(asked)


def afresh(place: Town, who: str, path: str) -> Any:
    """Ask in a way nobody has asked before, so that nothing kept can answer."""
    return place.get(who, path, headers={"If-None-Match": f'"{Random().random()}"'})


@pytest.mark.parametrize(
    "path",
    [
        "/cases/overdue?limit=5",
        "/cases/due-soon?within_workdays=60",
        "/feed?after=0",
        "/cases/{}",
        "/cases/{}/timeline",
    ],
)
def test_an_answer_is_given_again_without_asking_for_anything(place: Town, path: str) -> None:
    asked = path.format(place.register()["id"])
    place.go_to("2026-04-02")
    first = place.get("jingban", asked)
    assert first.status_code == 200
    costs = [statements_of(place, lambda: place.get("jingban", asked)) for _ in range(TRIES)]
    assert 0 in costs
    again = place.get("jingban", asked)
    assert again.content == first.content
    assert {**again.headers, "x-request-id": "-"} == {**first.headers, "x-request-id": "-"}
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


def test_who_has_the_answer_already_gets_a_304_again(place: Town) -> None:
    place.register()
    tag = place.get("duban", "/cases/overdue").headers["etag"]
    seen = [place.get("duban", "/cases/overdue", headers={"If-None-Match": tag}) for _ in range(TRIES)]
    assert {(answer.status_code, answer.content, answer.headers["etag"]) for answer in seen} == {(304, b"", tag)}


def test_whatever_is_done_shows_in_the_next_answer(place: Town) -> None:
    """Cases come in, are acted on, change hands and days pass: each answer equals one that is made afresh."""
    chance, cases = Random(20261123), [place.register()["id"] for _ in range(3)]
    place.go_to("2026-04-02")

    def register() -> None:
        cases.append(place.register(submitted_at="2026-03-02T09:00:00+08:00")["id"])

    def accept() -> None:
        place.post("dengji", f"/cases/{chance.choice(cases)}/accept", {})

    def assign() -> None:
        place.post("dengji", f"/cases/{chance.choice(cases)}/assign", {"handler": "jingban", "opinion": "请办理"})

    def rename() -> None:
        with db.writer(db.everywhere(place.engine)) as session:
            session.query(Agency).filter_by(code=BUREAU).one().name = f"规划局{chance.random()}"
            session.commit()

    def next_day() -> None:
        place.now = place.now.replace(day=place.now.day + 1) if place.now.day < 28 else place.now
        place.go_to(f"{place.now.astimezone(SHANGHAI):%Y-%m-%d}")

    for step in range(40):
        if step % 3:
            chance.choice((register, accept, accept, assign, rename, next_day))()
        case_id = chance.choice(cases)
        for path in ("/cases/overdue?limit=2", f"/cases/{case_id}", f"/cases/{case_id}/timeline"):
            given, made = place.get("jingban", path), afresh(place, "jingban", path)
            assert (given.status_code, given.content) == (made.status_code, made.content), (step, path)


def test_the_first_moment_of_a_day_has_its_own_answer(place: Town) -> None:
    place.issue_key("liulan", CITY, Role.SCRIPT_READER)
    case = place.register()
    place.go_to("2026-03-30 23:59")
    assert [place.get("liulan", "/cases/overdue").json()["items"] for _ in range(3)] == [[]] * 3
    place.now = place.now.replace(day=31, hour=0, minute=0)  # nothing is committed
    assert [item["id"] for item in place.get("liulan", "/cases/overdue").json()["items"]] == [case["id"]]


def test_a_right_that_ended_is_refused_at_once(place: Town) -> None:
    key = place.issue_key("liulan", CITY, Role.SCRIPT_READER)

    def sign_out(engine: Engine) -> None:
        with db.writer(engine) as session:
            session.query(AccessToken).delete()
            session.commit()

    def disable(engine: Engine) -> None:
        with db.writer(engine) as session:
            session.query(User).filter_by(username="duban").one().disabled_at = place.now
            session.commit()

    def revoke(engine: Engine) -> None:
        with db.writer(engine) as session:
            session.query(ApiKey).filter_by(prefix=key[3:11]).one().revoked_at = place.now
            session.commit()

    for who, end in (("duban", disable), ("jingban", sign_out), ("liulan", revoke)):
        assert [place.get(who, "/cases/overdue").status_code for _ in range(5)] == [200] * 5
        end(place.engine)
        assert [place.get(who, "/cases/overdue").status_code for _ in range(2)] == [401] * 2


def test_a_key_and_a_sign_in_end_at_their_hour_though_nothing_is_committed(place: Town) -> None:
    place.issue_key("liulan", CITY, Role.SCRIPT_READER)
    with db.writer(place.engine) as session:
        session.query(ApiKey).one().expires_at = place.now.replace(minute=30)
        session.query(AccessToken).update({"expires_at": place.now.replace(minute=30)})
        session.commit()
    for who in ("liulan", "duban"):
        place.now = place.now.replace(minute=29, second=59)
        assert [place.get(who, "/cases/overdue").status_code for _ in range(3)] == [200] * 3
        place.now = place.now.replace(minute=30, second=0)
        assert place.get(who, "/cases/overdue").status_code == 401


def test_asking_keeps_a_sign_in_alive_though_nothing_changes(place: Town) -> None:
    """Of the idle minutes each request ends one, kept answer or not."""
    for minute in range(1, 50):
        place.now = place.now.replace(hour=11, minute=minute) if minute > 1 else place.now
        if minute == 1:
            place.go_to("2026-03-02 11:00")
        assert place.get("duban", "/cases/overdue").status_code == 200, minute


def test_callers_do_not_get_each_others_answers(place: Town) -> None:
    place.hire("waiji", COUNTY, Role.HANDLER)
    case = place.register()
    place.go_to("2026-04-02")
    for _ in range(3):
        assert len(place.get("jingban", "/cases/overdue").json()["items"]) == 1
        assert place.get("waiji", "/cases/overdue").json()["items"] == []
        assert place.get("waiji", f"/cases/{case['id']}").status_code == 404
        assert place.client.get("/api/v1/cases/overdue").status_code == 401


def test_a_database_that_does_not_tell_its_state_is_asked_for_the_answer(place: Town) -> None:
    place.register()
    first = place.get("duban", "/cases/overdue").content
    if place.engine.dialect.name == "postgresql":
        with db.everywhere(place.engine).connect() as connection:
            cut = (
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE '%pg_current_snapshot()::text%' AND pid <> pg_backend_pid()"
            )
            assert connection.scalar(text(cut)) == 1
    else:
        place.client.app.state.house.pulse.close()  # type: ignore[attr-defined]  # the client says only that it is an ASGI application
    for _ in range(3):
        assert place.get("duban", "/cases/overdue").content == first


def test_only_readings_that_leave_no_trace_are_kept() -> None:
    """No operation that is counted, exports or wants a second factor; each of them asks who calls."""
    routes = {route.name: route for route in opened(create_app().routes) if isinstance(route, APIRoute)}
    for name in KEPT:
        declared = routes[name].openapi_extra or {}
        assert routes[name].methods == {"GET"}
        assert scope_of("GET", declared) is Scope.READ
        assert declared["x-roles"]
        assert not declared.keys() & {"x-second-factor", "x-personal-data"}
        assert name not in expenses.BY_CALLER
        assert name not in expenses.BY_SOURCE


def test_a_connection_in_use_when_the_service_ends_is_closed_when_it_has_answered() -> None:
    begun, go_on, closed = Event(), Event(), Event()

    def look() -> str:
        begun.set()
        assert go_on.wait(60)
        return "state"

    async def ended() -> bool:
        pulse = Pulse(create_engine("sqlite://"))
        pulse._connect = lambda: (look, closed.set)
        asked = asyncio.create_task(pulse.state())
        await asyncio.to_thread(begun.wait, 60)
        pulse.close()
        before = closed.is_set()
        go_on.set()
        await asked
        await asyncio.to_thread(closed.wait, 60)
        return before

    assert asyncio.run(ended()) is False
    assert closed.is_set()
