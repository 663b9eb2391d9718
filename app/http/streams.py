"""Server-sent events: one reader of the feed per process, and any number of streams that it feeds.

A stream holds no connection to the database and no queue of its own. The reader keeps the last events in a window that all
streams share, each with a number of its own up to which it has sent; whoever starts further back reads the database by short
steps until it has caught up. So a slow receiver costs nothing but its place: it is dropped when the window has passed it.
"""

import asyncio
import datetime as dt
import json
import logging
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread
from typing import Any

import anyio
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.responses import StreamingResponse
from starlette.types import Send

from app import db
from app.domain.actor import Actor
from app.errors import AppError, TooManyRequests, Unavailable
from app.house import House
from app.schemas.feed import FeedItem
from app.services import feed, sealing, signed_in
from app.services.feed import Event
from app.services.visibility import sees_event

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often the reader looks by itself: the longest a lost notification makes an event late, and a revoked token lasts."""

UNTOLD_S = 0.2
"""How often it looks for events where nobody notifies it (SQLite)."""

STEP = 500
ENDINGS = {
    "signed_out": "登录或者密钥已失效",
    "rights_changed": "角色或者机关有变动，请重新连接",
    "slow": "接收太慢，请从最后收到的顺序号重新连接",
    "restarting": "服务正在重启，请重新连接",
}


SEND_S = 30.0
"""A receiver that takes nothing for so long is gone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much streams may take."""

    window: int = 5000  # events kept for receivers that lag
    heartbeat_s: float = 15.0
    all_streams: int = 1000
    per_account: int = 20


@dataclass(eq=False, slots=True)
class Stream:
    """One receiver: who it is, and up to which number it has been served."""

    actor: Actor
    holder: str  # the digest of the token, or key:<prefix>
    sent: int
    ending: str = ""
    caught_up: bool = False


@dataclass(slots=True)
class _Window:
    """The last events, oldest first, each with its text once somebody has asked for it."""

    events: deque[Event]
    low: int = 0  # everything after this number, up to `high`, is in it
    high: int = 0
    texts: dict[int, bytes] = field(default_factory=dict)

    def add(self, events: list[Event], up_to: int) -> None:
        for event in events:
            if self.events.maxlen and len(self.events) == self.events.maxlen:
                self.low = self.events[0].sequence
                self.texts.pop(self.low, None)
            self.events.append(event)
        self.high = up_to

    def after(self, sequence: int) -> list[Event]:
        """Give the events after a number; walks from the newest, which is where receivers are."""
        found = []
        for event in reversed(self.events):
            if event.sequence <= sequence:
                break
            found.append(event)
        return found[::-1]

    def text(self, event: Event) -> bytes:
        if event.sequence not in self.texts:
            self.texts[event.sequence] = item_text(event)
        return self.texts[event.sequence]


class Streams:
    """The streams of one process. The reader runs while there is at least one."""

    def __init__(self, house: House, limits: Limits | None = None, leaving: Callable[[], bool] = lambda: False) -> None:
        self._house, self._limits, self._leaving = house, limits or Limits(), leaving
        self._open: set[Stream] = set()
        self._window = _Window(deque(maxlen=self._limits.window))
        self._reader: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()  # of the reader
        self._news = asyncio.Event()  # of the streams; a fresh one for each piece of news

    @property
    def count(self) -> int:
        return len(self._open)

    def admit(self, actor: Actor) -> None:
        """Refuse one stream too many; raises `TooManyRequests` for the caller's, `Unavailable` for everybody's."""
        mine = Counter(stream.actor.account for stream in self._open)[actor.account]
        if mine >= self._limits.per_account:
            raise TooManyRequests(f"您已有 {mine} 个推送连接", headers={"Retry-After": "60"})
        if len(self._open) >= self._limits.all_streams or self._leaving():
            raise Unavailable("推送连接已满，请稍后再试", headers={"Retry-After": "30"})

    async def follow(self, actor: Actor, holder: str, after: int | None) -> AsyncGenerator[bytes]:
        """Give a stream's bytes from the events after `after`, or from now on, until an ending."""
        start = after if after is not None else await self._house.read(sealing.newest)
        stream = Stream(actor, holder, start)
        self._open.add(stream)
        if self._reader is None or self._reader.done():
            self._window = _Window(deque(maxlen=self._limits.window), low=-1)
            self._reader = asyncio.create_task(self._read())
        try:
            yield b"retry: 3000\n: " + f"从第 {start} 号之后开始".encode() + b"\n\n"
            async for part in self._parts(stream):
                yield part
        finally:
            self._open.discard(stream)

    async def close(self) -> None:
        """Stop the reader, when the process ends."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _parts(self, stream: Stream) -> AsyncIterator[bytes]:
        while True:
            news = self._news
            if self._leaving():
                stream.ending = "restarting"
            if stream.ending:
                yield _ending(stream)
                return
            if self._window.low < 0:
                found: list[tuple[int, bytes]] = []  # the reader is yet to say where it starts
            elif stream.sent < self._window.low:
                if stream.caught_up:
                    stream.ending = "slow"
                    continue
                found, stream.sent = await self._from_database(stream)
            else:
                found = [
                    (event.sequence, self._window.text(event))
                    for event in self._window.after(stream.sent)
                    if _sees(stream.actor, event)
                ]
                stream.caught_up, stream.sent = True, max(stream.sent, self._window.high)
            for _, text in found:
                yield text
            if not found and stream.sent >= self._window.high:
                try:
                    await asyncio.wait_for(news.wait(), self._limits.heartbeat_s)
                except TimeoutError:
                    # An id without data fires no event, but a client that reconnects starts from it.
                    yield f": 心跳\nid: {stream.sent}\n\n".encode()

    async def _from_database(self, stream: Stream) -> tuple[list[tuple[int, bytes]], int]:
        low = self._window.low
        try:
            events = await self._house.read(lambda s: feed.read(s, stream.sent, low, STEP, stream.actor))
        except (AppError, SQLAlchemyError) as error:
            log.warning("a stream could not be read, again in a second: %s", type(error).__name__)
            await asyncio.sleep(LOOK_S)
            return [], stream.sent
        return [(e.sequence, item_text(e)) for e in events], events[-1].sequence if len(events) == STEP else low

    async def _read(self) -> None:
        """Read the feed for all streams and look whether they may still be there, until there is none."""
        loop, deaf = asyncio.get_running_loop(), Flag()
        pause = UNTOLD_S
        if self._house.engine.dialect.name == "postgresql":
            pause = LOOK_S
            wake = lambda: loop.call_soon_threadsafe(self._wake.set)  # noqa: E731 — said where it is handed on
            arguments = (self._house.engine, sealing.CHANNEL, deaf, wake)
            Thread(target=db.listen, args=arguments, name="feed-listener", daemon=True).start()
        try:
            looked = -LOOK_S
            while self._open:
                due = loop.time() - looked >= LOOK_S
                more = False
                try:
                    more = await self._look(check=due)
                    looked = loop.time() if due else looked
                except (AppError, SQLAlchemyError) as error:
                    log.warning("the feed could not be read, again in a second: %s", type(error).__name__)
                except Exception:
                    log.exception("the feed could not be read, again in a second")
                self._tell()
                if not more:
                    self._wake.clear()
                    with anyio.move_on_after(pause):
                        await self._wake.wait()
        finally:
            deaf.set()

    async def _look(self, *, check: bool) -> bool:
        """Read on; returns whether there is more to read at once."""
        window, holders = self._window, {stream.holder for stream in self._open} if check else set()

        def work(session: Session) -> tuple[int, list[Event], dict[str, Actor]]:
            newest = sealing.newest(session)
            events = feed.read(session, window.high, newest, STEP) if window.low >= 0 else []
            now: dt.datetime = self._house.now()
            return newest, events, signed_in.actors_now(session, holders, now, self._house.settings)

        newest, events, actors = await self._house.read(work)
        if window.low < 0:
            window.low = window.high = newest
        else:
            window.add(events, events[-1].sequence if len(events) == STEP else max(newest, window.high))
        if check:
            for stream in self._open:
                if stream.holder in holders:
                    stream.ending = stream.ending or _change(stream.actor, actors.get(stream.holder))
        return len(events) == STEP

    def _tell(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()


class EventStream(StreamingResponse):
    """An answer whose parts leave one by one; a receiver that takes nothing for too long is cut off."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes], send_s: float = SEND_S) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the latter for nginx in front
        super().__init__(content, headers=headers)
        self._send_s = send_s

    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Any) -> None:
            with anyio.fail_after(self._send_s):
                await send(message)

        try:
            await super().stream_response(in_time)
        except TimeoutError:
            log.info("a receiver of the stream took nothing for %.0f s and was cut off", self._send_s)


def item_text(event: Event) -> bytes:
    return f"id: {event.sequence}\ndata: {FeedItem.of(event).model_dump_json(by_alias=True)}\n\n".encode()


def _ending(stream: Stream) -> bytes:
    said = {"reason": stream.ending, "message": ENDINGS[stream.ending], "after": stream.sent}
    return f"event: end\nid: {stream.sent}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n".encode()


def _sees(actor: Actor, event: Event) -> bool:
    return sees_event(actor, event.agency_id, event.agency_path, event.portal)


def _change(before: Actor, now: Actor | None) -> str:
    if now is None:
        return "signed_out"
    same = (before.roles, before.agency_path, before.scopes) == (now.roles, now.agency_path, now.scopes)
    return "" if same else "rights_changed"
