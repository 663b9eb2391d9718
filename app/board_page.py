"""The board at `/board`: one page for a supervisor with a browser and no internet; drawn by the service, nothing inline."""

from html import escape
from importlib import resources
from importlib.resources.abc import Traversable
from string import Template

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.docs_page import Asset, found

PAGE = "/board"
FILES = {"board_css": ("board.css", "text/css"), "board_js": ("board.js", "text/javascript")}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def mount_board(app: Starlette) -> None:
    """Serve the page and its files; its figures come from `/api/v1/statistics/board`, for whoever has signed in."""
    assets = {key: Asset(name, kind, _file(name), PAGE) for key, (name, kind) in FILES.items()}
    icon = resources.files("fastapi_swagger.resources").joinpath("favicon-32x32.png")
    assets["favicon"] = Asset("favicon-32x32.png", "image/png", icon, PAGE)
    page = Template(_file("index.html").read_text("utf-8"))

    async def show_page(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        addresses = {name: escape(root + asset.path) for name, asset in assets.items()}
        headers = {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-cache",
            "Referrer-Policy": "no-referrer",  # the address may carry an authorization code
            "X-Content-Type-Options": "nosniff",
        }
        return HTMLResponse(page.substitute(addresses, root=escape(root)), headers=headers)

    async def send_asset(request: Request) -> Response:
        return found(assets, request).answer(request)

    app.add_route(PAGE, show_page, include_in_schema=False)
    app.add_route(f"{PAGE}/assets/{{name:path}}", send_asset, include_in_schema=False)


def _file(name: str) -> Traversable:
    return resources.files("app").joinpath("static", "board", name)
