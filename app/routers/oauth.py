"""登录：OAuth 2 authorization code with PKCE (RFC 6749, RFC 7636, RFC 9700) and the page on which people sign in.

The page keeps no cookie: whoever posts the form proves the password in the same request. So there is no sign-in that a
foreign page could ride on; that it might sign a person in as somebody else is prevented twice, by the client's `state`
and verifier, and here by refusing forms that another site sent.
"""

import re
from importlib import resources
from typing import Annotated
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from jinja2 import Environment, PackageLoader
from pydantic import BaseModel
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse

from app.deps import HouseDep, anybody
from app.domain.passwords import LONGEST, SHORTEST
from app.errors import TooManyRequests
from app.house import House
from app.schemas.identity import TokenError, TokenOut
from app.services import sign_in
from app.services.sign_in import Grant, Outcome, Try

router = APIRouter(tags=["sign_in"])

SWAGGER_CLIENT = "swagger-ui"
SWAGGER_RETURN = "/docs/oauth2-redirect"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
WRONG = "登录名或者密码不正确"

_PAGES = Environment(loader=PackageLoader("app", "templates"), autoescape=True, trim_blocks=True)
_CSS = resources.files("app").joinpath("static", "login", "login.css").read_bytes()


class Authorization(BaseModel):
    """What a client asks for. Everything has a default: a missing parameter gets the answer RFC 6749 gives it."""

    response_type: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


class SignInForm(Authorization):
    """The filled-in page."""

    username: str = ""
    password: str = ""
    new_password: str = ""
    new_password_again: str = ""


@router.get("/oauth/authorize", include_in_schema=False, **anybody())
def show_sign_in(request: Request, house: HouseDep, asked: Annotated[Authorization, Query()]) -> Response:
    return _refusal(request, house, asked) or _page(request, asked)


@router.post("/oauth/authorize", include_in_schema=False, **anybody())
async def sign_in_on_page(request: Request, house: HouseDep, form: Annotated[SignInForm, Form()]) -> Response:
    if refused := _refusal(request, house, form):
        return refused
    if not _sent_by_own_page(request, house):
        return _page(request, None, "登录表单不是从本服务的登录页提交的", status=403)
    now, address = house.now(), request.client.host if request.client else ""
    try:
        trial = await house.write(
            lambda session: sign_in.begin(session, form.username, address, now, house.settings.key)
        )
    except TooManyRequests as early:
        return _page(request, form, early.detail, status=429, headers=early.headers)
    matches, new_hash, objections = await _check(house, trial, form)
    grant = Grant(form.client_id, form.redirect_uri, form.code_challenge)
    code = await house.write(
        lambda session: sign_in.conclude(session, trial, grant, now, matches=matches, new_hash=new_hash)
    )
    if code is Outcome.WRONG:
        return _page(request, form, WRONG, status=403)
    if code is Outcome.NEW_PASSWORD_NEEDED:
        return _page(request, form, "；".join(objections) or "请先把临时密码换成自己的密码", renew=True)
    return _back(form, {"code": code})


