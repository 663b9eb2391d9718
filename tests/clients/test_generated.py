"""Clients that others generate from the OpenAPI document: generated without a warning, compiled, and put to work."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import create_engine

from app.config import Settings
from app.domain.terms import Role
from app.main import create_app
from tests.databases import SqliteDatabases
from tests.servers import serving
from tests.town import BUREAU, town

BIN = Path(sys.executable).parent
HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("contract") / "openapi.json"
    path.write_text(json.dumps(create_app(Settings(), engine=create_engine("sqlite://")).openapi()))
    return path


def run(tool: str, *arguments: str | Path, folder: Path) -> str:
    """Run a tool of the environment that the tests run in; returns what it says."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [BIN / tool, *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def run_script(script: str, *arguments: str | Path, folder: Path) -> str:
    assert (MODULES / script).exists(), "./check installs the generator; by hand: npm ci --prefix tests/clients"
    return run("node", MODULES / script, *arguments, folder=folder)


def test_a_typescript_client_is_generated_and_compiles(document: Path, tmp_path: Path) -> None:
    said = run_script("openapi-typescript/bin/cli.js", document, "-o", "schema.d.ts", folder=tmp_path)
    assert "warn" not in said.lower(), said
    shutil.copy(HERE / "usage.ts", tmp_path)
    run_script("typescript/bin/tsc", "--noEmit", "--strict", "--noUnusedLocals", "usage.ts", folder=tmp_path)


@pytest.fixture(scope="module")
def generated(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    said = run(
        "openapi-python-client",
        "generate",
        *("--path", document, "--meta", "none", "--output-path", folder / "disclosure_client"),
        *("--config", HERE / "openapi-python-client.yaml"),
        folder=folder,
    )
    assert "warning" not in said.lower(), said
    return folder


@pytest.fixture
def client(generated: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(generated)
    return importlib.import_module("disclosure_client")


def test_the_python_client_takes_a_case_from_intake_to_acceptance(
    client: ModuleType, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    models: Any = importlib.import_module("disclosure_client.models")
    register: Any = importlib.import_module("disclosure_client.api.accept.register_case")
    accept: Any = importlib.import_module("disclosure_client.api.accept.accept_case")
    get: Any = importlib.import_module("disclosure_client.api.worklist.get_case")
    database = SqliteDatabases(tmp_path_factory.mktemp("clients")).new()
    with town(database, tmp_path) as place, serving(place.client.app) as origin, ExitStack() as open_clients:
        clerk = client.AuthenticatedClient(base_url=origin, token=place.tokens["dengji"])
        key = place.issue_key("门户网站", BUREAU, Role.PORTAL)
        portal = client.AuthenticatedClient(base_url=origin, token=key, prefix="", auth_header_name="X-API-Key")
        for user in (clerk, portal):
            open_clients.enter_context(user)

        application = models.Application(
            agency_code=BUREAU,
            channel=models.Channel.IN_PERSON,
            submitted_at=place.now,
            applicant=models.ApplicantIn(kind=models.ApplicantKind.NATURAL_PERSON, name="张三"),
            items=[models.ItemIn(title="城东片区控制性详细规划的批复")],
        )
        case = register.sync(client=portal, body=application, idempotency_key="one")
        assert case.state is models.State.REGISTERED
        assert register.sync(client=portal, body=application, idempotency_key="one").id == case.id

        refused = accept.sync(case.id, client=portal, body=models.Accept(), if_match='"1"')
        assert isinstance(refused, models.Problem)
        assert refused.code == "forbidden"
        accepted = accept.sync(case.id, client=clerk, body=models.Accept(note="要件齐全"))
        assert accepted.state is models.State.REVIEWING
        assert get.sync(case.id, client=clerk).due_on.isoformat() == "2026-03-30"
