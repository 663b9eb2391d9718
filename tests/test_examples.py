"""The examples and the guide's snippets run against a running service, as their readers would run them."""

import base64
import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from app.domain.terms import Role
from app.house import House
from app.workers.jobs import Job
from app.workers.runner import working
from app.workers.sealer import seal_journal
from app.workers.webhooks import deliver_webhooks
from examples.receive_webhooks import is_genuine
from tests.databases import SqliteDatabases
from tests.servers import free_port, serving
from tests.town import CITY, Town, application, town

JOBS = [Job("sealer", "封存", seal_journal), Job("webhooks", "投递", deliver_webhooks)]
ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "integration-guide.md"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    """A town whose jobs run by the real clock, as receivers of webhooks do."""
    url = SqliteDatabases(tmp_path).new()
    with (
        town(url, tmp_path, webhook_http=True, webhook_networks=["127.0.0.0/8"]) as opened,
        working(House.of(opened.settings, opened.engine, lambda: dt.datetime.now(dt.UTC)), JOBS),
    ):
        yield opened


@pytest.fixture
def environment(place: Town, tmp_path: Path) -> Iterator[dict[str, str]]:
    key = place.issue_key("脚本", CITY, Role.SCRIPT_READER)
    portal = place.issue_key("门户", CITY, Role.PORTAL)
    with serving(place.client.app) as origin:
        yield {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "PYTHONUTF8": "1",
            "PYTHONPATH": str(ROOT / "examples"),
            "DISCLOSURE_URL": origin,
            "DISCLOSURE_KEY": key,
            "PORTAL_KEY": portal,
            "RECEIVER_PORT": str(free_port()),
        }


def run(command: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("example", ["poll_overdue.py", "poll_overdue.sh"])
def test_a_poll_tells_what_is_overdue_once_and_then_only_changes(
    place: Town, environment: dict[str, str], tmp_path: Path, example: str
) -> None:
    command = [sys.executable if example.endswith(".py") else "sh", str(ROOT / "examples" / example)]
    rows = {"applications": [application() for _ in range(500)]}
    place.post("dengji", "/cases/bulk", rows)
    last = place.register()
    place.go_to("2026-04-10")
    said = run(command, environment, tmp_path)
    found = [json.loads(line) for line in said.splitlines()]
    cases = found if example.endswith(".py") else [case for page in found for case in page["items"]]
    assert len({case["id"] for case in cases}) == 501, "both pages"
    assert run(command, environment, tmp_path) == ""
    place.act("dengji", last, "accept")
    changed = run(command, environment, tmp_path)
    assert last["case_no"] in changed
    assert len(changed.splitlines()) == 1


def test_the_shell_example_is_short_and_needs_only_curl() -> None:
    text = (ROOT / "examples" / "poll_overdue.sh").read_text("utf-8")
    assert len(text.splitlines()) <= 30
    assert not re.search(r"\b(jq|python|wget|sed|awk|perl)\b", text)


def test_every_snippet_of_the_guide_runs_in_its_order(place: Town, environment: dict[str, str], tmp_path: Path) -> None:
    place.register()
    snippets = re.findall(r"```(sh|python)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert len(snippets) >= 6
    shell = "".join(text if language == "sh" else f"python - <<'PYTHON'\n{text}PYTHON\n" for language, text in snippets)
    said = run(["bash", "-euo", "pipefail", "-c", shell], environment, tmp_path)
    assert "query_code" in said
    assert "304" in said
    assert "case.withdraw 370600-GXJ-2026-" in said
    assert "人工停用" in said


def test_the_receiver_of_the_example_takes_what_the_published_library_signs_and_nothing_else() -> None:
    now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    secret, other = (f"whsec_{base64.b64encode(bytes([number]) * 32).decode()}" for number in (1, 2))
    body = '{"type":"case.accept"}'
    headers = {
        "webhook-id": "msg_1_7",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1_7", now, body),
    }
    at = now.timestamp()
    assert is_genuine([secret], headers, body.encode(), at)
    assert is_genuine([other, secret], headers, body.encode(), at + 299)
    assert not is_genuine([other], headers, body.encode(), at)
    assert not is_genuine([secret], headers, body.encode() + b" ", at)
    assert not is_genuine([secret], headers, body.encode(), at + 301)
    assert not is_genuine([secret], headers | {"webhook-id": "msg_1_8"}, body.encode(), at)
    assert not is_genuine([secret], headers | {"webhook-timestamp": "now"}, body.encode(), at)
    assert not is_genuine([secret], {}, body.encode(), at)


def test_what_the_guide_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", GUIDE.read_text("utf-8"))
    assert links
    assert [link for link in links if not (GUIDE.parent / link).exists()] == []
