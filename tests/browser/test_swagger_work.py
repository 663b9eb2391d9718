"""A registrar's first day in Swagger UI: sign in, register the application that the page offers, look at it, find one's way."""

import logging
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import pytest
from playwright.sync_api import expect

from app.domain.terms import Role
from tests.api.signing import PASSWORD, know
from tests.browser.conftest import Visit
from tests.browser.swagger import answer, group, operation, sign_in
from tests.databases import SqliteDatabases
from tests.town import Town, town

log = logging.getLogger(__name__)

TAKEN_APART = """async (address) => {
  const contract = await (await fetch(address)).json();
  const nowhere = document.createElement("div");
  const plain = SwaggerUIBundle({ domNode: nowhere, spec: { openapi: "3.1.0", paths: {} }, validatorUrl: null });
  const both = [plain, ui].map(async (page) => {
    const { spec, errors } = await page.getSystem().fn.resolveSubtree(contract, ["paths"], { baseDoc: document.baseURI });
    if (errors.length) throw new Error(errors[0].message);
    return spec;
  });
  return Promise.all(both);
}"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("swagger")
    with town(SqliteDatabases(folder).new(), folder, now="2026-11-23 10:00") as opened:
        know(opened, "dengji")
        opened.client.get("/openapi.json")  # as `serve` does before it is ready
        yield opened


@pytest.fixture
def origin(place: Town, serve: Callable[[Any], str]) -> str:
    return serve(place.client.app)


def test_the_page_comes_up_with_its_groups_in_chinese_and_says_how_fast(visit: Visit, origin: str) -> None:
    before = perf_counter()
    visit.page.goto(f"{origin}/docs")
    headings = visit.page.locator(".opblock-tag strong")
    expect(headings.first).to_be_visible()
    seconds = perf_counter() - before
    log.info("/docs was ready after %.2f s", seconds)
    work = ["我的待办", "登记受理", "审核", "办理", "征求意见", "答复", "送达", "归档"]
    assert headings.all_inner_texts()[:8] == work
    names = visit.page.locator(".opblock-tag > a")
    assert {name.evaluate("name => getComputedStyle(name).opacity") for name in names.all()} == {"0"}
    assert visit.page.locator(".opblock").count() == 0, "the groups are folded"


def test_a_registrar_sends_the_example_as_it_stands_and_looks_at_the_case(visit: Visit, origin: str) -> None:
    page = visit.page
    page.goto(f"{origin}/docs")
    sign_in(page, "dengji", PASSWORD)
    case = answer(operation(page, "登记受理", "登记一件申请"), 201)
    assert case["state_label"] == "已登记待受理"
    look = operation(page, "我的待办", "查看一件案件")
    look.locator("input[placeholder=case_id]").fill(str(case["id"]))
    assert answer(look, 200)["case_no"] == case["case_no"]
    assert visit.outside(origin) == []
    assert visit.complaints == []


def test_the_page_takes_the_contract_apart_as_swagger_ui_itself_would(visit: Visit, origin: str) -> None:
    """Swagger UI needs seconds for each operation; the page's own way must give the same, down to the last word."""
    visit.page.goto(f"{origin}/docs")
    expect(visit.page.locator(".opblock-tag").first).to_be_visible()
    theirs, ours = visit.page.evaluate(TAKEN_APART, f"/openapi.json?role={Role.ARCHIVIST.value}")
    assert len(ours) > 20
    assert ours == theirs


def test_a_clerk_sees_the_answer_and_may_ask_for_what_programmers_read(visit: Visit, origin: str) -> None:
    page = visit.page
    page.goto(f"{origin}/docs")
    sign_in(page, "dengji", PASSWORD)
    opened = operation(page, "我的待办", "查看我的待办")
    assert answer(opened, 200)["headline"]
    technical = [
        opened.locator(".parameter__type").first,
        opened.locator(".curl-command"),
        opened.get_by_role("heading", name="应答头"),
        opened.locator(".request-url"),
    ]
    for part in technical:
        expect(part).to_be_hidden()
    page.get_by_role("button", name="显示技术细节").click()
    for part in technical:
        expect(part).to_be_visible()
    page.get_by_role("button", name="隐藏技术细节").click()
    expect(technical[0]).to_be_hidden()


def test_an_opened_operation_says_who_may_and_lists_refusals_without_burying_it(visit: Visit, origin: str) -> None:
    page = visit.page
    page.goto(f"{origin}/docs")
    opened = operation(page, "登记受理", "受理")
    expect(opened.locator(".opblock-description")).to_contain_text("操作人：登记员")
    refusal = opened.locator('.responses-table .response[data-code="409"]')
    expect(refusal).to_contain_text("现在不能进行这项操作")
    expect(refusal.locator(".highlight-code")).to_be_hidden()


def test_after_sign_in_the_page_lists_what_the_person_may_use_and_can_list_all_again(visit: Visit, origin: str) -> None:
    page = visit.page
    page.goto(f"{origin}/docs")
    expect(page.locator(".opblock-tag").first).to_be_visible()
    expect(group(page, "统计")).to_be_visible()
    sign_in(page, "dengji", PASSWORD)
    bar = page.get_by_role("status")
    expect(bar).to_contain_text("登记员甲（海州市规划局 登记员）已登录，只列出您可以使用的操作。")
    expect(group(page, "登记受理")).to_be_visible()
    group(page, "答复").locator(".opblock-tag").click()
    names = group(page, "答复").locator(".opblock-summary-description")
    expect(names.first).to_be_visible()
    assert "签发" not in names.all_inner_texts(), "only the approver signs"
    bar.get_by_role("button", name="显示全部操作").click()
    expect(names.filter(has_text="签发").first).to_be_visible()
    bar.get_by_role("button", name="只显示我能用的").click()
    expect(names.filter(has_text="签发")).to_have_count(0)
    expect(page.get_by_role("button", name="退出登录")).to_have_count(0)
    page.get_by_role("button", name="登录授权").first.click()
    page.get_by_role("button", name="退出登录").click()
    page.locator(".btn-done").first.click()
    expect(bar).to_be_hidden()
    expect(names.filter(has_text="签发").first).to_be_visible()
    assert visit.complaints == []
    assert visit.outside(origin) == []


def test_a_clerk_finds_an_operation_by_its_chinese_name(visit: Visit, origin: str) -> None:
    page = visit.page
    page.goto(f"{origin}/docs")
    page.get_by_placeholder("按名称、分类或路径筛选").fill("补正")
    shown = page.locator(".opblock-summary-description")
    expect(shown.first).to_be_visible()
    assert [text for text in shown.all_inner_texts() if "补正" not in text] == []
    page.get_by_placeholder("按名称、分类或路径筛选").fill("送审答复稿")
    expect(shown).to_have_text(["送审答复稿"])
    page.get_by_placeholder("按名称、分类或路径筛选").fill("")
    expect(page.locator(".opblock")).to_have_count(0)
    expect(group(page, "登记受理")).to_be_visible()
