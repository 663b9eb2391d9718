"""The databases that a benchmark is run on: made when it begins, gone when it ends."""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.databases import Databases, PostgresDatabases, SqliteDatabases, postgresql_server

KINDS = ("sqlite", "postgresql")


def asked_for(parser: argparse.ArgumentParser) -> None:
    """Let the command line name the kinds of database."""
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)


def each(kinds: Sequence[str]) -> Iterator[tuple[str, Databases, Path]]:
    """Give each kind with its databases and a folder beside them."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL may run as another account
        for kind in kinds:
            if kind == "sqlite":
                yield kind, SqliteDatabases(folder), folder
            else:
                server = opened.enter_context(postgresql_server(folder / "postgresql"))
                yield kind, PostgresDatabases(server), folder
