"""The keys command: making, replacing, pruning and trying the keys, as an operator types it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app import db
from app.cli import commands
from app.config import Settings
from app.models import Keyring
from app.sealing import MasterKeys
from app.services import encryption

Call = Callable[..., Result]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command within this process, over the data in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def run(*arguments: str, **settings: str) -> Result:
        given = {"DISCLOSURE_DATA_DIR": str(tmp_path)} | {f"DISCLOSURE_{k.upper()}": v for k, v in settings.items()}
        return runner.invoke(commands, list(arguments), env=given)

    return run


def test_an_operator_makes_replaces_and_prunes_keys_and_every_text_still_opens(app: Call, tmp_path: Path) -> None:
    assert app("demo", "--cases", "12").exit_code == 0
    made = tmp_path / "master.keys"
    assert made.stat().st_mode & 0o777 == 0o600
    first = MasterKeys.read(made)
    assert app("keys", "check").stdout.strip() == "全部密文都能打开。"

    done = app("keys", "rotate")
    assert done.exit_code == 0, done.stderr
    assert re.search(r"已更换 \d+ 个数据密钥", done.stdout)
    assert first.current not in _masters_in_use(tmp_path)
    assert set(MasterKeys.read(made).masters) > set(first.masters)
    assert app("keys", "prune").exit_code == 0
    assert len(MasterKeys.read(made).masters) == 1

    assert app("keys", "add", str(made)).exit_code == 0
    refused = app("keys", "prune")
    assert (refused.exit_code, "keys rotate --master" in refused.stderr) == (1, True)
    assert app("keys", "rotate", "--master", "--as-given").exit_code == 0
    assert app("keys", "prune").exit_code == 0
    assert app("keys", "check").exit_code == 0

    assert app("keys", "new", "--out", str(made)).exit_code == 1  # never over another
    elsewhere = tmp_path / "elsewhere.keys"
    assert app("keys", "new", "--out", str(elsewhere)).exit_code == 0
    broken = app("keys", "check", master_key_file=str(elsewhere))
    assert (broken.exit_code, "主密钥文件中没有" in broken.stdout + broken.stderr) == (2, True)


def _masters_in_use(folder: Path) -> set[str]:
    settings = Settings(data_dir=folder)
    engine = db.build_engine(settings.url, keyring=Keyring(settings.cipher_suite, settings.master_keys))
    with db.reader(engine) as session:
        found = encryption.masters_in_use(session)
    engine.dispose()
    return found


def test_erasing_asks_who_decided(app: Call, tmp_path: Path) -> None:
    assert app("demo", "--cases", "3").exit_code == 0
    assert app("erase").exit_code == 2
    assert app("erase", "--appraisal", " ").exit_code == 2
    done = app("erase", "--appraisal", "鉴〔2026〕1号", "--dry-run")
    assert (done.exit_code, "届满 0 件" in done.stdout) == (0, True)
    unknown = app("erase", "--appraisal", "鉴〔2026〕1号", "--agency", "nowhere")
    assert (unknown.exit_code, "没有代码为 nowhere 的机关" in unknown.stderr) == (2, True)
