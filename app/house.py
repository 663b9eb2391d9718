"""What one running application owns, and the bounded way in to its database."""

import asyncio
import datetime as dt
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self, TypeVar

from anyio import from_thread
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app import db
from app.config import Settings
from app.errors import AppError, ChangedMeanwhile, OutcomeUnknown, Unavailable
from app.pulse import Pulse
from app.services import identity
from app.services.calendars import Calendars
from app.services.openid import Provider
from app.services.passwords import Hasher
from app.services.refusals import Tally

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class Slots:
    """Bounded entry to the connection pool: waiting happens here, without a thread and without a connection."""

    def __init__(self, count: int, wait_s: float) -> None:
        self._free = asyncio.Semaphore(count)
        self._wait_s = wait_s

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._free.acquire(), self._wait_s)
        except TimeoutError as error:
            raise Unavailable("数据库繁忙", headers={"Retry-After": "1"}) from error
        try:
            yield
        finally:
            self._free.release()


class Recent:
    """What was found a moment ago, by digest."""

    _FOR = dt.timedelta(seconds=1)
    _MOST = 10_000

    def __init__(self) -> None:
        self._until: OrderedDict[str, dt.datetime] = OrderedDict()

    def holds(self, digest: str, now: dt.datetime) -> bool:
        return digest in self._until and now < self._until[digest]

    def note(self, digest: str, now: dt.datetime) -> None:
        self._until.pop(digest, None)
        self._until[digest] = now + self._FOR
        if len(self._until) > self._MOST:
            self._until.popitem(last=False)


@dataclass(frozen=True)
class House:
    """What one running application owns; kept in `app.state.house`, so that no module holds a global."""

    settings: Settings
    engine: Engine
    calendars: Calendars
    reading: Slots
    writing: Slots
    hashing: Slots  # in front of `hasher`, so that waiting sign-ins take no thread
    hasher: Hasher
    provider: Provider
    pulse: Pulse
    now: Callable[[], dt.datetime]
    admitted: Recent = field(default_factory=Recent)
    refusals: Tally = field(default_factory=Tally)
    _marking: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, settings: Settings, engine: Engine, now: Callable[[], dt.datetime]) -> Self:
        """Furnish a house by its settings; the engine is the caller's to dispose of."""
        db.give_journal_key(engine, settings)
        return cls(
            settings=settings,
            engine=engine,
            calendars=Calendars(),
            reading=Slots(settings.readers, settings.slot_wait_s),
            writing=Slots(settings.writers_at_once, settings.slot_wait_s),
            hashing=Slots(settings.hashes_at_once, settings.slot_wait_s),
            hasher=Hasher(settings.hashes_at_once),
            provider=Provider(settings),
            pulse=Pulse(engine),
            now=now,
        )

    @cached_property
    def writers(self) -> Engine:
        return db.writing(self.engine)

    @cached_property
    def _everywhere(self) -> Engine:
        return db.everywhere(self.engine)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Do a piece of work in a transaction of its own, for endpoints that must not hold one all the time."""

        def done() -> Result:
            with committed(self._everywhere) as session:
                return work(session)

        async with self.writing.one():
            return await run_in_threadpool(done)

    async def read(self, work: Callable[[Session], Result]) -> Result:
        """Look something up in a short transaction of its own."""

        def done() -> Result:
            with db.reader(self._everywhere) as session:
                return work(session)

        async with self.reading.one():
            return await run_in_threadpool(done)

    def write_aside(self, work: Callable[[Session], Result]) -> Result:
        """Do the same from an endpoint that only reads and now has something short to write down."""
        return from_thread.run(self.write, work)

    async def mark_used(self, digest: str, now: dt.datetime) -> None:
        """Write down that a sign-in is in use; a failure may pass, it costs a minute of the idle limit."""
        if digest in self._marking:
            return
        self._marking.add(digest)
        try:
            await self.write(lambda session: identity.mark_used(session, digest, now))
        except (AppError, SQLAlchemyError) as error:
            log.info("the use of a sign-in was not written down: %s", type(error).__name__)
        finally:
            self._marking.discard(digest)


@contextmanager
def committed(engine: Engine) -> Iterator[Session]:
    with db.writer(engine) as session:
        try:
            yield session
            _commit(session)
        except AppError as refused:
            if refused.keeps:
                _commit(session)
            raise
        except (StaleDataError, IntegrityError) as error:
            raise ChangedMeanwhile from error
        except DataError:
            raise  # what was sent is to blame, not the database; `problems` says so
        except DBAPIError as error:
            raise Unavailable(headers={"Retry-After": "1"}) from error


def _commit(session: Session) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:  # nobody may be told that the act did not happen
            raise OutcomeUnknown(headers={"Retry-After": "1"}) from error
        raise
