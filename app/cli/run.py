"""Serving."""

from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from app.cli import setup
from app.config import Settings
from app.main import create_app


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="先装入演示城市（只限本机回环地址）")] = False,
) -> None:
    """启动服务。"""
    given = {"host": host, "port": port}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if demo:
        settings = setup.demo_settings(settings)
        setup.load_demo(settings)
    setup.announce(settings, Console())
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,  # an open stream must not hold up a restart
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )
