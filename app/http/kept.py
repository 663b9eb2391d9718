"""Answers kept while nothing at all is committed: the same request, to the same state of the database, on the same day.

Pollers ask the same again and again, mostly with nothing new. One look at the state of the database (`db.Pulse`) then takes
the place of the sign-in, the page and its JSON. Nobody has to remember what an answer depends on: any commit whatever, by
whichever process, ends all of them.
"""

import datetime as dt
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.deps import HOLDS_UNTIL
from app.house import House
from app.services.desk import shanghai_date

KEPT = frozenset({"list_overdue", "list_due_soon", "list_feed", "get_case", "get_timeline"})
"""Operations whose reading leaves no trace and depends on nothing but the database, the caller, the address and the day."""

LARGEST, ROOM, MOST = 1 << 18, 1 << 24, 1 << 13
"""Bytes of one answer that is kept, bytes and number of all that one process keeps."""


@dataclass(frozen=True, slots=True)
class _Kept:
    state: str
    until: dt.datetime
    route: APIRoute
    start: Message
    body: bytes


class KeptAnswers:
    """ASGI middleware, the innermost: what the others add to an answer is made anew each time."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._patterns = [compile_path(path)[0] for path in _paths(routes)]
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not self._may_keep(scope["path"]):
            await self._app(scope, receive, send)
            return
        house: House = scope["app"].state.house
        now = house.now()
        key = _key(scope, now)
        state = await house.pulse.state() if key else None
        if key is None or state is None:
            await self._app(scope, receive, send)
            return
        kept = self._kept.get(key)
        if kept is not None and kept.state == state and now < kept.until:
            self._kept.move_to_end(key)
            scope["route"] = kept.route
            await send({**kept.start, "headers": [*kept.start["headers"]]})
            await send({"type": "http.response.body", "body": kept.body})
            return
        await self._ask(key, state, scope, receive, send)

    def _may_keep(self, path: str) -> bool:
        return any(pattern.match(path) for pattern in self._patterns)

    async def _ask(self, key: bytes, state: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the endpoint answer, and keep what it says: it is at least as new as `state`."""
        start: dict[str, Any] = {}
        body = b""

        async def heard(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                start.update(message, headers=[*message["headers"]])  # before others add theirs to the list
            else:
                body += message.get("body", b"")
            await send(message)

        await self._app(scope, receive, heard)
        route, until = scope.get("route"), scope.get(HOLDS_UNTIL)
        if until and isinstance(route, APIRoute) and route.name in KEPT and start.get("status") in {200, 304}:
            self._keep(key, _Kept(state, until, route, start, body))

    def _keep(self, key: bytes, answer: _Kept) -> None:
        if (old := self._kept.pop(key, None)) is not None:
            self._size -= len(old.body)
        if len(answer.body) > LARGEST:
            return
        self._kept[key] = answer
        self._size += len(answer.body)
        while self._size > ROOM or len(self._kept) > MOST:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.body)


def _key(scope: Scope, now: dt.datetime) -> bytes | None:
    """Say in a digest what an answer depends on besides the database; None for a caller who shows nothing."""
    headers = Headers(scope=scope)
    token, key = headers.get("authorization"), headers.get("x-api-key")
    if not (token or key):
        return None
    address = (scope.get("client") or ("",))[0]
    asked = (
        scope["path"],
        scope["query_string"],
        token,
        key,
        headers.get("if-none-match"),
        address,
        shanghai_date(now),
    )
    return hashlib.sha256(repr(asked).encode()).digest()


def _paths(routes: Sequence[BaseRoute]) -> Iterator[str]:
    for context in iter_route_contexts(routes):
        if context.path and getattr(context.original_route, "name", "") in KEPT:
            yield context.path
