"""What the operator reads when the service starts: where it is, how to sign in, where the data are."""

import sys
from pathlib import Path

import typer
from sqlalchemy import make_url

from app.cli import trial
from app.config import Settings


def announce(settings: Settings, *, empty: bool) -> None:
    """Print the addresses and what to do first; `empty`: nobody has an account yet."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = settings.public_url.rstrip("/") or f"http://{host}:{settings.port}"
    lines = [f"接口文档（在网页上操作）：{address}/docs", f"数据位置：{_data(settings)}"]
    if settings.demo:
        lines.append("登录：打开接口文档，点右上角“登录授权”，输入下表中的登录名和密码。")
    elif empty:
        lines.append(
            f"还没有用户。请先运行 {_program()} init 取得设置令牌，"
            "再用接口文档“管理”一组的“完成初始化”（POST /api/v1/setup）建立机关和三名管理员。"
        )
    else:
        lines.append("登录：打开接口文档，点右上角“登录授权”，输入您的登录名和密码。")
    for line in lines:
        typer.echo(line)
    if settings.demo:
        _show_demo(settings)
    typer.echo("按 Ctrl+C 停止。")


def _show_demo(settings: Settings) -> None:
    from rich.console import Console
    from rich.table import Table

    from app.services.demo import city

    table = Table(title="演示城市“海州市”的登录名", title_justify="left")
    for heading in ("登录名", "机关", "角色"):
        table.add_column(heading)
    for office in city.offices():
        for person in office.people:
            if office.code == city.EXAMPLE or person.username == city.CITY_SUPERVISOR:
                table.add_row(person.username, office.name, "、".join(role.label for role in person.roles))
    for role, username in city.ADMINISTRATORS.items():
        table.add_row(username, city.offices()[0].name, role.label)
    Console().print(table)
    typer.echo("三类管理员登录时还要输入动态口令；演示城市的登录页上直接显示，不用手机。")
    found = trial.doors(settings)
    if found is None:
        typer.echo("密码在装入演示数据的那台机器的数据目录中（demo.json）。")
        return
    for label, secret in (
        ("所有人的密码", found.password),
        ("对接平台的接口密钥（X-API-Key）", found.portal_key),
        ("只读脚本的接口密钥（X-API-Key）", found.reader_key),
    ):
        typer.echo(f"{label}：{secret}")
    typer.echo("其他机关的登录名带机关的后缀，如财政局 dengji-czj、海东区 dengji-01、竹溪镇 dengji-01zx。")


def _data(settings: Settings) -> str:
    if settings.is_sqlite and not settings.database_url:
        return str(settings.data_dir.resolve())
    return make_url(settings.url).render_as_string(hide_password=True)


def _program() -> str:
    """Name the command line as it can be typed here: the interpreter of ./serve is in .venv."""
    interpreter = Path(sys.prefix) / "bin" / "python"
    here = Path.cwd()
    return f"{interpreter.relative_to(here) if interpreter.is_relative_to(here) else 'python'} -m app"
