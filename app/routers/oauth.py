"""登录：OAuth 2 authorization code with PKCE (RFC 6749, RFC 7636, RFC 9700) and the page on which people sign in.

The page keeps no cookie: whoever posts the form proves the password in the same request. So there is no sign-in that a
foreign page could ride on; that it might sign a person in as somebody else is prevented twice, by the client's `state`
and verifier, and here by refusing forms that another site sent.
"""

import re
from importlib import resources
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from app.deps import HouseDep, anybody
from app.domain import passwords
from app.domain.passwords import LONGEST
from app.domain.shape import Shape
from app.errors import MalformedRequest, TooManyRequests, Unauthenticated
from app.house import House
from app.http.doors import Operations
from app.http.refusals import noted
from app.http.sign_in_page import (
    ENDED,
    address_of,
    ask_second_factor,
    back,
    back_with,
    origin_of,
    page,
    refused,
    root_of,
    sent_by_own_page,
    show_recovery_codes,
)
from app.schemas.identity import TokenError, TokenOut
from app.services import credentials, second_factors, second_step, sign_in, sign_in_codes
from app.services.second_step import SecondStep, SetUp, WrongCode
from app.services.sign_in import NewPasswordNeeded, Proof, Try
from app.services.sign_in_codes import Code, Grant

router = Operations(tags=["sign_in"])

SWAGGER_CLIENT = "swagger-ui"
SWAGGER_RETURN = "/docs/oauth2-redirect"
BOARD_CLIENT, BOARD = "board", "/board"
OWN_CLIENTS = {SWAGGER_CLIENT: SWAGGER_RETURN, BOARD_CLIENT: BOARD}
"""The service's own pages that sign people in, and where each takes them back."""
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
WRONG = "登录名或者密码不正确"
NOT_OURS = "登录表单不是从本服务的登录页提交的"

_CSS = resources.files("app").joinpath("static", "login", "login.css").read_bytes()


class Authorization(Shape):
    """What a client asks for. Everything has a default: a missing parameter gets the answer RFC 6749 gives it."""

    response_type: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""

    def asked(self) -> dict[str, str]:
        """What the client asked for, without what the person has filled in."""
        return {name: getattr(self, name) for name in Authorization.model_fields}

    def grant(self) -> Grant:
        return Grant(self.client_id, self.redirect_uri, self.code_challenge, self.state)


class SignInForm(Authorization):
    """The filled-in page."""

    username: str = ""
    password: str = ""
    new_password: str = ""
    new_password_again: str = ""
    enrol: str = ""


class SecondFactorForm(Shape):
    """The code that was typed, or `saved`: the recovery codes were written down."""

    ticket: str = ""
    code: str = ""
    saved: str = ""


@router.get("/oauth/authorize", include_in_schema=False, **anybody())
def show_sign_in(request: Request, house: HouseDep, asked: Annotated[Authorization, Query()]) -> Response:
    return refusal(request, house, asked) or _page(request, house, asked)


@router.post("/oauth/authorize", include_in_schema=False, **anybody())
async def sign_in_on_page(request: Request, house: HouseDep, form: Annotated[SignInForm, Form()]) -> Response:
    if wrong := refusal(request, house, form):
        return wrong
    if not sent_by_own_page(request, house):
        return refused(request, NOT_OURS, status=403)
    now, address = house.now(), address_of(request)
    try:
        await house.read(lambda session: sign_in.check(session, address, now, house.settings))
        trial = await house.write(lambda session: sign_in.begin(session, form.username, address, now, house.settings))
    except TooManyRequests as early:
        return _page(request, house, form, early.detail, status=429, headers=early.headers)
    proof, objections = await _check(house, trial, form)
    found = await house.write(
        lambda session: sign_in.conclude(
            session, trial, form.grant(), now, house.settings, proof, enrol=bool(form.enrol)
        )
    )
    if found is None:
        return _page(request, house, form, WRONG, status=403)
    if isinstance(found, NewPasswordNeeded):
        return _page(request, house, form, "；".join(objections) or found.why, renew=True)
    return await next_page(request, house, found)


