"""The server in front of the application: how large and how slow a request may be before anything of ours sees it.

uvicorn reads a head of any length for any time, and answers what is no HTTP with a bare sentence. Its connection is
extended here by three limits and by refusals in the form of all others (see docs/decisions).
"""

import asyncio
from dataclasses import dataclass
from threading import Event
from types import FrameType
from typing import Any, ClassVar, cast
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.config import Settings
from app.errors import AddressTooLong, AppError, HeadTooLarge, MalformedRequest, TooSlow, Unavailable
from app.http.requests import safe_headers
from app.problems import MEDIA_TYPE, problem

MOST_HEADERS = 100
LEAST_READ = 1 << 16
"""Bytes of an answer that a caller must take in the time a body may take to arrive, while more than that is waiting."""
LINGER_S = 2
"""How long the rest of a refused request is read and thrown away: a closed door would lose the answer on its way."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connection may take up; sizes in bytes, times in seconds."""

    head: int
    head_s: float
    body_s: float
    connections: int
    headers: dict[str, str]
    """On every refusal that is sent from here."""

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            settings.head_limit,
            settings.head_seconds,
            settings.body_seconds,
            settings.connections,
            safe_headers(settings.public_url),
        )


def configured(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Configure the server by the settings; the caller brings the listening socket."""
    protocol = type("LimitedHttp", (LimitedHttp,), {"limits": Limits.of(settings)})
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=protocol,
        ws="none",
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,  # an open stream must not hold up a restart
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )


class Server(uvicorn.Server):
    """Lets the streams know that it is time to end, which uvicorn itself tells them only after waiting for them."""

    def __init__(self, config: uvicorn.Config, leaving: Event) -> None:
        super().__init__(config)
        self._leaving = leaving

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._leaving.set()
        super().handle_exit(sig, frame)


class LimitedHttp(HttpToolsProtocol):
    """One connection. A timer runs while a head or a body is arriving; between requests uvicorn's own does."""

    limits: ClassVar[Limits]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.url = b""
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._in_head = True
        self._fault: AppError | None = None
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(Unavailable("连接过多，请稍后重试", headers={"Retry-After": "1"}))
        else:
            self._allow(self.limits.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._await_reader(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._in_head:
            self._head_size += len(data)
        super().data_received(data)
        if self._is_refused():
            return
        if self._in_head and self._head_size > self.limits.head:
            self._refuse(AddressTooLong() if len(self.url) > self.limits.head else HeadTooLarge())
        elif self._in_head and not self._unanswered() and self._timer is None and self.timeout_keep_alive_task is None:
            self._allow(self.limits.head_s)  # something came, but no request has begun

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        self._await_reader(None)
        super().resume_writing()

    def _await_reader(self, left: int | None) -> None:
        """Watch a caller who has `left` bytes of answers to take; stop watching when there are none to wait for."""
        if self._stalled is not None:
            self._stalled.cancel()
        self._stalled = None if left is None else self.loop.call_later(self.limits.body_s, self._look_at_reader, left)

    def _look_at_reader(self, left: int) -> None:
        now_left = self.transport.get_write_buffer_size()
        if left - now_left < LEAST_READ:
            self.transport.abort()
        else:
            self._await_reader(now_left)

    def _is_refused(self) -> bool:
        return self._refused

    def _unanswered(self) -> RequestResponseCycle | None:
        """The request that came last, while its answer has not left whole."""
        asked = cast("RequestResponseCycle | None", self.cycle)  # none before the first, whatever uvicorn declares
        return None if asked is None or asked.response_complete else asked

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._timer is None:
            self._allow(self.limits.head_s)

    def on_headers_complete(self) -> None:
        size = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) > self.limits.head:
            self._fault = AddressTooLong()
        elif len(self.url) + size > self.limits.head or len(self.headers) > MOST_HEADERS:
            self._fault = HeadTooLarge()
        if self._fault:
            raise ValueError(self._fault.code)  # ends the parsing; `send_400_response` follows
        self._in_head = False
        self._allow(self.limits.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop()
        self._in_head, self._head_size = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, which uvicorn does in plain text."""
        self._refuse(self._fault or MalformedRequest())

    def _allow(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._too_late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self._in_head and not self._head_size:
            self.transport.close()  # a browser's connection in store: nothing was asked
        else:
            self._refuse(TooSlow())

    def _refuse(self, error: AppError) -> None:
        """Answer in place of the application, and close."""
        self._refused = True
        self._stop()
        self._unset_keepalive_if_required()
        if asked := self._unanswered():
            if self._in_head:  # an earlier request is being answered: that answer is the last
                asked.keep_alive = False
                return
            if asked.response_started:
                self.transport.close()
                return
            asked.disconnected = True
            asked.message_event.set()
        self.transport.write(self._written(error))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.close)

    def _written(self, error: AppError) -> bytes:
        number = uuid4().hex
        body = problem(error, number).model_dump_json().encode()
        headers = {
            **self.limits.headers,
            **error.headers,
            "X-Request-ID": number,
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return STATUS_LINE[error.status] + head.encode() + b"\r\n" + body
