"""The command line as an operator meets it: in a process of its own, on a data directory of its own."""

import json
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app import db
from app.migrate import migrate
from app.models import AccessToken, JournalEntry
from app.sealing import MasterKeys
from tests.databases import MIGRATED_AT

ROOT = Path(__file__).parents[2]
SECRET = "bW9yZSB0aGFuIHRoaXJ0eS10d28gY2hhcmFjdGVycw"


def app(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app …` with nothing in the environment but these `DISCLOSURE_…` settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {"DISCLOSURE_DATA_DIR": str(folder), "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    if "secret" in settings and settings.get("profile") == "production":
        settings.setdefault("master_key_file", str(folder / "given.keys"))
        MasterKeys.fresh().write(folder / "given.keys", replace=False)
    given |= {f"DISCLOSURE_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=kept | given,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    migrate(f"sqlite:///{tmp_path / 'disclosure.sqlite3'}", MIGRATED_AT)
    return tmp_path


@pytest.mark.parametrize("command", ["serve", "init", "doctor", "token"])
def test_a_database_that_was_not_migrated_is_named_with_the_way_out(tmp_path: Path, command: str) -> None:
    done = app(tmp_path, command, *(("--user", "a") if command == "token" else ()))
    assert done.returncode == (1 if command == "doctor" else 3)
    assert "python -m app migrate" in done.stdout + done.stderr


def test_a_fresh_installation_is_migrated_examined_and_given_a_token_once_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    tmp_path.joinpath("data").mkdir()
    assert app(folder, "migrate").returncode == 0
    assert app(folder, "migrate").returncode == 0
    first, second = (app(folder, "init") for _ in range(2))
    tokens = [re.search(r"：([\w-]{43})", done.stdout) for done in (first, second)]
    assert all(tokens)
    assert len({found[1] for found in tokens if found}) == 2
    findings = json.loads(app(folder, "doctor", "--json").stdout)
    assert "no_users" in {finding["code"] for finding in findings}


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({"database_url": "postgresql://clerk:topsecret@127.0.0.1:1/none"}, 3, "数据库不可用"),
        ({"database_url": "nonsense"}, 2, "数据库地址有误"),
        ({"database_url": "oracle2://a:topsecret@b/c"}, 2, "数据库地址有误"),
        ({"secret": "short"}, 2, "至少需要32个字符"),
        ({"port": "70000"}, 2, "不能大于 65535"),
        ({"profile": "production"}, 2, "生产环境须设置 DISCLOSURE_SECRET"),
        (
            {"profile": "production", "secret": SECRET, "master_key_file": ""},
            2,
            "生产环境须设置 DISCLOSURE_MASTER_KEY_FILE",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_without_the_password(
    tmp_path: Path, settings: dict[str, str], code: int, said: str
) -> None:
    done = app(tmp_path, "doctor", **settings)
    assert done.returncode == code
    assert said in done.stderr
    assert "topsecret" not in done.stdout + done.stderr


def test_a_port_in_use_is_named(migrated: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = app(migrated, "serve", "--port", str(port))
    assert done.returncode == 4
    assert f"127.0.0.1:{port}" in done.stderr
    assert "/docs" not in done.stdout


def test_production_does_not_start_on_what_the_doctor_finds_fatal(migrated: Path) -> None:
    done = app(migrated, "serve", profile="production", secret=SECRET, trusted_proxies="*")
    assert done.returncode == 1
    assert "DISCLOSURE_TRUSTED_PROXIES" in done.stderr


def test_the_demo_city_is_loaded_once_and_only_for_this_machine(tmp_path: Path) -> None:
    assert app(tmp_path, "demo", "--cases", "3", host="0.0.0.0").returncode == 1
    assert app(tmp_path, "demo", "--cases", "3", profile="production", secret=SECRET).returncode == 1
    assert not (tmp_path / "disclosure.sqlite3").exists()

    done = app(tmp_path, "demo", "--cases", "3")
    assert done.returncode == 0, done.stderr
    assert re.search(r"30个机关、\d+人、3件案件、\d+次操作，用时\d+\.\d秒", done.stdout)
    doors = tmp_path / "demo.json"
    assert stat.S_IMODE(doors.stat().st_mode) == 0o600
    password = json.loads(doors.read_text())["password"]
    assert len(password) == 23
    assert password not in done.stdout

    again = app(tmp_path, "demo", "--cases", "3")
    assert (again.returncode, again.stderr.strip()) == (1, "数据库中已经有演示数据")
    network = app(tmp_path, "serve", "--host", "0.0.0.0")
    assert network.returncode == 2
    assert "演示数据只能在本机回环地址上" in network.stderr
    production = app(tmp_path, "serve", profile="production", secret=SECRET)
    assert production.returncode == 2
    assert "生产环境不能使用演示数据" in production.stderr

    signed_in = app(tmp_path, "token", "--user", "dengji")
    assert signed_in.returncode == 0
    engine = db.build_engine(f"sqlite:///{tmp_path / 'disclosure.sqlite3'}")
    with db.reader(engine) as session:
        assert session.query(AccessToken).count() == 1
        last = session.query(JournalEntry).order_by(JournalEntry.id.desc()).first()
        assert last is not None
        assert (last.act, last.actor, last.data) == ("signed_in", "dengji", {"by": "command_line"})
    engine.dispose()
    assert len(signed_in.stdout.strip()) == 43
    assert app(tmp_path, "token", "--user", "nobody").returncode == 1
    assert app(tmp_path, "token", "--user", "dengji", profile="production", secret=SECRET).returncode == 1


def test_the_documents_made_from_the_code_need_no_database(tmp_path: Path) -> None:
    written = tmp_path / "openapi.json"
    assert app(tmp_path, "openapi", "--out", str(written)).returncode == 0
    assert json.loads(written.read_text("utf-8"))["info"]["title"] == "依申请公开办理服务"
    flow = app(tmp_path, "workflow")
    assert flow.returncode == 0
    assert "stateDiagram" in flow.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["openapi.json"]


def test_every_command_explains_itself_in_chinese(tmp_path: Path) -> None:
    said = app(tmp_path, "--help").stdout
    for command in ("serve", "migrate", "init", "doctor", "demo", "token", "openapi", "workflow"):
        line = next(line for line in said.splitlines() if re.search(rf"\b{command}\b", line))
        assert re.search(r"[\u4e00-\u9fff]{2}", line)
    assert "退出码" in said
