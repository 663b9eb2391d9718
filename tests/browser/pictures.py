"""The pictures of the guides, taken from the running service on a demo city: python -m tests.browser.pictures.

One case goes from the door to the archive on the way, so that the guide shows what a clerk sees at each step. Writes
docs/pictures/*.png with a palette of 64 colours, which text on a page does not miss.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.browser.city import demo_city
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.swagger import answer, fold, group, operation, sign_in, sign_out
from tests.browser.test_newcomer import WALK

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
COLOURS = 64
LITTLE = """
  .responses-table:not(.live-responses-table) { display: none !important; }
  .live-responses-table .microlight { max-height: 520px !important; }
"""
"""Hides what the guide does not speak about, so that a picture is not taller than a page."""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with demo_city(cases=120) as (origin, password), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1100, "height": 820}, bypass_csp=True
        )
        context.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        Album(context.new_page(), origin, password).take()
        browser.close()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {total // 1024} KiB")  # noqa: T201 — it is run by hand


class Album:
    def __init__(self, page: Page, origin: str, password: str) -> None:
        self.page, self.origin, self.password = page, origin, password

    def take(self) -> None:
        """Go through the guide's chapters."""
        self._arrive()
        case_id = self._register()
        self._walk(case_id)
        self._look_around(case_id)

    def _arrive(self) -> None:
        page = self.page
        page.goto(f"{self.origin}/docs")
        page.add_style_tag(content=LITTLE)
        expect(page.locator(".opblock-tag strong").first).to_be_visible()
        self._keep("first-look", page)
        page.get_by_role("button", name="登录授权").first.click()
        self._keep("sign-in-dialogue", page.locator(".modal-ux"), 430)
        page.locator(".modal-ux .close-modal").click()
        sign_in(page, "dengji", self.password, on_login=lambda login: self._keep("login", login.locator("main")))
        expect(group(page, "登记受理")).to_be_visible()
        self._keep("signed-in", page)
        opened = operation(page, "我的待办", "查看我的待办")
        answer(opened, 200)
        self._keep("worklist", opened.locator(".responses-wrapper"), 800)
        fold(opened)

    def _register(self) -> int:
        opened = operation(self.page, "登记受理", "登记一件申请")
        self._keep("register", opened, 990)
        case = answer(opened, 201)
        self._keep("registered", opened.locator(".responses-wrapper"), 760)
        fold(opened)
        return int(case["id"])

    def _walk(self, case_id: int) -> None:
        page, signed_in = self.page, "dengji"
        for who, heading, summary, state in WALK:
            if who != signed_in:
                sign_out(page)
                sign_in(page, who, self.password)
                signed_in = who
            opened = self._of_case(heading, summary, case_id)
            if summary == "受理":
                self._keep("accept", opened, 1000)
            assert answer(opened, 200)["state_label"] == state
            if summary == "受理":
                opened.get_by_role("button", name="发送请求").click()
                expect(opened.locator(".live-responses-table .response .response-col_status")).to_contain_text("409")
                self._keep("refused", opened.locator(".responses-wrapper"), 620)
            if summary == "送审答复稿":
                self._keep("submit", opened, 1100)
            if summary == "归档":
                self._keep("archived", opened.locator(".responses-wrapper"), 620)
            fold(opened)
            if summary == "登记检索":
                upload = self._of_case("办理", "添加附件", case_id)
                self._keep("attach", upload, 1150)
                fold(upload)
            if summary == "发出答复":
                listed = self._of_case("答复", "查看案件的文书", case_id)
                answer(listed, 200)
                self._keep("documents", listed.locator(".responses-wrapper"), 620)
                fold(listed)

    def _look_around(self, case_id: int) -> None:
        page = self.page
        sign_out(page)
        sign_in(page, "jingban", self.password)
        opened = self._of_case("我的待办", "查看期限及其理由", case_id)
        answer(opened, 200)
        self._keep("clock", opened.locator(".responses-wrapper"), 760)
        page.goto(f"{self.origin}/board")
        page.get_by_role("button", name="登录").click()
        page.get_by_label("登录名").fill("shiduban")
        page.get_by_label("密码").fill(self.password)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.locator(".chart")).to_have_count(5)
        self._keep("board", page)

    def _of_case(self, heading: str, summary: str, case_id: int) -> Locator:
        opened = operation(self.page, heading, summary)
        opened.locator("input[placeholder=case_id]").fill(str(case_id))
        return opened

    def _keep(self, name: str, seen: Page | Locator, height: int = 820) -> None:
        """Write a picture, cut off below `height`, in few colours."""
        self.page.mouse.move(0, 0)
        bar = self.page.locator("#who")
        stuck = isinstance(seen, Locator) and bar.count() > 0  # it would lie over the top of what is shown
        if stuck:
            bar.evaluate("bar => { bar.style.position = 'static'; }")
        shot = Image.open(io.BytesIO(seen.screenshot()))
        if stuck:
            bar.evaluate("bar => { bar.style.position = ''; }")
        cut = shot.crop((0, 0, shot.width, min(shot.height, height))).convert("RGB")
        few = cut.quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
