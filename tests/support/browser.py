"""A browser for the tests of the console: Chromium, driven by Playwright, one tenant for each window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

from tests.support.tools import tool

NAMES = ("chromium", "chromium-browser", "google-chrome")
# No sandbox, because CI containers run as root. No requests of the browser's own. Names below example.com lead to this
# machine: tests of DNS rebinding need them.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP *.example.com 127.0.0.1",
)  # fmt: skip
PATIENCE = 10_000  # milliseconds; a busy machine needs far more than the usual tenth of a second


@contextmanager
def chromium() -> Iterator[Browser]:
    """Opens a browser and closes it at the end of the block."""
    path = tool(*NAMES)
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def desk(browser: Browser, **options: Any) -> BrowserContext:
    """Returns a context of its own cookies, storage and permissions, 1280 x 900 pixels unless ``options`` differ."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-US"} | options)
    context.set_default_timeout(PATIENCE)
    return context


class Window:
    """A window that shows one tenant.

    ``errors`` are the errors and warnings of the browser, without failures of ``/api/logs``: faults cause those.
    """

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.base = base
        self.errors: list[str] = []
        self.page.on("console", self._record)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _record(self, message: ConsoleMessage) -> None:
        if not self.page.url.startswith(self.base):
            # A page of another origin is not under test.
            return
        is_caused = "/api/logs" in message.location.get("url", "") and message.text.startswith(
            "Failed to load resource"
        )
        if message.type in ("error", "warning") and not is_caused:
            self.errors.append(f"{message.text} at {message.location}")

    def view(self, name: str) -> Window:
        """Opens a view by its address, such as ``logs?page=2``."""
        self.page.goto(f"{self.base}/__admin/#{name}")
        return self

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """Sends a request to the control API from outside the page; returns the parsed answer, None for 204."""
        method = method or ("GET" if body is None else "POST")
        response = self.context.request.fetch(f"{self.base}/__admin/{path}", method=method, data=body)
        assert response.ok, response.text()
        return response.json() if response.status != 204 else None

    def button(self, name: str, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def rows(self) -> Locator:
        return self.page.locator("tbody tr.row")

    def forgive(self, text: str) -> None:
        """Drops the errors so far that contain ``text``; there must be one at least."""
        rest = [error for error in self.errors if text not in error]
        assert len(rest) < len(self.errors)
        self.errors = rest
