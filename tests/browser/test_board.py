"""The board in a real browser without internet: signed in through our own page, drawn, readable, the same as the API."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app import db
from app.config import Settings
from app.main import create_app
from app.models import User
from app.services import local_sign_in
from app.services.demo.load import Loaded, load
from tests.browser.conftest import Visit
from tests.databases import KEYRING, SqliteDatabases
from tests.town import at

NOW = at("2026-11-23 10:00")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Loaded, str]]:
    folder = tmp_path_factory.mktemp("board")
    settings = Settings(data_dir=folder, database_url=SqliteDatabases(folder).new())
    engine = db.engine_of(settings, connections=8, keyring=KEYRING)
    with db.writer(engine) as session:
        made = load(session, settings, NOW, count=45, seed=3)
        assert session.scalar(select(User.id).where(User.username == "shiduban"))
        token = local_sign_in.open_for(session, "shiduban", NOW, settings)
        session.commit()
    yield create_app(settings, engine=engine, now=lambda: NOW), made, token.value
    engine.dispose()


def test_a_supervisor_signs_in_and_sees_the_figures_of_the_api(
    city: tuple[Any, Loaded, str], serve: Callable[[Any], str], visit: Visit, tmp_path: Path
) -> None:
    app, made, token = city
    origin = serve(app)
    page = visit.page
    answer = page.goto(f"{origin}/board")
    assert answer is not None
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page.get_by_role("button", name="登录").click()
    page.get_by_label("登录名").fill("shiduban")
    page.get_by_label("密码").fill(made.password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator(".chart")).to_have_count(5)
    page.get_by_label("统计期").fill("2026")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".as-of")).to_contain_text("2026年（截至")  # no longer the quarter that came first

    def of_the_api(path: str) -> Any:
        bearer = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{origin}/api/v1{path}", headers=bearer, timeout=60).json()

    figures = of_the_api("/statistics/overview?period=2026")
    shown = page.locator(".tile", has_text="新收").locator("strong")
    expect(shown).to_have_text(str(figures["volumes"]["received"]["count"]))
    for chart, title in (
        ("stages", "阶段流转"),
        ("calendar", "到期日历"),
        ("trend", "按期率走势"),
        ("agencies", "各机关比较"),
        ("hot", "热点信息"),
    ):
        drawing = page.get_by_role("img", name=title)
        expect(drawing).to_be_visible()
        assert drawing.locator("rect").count() > 0, chart
        page.locator(f"#{chart} summary").click()
        assert page.locator(f"#{chart} tbody tr").count() > 0, chart
    rows = page.locator("#hot tbody tr td:nth-child(4)").all_text_contents()
    assert rows == [str(one["requests"]) for one in figures["hot_subjects"]]
    days = of_the_api("/statistics/due-days")
    assert page.locator("#calendar tbody tr").count() == sum(bool(day["requests"] or day["remedies"]) for day in days)

    with page.expect_download() as drawn:
        page.locator("#trend").get_by_role("button", name="下载图").click()
    assert drawn.value.suggested_filename == "按期率走势.svg"
    drawn.value.save_as(tmp_path / "trend.svg")
    assert 'xmlns="http://www.w3.org/2000/svg"' in (tmp_path / "trend.svg").read_text("utf-8")
    with page.expect_download() as table:
        page.get_by_role("button", name="下载通报表格").click()
    table.value.save_as(tmp_path / "bulletin.xlsx")
    assert (tmp_path / "bulletin.xlsx").read_bytes()[:2] == b"PK"
    if folder := os.environ.get("DISCLOSURE_SCREENSHOTS"):
        page.locator("details[open] summary").evaluate_all("all => all.forEach(one => one.click())")
        page.screenshot(path=Path(folder) / "board.png", full_page=True)

    page.get_by_role("button", name="退出").click()
    expect(page.locator("#message")).to_have_text("已经退出")
    expect(page.locator(".chart")).to_have_count(0)
    assert visit.outside(origin) == []
    assert visit.complaints == []
