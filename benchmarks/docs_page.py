"""How soon Swagger UI is ready, with the whole document and with that of each role: python -m benchmarks.docs_page."""

import gzip
import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, sync_playwright

from app.domain.terms import Role
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.databases import SqliteDatabases
from tests.servers import serving
from tests.town import Town, town

TIMES = 5


def main() -> None:
    """Print seconds from the address to the groups on the page, each visit by a browser that has seen nothing yet."""
    with tempfile.TemporaryDirectory() as folder:
        url = SqliteDatabases(Path(folder)).new()
        with (
            town(url, Path(folder) / "data") as place,
            serving(place.client.app) as origin,
            sync_playwright() as driver,
        ):
            began = time.perf_counter()
            place.client.get("/openapi.json")
            print(f"the document is built in {time.perf_counter() - began:.2f} s, once, before the first visitor")
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
            for role in (None, *Role):
                visits = [_visit(browser, origin, role) for _ in range(1 if role else TIMES)]
                seconds, busy = (statistics.median(column) for column in zip(*visits, strict=True))
                name = role.value if role else "whole"
                print(f"{name:18} {_size(place, role)}  ready in {seconds:.2f} s, the page computed for {busy:.2f} s")
            browser.close()


def _visit(browser: Browser, origin: str, role: Role | None = None) -> tuple[float, float]:
    """Open the page and wait for its groups; with a role, from the moment its document is asked for.

    Returns the seconds that passed and those in which the page had the processor, which other programs do not change.
    """
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    began = time.perf_counter()
    page.goto(f"{origin}/docs")
    page.locator(".opblock-tag strong").first.wait_for()
    busy = 0.0
    if role:
        busy = _busy(devtools)
        began = time.perf_counter()
        page.evaluate("address => showDocument(address)", f"/openapi.json?role={role.value}")
        page.locator(".info", has_text=f"只列出{role.label}可以使用的操作").wait_for()
        page.locator(".opblock-tag strong").first.wait_for()
    seconds = time.perf_counter() - began
    computed = _busy(devtools) - busy
    context.close()
    return seconds, computed


def _busy(devtools: CDPSession) -> float:
    """Read for how many seconds the page's main thread has had the processor."""
    metrics = {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}
    found: float = metrics["TaskDuration"]
    return found


def _size(place: Town, role: Role | None = None) -> str:
    body = place.client.get("/openapi.json", params={"role": role.value} if role else {}).content
    count = sum(len(item) for item in json.loads(body)["paths"].values())
    return f"{count:4} operations {len(body) // 1024:4} KiB ({len(gzip.compress(body)) // 1024:3} KiB sent)"


if __name__ == "__main__":
    main()
