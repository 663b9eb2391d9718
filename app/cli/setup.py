"""Setting up: migrating, the first token, demo data, and what is wrong with an installation."""

import datetime as dt
import sys
from typing import Annotated

import typer
from rich.console import Console

from app import db
from app import migrate as migration
from app.config import Settings
from app.services import doctor as diagnosis
from app.services import setup as first_run


def migrate() -> None:
    """把数据库升级到最新版本，并装入已公布的工作日历。"""
    settings = Settings()
    if settings.is_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    migration.migrate(settings.url, _now())


def init() -> None:
    """第一次使用：给出一次性的设置令牌，凭它建立机关和三名管理员。"""
    settings = Settings()
    with db.writer(db.build_engine(settings.url)) as session:
        token = first_run.prepare(session, _now())
        session.commit()
    if token is None:
        typer.echo("已经有用户，不再给出设置令牌。")
        raise typer.Exit(1)
    typer.echo(f"设置令牌（只显示这一次，用过即失效）：{token}\n请在 /docs 的“管理”中调用 POST /api/v1/setup。")


def demo() -> None:
    """装入演示城市：约30个机关、1000件案件，只限本机回环地址。"""
    load_demo(demo_settings(Settings()))


def doctor(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False) -> None:
    """检查设置和数据，列出不安全或者需要处理的地方；有错误时退出码为1。"""
    settings = Settings()
    with db.reader(db.build_engine(settings.url)) as session:
        findings = diagnosis.examine(session, settings, _now())
    if as_json:
        typer.echo(diagnosis.as_json(findings))
    else:
        console = Console()
        for finding in findings:
            console.print(f"{finding.mark} {finding.message}", markup=False)
        console.print("没有发现问题。" if not findings else f"共 {len(findings)} 条。")
    sys.exit(1 if any(finding.fatal for finding in findings) else 0)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
