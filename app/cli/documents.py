"""Documents made from the code: the OpenAPI description, the workflow and the permissions."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli import permissions_page
from app.config import Settings
from app.main import create_app
from app.services import workflow_page
from app.services.permissions import KEY_ROLES

Out = Annotated[Path | None, typer.Option("--out", help="写入文件；不填则输出到屏幕")]


def openapi(out: Out = None) -> None:
    """输出 OpenAPI 文档（JSON）。"""
    _write(json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=2) + "\n", out)


def workflow(out: Out = None) -> None:
    """输出流程说明和流程图（Markdown，含 Mermaid 图）。"""
    _write(workflow_page.markdown(), out)


def permissions(out: Out = None) -> None:
    """输出权限表：每个接口哪些角色可以调用（Markdown）。"""
    _write(permissions_page.markdown(create_app(Settings()), KEY_ROLES), out)


def _write(content: str, out: Path | None) -> None:
    if out:
        out.write_text(content, "utf-8")
    else:
        typer.echo(content, nl=False)
