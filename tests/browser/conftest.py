"""A real browser, the service on a real port, and a record of what the page asked for and complained about."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.servers import serving

CHROMIUM = "/usr/bin/chromium"

SWITCHES = [
    "--no-sandbox",  # the tests may run as root, and open nothing but their own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",  # a browser that calls home would hide a page that does
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds that a page may take: a machine that runs the other tests beside it is slow, and that is no fault of the page."""


@dataclass
class Visit:
    """A page and everything that happened on it: `requests` are addresses, `complaints` console errors and crashes."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", self._note_request)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def outside(self, origin: str) -> list[str]:
        """Requests that left `origin`; data: and blob: addresses go nowhere."""
        return [url for url in self.requests if not url.startswith((f"{origin}/", "data:", "blob:"))]

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="module")  # as long as it is open an event loop runs in this thread, and no other may be begun
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A new browser profile, as a clerk in Shanghai has it; windows the page opens are watched too."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    visit = Visit(context.new_page())
    visit.watch(visit.page)
    visit.page.on("popup", visit.watch)
    yield visit
    context.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Run an ASGI application on a free port of this machine and return its origin."""
    with ExitStack() as running:
        yield lambda app: running.enter_context(serving(app))
