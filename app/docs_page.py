"""The Swagger UI page: served from this process alone, nothing inline, its fixed texts in Chinese.

Swagger UI itself comes from the files inside the package fastapi-swagger; the pages around it are in `static/docs`.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from importlib import resources
from importlib.resources.abc import Traversable
from string import Template

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.errors import AppError, all_errors

PAGE = "/docs"
REDIRECT = "/docs/oauth2-redirect"
PROBLEMS = "/docs/problems"
SWAGGER_FILES = {
    "swagger_css": ("swagger-ui.css", "text/css"),
    "swagger_js": ("swagger-ui-bundle.js", "text/javascript"),
    "favicon": ("favicon-32x32.png", "image/png"),
}
OUR_FILES = {
    "page_css": ("page.css", "text/css"),
    "chinese_js": ("chinese.js", "text/javascript"),
    "page_js": ("page.js", "text/javascript"),
    "redirect_js": ("oauth2-redirect.js", "text/javascript"),
}


@dataclass(frozen=True)
class Asset:
    """A file whose address changes with its content, so that a browser may keep it for ever. Read when first wanted."""

    name: str
    media_type: str
    file: Traversable
    page: str = PAGE

    @cached_property
    def body(self) -> bytes:
        return self.file.read_bytes()

    @cached_property
    def path(self) -> str:
        return f"{self.page}/assets/{hashlib.sha256(self.body).hexdigest()[:16]}/{self.name}"

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, mtime=0)

    def answer(self, request: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        if self.media_type.startswith("image/"):
            return Response(self.body, media_type=self.media_type, headers=headers)
        headers["Vary"] = "Accept-Encoding"
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.body, media_type=self.media_type, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return Response(self.compressed, media_type=self.media_type, headers=headers)


def mount_docs(
    app: Starlette,
    *,
    openapi_url: str = "/openapi.json",
    title: str,
    oauth_client_id: str,
    oauth_scopes: Sequence[str] = (),
    oauth_origins: Sequence[str] = (),
    me_url: str = "",
) -> None:
    """Serve Swagger UI at `/docs`, the return page of its sign-in, the list of error codes, and their files.

    The app must have been made with `docs_url=None` and `swagger_ui_oauth2_redirect_url=None`. `oauth_scopes` are
    ticked beforehand in the sign-in dialogue. `oauth_origins` are other sites that the browser may fetch a token from
    (the government's OIDC), such as `https://id.example.gov.cn`; the service's own login needs none. `me_url` tells who
    is signed in: its `roles` name the document to show from then on (`openapi_url?role=…`).
    """
    assets = _assets()
    page, redirect, problems = (
        Template(_ours(name).read_text("utf-8")) for name in ("index.html", "oauth2-redirect.html", "problems.html")
    )
    policy = _policy(oauth_origins)

    def render(template: Template, request: Request, cache: str, **values: str) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        addresses = {name: root + asset.path for name, asset in assets.items()}
        html = template.substitute({name: escape(value) for name, value in (addresses | values).items()})
        headers = {
            "Content-Security-Policy": policy,
            "Cache-Control": cache,
            "Referrer-Policy": "no-referrer",  # the address may carry an authorization code
            "X-Content-Type-Options": "nosniff",
        }
        return HTMLResponse(html, headers=headers)

    async def show_page(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        settings = {
            "openapiUrl": root + openapi_url,
            "redirectUrl": root + REDIRECT,
            "clientId": oauth_client_id,
            "meUrl": root + me_url if me_url else "",
            "scopes": list(oauth_scopes),
        }
        return render(page, request, "no-cache", title=title, settings=json.dumps(settings, ensure_ascii=False))

    async def return_from_sign_in(request: Request) -> Response:
        return render(redirect, request, "no-store")

    async def list_problems(request: Request) -> Response:
        return render(Template(problems.safe_substitute(rows=_rows(all_errors()))), request, "no-cache")

    async def send_asset(request: Request) -> Response:
        return found(assets, request).answer(request)

    app.add_route(PAGE, show_page, include_in_schema=False)
    app.add_route(REDIRECT, return_from_sign_in, include_in_schema=False)
    app.add_route(PROBLEMS, list_problems, include_in_schema=False)
    app.add_route(f"{PAGE}/assets/{{name:path}}", send_asset, include_in_schema=False)


def found(assets: Mapping[str, Asset], request: Request) -> Asset:
    """Return the file a browser asks for; one of an older version is there no more."""
    for asset in assets.values():
        if asset.path == f"{asset.page}/assets/{request.path_params['name']}":
            return asset
    raise HTTPException(404)


def _rows(errors: Sequence[type[AppError]]) -> str:
    return "\n".join(
        f'<tr id="{error.code}"><td><code>{error.code}</code></td><td>{error.status}</td><td>{escape(error.title)}</td>'
        f"<td>{escape(error.advice)}</td></tr>"
        for error in errors
    )


def _policy(oauth_origins: Sequence[str]) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",  # Swagger UI's style sheet draws its arrows from data: addresses
            " ".join(("connect-src 'self'", *oauth_origins)),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _assets() -> dict[str, Asset]:
    swagger = resources.files("fastapi_swagger.resources")
    return {
        **{key: Asset(name, kind, swagger.joinpath(name)) for key, (name, kind) in SWAGGER_FILES.items()},
        **{key: Asset(name, kind, _ours(name)) for key, (name, kind) in OUR_FILES.items()},
    }


def _ours(name: str) -> Traversable:
    return resources.files("app").joinpath("static", "docs", name)
