"""What the command line says about itself and about a wrong call is Chinese; scripts find their exit codes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from app.cli import commands
from app.cli.refusals import EXIT_CODES

GROUP: Any = typer.main.get_command(commands)
CODE = re.compile(
    r"--[a-z-]+|(?:GET|POST) /[\w/{}.-]+|base64"
    r"|python -m app[a-z -]*|DISCLOSURE_\w+|`[^`]*`|/[\w/-]+|[\w-]+\.\w+|JSON|OpenAPI|Markdown|Mermaid|SIGTERM"
    r"|Ctrl\+C|POST|CSV|XLSX|csv|xlsx|zip|keys (?:add|prune)|doctor|NUMBER|dengji|xitong"
)


def calls() -> Iterator[list[str]]:
    """Give every command there is, the inner ones too."""
    yield []
    for name, command in GROUP.commands.items():
        yield [name]
        yield from ([name, inner] for inner in getattr(command, "commands", ()))


@pytest.mark.parametrize("call", list(calls()), ids=lambda call: " ".join(call) or "app")
def test_a_help_page_holds_no_english_but_names(call: list[str]) -> None:
    page = CliRunner().invoke(commands, [*call, "--help"], prog_name="python -m app")
    assert page.exit_code == 0
    assert page.output.startswith("用法：python -m app")
    own = {parameter.name for parameter in _command(call).params} | {name for one in calls() for name in one}
    words = set(re.findall(r"[A-Za-z]{2,}(?:-[a-z]+)*", CODE.sub(" ", page.output)))
    assert words - own == set()


def _command(call: list[str]) -> Any:
    command = GROUP
    for name in call:
        command = command.commands[name]
    return command


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["nope"], "没有命令 nope"),
        (["serve", "--bogus"], "没有选项 --bogus"),
        (["serve", "--port"], "选项 --port 后面须有值"),
        (["serve", "--port", "x"], "--port 须为整数，不能是 'x'"),
        (["serve", "--demo=1"], "选项 --demo 后面不能有值"),
        (["demo", "--cases", "9999"], "--cases 的值 9999 超出范围 1<=x<=5000"),
        (["import-ledger"], "缺少必填的 file"),
        (["import-ledger", "a.csv"], "缺少必填的 --agency"),
        (["migrate", "a", "b"], "多余的参数：a b"),
        (["keys", "nope"], "没有命令 nope"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong_in_chinese(call: list[str], said: str) -> None:
    answer = CliRunner().invoke(commands, call, prog_name="python -m app")
    assert answer.exit_code == 2
    assert answer.stderr.splitlines()[0] == said
    assert "--help" in answer.stderr


def test_the_page_of_all_commands_tells_the_exit_codes() -> None:
    page = CliRunner().invoke(commands, ["--help"]).output
    assert re.sub(r"\s", "", EXIT_CODES) in re.sub(r"\s", "", page)
