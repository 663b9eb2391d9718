"""A clerk signs in from Swagger UI in a real browser: Authorize, our page, back again, and a request with the token."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.api.signing import PASSWORD, know
from tests.browser.conftest import Visit
from tests.town import Town, town


@pytest.fixture
def place(fresh_database: str, tmp_path: Path) -> Iterator[Town]:
    with town(fresh_database, tmp_path) as opened:
        know(opened, "dengji")
        yield opened


def test_a_clerk_signs_in_from_swagger_ui(place: Town, serve: Callable[[Any], str], visit: Visit) -> None:
    origin = serve(place.client.app)
    page = visit.page
    page.goto(f"{origin}/docs")
    page.get_by_role("button", name="登录授权").first.click()
    with page.expect_popup() as opened:
        page.locator(".auth-container", has_text="login").locator(".modal-btn.authorize").click()
    login = opened.value
    expect(login.get_by_role("heading")).to_have_text("依申请公开办理服务")
    expect(login.get_by_label("登录名")).to_be_focused()
    login.get_by_label("登录名").fill("dengji")
    login.get_by_label("密码").fill("not-the-password")
    login.get_by_role("button", name="登录").click()
    expect(login.get_by_role("alert")).to_have_text("登录名或者密码不正确")
    login.get_by_label("密码").fill(PASSWORD)
    with login.expect_event("close"):
        login.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.locator(".btn-done").first.click()
    expect(page.locator(".info")).to_contain_text("可以使用的操作。")  # the person's own document is there
    page.locator("#operations-tag-admin").click()
    me = page.locator("#operations-admin-get_me")
    me.locator(".opblock-summary-control").click()
    me.get_by_role("button", name="试一试").click()
    me.get_by_role("button", name="发送请求").click()
    expect(me.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(me.locator(".live-responses-table")).to_contain_text("登记员甲")
    assert visit.outside(origin) == []
    assert [text for text in visit.complaints if "403" not in text] == [], "only the wrong password is complained about"
