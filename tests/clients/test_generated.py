"""Clients that others generate from the OpenAPI document: generated without a warning, compiled, and put to work."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from app import db
from app.config import Settings
from app.domain.terms import Role
from app.main import create_app
from app.models import JournalEntry
from tests.databases import SqliteDatabases
from tests.servers import serving
from tests.town import BUREAU, Town, town

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


@contextmanager
def served(folder: Path) -> Iterator[tuple[Town, str]]:
    """A town on a real port; gives its origin."""
    (folder / "database").mkdir()
    database = SqliteDatabases(folder / "database").new()
    with town(database, folder) as place, serving(place.client.app) as origin:
        place.issue_key("portal", BUREAU, Role.PORTAL)
        yield place, origin


def acts_of(place: Town) -> list[str]:
    with db.reader(place.engine) as session:
        acts = select(JournalEntry.act).where(JournalEntry.case_id.is_not(None)).order_by(JournalEntry.id)
        return [act for act in session.scalars(acts) if act != "volume_sealed"]


WHOLE_PATH = [
    *("register", "accept", "assign", "submit", "endorse", "review_secrecy", "sign", "deliver", "confirm_delivery"),
    "archive",
]


def test_a_typescript_client_takes_a_case_from_intake_to_the_archive(document: Path, tmp_path: Path) -> None:
    options = ("-o", "schema.d.ts", "--default-non-nullable=false")  # what has a default need not be sent
    said = run_script("openapi-typescript/bin/cli.js", document, *options, folder=tmp_path)
    assert "warn" not in said.lower(), said
    shutil.copy(HERE / "usage.ts", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    strict = ("--strict", "--noUnusedLocals", "--target", "es2022", "--module", "nodenext")
    run_script("typescript/bin/tsc", *strict, "usage.ts", folder=tmp_path)
    with served(tmp_path) as (place, origin):
        tokens = json.dumps(place.tokens)
        assert run("node", "usage.js", origin, tokens, folder=tmp_path).split() == ["forbidden", "archived", "304"]
        assert acts_of(place) == WHOLE_PATH


def test_the_python_client_takes_a_case_from_intake_to_the_archive(client: ModuleType, tmp_path: Path) -> None:
    models: Any = importlib.import_module("disclosure_client.models")

    def api(name: str) -> Any:
        return importlib.import_module(f"disclosure_client.api.{name}_case")

    with served(tmp_path) as (place, origin), ExitStack() as opened:
        people = {
            who: opened.enter_context(client.AuthenticatedClient(base_url=origin, token=token))
            for who, token in place.tokens.items()
        }
        key = place.tokens["portal"]
        portal = client.AuthenticatedClient(base_url=origin, token=key, prefix="", auth_header_name="X-API-Key")
        opened.enter_context(portal)

        application = models.Application(
            agency_code=BUREAU,
            channel=models.Channel.IN_PERSON,
            submitted_at=place.now,
            applicant=models.ApplicantIn(
                kind=models.ApplicantKind.NATURAL_PERSON, name="张三", phone="13800000000", address="幸福路1号"
            ),
            items=[models.ItemIn(title="城东片区控制性详细规划的批复")],
            carrier=models.Carrier.PAPER,
            delivery_method=models.DeliveryMethod.POST,
        )
        case = api("accept.register").sync(client=portal, body=application, idempotency_key="one")
        assert case.state is models.State.REGISTERED
        assert api("accept.register").sync(client=portal, body=application, idempotency_key="one").id == case.id
        refused = api("accept.accept").sync(case.id, client=portal, body=models.Accept(), if_match='"1"')
        assert isinstance(refused, models.Problem)
        assert refused.code == "forbidden"

        conclusion = models.Conclusion(
            item_no=1,
            kind=models.ReplyKind.GRANT,
            found="经检索，本机关保存有该批复",
            reason="该信息属于可以公开的政府信息",
            citations=["《政府信息公开条例》第三十六条第（二）项"],
            provision="随函提供该批复复印件1份",
        )
        post = models.SendMethod.POST
        for who, act, body in (
            ("dengji", "accept.accept", models.Accept(note="要件齐全")),
            ("dengji", "review.assign", models.Assign(handler="jingban", opinion="请办理")),
            ("jingban", "handle.submit", models.Submit(conclusions=[conclusion])),
            ("shenhe", "reply.endorse", models.Endorse(opinion="同意")),
            ("baomi", "reply.review_secrecy", models.ReviewSecrecy(cleared=True, opinion="可以公开")),
            ("lingdao", "reply.sign", models.Sign()),
            ("jingban", "reply.deliver", models.Deliver(method=post, carrier="中国邮政", tracking_no="EX1")),
            (
                "jingban",
                "deliver.confirm_delivery",
                models.ConfirmDelivery(proof=models.ProofKind.POSTAL_RECEIPT, proof_ref="EX1"),
            ),
            ("guidang", "archive.archive", models.Archive(volume_no="2026-YSQ-1")),
        ):
            case = api(act).sync(case.id, client=people[who], body=body, if_match=f'"{case.version}"')
            assert isinstance(case, models.CaseOut), case
        assert case.state is models.State.ARCHIVED
        assert api("worklist.get").sync(case.id, client=people["dengji"]).due_on.isoformat() == "2026-03-30"
        assert acts_of(place) == WHOLE_PATH
