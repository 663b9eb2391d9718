"""The guides as pages of the service: clerks have a browser and no repository.

They are written in `docs/` for whoever reads the source as well, and rendered when somebody first looks at them.
"""

import hashlib
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

DOCS = Path(__file__).parents[1] / "docs"
GUIDES = {
    "clerk": ("clerk-guide.md", "办理人员指南"),
    "admin": ("admin-guide.md", "管理员指南"),
    "integration": ("integration-guide.md", "对接指南"),
    "workflow": ("workflow.md", "流程说明"),
    "permissions": ("permissions.md", "权限表"),
    "deployment": ("deployment.md", "部署说明"),
}
ADDRESS = "/docs/guide"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def mount_guides(app: Starlette, docs: Path = DOCS) -> None:
    """Serve each at `/docs/guide/…`, such as `/docs/guide/clerk`; an installation without `docs/` has none."""
    template = Template(resources.files("app").joinpath("static", "docs", "guide.html").read_text("utf-8"))
    style = resources.files("app").joinpath("static", "docs", "guide.css").read_bytes()
    there = {name: title for name, (file, title) in GUIDES.items() if (docs / file).exists()}
    pictures = {path.name: path for path in (docs / "pictures").glob("*.png")} if there else {}

    @cache
    def page(name: str) -> str:
        content = _rendered((docs / GUIDES[name][0]).read_text("utf-8"))
        return template.substitute(title=escape(there[name]), content=content)

    def show_guide(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in there:
            raise HTTPException(404)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
        return HTMLResponse(page(name), headers=headers)

    def send_picture(request: Request) -> Response:
        picture = pictures.get(request.path_params["name"])
        if picture is None:
            raise HTTPException(404)
        return _asset(request, picture.read_bytes(), "image/png")

    async def send_style(request: Request) -> Response:
        return _asset(request, style, "text/css")

    app.add_route(f"{ADDRESS}/guide.css", send_style, include_in_schema=False)
    app.add_route(f"{ADDRESS}/pictures/{{name}}", send_picture, include_in_schema=False)
    app.add_route(f"{ADDRESS}/{{name}}", show_guide, include_in_schema=False)


def _asset(request: Request, body: bytes, media_type: str) -> Response:
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _rendered(text: str) -> str:
    """Render a guide; links between the guides lead to their pages."""
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = renderer.parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", tokens[place + 1].content.translate(_PUNCTUATION).lower().replace(" ", "-"))
        for inner in token.children or ():
            if inner.type == "link_open":
                inner.attrSet("href", _address(str(inner.attrGet("href"))))
    return str(renderer.renderer.render(tokens, renderer.options, {}))


_PUNCTUATION = str.maketrans("", "", "、，。：；（）？！,.:;()?!")


def _address(href: str) -> str:
    file, mark, anchor = href.partition("#")
    for name, (known, _title) in GUIDES.items():
        if file == known:
            return f"{name}{mark}{anchor}"
    return href
