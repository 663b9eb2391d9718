"""The frame of the command line in Chinese: help pages and what is said about a wrong call. Typer's own speaks English only."""

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer._click.core import Context, Parameter  # typer keeps its copy of click to itself
from typer._click.exceptions import ClickException, NoArgsIsHelpError
from typer._click.formatting import HelpFormatter
from typer.core import TyperArgument, TyperCommand, TyperGroup

from app.cli.refusals import MISUSED

if TYPE_CHECKING:
    from rich.console import Console

_KINDS = {"integer": "整数", "int": "整数", "path": "文件", "text": "文字", "str": "文字"}
_SENTENCES = (
    (r"Missing (?:argument|option|parameter) '?([^' ]+)'?.*", r"缺少必填的 \1"),
    (r"No such option: (\S+).*", r"没有选项 \1"),
    (r"No such command '(.+)'\..*", r"没有命令 \1"),
    (r"Missing command\.", "没有写明命令"),
    (r"Invalid value for '?([^':]+)'?: (.+) is not a valid int(?:eger)?\.", r"\1 须为整数，不能是 \2"),
    (r"Invalid value for '?([^':]+)'?: (.+) is not in the range (.+)\.", r"\1 的值 \2 超出范围 \3"),
    (r"Invalid value for '?([^':]+)'?: .*", r"\1 的值不对"),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", r"多余的参数：\1"),
    (r"Option '?([^' ]+)'? requires .*", r"选项 \1 后面须有值"),
    (r"Option '?([^' ]+)'? does not take a value.*", r"选项 \1 后面不能有值"),
)


class ChineseCommand(TyperCommand):
    """A command whose help page is ours."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        _show(ctx, self.get_params(ctx), self.help)


class ChineseGroup(TyperGroup):
    """Commands whose help page is ours, and which say in Chinese what is wrong with a call."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        names = self.list_commands(ctx)
        found = [(name, self.get_command(ctx, name)) for name in names]
        commands = [(name, _first_sentence(command.help)) for name, command in found if command]
        _show(ctx, self.get_params(ctx), self.help, commands, self.epilog)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001 — as in typer
        windows_expand_args: bool = True,  # noqa: FBT001 — as in typer
        **extra: Any,
    ) -> Any:
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode, windows_expand_args, **extra)
        try:
            sys.exit(super().main(args, prog_name, complete_var, False, windows_expand_args, **extra) or 0)
        except typer.Abort:
            _refuse("已经中断")
        except NoArgsIsHelpError:  # which has shown the page
            raise SystemExit(MISUSED) from None
        except ClickException as wrong:
            ctx = getattr(wrong, "ctx", None)
            path = ctx.command_path if ctx else prog_name or "python -m app"
            _refuse(f"{in_chinese(wrong.format_message())}\n用法见 {path} --help")


def in_chinese(message: str) -> str:
    """Say in Chinese what typer says about a wrong call."""
    for form, sentence in _SENTENCES:
        if found := re.fullmatch(form, message, re.DOTALL):
            return found.expand(sentence)
    return message if re.search(r"[一-龥]", message) else "参数有误"


def _refuse(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    raise SystemExit(MISUSED)


def _show(
    ctx: Context,
    parameters: Sequence[Parameter],
    about: str | None,
    commands: Sequence[tuple[str, str]] = (),
    ending: str | None = None,
) -> None:
    arguments = [one for one in parameters if isinstance(one, TyperArgument)]
    options = [one for one in parameters if not isinstance(one, TyperArgument)]
    call = [ctx.command_path, *(["命令"] if commands else []), "[选项]", *(_name(one) for one in arguments)]
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=False)
    console.print(f"用法：{' '.join(call)}\n")
    if about:
        console.print(about.strip() + "\n")
    _list(console, "参数", [(_name(one), _told(one)) for one in arguments])
    _list(console, "选项", [(_name(one), _told(one)) for one in options])
    _list(console, "命令", commands)
    if ending:
        console.print(ending)


def _list(console: "Console", heading: str, rows: Sequence[tuple[str, str]]) -> None:
    if not rows:
        return
    from rich.table import Table

    console.print(f"{heading}：")
    table = Table.grid(padding=(0, 2), pad_edge=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, told in rows:
        table.add_row(name, told)
    console.print(table)
    console.print()


def _name(one: Parameter) -> str:
    if isinstance(one, TyperArgument):
        return f"{one.name}…" if one.nargs < 0 else str(one.name)
    kind = "" if getattr(one, "is_flag", False) else _KINDS.get(one.type.name.lower(), "值")
    return " ".join(part for part in (one.opts[0], kind) if part)


def _told(one: Parameter) -> str:
    if "--help" in one.opts:
        return "显示本页"
    said = getattr(one, "help", None) or ""
    shown = getattr(one, "show_default", None)
    if one.required:
        return f"{said}（必填）"
    return f"{said}（默认：{shown}）" if isinstance(shown, str) else said


def _first_sentence(about: str | None) -> str:
    return re.split(r"[。\n]", (about or "").strip())[0]
