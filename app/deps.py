"""How a request gets its desk: slot → session → caller, and COMMIT before the answer leaves.

Every database dependency is declared with `scope="function"`: its exit runs when the endpoint has returned and before
the response is sent. FastAPI's default would commit after the 200 has left.
"""

import asyncio
import datetime as dt
import hashlib
import hmac
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from anyio import from_thread
from fastapi import BackgroundTasks, Depends, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import APIKeyHeader, OAuth2AuthorizationCodeBearer
from pydantic import BaseModel, Field
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from starlette.routing import BaseRoute

from app import db
from app.config import Settings
from app.domain.actor import Actor
from app.domain.commands import PLAIN
from app.domain.terms import Role
from app.errors import AppError, ChangedMeanwhile, Unavailable, VersionRequired
from app.services import answers, identity, permissions
from app.services.answers import Answer, Attempt
from app.services.calendars import Book, Calendars
from app.services.desk import Desk, shanghai_date
from app.services.identity import SignIn
from app.services.passwords import Hasher
from app.services.stages import Stages

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
Result = TypeVar("Result")

bearer = OAuth2AuthorizationCodeBearer(
    authorizationUrl="/oauth/authorize",
    tokenUrl="/oauth/token",
    scheme_name="login",
    description="**经办人**：点下面的按钮，转到本服务的登录页输入登录名和密码。",
    auto_error=False,
)
api_key = APIKeyHeader(
    name="X-API-Key",
    scheme_name="api_key",
    description="**对接平台和脚本**：填写接口密钥（dk_ 开头），由安全管理员用“新增接口密钥”发放。",
    auto_error=False,
)


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
    now: Callable[[], dt.datetime]
    _marking: set[str] = field(default_factory=set)

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Do a piece of work in a transaction of its own, for endpoints that must not hold one all the time."""

        def done() -> Result:
            with _committed(self.engine) as session:
                return work(session)

        async with self.writing.one():
            return await run_in_threadpool(done)

    async def read(self, work: Callable[[Session], Result]) -> Result:
        """Look something up in a short transaction of its own."""

        def done() -> Result:
            with db.reader(self.engine) as session:
                return work(session)

        async with self.reading.one():
            return await run_in_threadpool(done)

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


def house(request: Request) -> House:
    found: House = request.app.state.house
    return found


HouseDep = Annotated[House, Depends(house)]


async def _reading_slot(house: HouseDep) -> AsyncIterator[None]:
    async with house.reading.one():
        yield


async def _writing_slot(house: HouseDep) -> AsyncIterator[None]:
    async with house.writing.one():
        yield


def _reader(house: HouseDep, _slot: Annotated[None, Depends(_reading_slot, scope="function")]) -> Iterator[Session]:
    with db.reader(house.engine) as session:
        yield session


@contextmanager
def _committed(engine: Engine) -> Iterator[Session]:
    with db.writer(engine) as session:
        try:
            yield session
            session.commit()
        except AppError as refused:
            if refused.keeps:
                session.commit()
            raise
        except (StaleDataError, IntegrityError) as error:
            raise ChangedMeanwhile from error
        except DataError:
            raise  # what was sent is to blame, not the database; `problems` says so
        except DBAPIError as error:
            raise Unavailable(headers={"Retry-After": "1"}) from error


def _writer(house: HouseDep, _slot: Annotated[None, Depends(_writing_slot, scope="function")]) -> Iterator[Session]:
    with _committed(house.engine) as session:
        yield session


ReadSession = Annotated[Session, Depends(_reader, scope="function")]
WriteSession = Annotated[Session, Depends(_writer, scope="function")]
Bearer = Annotated[str | None, Depends(bearer)]
Key = Annotated[str | None, Depends(api_key)]


def allow(*roles: Role) -> dict[str, Any]:
    """Declare who may call an endpoint: `@router.post("/users", **allow(Role.SYSTEM_ADMIN))`.

    Without a role: whoever is signed in. One declaration, read twice: the OpenAPI document shows it as `x-roles`, and
    `_caller` refuses by it.
    """
    return {"openapi_extra": {"x-roles": [role.value for role in roles]}}


def anybody() -> dict[str, Any]:
    """Declare that an endpoint needs no sign-in."""
    return {"openapi_extra": {"security": []}}


def _caller(
    request: Request, session: Session, house: House, token: str | None, key: str | None, now: dt.datetime
) -> tuple[Actor, SignIn | None]:
    sign_in = None
    if token and not key:
        sign_in = identity.sign_in_of_token(session, token, now, house.settings)
        actor = sign_in.actor
    elif key and not token:
        actor = identity.actor_of_key(session, key, now)
    else:
        raise identity.refused()
    declared = request.scope["route"].openapi_extra or {}
    permissions.require(actor, {role for role in Role if role in declared.get("x-roles", ())})
    return actor, sign_in


def _reading(
    request: Request, session: ReadSession, house: HouseDep, token: Bearer, key: Key, afterwards: BackgroundTasks
) -> Desk:
    now = house.now()
    actor, sign_in = _caller(request, session, house, token, key, now)
    if sign_in and now - sign_in.used_at >= identity.MARKED_EVERY:
        # After the answer has left, in its own small transaction: a read never waits for the writer.
        afterwards.add_task(house.mark_used, sign_in.digest, now)
    return Desk(session, actor, house.calendars.book(session), now, house.settings)


Reading = Annotated[Desk, Depends(_reading, scope="function")]
"""A signed-in caller's desk for looking."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A signed-in caller's desk for one write, with its retry key and the version the caller has seen."""

    desk: Desk
    attempt: Attempt | None
    seen_version: int | None

    def answer(
        self,
        status: int | Callable[[Any], int],
        work: Callable[[Desk], BaseModel],
        headers: Callable[[Any], dict[str, str]] = lambda _result: {},
        *,
        once: Iterable[str] = (),
    ) -> Response:
        """Do the work once: a repeated attempt gets the first answer again, byte for byte.

        Fields named in `once` are secrets: they leave with the first answer only, are stored nowhere, and are null in a
        repeated one.
        """
        session = self.desk.session
        given = answers.earlier(session, self.attempt) if self.attempt else None
        if given is None:
            result = work(self.desk)
            session.flush()
            code = status if isinstance(status, int) else status(result)
            given = Answer(code, result.model_dump_json(by_alias=True), headers(result))
            if self.attempt:
                kept = result.model_copy(update=dict.fromkeys(once)).model_dump_json(by_alias=True)
                answers.keep(session, self.attempt, Answer(code, kept, given.headers), self.desk.now)
        return Response(given.body, given.status, given.headers, "application/json")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What anybody may ask without signing in: the published calendars and the day. It holds no session and no actor."""

    book: Book
    today: dt.date


