"""Widening the code list of reminders copies a table on SQLite: nobody's copy of a reminder may be lost by it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app.db import build_engine
from app.migrate import ROOT
from tests.databases import KEYRING

BEFORE = (
    "INSERT INTO agencies (id, code, name, path, region, settings) VALUES (1, 'A', '甲', '/1/', 'CN', '{}')",
    """INSERT INTO cases (id, version, kind, case_no, agency_id, state, channel, query_code_digest, submitted_at,
        title, provisional, created_at, updated_at, applicant_kind)
        VALUES (1, 1, 'disclosure', 'A-1', 1, 'handling', 'internet', '-', '2026-03-02', '-', false, '2026-03-02',
        '2026-03-02', 'natural_person')""",
    """INSERT INTO reminders (id, case_id, agency_id, node, ref, due_on, step, due_at, created_at)
        VALUES (7, 1, 1, 'statutory', '', '2026-03-30', 0, '2026-03-30', '2026-03-30')""",
    "INSERT INTO reminder_recipients (reminder_id, username, tier) VALUES (7, 'jingban', 'handler')",
)


def test_reminders_and_their_copies_outlive_the_wider_list(tmp_path: Path) -> None:
    engine = build_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}", connections=1, keyring=KEYRING)
    config = Config(ROOT / "alembic.ini")
    for statements, revision in (((), "0027"), (BEFORE, "0028")):
        with engine.execution_options(writes=True).begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT reminder_id, username, tier FROM reminder_recipients")).all()
        assert [tuple(row) for row in kept] == [(7, "jingban", "handler")]
        assert connection.scalar(text("SELECT node FROM reminders WHERE id = 7")) == "statutory"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    engine.dispose()
