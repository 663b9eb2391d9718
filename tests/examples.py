"""In front of the served demo city: a request that names an operation's example is sent as that example, on fresh data."""

from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.pressing import Pressing

HEADER = b"x-example"


@dataclass(frozen=True)
class Sent:
    """A request as it went over the wire."""

    method: str
    raw_path: bytes
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @classmethod
    def of(cls, request: Any) -> "Sent":
        """Take what a client has sent."""
        url = request.url
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        return cls(request.method, url.raw_path.partition(b"?")[0], url.path, url.query, headers, request.content)


class Examples:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, pressing: Pressing, known: dict[str, Sent]) -> None:
        self._app, self._pressing, self._known = app, pressing, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = dict(scope.get("headers", ())).get(HEADER, b"").decode()
        if scope["type"] == "http" and (sent := self._known.get(named)):
            await run_in_threadpool(self._pressing.put_back)
            receive = _whole(sent.body)
            scope = {
                **scope,
                "method": sent.method,
                "path": sent.path,
                "raw_path": sent.raw_path,
                "query_string": sent.query,
                "headers": sent.headers,
            }
        await self._app(scope, receive, send)


def _whole(body: bytes) -> Receive:
    left = [body]

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    return receive
