"""`import-ledger` as an operator runs it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from app import db
from app.cli import commands
from app.migrate import migrate
from app.models import Agency, Case, JournalEntry
from app.services import agencies
from tests.databases import MIGRATED_AT
from tests.ledgers import OPEN, as_csv, row


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["import-ledger", *arguments])


def test_a_ledger_is_looked_through_then_imported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'disclosure.sqlite3'}"
    migrate(url, MIGRATED_AT)
    monkeypatch.setenv("DISCLOSURE_DATA_DIR", str(tmp_path))
    engine = db.build_engine(url)
    with db.writer(engine) as session:
        agencies.plant(session, Agency(code="370600", name="市政府", region="CN", settings={}), "/")
        session.commit()
    good, bad = tmp_path / "台账.csv", tmp_path / "有错.csv"
    good.write_bytes(as_csv([row(), row(编号="2", **OPEN)], encoding="gb18030"))
    bad.write_bytes(as_csv([row(收到日期="去年")]))

    refused = run(str(bad), "--agency", "370600")
    assert refused.exit_code == 1
    assert "第2行“收到日期”：须为日期" in refused.stderr
    told = run(str(bad), "--agency", "370600", "--dry-run", "--json")
    assert told.exit_code == 1
    assert [(fault["row"], fault["column"]) for fault in json.loads(told.stdout)["faults"]] == [(2, "收到日期")]
    assert run(str(good), "--agency", "nowhere").exit_code == 2

    done = run(str(good), "--agency", "370600", "--json")
    assert done.exit_code == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert (outcome["imported"], outcome["cases"], outcome["open_cases"]) == (True, 2, 1)
    again = run(str(good), "--agency", "370600")
    assert (again.exit_code, "同一文件不重复导入" in again.stderr) == (1, True)
    with db.reader(engine) as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 2
        assert set(session.scalars(select(JournalEntry.actor))) == {"cli"}
    engine.dispose()
