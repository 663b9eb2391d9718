"""Where the desk of a reading request is opened: in the turn of a thread in which its endpoint runs, and nowhere else."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import create_engine

from app.config import Settings
from app.deps import Reading
from app.domain.terms import Role
from app.http.doors import opened
from app.main import create_app
from tests.town import CITY, Town


def _asks_for_a_desk(call: Callable[..., Any]) -> bool:
    return any(
        parameter.annotation == Reading for parameter in inspect.signature(call, eval_str=True).parameters.values()
    )


def _behind(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for behind in dependant.dependencies:
        if behind.call is not None:
            yield behind.call
        yield from _behind(behind)


def test_only_endpoints_that_run_in_a_thread_ask_for_a_desk() -> None:
    """A dependency would be given the look, from which only an endpoint's desk is made."""
    app = create_app(Settings(), engine=create_engine("sqlite://"))
    routes = [route for route in opened(app.routes) if isinstance(route, APIRoute)]
    asking = [route for route in routes if _asks_for_a_desk(route.endpoint)]
    assert len(asking) > 80
    assert [route.name for route in asking if inspect.iscoroutinefunction(route.endpoint)] == []
    assert [route.name for route in routes for call in _behind(route.dependant) if _asks_for_a_desk(call)] == []


def test_what_is_wrong_with_a_request_is_told_to_none_but_those_who_may_make_it(place: Town) -> None:
    place.tokens["fremd"] = "no-token-of-anybody"
    place.hire("anquan", CITY, Role.SECURITY_ADMIN)
    for path in ("/cases?page=no-number", "/cases/no-number", "/cases/overdue?limit=0"):
        answers = {who: place.get(who, path) for who in ("fremd", "anquan", "dengji")}
        assert [answers[who].status_code for who in ("fremd", "anquan", "dengji")] == [401, 403, 422], path
        assert "number" not in answers["fremd"].text + answers["anquan"].text