async def _inquiry(house: HouseDep) -> Inquiry:
    return Inquiry(await house.read(house.calendars.book), shanghai_date(house.now()))


Asking = Annotated[Inquiry, Depends(_inquiry)]
"""Anybody's desk: for endpoints declared with `anybody()`. The database is let go before the endpoint runs."""


async def _digest(request: Request, house: HouseDep) -> str:
    # Keyed: a body may hold a password, and from a bare hash beside the rest of the body it could be guessed.
    return hmac.new(house.settings.key, await request.body(), hashlib.sha256).hexdigest()


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="幂等键：同一键重试，得到第一次的答复",
        examples=[None],
    ),
]


def _writing(
    request: Request,
    session: WriteSession,
    house: HouseDep,
    token: Bearer,
    key: Key,
    digest: Annotated[str, Depends(_digest)],
    idempotency_key: IdempotencyKey = None,
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=40,
            pattern=r'^(W/)?"?[0-9]+"?$',
            description='您看到的案件版本号，如 `"3"`；人可不填，接口密钥对案件操作时必填',
            examples=[None],
        ),
    ] = None,
) -> Writing:
    now = house.now()
    actor, sign_in = _caller(request, session, house, token, key, now)
    if sign_in:
        identity.mark_used(session, sign_in.digest, now)
    attempt = None
    if idempotency_key:
        attempt = Attempt(actor.name, request.method, request.url.path, idempotency_key, digest)
    desk = Desk(session, actor, house.calendars.held_book(session), now, house.settings)
    seen = None
    if "case_id" in request.path_params:
        seen = int(if_match.removeprefix("W/").strip('"')) if if_match else None
        if seen is None and actor.is_key:
            raise VersionRequired
    return Writing(desk, attempt, seen)


