"""The page for assessors names what exists, and leaves out no number of the standard; no secret stands in the tree."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest
import typer.main

from app.cli import commands
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
QUOTED = sorted(set(re.findall(r"`([^`\n]+)`", PAGE)))
PATHS = [name for name in QUOTED if re.fullmatch(r"[\w./-]+\.(py|md|txt)(::\w+)?|scripts/\w+|\./check", name)]
COMMANDS = [name for name in QUOTED if name.startswith("python -m app ")]


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", PATHS)
def test_every_file_and_test_it_names_exists(name: str) -> None:
    path, _, function = name.partition("::")
    found = [folder / path for folder in (ROOT, ROOT / "tests") if (folder / path).is_file()]
    assert found, path
    if path.partition("/")[2].startswith("test_"):
        assert any(name.startswith("test_") for name in functions(found[0]))
    if function:
        assert function in functions(found[0]), name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_it_names_exists(name: str) -> None:
    known = typer.main.get_command(commands)
    for word in name.removeprefix("python -m app ").split():
        assert hasattr(known, "commands"), name
        assert word in known.commands, name
        known = known.commands[word]


def test_it_names_enough_to_be_looked_at() -> None:
    assert len(PATHS) > 100
    assert len(COMMANDS) > 5


def test_no_number_of_the_standard_is_missing_or_made_up() -> None:
    wanted = json.loads((ROOT / "tests" / "data" / "asvs_5_0_level_2.json").read_text())
    found: dict[str, list[int]] = {}
    for first in re.findall(r"^\| (\d+\.\d+: [^|]+) \|", PAGE, re.MULTILINE):
        _, *parts = re.split(r"(\d+\.\d+): ", first)
        for section, numbers in zip(parts[::2], parts[1::2], strict=True):
            found.setdefault(section, []).extend(int(number) for number in re.findall(r"\d+", numbers))
    assert {section: sorted(numbers) for section, numbers in found.items()} == wanted


CODE = re.compile(r"`(app|migrations)/[\w/]+\.py`(, `(app|migrations)/[\w/]+\.py`)*")


def test_what_is_not_met_says_so_and_nothing_else_goes_without_code_and_proof() -> None:
    rows = [row.split(" | ") for row in re.findall(r"^\| (?!Items|Risk|Control|Article|-)(.+) \|$", PAGE, re.MULTILINE)]
    assert len(rows) > 150
    for row in rows:
        assert len(row) == 4, row
        how, code, shown = row[1:]
        excused = re.search(r"\*\*(not met|Not met|left to the city)\*\*|^no |there (is|are) no |is no |`docs/", how)
        assert shown != "–" or excused, row
        assert CODE.fullmatch(code) or (code == "–" and (excused or re.search(r"below|requirements/", how))), row


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bdk_[0-9a-f]{8}_[\w-]{30,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[abp]-\w{10,}"
)


def test_no_private_key_and_no_token_stands_in_the_tree() -> None:
    left_out = {".venv", ".git", "node_modules", "data", "secrets"}
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and not left_out & set(path.relative_to(ROOT).parts[:-1]) and path.stat().st_size < 1 << 20:
            found = SECRETS.search(path.read_text("utf-8", "ignore"))
            assert found is None, path
