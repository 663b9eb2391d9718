"""Which other sites' pages may call the interface from a browser: those on a list, and never with cookies."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

PATHS = ("/api/", "/oauth/token", "/oauth/revoke", "/openapi.json")
"""The pages on which people sign in, and the service's own, are nobody else's to read."""


class ListedOrigins(CORSMiddleware):
    """ASGI middleware; answers to other origins are what they would be without it, and browsers keep them back.

    Callers show a token or a key that their page holds; the browser adds nothing of its own (`allow_credentials`).
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PUT", "DELETE"),
            allow_headers=(
                *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
                *("Last-Event-ID", "X-API-Key"),
            ),
            expose_headers=("Content-Disposition", "ETag", "Location", "Retry-After", "X-Request-ID"),
            allow_credentials=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin and scope["path"].startswith(PATHS) and self.is_allowed_origin(origin):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
