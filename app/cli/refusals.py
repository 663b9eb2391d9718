"""What a command says when it cannot do its work: one Chinese sentence and an exit code, never a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec

import typer
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session

from app import migrate
from app.errors import AppError
from app.http.validation import in_chinese
from app.sealing import SealBroken

REFUSED, MISUSED, NO_DATABASE, NO_PORT = 1, 2, 3, 4
EXIT_CODES = "退出码：0 成功；1 拒绝执行，或者 doctor 发现错误；2 参数或者设置有误；3 数据库不可用；4 端口不可用"

P = ParamSpec("P")


def refuse(message: str, code: int) -> NoReturn:
    """Say why on standard error and leave."""
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(code)


def need_migrated(session: Session) -> None:
    """Leave unless the database is as new as the program."""
    if not migrate.is_current(session):
        refuse("数据库尚未升级到最新版本：请先运行 python -m app migrate", NO_DATABASE)


def without_traceback(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command so that everything an operator can cause is said in a sentence."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except AppError as refused:
            refuse(refused.detail or refused.title, REFUSED)
        except ValidationError as wrong:
            faults = [reason["message"].removeprefix("请求正文：") for reason in in_chinese(wrong.errors())]
            refuse("设置有误：" + "；".join(faults), MISUSED)
        except SealBroken as broken:
            refuse(str(broken), MISUSED)
        except (ArgumentError, NoSuchModuleError):  # the address holds a password: it is not repeated
            refuse("数据库地址有误（DISCLOSURE_DATABASE_URL），如 postgresql+psycopg://用户@主机/库名", MISUSED)
        except DBAPIError as failed:
            refuse(f"数据库不可用：{str(failed.orig).strip().splitlines()[0]}", NO_DATABASE)

    return told
