"""Rules of the house that no type checker sees. Each says what it forbids, and who is excepted and why."""

import ast
import re
import subprocess

import pytest

from app.domain import terms
from app.services import workflow_page
from tests.architecture.tree import ROOT, modules, names_in, references

COMMITTING = (
    "app/deps.py",
    "app/house.py",
    "app/cli/",
    "app/workers/",
    "app/migrate.py",
)  # the last inside the migration's own transaction
EDGE = (
    "app/main.py",
    "app/deps.py",
    "app/house.py",
    "app/cli/",
    "app/workers/",
    "app/http/",
)  # main hands the real clock to the app
NEAR_THE_DRIVER = (
    "app/models/direct.py",
    "app/db.py",
    "app/pulse.py",
    "app/migrate.py",
)
CLOCKS = {
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime"),
    *("sqlalchemy.func.now", "sqlalchemy.func.current_date", "sqlalchemy.func.current_timestamp"),
}
LONG_FILES: dict[str, str] = {}  # path → why it is better in one piece
# Cut in two each, or this list would find itself.
HOSTS = "pypi|.org python|hosted.org npmjs|.org deb.|debian.org docker|.io jsdelivr|.net unpkg|.com index-|url"


def test_only_the_desk_the_workers_and_the_command_line_commit() -> None:
    assert [at for at, name in references() if name.endswith(".commit") and not at.startswith(COMMITTING)] == []


def test_statements_go_to_the_driver_in_one_place() -> None:
    assert [
        at for at, name in references() if "driver" in name.rpartition(".")[2] and not at.startswith(NEAR_THE_DRIVER)
    ] == []
    assert [at for at, name in references() if name.endswith(".exec_driver_sql")]


def test_only_the_edge_reads_the_clock() -> None:
    assert [at for at, name in references() if name in CLOCKS and not at.startswith(EDGE)] == []


def test_whoever_silences_a_check_says_why_beside_it() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    silenced = re.compile(r"# (?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\])(?!.*\w)")
    lines = [
        f"{path}:{number}"
        for path in listed.split()
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
        if silenced.search(line)
    ]
    assert lines == []
    bare = f"x = y  # {'noqa'}: S105"  # in pieces, or this list would find itself
    assert silenced.search(bare)
    assert not silenced.search(f"{bare} - a mark, no secret")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
        ("import datetime as dt\ndefault = dt.date.today", "datetime.date.today"),
        ("from datetime import datetime as when\nwhen.now(zone)", "datetime.datetime.now"),
        ("from time import time\nfield(default_factory=time)", "time.time"),
        ("import sqlalchemy as sa\nsa.func.now()", "sqlalchemy.func.now"),
        ("desk.session.commit()", "desk.session.commit"),
    ],
)
def test_no_alias_hides_what_a_module_refers_to(source: str, name: str) -> None:
    assert name in {found for _, found in names_in(ast.parse(source))}


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [path for path in modules() if re.search(r"(utils?|helpers?|common|managers?|misc)(/|\.py$)", path)] == []


@pytest.mark.parametrize("path", modules())
def test_no_module_is_longer_than_four_hundred_lines(path: str) -> None:
    if path not in LONG_FILES:
        assert len((ROOT / path).read_text("utf-8").splitlines()) <= 400


def test_every_exception_to_the_length_is_still_needed() -> None:
    assert [path for path in LONG_FILES if len((ROOT / path).read_text("utf-8").splitlines()) <= 400] == []


@pytest.mark.parametrize("glossary", terms.Term.__subclasses__(), ids=lambda glossary: glossary.__name__)
def test_every_term_has_a_code_in_english_and_a_label_in_chinese(glossary: type[terms.Term]) -> None:
    for term in glossary:
        assert re.fullmatch(r"[a-z0-9][a-z0-9_]*|K\d\d", term.value), term
        assert re.search(r"[\u4e00-\u9fff]", term.label), term
    assert len({term.label for term in glossary}) == len(glossary), "two codes would look the same to a clerk"


def test_the_pages_we_serve_name_no_other_site() -> None:
    pages = [path for folder in ("static", "templates") for path in (ROOT / "app" / folder).rglob("*")]
    sources = [path for path in pages if path.suffix in {".css", ".html", ".js", ".json", ".svg"}]
    assert sources, "the pages have moved"
    assert [path.name for path in sources if re.search(r"(?<![\w.])(https?:)?//\w", path.read_text("utf-8"))] == []


def test_no_package_registry_is_named_in_the_tree() -> None:
    named = subprocess.run(
        [
            "git",
            "-c",
            f"safe.directory={ROOT}",
            "grep",
            "-nIiF",
            "--untracked",
            *(f"-e{host.replace('|', '')}" for host in HOSTS.split()),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert named.returncode in {0, 1}, named.stderr
    assert named.stdout.splitlines() == []


def test_the_workflow_page_tells_what_the_table_says() -> None:
    page = (ROOT / "docs" / "workflow.md").read_text("utf-8")
    assert page == workflow_page.markdown(), "python -m app workflow --out docs/workflow.md"
