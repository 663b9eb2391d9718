"""命令行: each subcommand in the module of its noun; help in Chinese, clear exit codes."""

import gc
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer._click.core import Command  # typer keeps its copy of click to itself

from app.cli.chinese import ChineseCommand, ChineseGroup
from app.cli.refusals import EXIT_CODES, without_traceback

_PLACES: Mapping[str, str] = {
    "serve": "run.serve",
    "work": "run.work",
    "migrate": "setup.migrate",
    "init": "setup.init",
    "recover": "setup.recover",
    "doctor": "setup.doctor",
    "demo": "trial.demo",
    "token": "trial.token",
    "import-notice": "calendar.import_notice",
    "import-ledger": "ledger.import_ledger",
    "recompute": "calendar.recompute_all",
    "erase": "erase.erase",
    "openapi": "documents.openapi",
    "workflow": "documents.workflow",
    "permissions": "documents.permissions",
    "verify": "verify.group",
    "keys": "keys.keys",
}


class _Late(Mapping[str, Command]):
    """The commands by name. The module of one is imported when it is asked for: most have no use for what the others need."""

    def __getitem__(self, name: str) -> Command:
        module, _, attribute = _PLACES[name].partition(".")
        found = getattr(import_module(f"app.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_group(found)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name, cls=ChineseCommand)(without_traceback(found))
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


class _CommandLine(ChineseGroup):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Late()  # type: ignore[assignment]  # nothing is ever added to it


def _begin() -> None:
    """Switch the collector on again, which `__main__` switched off: what the command needs is imported, and stays.

    Not frozen, all of it would be looked through at once, which took a tenth of a second.
    """
    gc.freeze()
    gc.enable()


commands = typer.Typer(
    cls=_CommandLine,
    callback=_begin,
    help="依申请公开办理服务",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, among them secrets
)
