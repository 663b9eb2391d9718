"""A number for every request and safe headers on every answer, errors included."""

import logging
import uuid

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import InternalError
from app.problems import answer

log = logging.getLogger(__name__)

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Defaults; an answer that sets one of them itself (the docs page, a 304) keeps its own."""

HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""For a year, on this host and below it."""


def safe_headers(public_url: str) -> dict[str, str]:
    """Return the headers of every answer of a service that callers reach at `public_url`."""
    return SAFE_HEADERS | (HTTPS_ONLY if public_url.startswith("https://") else {})


class NumberedRequests:
    """ASGI middleware; the number goes into `scope["request_id"]`, the log and the `X-Request-ID` header."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._safe = safe_headers(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = uuid.uuid4().hex
        scope["request_id"] = number
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = number
                for name, value in self._safe.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            # Starlette would answer outside of here, without the headers, and so hand the traceback to the server.
            log.exception("unforeseen error in request %s", number)
            if started:
                raise
            await answer(Request(scope), InternalError())(scope, receive, with_headers)
