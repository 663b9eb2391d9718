"""统一身份认证：sign-in at the government's OpenID provider, as a way through our own login page."""

import logging
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from starlette.responses import RedirectResponse

from app.deps import HouseDep, PlainId, Write, allow, anybody
from app.domain.commands import Line, Strict
from app.domain.shape import Shape
from app.domain.terms import Role
from app.errors import Clash, NotFound, TooManyRequests
from app.house import House
from app.http.doors import Operations
from app.http.sign_in_page import ENDED, address_of, refused, root_of
from app.openapi import refusing
from app.routers.oauth import Authorization, next_page, refusal
from app.schemas.identity import UserOut, user_out
from app.services import single_sign_on
from app.services.desk import Desk
from app.services.openid import Provider, Unreachable, Untrusted

log = logging.getLogger(__name__)
router = Operations()

CALLBACK = "/oauth/callback"
_NOT_DONE = "统一身份认证没有完成登录，请重试"
_AWAY = "统一身份认证暂时不能使用，请稍后重试，或者用密码登录"
_NOBODY = "您的统一身份认证账号没有关联本服务的用户，请联系安全管理员"


@router.get("/oauth/single-sign-on", include_in_schema=False, **anybody())
async def go_to_issuer(request: Request, house: HouseDep, asked: Annotated[Authorization, Query()]) -> Response:
    """Send the person to the issuer. By a link: `form-action` would bind wherever the issuer sends the browser next."""
    if wrong := refusal(request, house, asked):
        return wrong
    provider = _provider(house)
    now = house.now()
    try:
        start = await house.write(
            lambda session: single_sign_on.begin(session, asked.grant(), address_of(request), now, house.settings)
        )
        there = root_of(request, house) + CALLBACK
        address = await run_in_threadpool(provider.address, there, start.state, start.nonce, start.challenge, now)
    except TooManyRequests as early:
        return refused(request, early.detail, status=429, headers=early.headers)
    except (Untrusted, Unreachable) as error:
        log.warning("the OpenID provider cannot be used: %s", error)
        return refused(request, _AWAY, status=503)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        _cookie(request, house), start.browser, max_age=600, path="/", httponly=True, samesite="lax",
        secure=_is_secure(request, house),
    )  # fmt: skip
    return answer


@router.get(CALLBACK, include_in_schema=False, **anybody())
async def come_from_issuer(
    request: Request,
    house: HouseDep,
    state: str = "",
    code: str = "",
    iss: str | None = None,
) -> Response:
    """Take the issuer's answer: once, from the browser that was sent there, and only if everything in it is right."""
    cookie = _cookie(request, house)
    answer = await _answered(request, house, state, code, iss, request.cookies.get(cookie, ""))
    answer.delete_cookie(cookie, path="/", httponly=True, samesite="lax", secure=_is_secure(request, house))
    return answer


async def _answered(
    request: Request, house: House, state: str, code: str, issuer: str | None, browser: str
) -> Response:
    provider, now, settings = _provider(house), house.now(), house.settings
    found = await house.write(lambda session: single_sign_on.take_up(session, state, browser, now, settings.key))
    if found is None:
        return refused(request, ENDED)
    start, grant = found
    try:
        await run_in_threadpool(provider.require_sender, issuer, now)
        if not code:
            return refused(request, _NOT_DONE, status=403)
        there = root_of(request, house) + CALLBACK
        claims = await run_in_threadpool(provider.redeem, code, there, start.verifier, start.nonce, now)
    except Untrusted as error:
        log.warning("an answer of the OpenID provider was refused: %s", error)
        return refused(request, _NOT_DONE, status=403)
    except Unreachable as error:
        log.warning("the OpenID provider cannot be reached: %s", error)
        return refused(request, _AWAY, status=503)
    went_on = await house.write(lambda session: single_sign_on.conclude(session, claims, grant, now, settings))
    return await next_page(request, house, went_on) if went_on else refused(request, _NOBODY, status=403)


class Link(Strict):
    subject: Line = Field(
        description="该用户在统一身份认证中的标识（默认为 sub）", examples=["a8f3c2e1-0b5d-4c77-9e0a-1d2c3b4a5f60"]
    )


class Linked(Shape):
    issuer: str = Field(description="统一身份认证的地址")
    subject: str = Field(description="该用户在那里的标识")


@router.put(
    "/api/v1/users/{user_id}/single-sign-on",
    tags=["admin"],
    summary="关联统一身份认证",
    response_model=Linked,
    responses=refusing(Clash),
    **allow(Role.SECURITY_ADMIN),
)
def link_single_sign_on(user_id: PlainId, body: Link, write: Write) -> Response:
    """该用户从此可以通过统一身份认证登录；权限只看本服务授予的角色。管理员不能关联。换成另一标识的，原有登录立即失效。"""

    def work(desk: Desk) -> Linked:
        own = single_sign_on.link(desk, user_id, body.subject)
        return Linked(issuer=own.issuer, subject=own.subject)

    return write.answer(200, work)


@router.post(
    "/api/v1/users/{user_id}/single-sign-on/remove",
    tags=["admin"],
    summary="撤销统一身份认证的关联",
    response_model=UserOut,
    **allow(Role.SECURITY_ADMIN),
)
def unlink_single_sign_on(user_id: PlainId, write: Write) -> Response:
    """撤销后该用户的所有登录立即失效，只能用密码登录。"""
    return write.answer(200, lambda desk: user_out(single_sign_on.unlink(desk, user_id)))


def _provider(house: House) -> Provider:
    if not house.settings.oidc_issuer:
        raise NotFound("没有这个地址")
    return house.provider


def _is_secure(request: Request, house: House) -> bool:
    return root_of(request, house).startswith("https://")


def _cookie(request: Request, house: House) -> str:
    """Name the cookie: with the prefix that keeps other hosts and plain HTTP from setting it, where it may be used."""
    return "__Host-disclosure-sign-in" if _is_secure(request, house) else "disclosure-sign-in"
