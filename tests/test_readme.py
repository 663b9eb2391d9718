"""The README's commands work as they are written: they are taken from it and run in a shell against a real server.

The server is started by the README's own command in a copy of the tree, made of links, with a data directory of its own.
"""

import datetime as dt
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(section: str, language: str) -> list[str]:
    """The code blocks of one section, in order."""
    text = README.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which `./serve` finds everything installed: this interpreter's environment, linked."""
    for name in ("app", "migrations", "requirements", "scripts", "serve", "alembic.ini"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = tmp_path / ".venv"
    environment.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (environment / name).symlink_to(Path(sys.prefix) / name)
    stamp = ". scripts/environment.sh; fingerprint requirements/runtime.txt > .venv/installed-runtime"
    subprocess.run(["bash", "-euc", stamp], cwd=tmp_path, check=True, env=_environment(0))
    return tmp_path


def _environment(port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"DISCLOSURE_PORT": str(port), "DISCLOSURE_DEMO_CASES": "12", "PYTHONUTF8": "1"}


@contextmanager
def serving(tree: Path, command: str) -> Iterator[dict[str, str]]:
    """Run the README's command until it answers; yields the environment in which its reader would go on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = _environment(port)
    with (tree / "log").open("w") as log:
        server = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=tree, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not _answers(port):
                assert server.poll() is None, (tree / "log").read_text()
                assert time.monotonic() < deadline, (tree / "log").read_text()
                time.sleep(0.1)
            yield environment
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def run(tree: Path, environment: dict[str, str], script: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_walk_through_goes_from_the_door_to_the_archive_and_explains_every_day(tree: Path) -> None:
    command = blocks("First sign-in", "sh")[0].strip()
    commands, questions = blocks("A walk through one case", "sh")
    states, days = blocks("A walk through one case", "text")
    with serving(tree, command) as environment:
        said = run(tree, environment, commands + questions)
    assert said == states + days
    assert states.splitlines()[-1] == "已归档"
    first, *lines = days.splitlines()
    assert first.startswith("法定期限 2026-10-22 ")
    every_day = [str(dt.date(2026, 9, 18) + dt.timedelta(n)) for n in range(35)]
    assert [line.split()[0] for line in lines] == every_day


def test_the_first_sign_in_sets_up_an_empty_installation(tree: Path) -> None:
    with serving(tree, "./serve") as environment:
        said = run(tree, environment, blocks("First sign-in", "sh")[1])
        assert "379900" in said
        log = (tree / "log").read_text()
    assert "还没有用户" in log
    assert ".venv/bin/python -m app init" in log


def test_what_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
