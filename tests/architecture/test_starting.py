"""A start loads and builds what every process needs. What few operations need waits until one of them is called."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from app import migrate
from tests.architecture.tree import ROOT

RARE = {
    *(
        "alembic",
        "docx",
        "docxtpl",
        "httpx",
        "jinja2",
        "jwt",
        "lxml",
        "markdown_it",
        "openpyxl",
        "PIL",
        "psycopg",
        "pypdfium2",
    ),
    *("pygments", "rapidfuzz", "rich", "segno", "typst", "xlsxwriter"),
}
STARTED = """
import json, sys
from app.cli import run
from app.config import Settings
from app.http.doors import Door
app = run.create_app(Settings())
doors = [route for route in app.routes if isinstance(route, Door)]
print(json.dumps({
    "packages": sorted({name.partition(".")[0] for name in sys.modules}),
    "operations": len(doors),
    "put together": [door.name for door in doors if "route" in vars(door)],
}))
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    environment = {"DISCLOSURE_DATA_DIR": str(tmp_path_factory.mktemp("data")), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STARTED]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = json.loads(said)
    return found


def test_a_start_loads_no_package_that_only_some_operations_use(started: dict[str, list[str]]) -> None:
    assert RARE & {*started["packages"]} == set()
    assert {"fastapi", "sqlalchemy", "pydantic"} <= {*started["packages"]}


def test_a_start_puts_no_operation_together_before_it_is_called(started: dict[str, list[str]]) -> None:
    assert started["put together"] == []
    assert int(started["operations"]) > 200  # type: ignore[call-overload]  # a number among lists


def test_the_number_of_the_last_migration_is_the_revision_alembic_ends_at() -> None:
    scripts = ScriptDirectory.from_config(Config(Path(migrate.ROOT) / "alembic.ini"))
    assert scripts.get_heads() == [migrate.newest()]
