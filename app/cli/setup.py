"""Setting up: migrating, the first token, and what is wrong with an installation."""

import datetime as dt
from typing import Annotated

import typer
from sqlalchemy import Engine

from app import db
from app import migrate as migration
from app.cli.refusals import REFUSED, need_migrated
from app.config import Settings
from app.models import Keyring
from app.services import doctor as diagnosis
from app.services import recovery
from app.services import setup as first_run


def migrate() -> None:
    """把数据库升级到最新版本，并装入已公布的工作日历。"""
    settings = Settings()
    if settings.is_sqlite:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    migration.migrate(settings.url, now(), keyring=keyring_of(settings), role=settings.database_role)


def init() -> None:
    """第一次使用：给出一次性的设置令牌，凭它建立机关和三名管理员。"""
    with db.writer(engine_of(Settings())) as session:
        need_migrated(session)
        token = first_run.prepare(session, now())
        session.commit()
    if token is None:
        typer.echo("已经有用户，不再给出设置令牌。", err=True)
        raise typer.Exit(REFUSED)
    typer.echo(f"设置令牌（只显示这一次，24小时内有效，用过即失效）：{token}")
    typer.echo("请打开 /docs，在“管理”一组用“完成初始化”建立机关和三名管理员（POST /api/v1/setup）。")


def recover(user: Annotated[str, typer.Option(help="登录名，如 xitong")]) -> None:
    """给丢失密码或者手机的人（如管理员）一个一次性的恢复码，在网页上重设密码和动态口令。记入日志。"""
    settings = Settings()
    with db.writer(engine_of(settings)) as session:
        need_migrated(session)
        token = recovery.issue(session, user, now())
        session.commit()
    address = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    typer.echo(f"恢复码（只显示这一次，1小时内有效，用过即失效）：{token}")
    typer.echo(f"请本人打开 {address}/oauth/recover，输入登录名 {user} 和恢复码，设置新的密码。")


def doctor(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False) -> None:
    """检查设置和数据，列出不安全或者需要处理的地方；有错误时退出码为1。"""
    settings = Settings()
    with db.reader(engine_of(settings)) as session:
        findings = diagnosis.examine(session, settings, now(), migrated=migration.is_current(session))
    if as_json:
        typer.echo(diagnosis.as_json(findings))
    else:
        from rich.console import Console

        console = Console()
        for finding in findings:
            console.print(f"{finding.mark} {finding.message}", markup=False, highlight=False)
        console.print("没有发现问题。" if not findings else f"共 {len(findings)} 条。", highlight=False)
    if any(finding.fatal for finding in findings):
        raise typer.Exit(REFUSED)


def engine_of(settings: Settings) -> Engine:
    """Connect to the settings' database; makes the directory of an embedded one, which SQLite does not."""
    if settings.is_sqlite:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return db.engine_of(settings, connections=1, keyring=keyring_of(settings))


def keyring_of(settings: Settings) -> Keyring:
    return Keyring(settings.cipher_suite, settings.master_keys)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