async def _check(house: House, trial: Try, form: SignInForm) -> tuple[bool, str | None, tuple[str, ...]]:
    """Check the password and hash a new one; returns whether it matches, the new hash, what is wrong with the new one."""
    async with house.hashing.one():
        password = form.password[: LONGEST + 1]  # longer ones are nobody's
        if not await run_in_threadpool(house.hasher.matches, trial.password_hash, password):
            return False, None, ()
        if not form.new_password:
            return True, None, ()
        objections = sign_in.objections_to(form.new_password, form.new_password_again, form.password, trial.username)
        if objections:
            return True, None, objections
        return True, await run_in_threadpool(house.hasher.make, form.new_password), ()


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
        return _no_token("invalid_request", "grant_type is missing", "缺少 grant_type")
    if grant_type != "authorization_code":
        return _no_token("unsupported_grant_type", "only authorization_code", "只支持授权码方式")
    if client_id != SWAGGER_CLIENT and client_id not in house.settings.oauth_clients:
        return _no_token("invalid_client", "unknown client", "没有登记这个客户端", status=401)
    if not (code and redirect_uri and code_verifier):
        return _no_token("invalid_request", "code, redirect_uri and code_verifier are needed", "缺少必需的参数")
    token = await house.write(
        lambda session: sign_in.exchange(
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
        return _no_token("invalid_grant", "the code does not hold", "授权码无效、已经使用或者已经过期，请重新登录")
    return JSONResponse(TokenOut(access_token=token.value, expires_in=token.seconds).model_dump())


@router.post("/oauth/revoke", summary="退出登录", response_class=Response, **anybody())
async def revoke_token(
    house: HouseDep,
    token: Annotated[str, Form(description="要作废的访问令牌", examples=["2YotnFZFEjr1zCsicMWpAA"])] = "",
) -> Response:
    """作废一个访问令牌（RFC 7009），下一个请求起即不能再用。令牌无效的，同样答复 200。"""
    await house.write(lambda session: sign_in.end(session, token, house.now()))
    return Response()


def _refusal(request: Request, house: House, asked: Authorization) -> Response | None:
    """Say what is wrong with the request: to the person while the way back is not proven, then to the client."""
    if asked.redirect_uri not in _ways_back(request, house).get(asked.client_id, ()):
        return _page(request, None, "这个登录请求的客户端或者返回地址没有登记", status=400)
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) != len(given) or len(asked.state) > 1000:
        return _back(asked, {"error": "invalid_request"})
    if asked.response_type != "code":
        return _back(asked, {"error": "unsupported_response_type"})
    if asked.code_challenge_method != "S256" or not CHALLENGE.fullmatch(asked.code_challenge):
        return _back(asked, {"error": "invalid_request", "error_description": "PKCE with S256 is required"})
    return None


def _origin(request: Request, house: House) -> str:
    found = urlsplit(house.settings.public_url or str(request.base_url))
    return f"{found.scheme}://{found.netloc}"


def _ways_back(request: Request, house: House) -> dict[str, list[str]]:
    root = (house.settings.public_url or str(request.base_url)).rstrip("/")
    return {**house.settings.oauth_clients, SWAGGER_CLIENT: [root + SWAGGER_RETURN]}


def _sent_by_own_page(request: Request, house: House) -> bool:
    """Tell whether the form was sent by our page, or by no browser at all.

    Browsers say so themselves: `Sec-Fetch-Site` where the address is https or loopback, else `Origin`. A program that
    sends neither has no person's sign-in that it could misuse.
    """
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or origin == _origin(request, house)


def _back(asked: Authorization, result: dict[str, str]) -> Response:
    """Send the person back to the client, with the client's own `state` unchanged."""
    parts = urlsplit(asked.redirect_uri)
    added = urlencode(result | ({"state": asked.state} if asked.state else {}))
    query = f"{parts.query}&{added}" if parts.query else added
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 303)


def _page(
    request: Request,
    asked: Authorization | None,
    error: str = "",
    *,
    status: int = 200,
    renew: bool = False,
    headers: dict[str, str] | None = None,
) -> Response:
    root = request.scope.get("root_path", "")
    html = _PAGES.get_template("login.html").render(
        css=f"{root}/oauth/login.css",
        action=f"{root}/oauth/authorize",
        hidden=asked and {name: getattr(asked, name) for name in Authorization.model_fields},
        username=asked.username[:32] if isinstance(asked, SignInForm) else "",
        error=error,
        renew=renew,
        shortest=SHORTEST,
    )
    way_back = urlsplit(asked.redirect_uri) if asked else None
    policy = (
        "default-src 'none'",
        "style-src 'self'",
        # Browsers hold the redirect after a form to form-action as well: the client's address must be in it.
        f"form-action 'self' {way_back.scheme}://{way_back.netloc}" if way_back else "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    safe = {
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "same-origin",  # with no-referrer, browsers send forms with `Origin: null`
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, status, safe | (headers or {}))


def _no_token(error: str, description: str, message: str, *, status: int = 400) -> Response:
    answer = TokenError(error=error, error_description=description, message=message)
    return JSONResponse(answer.model_dump(), status)
