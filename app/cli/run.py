"""Serving, and the work that goes on beside it."""

import gc
import logging
import os
import signal
import socket
from contextlib import ExitStack
from types import FrameType
from typing import Annotated, Any

import typer

from app import db
from app.cli import trial
from app.cli.announcement import announce
from app.cli.refusals import NO_PORT, REFUSED, need_migrated, refuse
from app.cli.setup import engine_of, keyring_of, now
from app.config import Settings
from app.house import House
from app.http import refusals, server
from app.main import create_app
from app.services import doctor
from app.services.demo.traces import is_demo
from app.workers.jobs import JOBS
from app.workers.runner import run_once, working

JOB_CONNECTIONS = 12
JOBS_AFTER_S = 1
STOPPING = {signal.SIGTERM, signal.SIGINT}


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口", show_default="8000")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="先装入演示城市（只限本机回环地址）")] = False,
) -> None:
    """启动服务。"""
    given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = Settings(**given)
    if demo and not trial.holds_demo(settings):
        trial.load_demo(settings)
    engine = engine_of(settings)
    with db.reader(engine) as session:
        need_migrated(session)
        if is_demo(session):  # the data say so themselves: leaving out --demo does not make them safe to show
            settings = Settings(**given, demo=True)
        if settings.profile == "production":
            _refuse_unsafe(doctor.examine(session, settings, now(), migrated=True))
        empty = doctor.has_no_users(session)
    engine.dispose()
    _log()
    logging.getLogger(refusals.__name__).setLevel(logging.INFO)  # one line each, those of mere mistakes included
    app = create_app(settings)
    gc.freeze()  # what is there now stays: no collection need look through it again, which took tenths of a second
    app.state.description.begin()  # so that the first visitor of /docs need not wait for it
    # uvicorn takes the signals while it serves and hands them on when it has shut down.
    signal.signal(signal.SIGTERM, _leave)
    with _listening(settings) as listener, ExitStack() as beside:
        if settings.serve_works:
            beside.enter_context(working(_workshop(settings), JOBS, after_s=JOBS_AFTER_S))
        announce(settings, empty=empty)
        server.Server(server.configured(app, settings), app.state.leaving).run(sockets=[listener])


def work(
    once: Annotated[bool, typer.Option("--once", help="做完现在该做的就退出，供定时任务使用")] = False,
) -> None:
    """后台工作：封存日志、投递回调等；可以同时运行多个。SIGTERM 或者 Ctrl+C 停止，做完手上的一步才退出。"""
    settings = Settings()
    with db.reader(engine_of(settings)) as session:
        need_migrated(session)
        if settings.profile == "production":
            _refuse_unsafe(doctor.examine(session, settings, now(), migrated=True))
    house = _workshop(settings)
    if once:
        run_once(house, JOBS)
        return
    _log()
    # Held back in every thread and taken here: a handler would be called only when this thread wakes, and a signal that
    # comes in the instant before it falls asleep wakes nobody.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    with working(house, JOBS):
        typer.echo(f"后台工作已启动：{'、'.join(dict.fromkeys(job.label for job in JOBS))}。按 Ctrl+C 停止。")
        signal.sigwait(STOPPING)


def _log() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _workshop(settings: Settings) -> House:
    """Furnish a house for the jobs, with connections of its own: they wait for no request, and no request for them."""
    return House.of(settings, db.engine_of(settings, connections=JOB_CONNECTIONS, keyring=keyring_of(settings)), now)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _refuse_unsafe(findings: list[doctor.Finding]) -> None:
    if fatal := [finding.message for finding in findings if finding.fatal]:
        refuse("\n".join(("设置或者数据不安全，不能启动：", *fatal)), REFUSED)


def _listening(settings: Settings) -> socket.socket:
    """Take the port before anything is announced."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as taken:
        refuse(
            f"不能在 {settings.host}:{settings.port} 上监听（{os.strerror(taken.errno or 0)}）：请换一个端口，如 --port 8001",
            NO_PORT,
        )
