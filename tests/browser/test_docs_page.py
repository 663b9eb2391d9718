"""The Swagger UI page in a real browser: it works offline, under a strict policy, in Chinese, and signs a clerk in."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

import pytest
from fastapi import Depends, FastAPI, Form
from fastapi.responses import RedirectResponse
from fastapi.security import OAuth2AuthorizationCodeBearer
from playwright.sync_api import Page, expect
from pydantic import BaseModel, Field

from app.docs_page import mount_docs
from tests.browser.conftest import Visit


class Acceptance(BaseModel):
    received_on: str = Field(description="收到申请之日（条例第31条）", examples=["2026-11-20"])


def small_service() -> FastAPI:
    """A service with its own login that approves everybody and gives a token for the right PKCE verifier only."""
    app = FastAPI(title="依申请公开办理服务", docs_url=None, redoc_url=None, swagger_ui_oauth2_redirect_url=None)
    token = OAuth2AuthorizationCodeBearer(authorizationUrl="/login", tokenUrl="/token", scopes={"cases": "办理案件"})
    challenges: dict[str, str] = {}

    @app.get("/login", include_in_schema=False)
    def login(redirect_uri: str, state: str, code_challenge: str, client_id: str, forge: str = "") -> RedirectResponse:
        challenges["one-time"] = code_challenge
        assert client_id == "swagger"
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': 'one-time', 'state': forge or state})}", 303)

    @app.post("/token", include_in_schema=False)
    def exchange(code: Annotated[str, Form()], code_verifier: Annotated[str, Form()]) -> dict[str, str]:
        digest = hashlib.sha256(code_verifier.encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenges.pop(code)
        return {"access_token": "clerk-token", "token_type": "bearer"}

    @app.post("/cases/{case_id}/accept", tags=["受理"], summary="受理", operation_id="accept_case")
    def accept(case_id: int, body: Acceptance, bearer: Annotated[str, Depends(token)]) -> dict[str, Any]:
        """登记后由经办人受理；自收到申请之日起计算期限（条例第33条）。"""
        return {"case_id": case_id, "received_on": body.received_on, "bearer": bearer}

    @app.get("/cases", tags=["办理"], summary="案件列表", operation_id="list_cases")
    def cases(_bearer: Annotated[str, Depends(token)]) -> list[str]:
        return []

    mount_docs(app, openapi_url="/openapi.json", title="依申请公开办理服务 接口文档", oauth_client_id="swagger")
    return app


@pytest.fixture
def origin(serve: Callable[[Any], str]) -> str:
    return serve(small_service())


def open_accept(page: Page, origin: str) -> None:
    page.goto(f"{origin}/docs")
    page.locator(".opblock-tag", has_text="受理").click()
    page.locator(".opblock-summary-control").click()


def sign_in(page: Page) -> None:
    page.get_by_role("button", name="登录授权").click()
    with page.expect_popup() as popup:
        page.locator(".auth-container .modal-btn.authorize").first.click()
    if not popup.value.is_closed():
        popup.value.wait_for_event("close")


def test_the_page_shows_every_operation_and_asks_nobody_else(visit: Visit, origin: str) -> None:
    open_accept(visit.page, origin)
    expect(visit.page.locator(".opblock-tag")).to_have_count(2)
    expect(visit.page.locator(".opblock-summary-description")).to_have_text(["受理"])
    expect(visit.page.locator(".opblock-description")).to_contain_text("自收到申请之日起计算期限")
    assert visit.complaints == []
    assert visit.outside(origin) == []


def test_what_a_clerk_reads_is_chinese(visit: Visit, origin: str) -> None:
    page = visit.page
    open_accept(page, origin)
    page.get_by_role("button", name="试一试").click()
    expect(page.get_by_role("button", name="发送请求")).to_be_visible()
    page.get_by_role("button", name="登录授权").click()
    expect(page.get_by_role("heading", name="登录方式")).to_be_visible()
    # Left in English: names from the contract, which are code.
    contract = ("OAS", "POST", "OAuth2", "application/json", "authorizationCode", "cases")
    texts = (
        page.locator("button, h3, h4, h5, th, label, small, .auth-container p").filter(visible=True).all_inner_texts()
    )
    assert "权限范围决定本页面能以您的名义办理哪些事项。" in texts
    foreign = [text for text in texts if re.search(r"[A-Za-z]{3}", text) and not re.search(r"[\u4e00-\u9fff]", text)]
    assert [text for text in foreign if not text.startswith(contract)] == []


def test_a_clerk_signs_in_with_pkce_and_calls_an_operation(visit: Visit, origin: str) -> None:
    page = visit.page
    open_accept(page, origin)
    sign_in(page)
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.locator(".btn-done").click()
    page.get_by_role("button", name="试一试").click()
    page.locator("input[placeholder=case_id]").fill("7")
    page.get_by_role("button", name="发送请求").click()
    expect(page.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
    expect(page.locator(".live-responses-table")).to_contain_text("clerk-token")
    assert visit.complaints == []
    assert visit.outside(origin) == []
    page.reload()
    page.get_by_role("button", name="登录授权").click()
    expect(page.get_by_role("button", name="退出登录")).to_have_count(0)


def test_an_answer_with_a_foreign_state_signs_nobody_in(visit: Visit, origin: str) -> None:
    page = visit.page
    page.goto(f"{origin}/docs")
    page.context.route(re.compile(r"/login\?"), lambda route: route.continue_(url=f"{route.request.url}&forge=stolen"))
    sign_in(page)
    expect(page.locator(".errors").first).to_contain_text("state 与发出的不一致")
    assert [url for url in visit.requests if url.endswith("/token")] == []


def test_the_return_page_opened_by_itself_says_what_to_do(visit: Visit, origin: str) -> None:
    visit.page.goto(f"{origin}/docs/oauth2-redirect?code=x&state=y")
    expect(visit.page.locator("#message")).to_contain_text("请回到接口文档重新登录")
    assert visit.complaints == []
