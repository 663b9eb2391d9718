"""How a request gets its desk: slot → session → caller, and COMMIT before the answer leaves.

Every database dependency is declared with `scope="function"`: its exit runs when the endpoint has returned and before
the response is sent. FastAPI's default would commit after the 200 has left.
"""

import asyncio
import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response
from fastapi.security import APIKeyHeader, OAuth2AuthorizationCodeBearer
from pydantic import BaseModel, BeforeValidator
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app import db
from app.config import Settings
from app.domain.actor import Actor
from app.errors import ChangedMeanwhile, StaleVersion, Unauthenticated, Unavailable, VersionRequired
from app.services import answers, identity
from app.services.answers import Answer, Attempt
from app.services.calendars import Calendars
from app.services.desk import Desk

PREFIX = "/api/v1"

bearer = OAuth2AuthorizationCodeBearer(
    authorizationUrl="/oauth/authorize",
    tokenUrl="/oauth/token",
    scheme_name="login",
    description="经办人登录：点 Authorize 转到本服务的登录页",
    auto_error=False,
)
api_key = APIKeyHeader(
    name="X-API-Key", scheme_name="api_key", description="对接平台和脚本的接口密钥", auto_error=False
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
    now: Callable[[], dt.datetime]


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


def _writer(house: HouseDep, _slot: Annotated[None, Depends(_writing_slot, scope="function")]) -> Iterator[Session]:
    with db.writer(house.engine) as session:
        try:
            yield session
            session.commit()
        except (StaleDataError, IntegrityError) as error:
            raise ChangedMeanwhile from error
        except DBAPIError as error:
            raise Unavailable(headers={"Retry-After": "1"}) from error


ReadSession = Annotated[Session, Depends(_reader, scope="function")]
WriteSession = Annotated[Session, Depends(_writer, scope="function")]
Bearer = Annotated[str | None, Depends(bearer)]
Key = Annotated[str | None, Depends(api_key)]


def _caller(session: Session, house: House, token: str | None, key: str | None, now: dt.datetime) -> Actor:
    if token and not key:
        return identity.actor_of_token(session, token, now, house.settings)
    if key and not token:
        return identity.actor_of_key(session, key, now)
    raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})


def _reading(session: ReadSession, house: HouseDep, token: Bearer, key: Key) -> Desk:
    now = house.now()
    actor = _caller(session, house, token, key, now)
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
        self, status: int, work: Callable[[Desk], BaseModel], headers: Callable[[Any], dict[str, str]] = dict
    ) -> Response:
        """Do the work once: a repeated attempt gets the first answer again, byte for byte."""
        session = self.desk.session
        given = answers.earlier(session, self.attempt) if self.attempt else None
        if given is None:
            result = work(self.desk)
            session.flush()
            given = Answer(status, result.model_dump_json(by_alias=True), headers(result))
            if self.attempt:
                answers.keep(session, self.attempt, given, self.desk.now)
        return Response(given.body, given.status, given.headers, "application/json")


async def _digest(request: Request) -> str:
    return hashlib.sha256(await request.body()).hexdigest()


def _version(value: str | None) -> int | None:
    if value is None:
        return None
    text = value.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit():
        raise StaleVersion('If-Match 须为案件的版本号，如 "3"')
    return int(text)


def _writing(
    request: Request,
    session: WriteSession,
    house: HouseDep,
    token: Bearer,
    key: Key,
    digest: Annotated[str, Depends(_digest)],
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=200, description="幂等键：同一键重试，得到第一次的答复", examples=[None]),
    ] = None,
    if_match: Annotated[
        str | None,
        Header(max_length=40, description="您看到的案件版本号；人可不填，接口密钥对案件操作时必填", examples=[None]),
    ] = None,
) -> Writing:
    now = house.now()
    actor = _caller(session, house, token, key, now)
    attempt = None
    if idempotency_key:
        attempt = Attempt(actor.name, request.method, request.url.path, idempotency_key, digest)
    desk = Desk(session, actor, house.calendars.book(session), now, house.settings)
    seen = _version(if_match)
    if seen is None and actor.is_key and "case_id" in request.path_params:
        raise VersionRequired
    return Writing(desk, attempt, seen)


Write = Annotated[Writing, Depends(_writing, scope="function")]


def _plain_number(value: Any) -> Any:
    """Refuse what int() would kindly accept: 1_000, +5, ٣, 007."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and str(int(value)) == value):
        raise ValueError("须为数字编号")
    return value


CaseId = Annotated[int, BeforeValidator(_plain_number), Path(ge=1, le=2**53, description="案件的 id", examples=[1])]
