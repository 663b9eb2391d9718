"""`python -m app work`, and the same work beside `serve`, as an operator meets them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.migrate import migrate
from tests.cli.test_commands import ROOT, app
from tests.databases import MIGRATED_AT


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    migrate(f"sqlite:///{tmp_path / 'disclosure.sqlite3'}", MIGRATED_AT)
    return tmp_path


def test_the_worker_names_a_database_that_was_not_migrated(tmp_path: Path) -> None:
    done = app(tmp_path, "work", "--once")
    assert done.returncode == 3
    assert "python -m app migrate" in done.stderr


def test_the_worker_says_what_it_does_and_stops_when_told(migrated: Path) -> None:
    environment = os.environ | {"DISCLOSURE_DATA_DIR": str(migrated), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-u", "-m", "app", "work"]
    with subprocess.Popen(command, env=environment, cwd=migrated, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        try:
            said = worker.stdout.readline()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 0
        finally:
            worker.kill()
    assert "后台工作已启动" in said
