"""The source tree as the architecture tests see it: parsed, so that comments and strings do not count."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the service by its path, such as `app/domain/clock.py`."""
    paths = sorted((ROOT / "app").rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


def references() -> Iterator[tuple[str, str]]:
    """Everything the service's modules refer to, called or handed on, as (`path:line`, full dotted name)."""
    for path, tree in modules().items():
        for line, name in names_in(tree):
            yield f"{path}:{line}", name


def names_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Give line and dotted name of each reference, by its full name under whatever alias it was imported."""
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            origins |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            origins |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            head, dot, rest = ast.unparse(node).partition(".")
            yield node.lineno, origins.get(head, head) + dot + rest
