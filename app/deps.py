"""How a request gets its desk: slot → session → caller, and COMMIT before the answer leaves.

What FastAPI resolves before an endpoint only looks at the request. A read's desk is open while its endpoint runs
(`at_desks`), a write is begun and committed within it (`Writing.answer`): each is one turn of one thread.
"""

import datetime as dt
import hashlib
import hmac
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Form
from fastapi.security import APIKeyHeader, OAuth2AuthorizationCodeBearer
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from app import db
from app.domain.actor import Actor
from app.domain.commands import PLAIN
from app.domain.terms import Role, Scope
from app.errors import AppError, Forbidden, VersionRequired
from app.house import House, committed
from app.services import answers, identity, permissions, visibility
from app.services.answers import Answer, Attempt
from app.services.calendars import Book
from app.services.desk import Desk, shanghai_date
from app.services.identity import SignIn

PREFIX = "/api/v1"
HOLDS_UNTIL = "holds_until"
"""In a request's scope: until when its caller's right to the answer holds, if nothing is committed meanwhile."""

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


async def house(request: Request) -> House:  # no coroutine would cost every request a turn in a thread
    found: House = request.app.state.house
    return found


HouseDep = Annotated[House, Depends(house)]


async def _reading_slot(house: HouseDep) -> AsyncIterator[None]:
    async with house.reading.one():
        yield


async def _writing_slot(house: HouseDep) -> AsyncIterator[None]:
    async with house.writing.one():
        yield


Bearer = Annotated[str | None, Depends(bearer)]
Key = Annotated[str | None, Depends(api_key)]


def allow(
    *roles: Role, scope: Scope | None = None, second_factor: bool = False, exports: bool = False
) -> dict[str, Any]:
    """Declare who may call an endpoint: `@router.post("/users", **allow(Role.SYSTEM_ADMIN))`.

    Without a role: whoever is signed in. `scope` is what a narrowed key needs: reading and working unless named. With
    `second_factor` a person must have proven one within the last minutes (`second_factor_minutes`), and no key may call:
    for personal data in the clear and for their export. `exports`: the answer holds personal data unmasked, and is
    journalled; every other one is masked (held by a test). One declaration, read twice: the OpenAPI document shows it as
    `x-roles`, `x-scope`, `x-second-factor` and `x-personal-data`, and `caller` refuses by it.
    """
    said: dict[str, Any] = {"x-roles": [role.value for role in roles]}
    if scope:
        said["x-scope"] = scope.value
    if second_factor:
        said["x-second-factor"] = True
    if exports:
        said["x-personal-data"] = "unmasked"
    return {"openapi_extra": said}


def scope_of(method: str, declared: Mapping[str, Any]) -> Scope:
    """Return the scope an operation needs."""
    return Scope(declared.get("x-scope", Scope.READ if method.upper() == "GET" else Scope.WORK))


def anybody() -> dict[str, Any]:
    """Declare that an endpoint needs no sign-in."""
    return {"openapi_extra": {"security": []}}


def caller(
    request: Request, session: Session, house: House, token: str | None, key: str | None, now: dt.datetime
) -> tuple[Actor, SignIn | None]:
    """Find out who calls and judge it by what the endpoint declares; raises `Unauthenticated` or `Forbidden`."""
    sign_in = None
    declared = request.scope["route"].openapi_extra or {}
    if token and not key:
        sign_in = identity.sign_in_of_token(session, token, now, house.settings)
        actor, holds_until = sign_in.actor, sign_in.holds_until
    elif key and not token:
        shown = identity.shown_key(session, key, now, request.client.host if request.client else "")
        actor, holds_until = identity.system_behind(shown), shown.expires_at
    else:
        raise identity.refused()
    request.state.actor = actor  # whom a refusal is about
    permissions.require(actor, {role for role in Role if role in declared.get("x-roles", ())})
    permissions.require_scope(actor, scope_of(request.method, declared))
    if declared.get("x-second-factor"):
        proven_at = sign_in.second_factor_at if sign_in else None
        permissions.require_fresh_second_factor(proven_at, now, house.settings)
    elif sign_in and declared.get("x-roles"):
        permissions.require_second_factor_of_admins(actor, sign_in.second_factor_at)
    request.scope[HOLDS_UNTIL] = holds_until
    return actor, sign_in


