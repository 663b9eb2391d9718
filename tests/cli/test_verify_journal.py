"""`python -m app verify journal` and `verify extract` as an auditor runs them."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import commands
from app.migrate import migrate
from tests.databases import MIGRATED_AT
from tests.town import town

FILE = "disclosure.sqlite3"
SECRET = "test-secret-of-at-least-32-characters"


def app(folder: Path, *arguments: str) -> Result:
    """Run a command in this process, which saves starting one, with nothing but these settings."""
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("DISCLOSURE_")]:
            environment.delenv(name)
        environment.setenv("DISCLOSURE_DATA_DIR", str(folder))
        environment.setenv("DISCLOSURE_SECRET", SECRET)
        environment.chdir(folder)
        return CliRunner().invoke(commands, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with a sealed journal and the extract of one case."""
    url = f"sqlite:///{tmp_path / FILE}"
    migrate(url, MIGRATED_AT)
    with town(url, tmp_path) as place:
        case = place.register()
        place.act("dengji", case, "accept")
        assert app(tmp_path, "work", "--once").exit_code == 0
        extract = place.get("duban", f"/cases/{case['id']}/journal-extract")
        (tmp_path / "extract.json").write_bytes(extract.content)
    assert app(tmp_path, "work", "--once").exit_code == 0
    return tmp_path


def edit(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        for statement in ("DROP TRIGGER journal_is_kept_from_update", "DROP TRIGGER journal_is_kept_from_delete"):
            connection.execute(statement)
        for statement in statements:
            connection.execute(statement)


def test_a_sound_journal_passes_and_a_changed_row_is_named(folder: Path) -> None:
    done = app(folder, "verify", "journal")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "没有发现改动" in done.stdout
    edit(folder, "UPDATE journal SET label = '退回' WHERE id = 2")
    done = app(folder, "verify", "journal")
    assert done.exit_code == 1
    assert "第一处不符：第 2 号（370600-GXJ 第 2 行）" in done.stdout
    told = json.loads(app(folder, "verify", "journal", "--json").stdout)
    assert (told["ok"], told["first"]["sequence"], told["first"]["code"]) == (False, 2, "changed")


def test_without_a_checkpoint_it_says_what_it_cannot_see(folder: Path) -> None:
    kept = (folder / "journal.checkpoints").rename(folder / "kept")
    blind = app(folder, "verify", "journal")
    assert blind.exit_code == 2
    assert "--checkpoints" in blind.stderr
    assert app(folder, "verify", "journal", "--checkpoints", str(kept)).exit_code == 0
    assert app(folder, "verify", "journal", "--checkpoints", "nowhere").exit_code == 2


def test_an_extract_is_tested_with_nothing_but_the_file(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "court"
    elsewhere.mkdir()
    file = str(folder / "extract.json")
    done = app(elsewhere, "verify", "extract", file)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert "指纹" in done.stdout
    assert [path.name for path in elsewhere.iterdir()] == []
    content = json.loads(Path(file).read_text("utf-8"))
    content["rows"][0]["data"]["channel"] = "fax"
    Path(file).write_text(json.dumps(content), "utf-8")
    done = app(elsewhere, "verify", "extract", file, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["faults"][0].startswith("签名不对")
    Path(file).write_text("{}")
    assert app(elsewhere, "verify", "extract", file).exit_code == 2