async def next_page(request: Request, house: House, found: Code | SecondStep) -> Response:
    """Go on after the first factor: back to the client with a code, or to the page of the second factor."""
    if isinstance(found, Code):
        return back_with(found)
    step = await house.write(lambda session: second_step.show(session, found.ticket, house.now(), house.settings))
    return ask_second_factor(request, step) if step else refused(request, ENDED)


async def _check(house: House, trial: Try, form: SignInForm) -> tuple[Proof, tuple[str, ...]]:
    """Check the password and hash a new one; returns what was found, and what is wrong with the new one."""
    hasher = house.hasher
    async with house.hashing.one():
        password = form.password[: LONGEST + 1]  # longer ones are nobody's
        if not await run_in_threadpool(hasher.matches, trial.password_hash, password):
            return Proof(matches=False), ()
        if not form.new_password:
            outdated = trial.password_hash is not None and hasher.is_outdated(trial.password_hash)
            renewed = await run_in_threadpool(hasher.make, password) if outdated else None
            return Proof(matches=True, renewed_hash=renewed), ()
        objections: tuple[str, ...] = ("两次输入的新密码不一致",)
        if form.new_password == form.new_password_again:
            objections = await run_in_threadpool(
                credentials.objections,
                form.new_password,
                form.password,
                trial.username,
                trial.earlier,
                hasher,
                house.settings,
            )
        if objections:
            return Proof(matches=True), objections
        return Proof(matches=True, new_hash=await run_in_threadpool(hasher.make, form.new_password)), ()


@router.post("/oauth/second-factor", include_in_schema=False, **anybody())
async def prove_second_factor(request: Request, house: HouseDep, form: Annotated[SecondFactorForm, Form()]) -> Response:
    if not sent_by_own_page(request, house):
        return refused(request, NOT_OURS, status=403)
    now = house.now()
    try:
        if form.saved:
            code = await house.write(lambda session: second_step.go_on_from(session, form.ticket, now))
            return back_with(code) if code else refused(request, ENDED)
        found: Code | SetUp | WrongCode | SecondStep | None = await house.write(
            lambda session: second_step.take(session, form.ticket, form.code, address_of(request), now, house.settings)
        )
    except TooManyRequests as early:
        found = await house.write(lambda session: second_step.show(session, form.ticket, now, house.settings))
        if found is not None:
            return ask_second_factor(request, found, early.detail, status=429, headers=early.headers)
    if isinstance(found, WrongCode):
        return ask_second_factor(request, found.step, second_factors.WRONG, status=403)
    if isinstance(found, SetUp):
        return show_recovery_codes(request, found)
    return back_with(found) if isinstance(found, Code) else refused(request, ENDED)


