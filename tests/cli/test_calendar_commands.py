"""Importing a notice and recomputing from the command line, each in a process of its own."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from app import db
from app.migrate import migrate
from tests.cli.test_commands import app
from tests.databases import MIGRATED_AT
from tests.notices import NOTICE_2027
from tests.town import town


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with one case of December, whose limit rests on the projection."""
    url = f"sqlite:///{tmp_path / 'disclosure.sqlite3'}"
    migrate(url, MIGRATED_AT)
    with town(url, tmp_path, now="2026-12-22 09:00") as place:
        place.go_to("2026-12-22")
        assert place.register(submitted_at="2026-12-22T08:00:00+08:00")["due_on"] == "2027-01-20"
    return tmp_path


def write(folder: Path, **changes: Any) -> str:
    path = folder / "notice.json"
    path.write_text(json.dumps({**NOTICE_2027, **changes}), "utf-8")
    return str(path)


LONGER = {"off": [*NOTICE_2027["off"], {"date": "2027-01-04", "name": "元旦"}]}


def stored(folder: Path) -> tuple[str, int]:
    engine = db.build_engine(f"sqlite:///{folder / 'disclosure.sqlite3'}")
    with engine.connect() as connection:
        due_on = connection.exec_driver_sql("SELECT due_on FROM running_clocks").scalar_one()
        moves = connection.exec_driver_sql("SELECT count(*) FROM journal WHERE act = 'deadline_moved'").scalar_one()
    engine.dispose()
    return due_on, moves


def test_a_notice_is_looked_at_imported_and_then_known(folder: Path) -> None:
    file = write(folder, **LONGER)
    outlook = app(folder, "import-notice", file, "--dry-run")
    assert (outlook.returncode, stored(folder)) == (0, ("2027-01-20", 0)), outlook.stderr
    assert "试运行，没有导入" in outlook.stdout
    assert "法定期限 2027-01-20 → 2027-01-21" in outlook.stdout
    assert "2027-01-04 工作日 → 元旦放假" in outlook.stdout
    done = app(folder, "import-notice", file, "--json")
    answer = json.loads(done.stdout)
    assert (answer["imported"], answer["moved"], answer["notice"]["imported_by"]) == (True, 1, "cli")
    assert stored(folder) == ("2027-01-21", 1)
    again = app(folder, "import-notice", file)
    assert "没有形成新版本" in again.stdout
    assert stored(folder) == ("2027-01-21", 1)


def test_a_wrong_file_is_refused_in_a_sentence(folder: Path) -> None:
    missing = app(folder, "import-notice", "nowhere.json")
    assert missing.returncode == 2
    (folder / "notice.json").write_text("{", "utf-8")
    assert "不是有效的 JSON" in app(folder, "import-notice", "notice.json").stderr
    malformed = app(folder, "import-notice", write(folder, region="China"))
    assert (malformed.returncode, "region" in malformed.stderr) == (2, True)
    truncated = app(folder, "import-notice", write(folder, off=NOTICE_2027["off"][:5]))
    assert truncated.returncode == 1
    assert "缺少法定节假日" in truncated.stderr
    assert stored(folder) == ("2027-01-20", 0)


def test_recompute_mends_columns_and_says_what_moved(folder: Path) -> None:
    engine = db.build_engine(f"sqlite:///{folder / 'disclosure.sqlite3'}")
    with engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE running_clocks SET due_on = '2020-01-01'")
    engine.dispose()
    assert "变动 1 件" in app(folder, "recompute", "--dry-run").stdout
    assert stored(folder) == ("2020-01-01", 0)
    done = json.loads(app(folder, "recompute", "--json").stdout)
    assert done["items"][0]["due_on"] == {"from": "2020-01-01", "to": dt.date(2027, 1, 20).isoformat()}
    assert stored(folder) == ("2027-01-20", 1)
    assert "变动 0 件" in app(folder, "recompute").stdout


def test_without_agencies_there_is_nothing_to_act_for(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'disclosure.sqlite3'}", MIGRATED_AT)
    refused = app(tmp_path, "recompute")
    assert (refused.returncode, "python -m app init" in refused.stderr) == (2, True)
