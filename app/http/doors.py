"""The operations of the interface, each put together by FastAPI when it is first called, or described.

For a route FastAPI reads the signatures of the endpoint and of all that it depends on, builds what checks its body and
what writes its answer, and does it again for an included router. For more than two hundred operations that was a third of
the start and a quarter of the memory of a process that is never asked for most of them. So a router only takes down what
is declared; what must not wait, `unguarded`, is found in the signatures alone.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Annotated, Any, get_args, get_origin

from fastapi import APIRouter, Request, Response, params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette._utils import get_route_path  # without the root path of a proxy
from starlette.routing import BaseRoute, Match, compile_path, get_name
from starlette.types import Receive, Scope, Send

from app.deps import at_desks, bearer, judge
from app.domain.shape import complete

Endpoint = Callable[..., Any]


class AtADesk(APIRoute):
    """An operation that judges its caller within its endpoint. What is wrong with a request is told to none but those who
    may make it: where FastAPI refuses it first, the caller is judged before it is said.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def judged(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError:
                await judge(request)
                raise

        return judged


@dataclass(frozen=True, slots=True)
class Declared:
    """An operation as its router has it: without what is added when the routers are put together."""

    path: str
    endpoint: Endpoint
    options: Mapping[str, Any]  # as `APIRouter.add_api_route` takes them


class Operations(APIRouter):
    """A router to declare operations on, with FastAPI's own decorators; `doors` makes routes of them."""

    def __init__(self, *, prefix: str = "", tags: Iterable[str] = ()) -> None:
        super().__init__(prefix=prefix, tags=[*tags])
        self.declared: list[Declared] = []

    def add_api_route(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        """Take an operation down."""
        self.declared.append(Declared(path, endpoint, options))


@dataclass(eq=False)
class Door(BaseRoute):
    """One operation and its whole address. Its `route` is made once, when it is first wanted."""

    path: str
    declared: Declared
    added: Mapping[str, Any] = field(repr=False)  # as `APIRouter` takes them

    def __post_init__(self) -> None:
        self.path_regex, self.path_format, self.param_convertors = compile_path(self.path)
        self.name = get_name(self.declared.endpoint)
        self.methods = {str(method).upper() for method in self.declared.options["methods"]}
        self.openapi_extra: Mapping[str, Any] = self.declared.options.get("openapi_extra") or {}

    @cached_property
    def route(self) -> APIRoute:
        signature = inspect.signature(self.declared.endpoint, eval_str=True)
        for kind in (*(one.annotation for one in signature.parameters.values()), signature.return_annotation):
            complete(kind)
        complete(self.declared.options.get("response_model"))
        alone = APIRouter(**self.added)
        endpoint = at_desks(self.declared.endpoint)
        kind = APIRoute if endpoint is self.declared.endpoint else AtADesk
        alone.add_api_route(self.path, endpoint, route_class_override=kind, **self.declared.options)
        (made,) = alone.routes
        assert isinstance(made, APIRoute)
        return made

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not self.path_regex.match(get_route_path(scope)):
            return Match.NONE, {}
        return self.route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.route.handle(scope, receive, send)


def doors(router: Operations, *, prefix: str = "", **added: Any) -> list[Door]:
    """Make the routes of a router; `added` is what `APIRouter` takes, and holds for each of them."""
    added["tags"] = router.tags
    return [Door(prefix + router.prefix + one.path, one, added) for one in router.declared]


def opened(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return the routes with every operation put together, for a walk over what FastAPI knows of them."""
    return [route.route if isinstance(route, Door) else route for route in routes]


def unguarded(routes: Iterable[Door]) -> list[str]:
    """Return the operations whose callers nobody judges.

    They declare neither `allow` nor `anybody`, or they declare `allow` and never ask who calls, which is where `caller`
    judges.
    """
    found = []
    for door in routes:
        judged = "x-roles" in door.openapi_extra and _asks_who_calls(door.declared.endpoint)
        if not judged and door.openapi_extra.get("security") != []:
            found.append(door.name)
    return found


@cache
def _asks_who_calls(call: Endpoint) -> bool:
    return any(part is bearer or _asks_who_calls(part) for part in _dependencies(call))


def _dependencies(call: Endpoint) -> Iterator[Endpoint]:
    for parameter in inspect.signature(call, eval_str=True).parameters.values():
        kind = parameter.annotation
        marks = get_args(kind)[1:] if get_origin(kind) is Annotated else ()
        for mark in (*marks, parameter.default):
            if isinstance(mark, params.Depends) and mark.dependency:
                yield mark.dependency