@router.get("/oauth/login.css", include_in_schema=False, **anybody())
def login_css() -> Response:
    return Response(_CSS, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


@router.post(
    "/oauth/token",
    summary="换取访问令牌",
    response_model=TokenOut,
    responses={
        400: {"model": TokenError, "description": "请求、授权码或者授权方式有误"},
        401: {"model": TokenError, "description": "没有登记这个客户端"},
    },
    **anybody(),
)
async def exchange_code(
    request: Request,
    house: HouseDep,
    grant_type: Annotated[str, Form(description="只能是 authorization_code", examples=["authorization_code"])] = "",
    code: Annotated[
        str, Form(description="登录页送回的授权码，一分钟内用一次", examples=["SplxlOBeZQQYbYS6WxSbIA"])
    ] = "",
    redirect_uri: Annotated[
        str, Form(description="与登录时相同的返回地址", examples=["http://127.0.0.1:8000/docs/oauth2-redirect"])
    ] = "",
    client_id: Annotated[str, Form(description="客户端代号", examples=[SWAGGER_CLIENT])] = "",
    code_verifier: Annotated[
        str, Form(description="PKCE 校验码（RFC 7636）", examples=["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"])
    ] = "",
) -> Response:
    """用授权码和 PKCE 校验码换取访问令牌。令牌连续不用30分钟、最长12小时失效（可配置）。

    错误按 RFC 6749 第5.2节答复。
    """
    if not grant_type:
        return _no_token(request, "invalid_request", "grant_type is missing", "缺少 grant_type")
    if grant_type != "authorization_code":
        return _no_token(request, "unsupported_grant_type", "only authorization_code", "只支持授权码方式")
    if client_id not in {**OWN_CLIENTS, **house.settings.oauth_clients}:
        return _no_token(request, "invalid_client", "unknown client", "没有登记这个客户端", status=401)
    if not (code and redirect_uri and code_verifier):
        return _no_token(
            request, "invalid_request", "code, redirect_uri and code_verifier are needed", "缺少必需的参数"
        )
    token = await house.write(
        lambda session: sign_in_codes.exchange(
            session,
            code,
            client_id=client_id,
            redirect_uri=redirect_uri,
            verifier=code_verifier,
            now=house.now(),
            settings=house.settings,
        )
    )
    if token is None:
        return _no_token(
            request, "invalid_grant", "the code does not hold", "授权码无效、已经使用或者已经过期，请重新登录"
        )
    return JSONResponse(TokenOut(access_token=token.value, expires_in=token.seconds).model_dump())


@router.post("/oauth/revoke", summary="退出登录", response_class=Response, **anybody())
async def revoke_token(
    house: HouseDep,
    token: Annotated[str, Form(description="要作废的访问令牌", examples=["2YotnFZFEjr1zCsicMWpAA"])] = "",
) -> Response:
    """作废一个访问令牌（RFC 7009），下一个请求起即不能再用。令牌无效的，同样答复 200。"""
    await house.write(lambda session: sign_in.end(session, token, house.now()))
    return Response()


def refusal(request: Request, house: House, asked: Authorization) -> Response | None:
    """Say what is wrong with the request: to the person while the way back is not proven, then to the client."""
    if asked.redirect_uri not in _ways_back(request, house).get(asked.client_id, ()):
        return refused(request, "这个登录请求的客户端或者返回地址没有登记")
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) != len(given) or len(asked.state) > 1000:
        return back(asked.redirect_uri, asked.state, {"error": "invalid_request"})
    if asked.response_type != "code":
        return back(asked.redirect_uri, asked.state, {"error": "unsupported_response_type"})
    if asked.code_challenge_method != "S256" or not CHALLENGE.fullmatch(asked.code_challenge):
        return back(
            asked.redirect_uri,
            asked.state,
            {"error": "invalid_request", "error_description": "PKCE with S256 is required"},
        )
    return None


def _ways_back(request: Request, house: House) -> dict[str, list[str]]:
    root = root_of(request, house)
    return house.settings.oauth_clients | {client: [root + way] for client, way in OWN_CLIENTS.items()}


def _page(
    request: Request,
    house: House,
    asked: Authorization,
    error: str = "",
    *,
    status: int = 200,
    renew: bool = False,
    headers: dict[str, str] | None = None,
) -> Response:
    """Show the page of name and password."""
    root = request.scope.get("root_path", "")
    return page(
        request,
        "password",
        "登录",
        error,
        status=status,
        headers=headers,
        # Browsers hold the redirect after a form to form-action as well: the client's address must be in it.
        forms_lead_to=f"'self' {origin_of(asked.redirect_uri)}",
        action=f"{root}/oauth/authorize",
        single_sign_on=house.settings.oidc_issuer and f"{root}/oauth/single-sign-on?{urlencode(asked.asked())}",
        single_sign_on_name=house.settings.oidc_name,
        hidden=asked.asked(),
        username=asked.username[:32] if isinstance(asked, SignInForm) else "",
        enrol=isinstance(asked, SignInForm) and asked.enrol,
        renew=renew,
        rule=passwords.rule(house.settings.password_profile),
    )


def _no_token(request: Request, error: str, description: str, message: str, *, status: int = 400) -> Response:
    answer = TokenError(error=error, error_description=description, message=message)
    unproven = error in {"invalid_client", "invalid_grant"}
    told = noted(request, Unauthenticated() if unproven else MalformedRequest())
    return JSONResponse(answer.model_dump(), status, background=told)
