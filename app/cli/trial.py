"""Trying the service out: the demo city, and signing in from a script."""

import json
import time
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from app import db
from app import migrate as migration
from app.cli.progress import long_work
from app.cli.refusals import need_migrated
from app.cli.setup import engine_of, keyring_of, now
from app.config import Settings
from app.services import local_sign_in
from app.services.demo import traces
from app.services.desk import shanghai_date

SEED = 20190515
"""The day from which the Regulation in force applies; any number would do, but always the same."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What opens a demo city: kept in a file beside the data that only the operator may read."""

    password: str
    portal_key: str
    reader_key: str


def demo(
    cases: Annotated[int | None, typer.Option(help="案件数", min=1, max=5000, show_default="1000")] = None,
) -> None:
    """装入演示城市：30个机关、约1000件案件。只限空数据库、本机回环地址。"""
    given: dict[str, Any] = {} if cases is None else {"demo_cases": cases}
    load_demo(Settings(**given))


def token(user: Annotated[str, typer.Option(help="登录名，如 dengji")]) -> None:
    """替一名用户登录，输出访问令牌，供脚本试用。只限存有数据的这台机器，生产环境拒绝；记入日志。"""
    settings = Settings()
    with db.writer(engine_of(settings)) as session:
        need_migrated(session)
        signed_in = local_sign_in.open_for(session, user, now(), settings)
        session.commit()
    typer.echo(signed_in.value)


def load_demo(settings: Settings) -> None:
    """Fill an empty database with the demo city, whole or not at all; migrates it first."""
    from app.services.demo import load as demo_city

    began = time.perf_counter()
    demo_city.refuse_exposed(settings)
    engine = engine_of(settings)
    migration.migrate(settings.url, now(), keyring=keyring_of(settings))
    with db.writer(engine) as session:
        demo_city.refuse_unless_empty(session)
        typer.echo(f"正在装入演示城市（{settings.demo_cases}件案件）……")
        with long_work("演示城市") as progress:
            made = demo_city.load(session, settings, now(), count=settings.demo_cases, seed=SEED, progress=progress)
        _keep(settings, Doors(made.password, made.portal_key, made.reader_key))
        traces.keep(settings, made.examples, shanghai_date(now()))
        session.commit()
    seconds = time.perf_counter() - began
    typer.echo(
        f"已装入海州市：{made.agencies}个机关、{made.people}人、{made.cases}件案件、{made.acts}次操作，用时{seconds:.1f}秒。"
    )


def holds_demo(settings: Settings) -> bool:
    """Tell whether the settings' database holds the demo city already."""
    with db.reader(engine_of(settings)) as session:
        return migration.is_current(session) and traces.is_demo(session)


def doors(settings: Settings) -> Doors | None:
    """Read the password and keys of the demo city; None where they were not made on this machine."""
    path = settings.data_dir / "demo.json"
    return Doors(**json.loads(path.read_text("utf-8"))) if path.exists() else None


def _keep(settings: Settings, made: Doors) -> None:
    path = settings.data_dir / "demo.json"
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(
        json.dumps({name: getattr(made, name) for name in Doors.__slots__}, ensure_ascii=False, indent=2), "utf-8"
    )