Write = Annotated[Writing, Depends(_writing, scope="function")]


@dataclass(frozen=True, slots=True)
class LongWrite:
    """A signed-in caller's long piece of work in several short transactions; see `services.stages`.

    For plain `def` endpoints: the thread of the endpoint waits while each stage takes its slot like any other request.
    """

    house: House
    actor: Actor
    now: dt.datetime
    attempt: Attempt | None

    def read(self, work: Callable[[Desk], Result]) -> Result:
        return from_thread.run(self.house.read, lambda session: work(self._desk(session, self.house.calendars.book)))

    def write(self, work: Callable[[Desk], Result], *, hold_calendar: bool = True) -> Result:
        find = self.house.calendars.held_book if hold_calendar else self.house.calendars.book
        return from_thread.run(self.house.write, lambda session: work(self._desk(session, find)))

    def _desk(self, session: Session, find: Callable[[Session], Book]) -> Desk:
        return Desk(session, self.actor, find(session), self.now, self.house.settings)

    def answer(self, work: Callable[[Stages], tuple[int, BaseModel]]) -> Response:
        """Do the work; a repeated attempt gets the first answer again.

        The answer is kept after the work, not with it: work in stages must be such that doing it again changes nothing.
        """
        attempt = self.attempt
        given = self.write(lambda desk: answers.earlier(desk.session, attempt)) if attempt else None
        if given is None:
            status, result = work(self)
            given = answer = Answer(status, result.model_dump_json(by_alias=True), {})
            if attempt:
                self.write(lambda desk: answers.keep(desk.session, attempt, answer, self.now))
        return Response(given.body, given.status, given.headers, "application/json")


async def _stages(
    request: Request,
    house: HouseDep,
    token: Bearer,
    key: Key,
    digest: Annotated[str, Depends(_digest)],
    idempotency_key: IdempotencyKey = None,
) -> LongWrite:
    now = house.now()
    actor, sign_in = await house.read(lambda session: _caller(request, session, house, token, key, now))
    if sign_in:
        await house.mark_used(sign_in.digest, now)
    attempt = None
    if idempotency_key:
        attempt = Attempt(actor.name, request.method, request.url.path, idempotency_key, digest)
    return LongWrite(house, actor, now, attempt)


WriteInStages = Annotated[LongWrite, Depends(_stages)]


def open_doors(routes: Sequence[BaseRoute]) -> list[str]:
    """Return the endpoints whose callers nobody judges.

    They declare neither `allow` nor `anybody`, or they declare `allow` and have no desk, where the caller is judged.
    """
    found = []
    # Included routers are no APIRoutes themselves: a walk over `app.routes` alone would find every door shut.
    for route in (context.original_route for context in iter_route_contexts(routes)):
        if isinstance(route, APIRoute):
            declared = route.openapi_extra or {}
            judged = "x-roles" in declared and _has_desk(route.dependant)
            if not judged and declared.get("security") != []:
                found.append(route.name)
    return found


def _has_desk(dependant: Dependant) -> bool:
    return any(part.call in {_reading, _writing, _stages} or _has_desk(part) for part in dependant.dependencies)


Id = Annotated[int, Field(ge=1, le=2**53), PLAIN]
CaseId = Annotated[Id, Path(description="案件的 id", examples=[1])]
PlainId = Annotated[Id, Path(description="编号", examples=[1])]
PageNo = Annotated[int, Field(ge=1, le=10_000), PLAIN, Query(description="第几页")]
PageSize = Annotated[int, Field(ge=1, le=200), PLAIN, Query(description="每页条数")]
