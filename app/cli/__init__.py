"""命令行: each subcommand in the module of its noun; help in Chinese, clear exit codes."""

from collections.abc import Callable, Mapping

import typer

from app.cli import calendar, documents, erase, keys, ledger, run, setup, trial, verify
from app.cli.chinese import ChineseCommand, ChineseGroup
from app.cli.refusals import EXIT_CODES, without_traceback

commands = typer.Typer(
    cls=ChineseGroup,
    help="依申请公开办理服务",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, among them secrets
)
_COMMANDS: Mapping[str, Callable[..., None]] = {
    "serve": run.serve,
    "work": run.work,
    "migrate": setup.migrate,
    "init": setup.init,
    "recover": setup.recover,
    "doctor": setup.doctor,
    "demo": trial.demo,
    "token": trial.token,
    "import-notice": calendar.import_notice,
    "import-ledger": ledger.import_ledger,
    "recompute": calendar.recompute_all,
    "erase": erase.erase,
    "openapi": documents.openapi,
    "workflow": documents.workflow,
    "permissions": documents.permissions,
}
for _name, _command in _COMMANDS.items():
    commands.command(_name, cls=ChineseCommand)(without_traceback(_command))
commands.add_typer(verify.group, name="verify")
_KEYS: Mapping[str, Callable[..., None]] = {
    "new": keys.new,
    "add": keys.add,
    "rotate": keys.rotate,
    "prune": keys.prune,
    "check": keys.check,
}
for _name, _command in _KEYS.items():
    keys.keys.command(_name, cls=ChineseCommand)(without_traceback(_command))
commands.add_typer(keys.keys, name="keys")