async def is_known(request: Request) -> bool:
    """Tell whether a request shows a sign-in or a key that holds, before anything of it is read; judges no rights."""
    token, key, doors = await bearer(request), await api_key(request), await house(request)

    def look(session: Session) -> bool:
        now, address = doors.now(), request.client.host if request.client else ""
        try:
            if token:
                identity.sign_in_of_token(session, token, now, doors.settings)
            else:
                identity.actor_of_key(session, key or "", now, address)
        except AppError:
            return False
        return True

    return bool(token) != bool(key) and await doors.read(look)


async def _credential(token: Bearer, key: Key) -> None:
    """Turn away who shows nothing, or two things, before a slot is taken."""
    if bool(token) == bool(key):
        raise identity.refused()


async def _admitted(
    request: Request,
    house: HouseDep,
    _shown: Annotated[None, Depends(_credential)],
    token: Bearer,
    key: Key,
) -> None:
    """Turn away who may not write here with a short read, so that strangers keep no clerk from the writing slot.

    The write asks again in its own transaction: a sign-in that was ended in between ends it. So whoever was let in here a
    moment ago is let in without being asked.
    """
    now = house.now()
    address = request.client.host if request.client else ""
    shown = identity.digest(repr((token, key, address, request.scope["route"].name)))
    if not house.admitted.holds(shown, now):
        await house.read(lambda session: caller(request, session, house, token, key, now))
        house.admitted.note(shown, now)


@dataclass(frozen=True, slots=True)
class Look:
    """One look: who asks for it, and where."""

    request: Request
    house: House
    token: str | None
    key: str | None
    afterwards: BackgroundTasks

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Open the caller's desk; raises what `caller` raises."""
        house = self.house
        with db.reader(house.engine) as session:
            now = house.now()
            actor, sign_in = caller(self.request, session, house, self.token, self.key, now)
            visibility.bind(session, actor)
            if sign_in and now - sign_in.used_at >= identity.MARKED_EVERY:
                # After the answer has left, in its own small transaction: a read never waits for the writer.
                self.afterwards.add_task(house.mark_used, sign_in.digest, now)
            yield Desk(session, actor, house.calendars.book(session), now, house.settings)


async def _look(
    request: Request,
    house: HouseDep,
    _shown: Annotated[None, Depends(_credential)],
    _slot: Annotated[None, Depends(_reading_slot, scope="function")],
    token: Bearer,
    key: Key,
    afterwards: BackgroundTasks,
) -> Look:
    return Look(request, house, token, key, afterwards)


Reading = Annotated[Desk, Depends(_look, scope="function")]
"""A signed-in caller's desk for looking, open while the endpoint runs: only `at_desks` makes it of the look."""


async def judge(request: Request) -> None:
    """Raise what the caller of an operation is refused with, if there is a reason, before anything of it is read."""
    token, key, doors = await bearer(request), await api_key(request), await house(request)
    await doors.read(lambda session: caller(request, session, doors, token, key, doors.now()))


