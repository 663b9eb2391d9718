"""A newcomer takes a case from the door to the archive in Swagger UI, with nothing but what the page offers.

Every body is sent as it stands; typed are only the number of the case, names and passwords. Nobody may take two parts in a
case, so the newcomer signs in as one colleague after the other.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.signing import PASSWORD, know
from tests.browser.conftest import Visit
from tests.browser.swagger import answer, fold, operation, sign_in, sign_out
from tests.databases import SqliteDatabases
from tests.town import STAFF, Town, town

WALK = (  # who, in which group, does what; and where the case then stands
    ("dengji", "登记受理", "确认收到", "已登记待受理"),
    ("dengji", "登记受理", "受理", "审核中"),
    ("dengji", "审核", "告知补正", "待申请人补正"),
    ("dengji", "审核", "登记补正告知送达", "待申请人补正"),
    ("dengji", "审核", "收到补正", "审核中"),
    ("dengji", "审核", "审核通过并交办", "办理中"),
    ("jingban", "办理", "登记检索", "办理中"),
    ("jingban", "办理", "送审答复稿", "科室审核中"),
    ("shenhe", "答复", "通过科室审核", "待签发"),
    ("baomi", "答复", "完成保密审查", "待签发"),
    ("lingdao", "答复", "签发", "已签发待发出"),
    ("jingban", "答复", "发出答复", "送达中"),
    ("jingban", "送达", "登记送达", "已送达待归档"),
    ("guidang", "归档", "归档", "已归档"),
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(SqliteDatabases(tmp_path).new(), tmp_path, now="2026-11-23 10:00") as opened:
        for username in STAFF:
            know(opened, username)
        opened.client.get("/openapi.json")  # as `serve` does before it is ready
        yield opened


def of_case(opened: Locator, case_id: int) -> Locator:
    opened.locator("input[placeholder=case_id]").fill(str(case_id))
    return opened


def download(page: Page, opened: Locator) -> bytes:
    opened.get_by_role("button", name="发送请求").click()
    with page.expect_download() as given:
        opened.get_by_role("link", name="下载文件").click()
    return Path(given.value.path()).read_bytes()


@pytest.mark.skipif(
    not os.environ.get("DISCLOSURE_FULL"), reason="seven people sign in; DISCLOSURE_FULL=1 follows them"
)
def test_a_newcomer_takes_a_case_from_the_door_to_the_archive(
    place: Town, serve: Callable[[Any], str], visit: Visit, tmp_path: Path
) -> None:
    origin, page = serve(place.client.app), visit.page
    page.goto(f"{origin}/docs")
    signed_in = "dengji"
    sign_in(page, signed_in, PASSWORD)
    assert answer(operation(page, "我的待办", "查看我的待办"), 200)["total"] == 0
    case_id = answer(operation(page, "登记受理", "登记一件申请"), 201)["id"]
    for who, heading, summary, state in WALK:
        if who != signed_in:
            sign_out(page)
            sign_in(page, who, PASSWORD)
            signed_in = who
        if summary == "送审答复稿":
            attach(page, case_id, tmp_path)
        opened = of_case(operation(page, heading, summary), case_id)
        assert answer(opened, 200)["state_label"] == state
        fold(opened)
        if summary == "发出答复":
            take_the_reply(page, case_id)
    assert visit.outside(origin) == []
    assert visit.complaints == []


def attach(page: Page, case_id: int, folder: Path) -> None:
    (folder / "检索记录.txt").write_text("检索到批复1份", "utf-8")
    upload = of_case(operation(page, "办理", "添加附件"), case_id)
    upload.locator("input[type=file]").set_input_files(folder / "检索记录.txt")
    assert answer(upload, 201)["name"] == "检索记录.txt"
    fold(upload)


def take_the_reply(page: Page, case_id: int) -> None:
    listed = of_case(operation(page, "答复", "查看案件的文书"), case_id)
    (reply,) = [document for document in answer(listed, 200)["items"] if document["doc"] == "reply"]
    for form, starts in (("docx", b"PK"), ("pdf", b"%PDF")):
        opened = page.locator(f"[id$=get_document_{form}]")
        opened.locator(".opblock-summary-control").click()
        opened.get_by_role("button", name="试一试").click()
        opened.locator("input[placeholder=case_id]").fill(str(case_id))
        opened.locator("input[placeholder=document_id]").fill(str(reply["id"]))
        expect(opened.get_by_role("button", name="发送请求")).to_be_visible()
        assert download(page, opened).startswith(starts)
        fold(opened)
