"""The guides hold: links resolve, pictures are there and small, names are those of the page, commands run as written."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
import typer.main
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

from app.cli import commands
from app.config import Settings
from app.main import create_app
from app.openapi import operations
from app.services import doctor
from tests.sizes import FULL
from tests.test_readme import run, serving, tree

__all__ = ["tree"]

ROOT = Path(__file__).parents[1]
CLERK, ADMIN = ROOT / "docs" / "clerk-guide.md", ROOT / "docs" / "admin-guide.md"
DEPLOYMENT = ROOT / "docs" / "deployment.md"
OF_THE_DEMO = {"DISCLOSURE_DEMO", "DISCLOSURE_DEMO_CASES"}  # set by `serve --demo`
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
PICTURES = 1_500_000  # bytes of all together
QUOTED = {  # what stands in the same marks and is no operation
    *("经办人", "必填", "应答正文", "信息不存在", "暂定", "显示全部操作", "显示技术细节", "海州市", "补正"),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link.partition("#") for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text)]
    assert [link for link, _, _ in links if link and not (page.parent / link).exists()] == []
    headings = {_anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert [anchor for link, _, anchor in links if not link and anchor not in headings] == []


def _anchor(heading: str) -> str:
    """Name a heading as GitHub does: punctuation away, blanks to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_picture_is_shown_and_all_are_small() -> None:
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs" / "pictures").iterdir()}
    shown = {
        name
        for page in PAGES
        for name in re.findall(r"!\[[^\]]+\]\((?:docs/)?pictures/([^)]+)\)", page.read_text("utf-8"))
    }
    assert shown == pictures.keys()
    assert sum(pictures.values()) < PICTURES


@pytest.mark.parametrize("page", [CLERK, ADMIN], ids=lambda page: page.name)
def test_every_operation_a_guide_names_is_called_so_on_the_page(page: Path) -> None:
    document = create_app(Settings(), engine=create_engine("sqlite://")).openapi()
    known = {operation["summary"] for _path, _method, operation in operations(document)}
    known |= {tag["x-displayName"] for tag in document["tags"]}
    named = set(re.findall(r"“([^”]+)”", page.read_text("utf-8")))
    assert {name for name in named if name not in known and name not in QUOTED} == set()
    assert len(named & known) > 5


def test_the_administrators_guide_names_every_command_and_no_other() -> None:
    group = typer.main.get_command(commands)
    existing = set(group.list_commands(None))  # type: ignore[attr-defined]  # it is a group
    text = ADMIN.read_text("utf-8")
    table = text.partition("## 命令一览")[2].partition("退出码：")[0]
    rows = "".join(re.findall(r"^\| (`.+?) \|", table, re.MULTILINE))
    assert set(re.findall(r"`([a-z-]+)`", rows)) == existing
    used = set(re.findall(r"(?:^|[ (])app ([a-z-]+)", "\n".join(_commands(text)), re.MULTILINE))
    assert used <= existing | {"--help"}
    assert len(used) > 8
    for code in range(5):
        assert f"| {code} |" in text


def test_the_page_on_deployment_names_every_setting_and_every_finding_of_the_doctor_and_no_other() -> None:
    text = DEPLOYMENT.read_text("utf-8")
    settings = {f"DISCLOSURE_{name.upper()}" for name in Settings.model_fields} - OF_THE_DEMO
    assert set(re.findall(r"DISCLOSURE_[A-Z_]+", text)) == settings
    findings = text.partition("## What the doctor looks for")[2].partition("\n## ")[0]
    examined = re.findall(r"Finding\(\s*\"([a-z_]+)\"", Path(doctor.__file__).read_text("utf-8"))
    assert len(examined) > 20
    assert set(re.findall(r"^\| `([a-z_]+)` \|", findings, re.MULTILINE)) == set(examined)


def _commands(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.skipif(not FULL, reason="thirty processes one after the other; DISCLOSURE_FULL=1 runs them")
def test_every_command_of_the_administrators_guide_runs_in_its_order(tree: Path) -> None:
    script = "\n".join(_commands(ADMIN.read_text("utf-8")))
    with serving(tree, "./serve") as environment:
        said = run(tree, environment, script)
    assert "海州市规划局" in said
    assert "已导入1件" in said
    assert "没有导入" in said
    assert "恢复码" in said
    subprocess.run(["test", "-s", tree / "答复书模板.docx"], check=True)


def test_the_service_shows_the_guides_with_their_pictures_and_links() -> None:
    service = TestClient(create_app(Settings(), engine=create_engine("sqlite://")))
    assert "/docs/guide/clerk" in service.get("/openapi.json").json()["info"]["description"]
    for name in ("clerk", "admin"):
        answer = service.get(f"/docs/guide/{name}")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        ids = set(re.findall(r' id="([^"]+)"', answer.text))
        for address in re.findall(r'(?:href|src)="([^"]+)"', answer.text):
            page, _, anchor = unquote(address).partition("#")
            if page and not page.startswith("http"):
                assert service.get(urljoin(f"/docs/guide/{name}", page)).status_code == 200, address
            elif anchor:
                assert anchor in ids
    picture = service.get("/docs/guide/pictures/worklist.png")
    assert picture.headers["content-type"] == "image/png"
    seen = {"If-None-Match": picture.headers["etag"]}
    assert service.get("/docs/guide/pictures/worklist.png", headers=seen).status_code == 304
    assert service.get("/docs/guide/nothing").status_code == 404
    assert service.get("/docs/guide/pictures/nothing.png").status_code == 404
