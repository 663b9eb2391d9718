"""The pages on which people sign in: plain HTML without scripts, sent home only, framed by nobody."""

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import Request, Response
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.responses import HTMLResponse, RedirectResponse

from app.domain import totp
from app.domain.passwords import SHORTEST
from app.errors import Forbidden, TooManyRequests
from app.house import House
from app.http.refusals import noted
from app.services.second_factors import ISSUER
from app.services.second_step import SecondStep, SetUp
from app.services.sign_in_codes import Code

if TYPE_CHECKING:
    from jinja2 import Environment

ENDED = "这次登录已经过期或者已经用过"


@cache
def _pages() -> "Environment":
    from jinja2 import Environment, PackageLoader

    return Environment(loader=PackageLoader("app", "templates/sign_in"), autoescape=True, trim_blocks=True)


def page(
    request: Request,
    template: str,
    title: str,
    error: str = "",
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    forms_lead_to: str = "'self'",
    **values: Any,
) -> Response:
    """Render a page of the sign-in. `forms_lead_to` is where its forms, and the redirects after them, may go."""
    css = request.scope.get("root_path", "") + "/oauth/login.css"
    html = (
        _pages().get_template(f"{template}.html").render(css=css, title=title, error=error, shortest=SHORTEST, **values)
    )
    policy = (
        "default-src 'none'",
        "style-src 'self'",
        f"form-action {forms_lead_to}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    safe = {
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "same-origin",  # with no-referrer, browsers send forms with `Origin: null`
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, status, safe | (headers or {}), background=_told(request, template, status))


def _told(request: Request, template: str, status: int) -> BackgroundTask | None:
    """Tell the journal of a refusal on a page; of a wrong password or code whoever judged it has told it already."""
    if status == 429:
        return noted(request, TooManyRequests())
    if status == 403 and template not in {"password", "second_factor"}:
        return noted(request, Forbidden())
    return None


def refused(request: Request, error: str, *, status: int = 400, headers: dict[str, str] | None = None) -> Response:
    """Say to the person why the sign-in cannot go on; there is no way back that could be trusted."""
    return page(request, "frame", "登录", error, status=status, headers=headers, forms_lead_to="'none'")


def ask_second_factor(
    request: Request,
    step: SecondStep,
    error: str = "",
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """Ask for the code of the authenticator app, with the QR code to set it up where there is none yet."""
    shown: dict[str, Any] = {}
    if step.secret is not None:
        shown = {"qr": Markup(qr(step.secret, step.username)), "secret": totp.as_text(step.secret)}  # noqa: S704 — our own drawing
    return page(
        request,
        "second_factor",
        "动态口令",
        error,
        status=status,
        headers=headers,
        # After the code the browser is sent on to the client, and holds that redirect to this list as well.
        forms_lead_to=f"'self' {origin_of(step.grant.redirect_uri)}",
        action=_here(request, "/oauth/second-factor"),
        ticket=step.ticket,
        code=step.code,
        **shown,
    )


def show_recovery_codes(request: Request, done: SetUp) -> Response:
    """Show the recovery codes, this once."""
    return page(
        request,
        "recovery_codes",
        "备用码",
        forms_lead_to=f"'self' {origin_of(done.grant.redirect_uri)}",
        action=_here(request, "/oauth/second-factor"),
        ticket=done.ticket,
        codes=done.recovery_codes,
    )


def qr(secret: bytes, username: str) -> str:
    """Draw the QR code of a secret as an SVG element."""
    import segno

    drawn: str = segno.make(totp.uri(secret, username, ISSUER), micro=False, error="m").svg_inline(
        scale=5, svgclass=None, lineclass=None, title="动态口令的二维码"
    )
    return drawn


def back_with(code: Code) -> Response:
    """Send the person back to the client with the code."""
    return back(code.grant.redirect_uri, code.grant.state, {"code": code.value})


def back(redirect_uri: str, state: str, result: dict[str, str]) -> Response:
    """Send the person back to the client, with the client's own `state` unchanged."""
    parts = urlsplit(redirect_uri)
    added = urlencode(result | ({"state": state} if state else {}))
    query = f"{parts.query}&{added}" if parts.query else added
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 303)


def sent_by_own_page(request: Request, house: House) -> bool:
    """Tell whether the form was sent by our page, or by no browser at all.

    Browsers say so themselves: `Sec-Fetch-Site` where the address is https or loopback, else `Origin`. A program that
    sends neither has no person's sign-in that it could misuse.
    """
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or origin == origin_of(root_of(request, house))


def root_of(request: Request, house: House) -> str:
    """Return the address people know this service by, without a slash at the end."""
    return (house.settings.public_url or str(request.base_url)).rstrip("/")


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def address_of(request: Request) -> str:
    """Return where a request comes from; behind a trusted proxy, where the proxy says it comes from."""
    return request.client.host if request.client else ""


def _here(request: Request, path: str) -> str:
    root: str = request.scope.get("root_path", "")
    return root + path
