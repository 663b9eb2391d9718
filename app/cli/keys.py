"""Keys that seal personal data: making the key file, replacing keys while the service runs, opening everything once."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import db
from app.cli.chinese import ChineseCommand, ChineseGroup
from app.cli.refusals import MISUSED, REFUSED, need_migrated, refuse, without_traceback
from app.cli.setup import engine_of, now
from app.config import Settings
from app.models.keyring import Keyring
from app.sealing import MasterKeys
from app.services import encryption
from app.workers.stages import TURN_S

keys = typer.Typer(cls=ChineseGroup, help="加密个人信息的密钥", no_args_is_help=True)
Result = TypeVar("Result")


@keys.command("new", cls=ChineseCommand)
@without_traceback
def new(out: Annotated[Path, typer.Option("--out", help="密钥文件，不能已经存在")]) -> None:
    """生成主密钥文件（权限0600），供 DISCLOSURE_MASTER_KEY_FILE 使用。请与数据库分开备份：丢失后个人信息不能恢复。"""
    if out.exists():
        refuse(f"{out} 已经存在，不能覆盖", REFUSED)
    MasterKeys.fresh().write(out, replace=False)
    typer.echo(f"已生成 {out}。")


@keys.command("add", cls=ChineseCommand)
@without_traceback
def add(file: Annotated[Path, typer.Argument(help="密钥文件")]) -> None:
    """在密钥文件中加一个新的主密钥并作为现行的；旧的保留，直到 keys prune。用于服务所在的机器不能改写密钥文件时。"""
    changed = MasterKeys.read(file).with_new_master()
    changed.write(file, replace=True)
    typer.echo(f"现行的主密钥是 {changed.current}。")


@keys.command("rotate", cls=ChineseCommand)
@without_traceback
def rotate(
    master: Annotated[bool, typer.Option("--master", help="更换主密钥，用它重新封装全部数据密钥")] = False,
    as_given: Annotated[bool, typer.Option("--as-given", help="不生成新的主密钥，用密钥文件中现行的")] = False,
    data: Annotated[bool, typer.Option("--data", help="更换各机关、各年度的数据密钥，重新封装案件的密钥")] = False,
) -> None:
    """更换密钥，服务不停；不填选项即两级都换。中断后重新运行即可。

    多台机器各有密钥文件的：先用 keys add 换好并复制到每一台，再在一台上加 --as-given 运行，最后用 keys prune 去掉旧的。
    """
    settings = Settings()
    engine = engine_of(settings)
    ring = _ring(engine)
    turn = _Turns(engine, settings)
    both = master == data
    if master or both:
        if not as_given:
            if not os.access(settings.key_file.parent, os.W_OK):
                refuse(f"不能改写 {settings.key_file}：请用 keys add 换好密钥文件，再加 --as-given 运行", MISUSED)
            changed = ring.masters.with_new_master()
            changed.write(settings.key_file, replace=True)  # before anything is wrapped by it
            ring.use(changed)
        while turn.do(lambda session: encryption.rewrap(session, ring)):
            pass
        typer.echo(f"主密钥已更换为 {ring.masters.current}，全部数据密钥已重新封装。")
    if data or both:
        retired = turn.do(lambda session: encryption.retire(session, ring, now()))
        while turn.do(lambda session: encryption.move_wrapped(session, ring, now())):
            pass
        destroyed = turn.do(lambda session: encryption.destroy_retired(session, now()))
        typer.echo(f"已更换 {retired} 个数据密钥，案件的密钥已重新封装；销毁不再使用的 {destroyed} 个。")


@keys.command("prune", cls=ChineseCommand)
@without_traceback
def prune() -> None:
    """从密钥文件中去掉不再使用的主密钥；还有数据密钥由它封装的，拒绝。"""
    settings = Settings()
    engine = engine_of(settings)
    ring = _ring(engine)
    with db.reader(engine) as session:
        need_migrated(session)
        used = encryption.masters_in_use(session)
    if others := used - {ring.masters.current}:
        refuse(f"还有数据密钥由 {'、'.join(sorted(others))} 封装：请先运行 keys rotate --master", REFUSED)
    ring.masters.only_current().write(settings.key_file, replace=True)
    typer.echo(f"密钥文件中只留下 {ring.masters.current}。")


@keys.command("check", cls=ChineseCommand)
@without_traceback
def check() -> None:
    """逐一打开数据库中的全部密文，列出打不开的字段；有一处即退出码1。"""
    with db.reader(engine_of(Settings())) as session:
        need_migrated(session)
        broken = encryption.unopenable(session)
    for place in broken:
        typer.echo(f"打不开：{place}")
    if broken:
        raise typer.Exit(REFUSED)
    typer.echo("全部密文都能打开。")


def _ring(engine: Engine) -> Keyring:
    with db.reader(engine) as session:
        need_migrated(session)
    ring = engine.get_execution_options()["keyring"]
    assert isinstance(ring, Keyring)
    return ring


class _Turns:
    """Short transactions with a turn for the running server in between."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings

    def do(self, work: Callable[[Session], Result]) -> Result:
        with db.writer(self._engine) as session:
            done = work(session)
            session.commit()
        if self._settings.is_sqlite:
            time.sleep(TURN_S)
        return done