def at_desks(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Let an endpoint that asks for `Reading` open the desk itself, in the one turn of a thread in which it runs.

    As a dependency that yields, the desk would be opened in one turn, used in the next and closed in a third, and each
    costs more than a statement.
    """
    parameters = inspect.signature(endpoint, eval_str=True).parameters
    named = [name for name, parameter in parameters.items() if parameter.annotation == Reading]
    if not named:
        return endpoint
    (name,) = named

    @wraps(endpoint)
    def opened(**given: Any) -> Any:
        with given[name].desk() as desk:
            return endpoint(**{**given, name: desk})

    return opened


@dataclass(frozen=True, slots=True)
class Writing:
    """One write: who asks for it, its retry key, and the version of the case that the caller has seen.

    The whole of it, from BEGIN to COMMIT, is one turn in one thread: each further turn costs more than a statement.
    """

    request: Request
    house: House
    token: str | None
    key: str | None
    digest: str  # of the body
    idempotency_key: str | None
    seen_version: int | None

    def answer(
        self,
        status: int | Callable[[Any], int],
        work: Callable[[Desk], BaseModel],
        headers: Callable[[Any], dict[str, str]] = lambda _result: {},
        *,
        about: Callable[[Any], Iterable[int]] = lambda _result: (),
        once: Iterable[str] = (),
    ) -> Response:
        """Do the work once: a repeated attempt gets the first answer again, byte for byte.

        `about` names the cases it brought about: while one is open the answer is kept. Fields named in `once` are secrets
        that open the service: they leave with the first answer only, are stored nowhere, and are null in a repeated one.
        """
        with committed(self.house.writers) as session:
            desk, attempt = self._begun(session)
            given = answers.earlier(session, attempt) if attempt else None
            if given is None:
                result = work(desk)
                session.flush()
                code = status if isinstance(status, int) else status(result)
                given = Answer(code, result.model_dump_json(by_alias=True), headers(result))
                if attempt:
                    public = result.model_copy(update=dict.fromkeys(once)) if once else None
                    kept = public.model_dump_json(by_alias=True) if public else given.body
                    case_id = self.request.path_params.get("case_id")
                    cases = {*about(result), *([int(case_id)] if case_id else ())}
                    answers.keep(session, attempt, Answer(code, kept, given.headers), desk.now, cases)
        return Response(given.body, given.status, given.headers, "application/json")

    def sign_in(self) -> str:
        """Name the sign-in the caller showed by its digest; raises `Forbidden` for a key."""
        if self.token is None:
            raise Forbidden("这项操作由登录的人进行，接口密钥不能进行")
        return identity.digest(self.token)

    def _begun(self, session: Session) -> tuple[Desk, Attempt | None]:
        request, house = self.request, self.house
        now = house.now()
        actor, sign_in = caller(request, session, house, self.token, self.key, now)
        visibility.bind(session, actor)
        if sign_in and now - sign_in.used_at >= identity.MARKED_EVERY:
            identity.mark_used(session, sign_in.digest, now)
        attempt = None
        if self.idempotency_key:
            attempt = answers.attempt(
                house.settings.key, actor.account, request.method, request.url.path, self.idempotency_key, self.digest
            )
        return Desk(session, actor, house.calendars.held_book(session), now, house.settings), attempt


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What anybody may ask without signing in: the published calendars and the day. It holds no session and no actor."""

    book: Book
    today: dt.date


async def _inquiry(house: HouseDep) -> Inquiry:
    return Inquiry(await house.read(house.calendars.book), shanghai_date(house.now()))


Asking = Annotated[Inquiry, Depends(_inquiry)]
"""Anybody's desk: for endpoints declared with `anybody()`. The database is let go before the endpoint runs."""


async def body_digest(request: Request, house: HouseDep) -> str:
    # Keyed: a body may hold a password, and from a bare hash beside the rest of the body it could be guessed.
    digest = hmac.new(house.settings.key, digestmod=hashlib.sha256)
    field = request.scope["route"].body_field
    if field is not None and isinstance(field.field_info, Form):
        # The same form sent again has another boundary: what counts is what it says.
        for name, value in (await request.form()).multi_items():
            digest.update(f"\0{name}\0".encode())
            if isinstance(value, str):
                digest.update(value.encode("utf-8", "surrogatepass"))
            else:
                digest.update(f"{value.filename}\0{value.size}\0".encode("utf-8", "surrogatepass"))
                await run_in_threadpool(_add_file, digest, value)
    else:
        digest.update(await request.body())
    return digest.hexdigest()


def _add_file(digest: hmac.HMAC, upload: UploadFile) -> None:
    for block in iter(partial(upload.file.read, 1 << 20), b""):
        digest.update(block)
    upload.file.seek(0)


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


async def _writing(
    request: Request,
    house: HouseDep,
    _admission: Annotated[None, Depends(_admitted)],  # before the slot, so that strangers keep no clerk from it
    token: Bearer,
    key: Key,
    digest: Annotated[str, Depends(body_digest)],
    _slot: Annotated[None, Depends(_writing_slot, scope="function")],
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
    seen = None
    if "case_id" in request.path_params:
        seen = int(if_match.removeprefix("W/").strip('"')) if if_match else None
        if seen is None and key:
            raise VersionRequired
    return Writing(request, house, token, key, digest, idempotency_key, seen)


Write = Annotated[Writing, Depends(_writing, scope="function")]


Id = Annotated[int, Field(ge=1, le=2**53), PLAIN]
CaseId = Annotated[Id, Path(description="案件的 id", examples=[1])]
PlainId = Annotated[Id, Path(description="编号", examples=[1])]
PageNo = Annotated[int, Field(ge=1, le=10_000), PLAIN, Query(description="第几页")]
PageSize = Annotated[int, Field(ge=1, le=200), PLAIN, Query(description="每页条数")]
