"""命令行: each subcommand in the module of its noun; help in Chinese, clear exit codes."""

import typer

from app.cli import documents, run, setup

commands = typer.Typer(help="依申请公开办理服务", no_args_is_help=True, add_completion=False)
commands.command("serve")(run.serve)
commands.command("migrate")(setup.migrate)
commands.command("init")(setup.init)
commands.command("demo")(setup.demo)
commands.command("doctor")(setup.doctor)
commands.command("openapi")(documents.openapi)
commands.command("workflow")(documents.workflow)
