"""A newcomer takes a case of the demo city from the door to the archive in Swagger UI, with nothing but what the page offers.

Every body is sent as it stands; typed are only the number of the case, names and passwords. Nobody may take two parts in a
case, so the newcomer signs in as one colleague after the other.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.city import demo_city
from tests.browser.conftest import Visit
from tests.browser.swagger import answer, fold, operation, sign_in, sign_out

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


SEARCHED = "检索到批复1份\n".encode("gb18030")
"""A text as many an office computer still writes it."""


@pytest.fixture
def city() -> Iterator[tuple[str, str]]:
    with demo_city(cases=24) as served:
        yield served


@pytest.mark.timeout(900)  # seven people sign in; beside other work the machine has taken four minutes
def test_a_newcomer_takes_a_case_from_the_door_to_the_archive(
    city: tuple[str, str], visit: Visit, tmp_path: Path
) -> None:
    origin, password = city
    page = visit.page
    page.goto(f"{origin}/docs")
    signed_in = "dengji"
    sign_in(page, signed_in, password)
    assert answer(operation(page, "我的待办", "查看我的待办"), 200)["total"] > 0
    case_id = answer(operation(page, "登记受理", "登记一件申请"), 201)["id"]
    for who, heading, summary, state in WALK:
        if who != signed_in:
            sign_out(page)
            sign_in(page, who, password)
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


def of_case(opened: Locator, case_id: int) -> Locator:
    opened.locator("input[placeholder=case_id]").fill(str(case_id))
    return opened


def attach(page: Page, case_id: int, folder: Path) -> None:
    """Upload a file, and take it out again as it went in."""
    (folder / "检索记录.txt").write_bytes(SEARCHED)
    upload = of_case(operation(page, "办理", "添加附件"), case_id)
    upload.locator("input[type=file]").set_input_files(folder / "检索记录.txt")
    kept = answer(upload, 201)
    assert kept["name"] == "检索记录.txt"
    fold(upload)
    opened = of_case(operation(page, "办理", "取得附件"), case_id)
    opened.locator("input[placeholder=attachment_id]").fill(str(kept["id"]))
    assert download(page, opened) == (SEARCHED, "检索记录.txt")
    fold(opened)


def take_the_reply(page: Page, case_id: int) -> None:
    listed = of_case(operation(page, "答复", "查看案件的文书"), case_id)
    (reply,) = [document for document in answer(listed, 200)["items"] if document["doc"] == "reply"]
    fold(listed)
    for form, starts in (("docx", b"PK"), ("pdf", b"%PDF")):
        opened = of_case(operation(page, "答复", f"取得文书（{form}）"), case_id)
        opened.locator("input[placeholder=document_id]").fill(str(reply["id"]))
        content, name = download(page, opened)
        assert content.startswith(starts)
        assert name.endswith(f".{form}")
        fold(opened)


def download(page: Page, opened: Locator) -> tuple[bytes, str]:
    """Press 发送请求 and then 下载文件; gives what arrives and under which name."""
    opened.get_by_role("button", name="发送请求").click()
    with page.expect_download() as given:
        opened.get_by_role("link", name="下载文件").click()
    return Path(given.value.path()).read_bytes(), given.value.suggested_filename
