"""Swagger UI as a clerk's hands know it: signing in, unfolding an operation by its Chinese name, pressing, reading."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect


def sign_in(page: Page, username: str, password: str, *, on_login: Callable[[Page], None] | None = None) -> None:
    """Go through 登录授权, our login page and back; `on_login` may look at the filled-in page."""
    page.get_by_role("button", name="登录授权").first.click()
    with page.expect_popup() as opened:
        page.locator(".auth-container", has_text="经办人").locator(".modal-btn.authorize").click()
    login = opened.value
    login.get_by_label("登录名").fill(username)
    login.get_by_label("密码").fill(password)
    if on_login:
        on_login(login)
    with login.expect_event("close"):
        login.get_by_role("button", name="登录").click()
    page.locator(".btn-done").first.click()
    expect(page.locator("#who")).to_contain_text("已登录")
    expect(page.locator(".info .url")).to_contain_text("role=")
    expect(page.locator(".info")).to_contain_text("可以使用的操作。")  # the person's own document is there


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="登录授权").first.click()
    page.get_by_role("button", name="退出登录").first.click()
    page.locator(".btn-done").first.click()
    expect(page.locator("#who")).to_be_hidden()
    expect(page.locator(".info .url")).to_have_text("/openapi.json")


def group(page: Page, heading: str) -> Locator:
    return page.locator(".opblock-tag-section", has=page.locator(".opblock-tag strong", has_text=heading))


def operation(page: Page, heading: str, summary: str) -> Locator:
    """Unfold a group and an operation by what a clerk reads, ready to be filled in."""
    section = group(page, heading)
    expect(section).to_be_visible()
    heading_line = section.locator(".opblock-tag")
    if heading_line.get_attribute("data-is-open") == "false":
        heading_line.click()
    found = section.locator(".opblock", has=page.get_by_text(summary, exact=True))
    if found.locator(".try-out").count() == 0:
        found.locator(".opblock-summary-control").click()
    button = found.locator(
        ".try-out__btn:not(.reset)"
    )  # comes once the page has looked the operation up in the contract
    expect(button).to_have_text(re.compile("试一试|取消"))
    if button.inner_text() == "试一试":
        button.click()
    expect(button).to_have_text("取消")
    return found


def answer(opened: Locator, status: int) -> dict[str, Any]:
    """Press 发送请求 and read the answer, which must have this status."""
    opened.get_by_role("button", name="发送请求").click()
    live = opened.locator(".live-responses-table .response")
    expect(live.locator(".response-col_status")).to_contain_text(str(status))
    found: dict[str, Any] = json.loads(live.locator(".highlight-code code").first.inner_text())
    return found


def fold(opened: Locator) -> None:
    opened.locator(".opblock-summary-control").click()
