"""One server and one browser for all tests of the console, and for each test a window with its own tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, BrowserContext

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.browser import Window, chromium, desk

_numbers = count(1)


# Not for the whole run: Playwright keeps an event loop in this thread, and other tests may need one of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def shared(browser: Browser) -> BrowserContext:
    """The browser context of all windows without options: another context costs a tenth of a second."""
    return desk(browser)


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    with Server(create_app(Settings(logs="faker:count=1000,seed=7", now="2026-11-01"))) as server:
        yield server


@pytest.fixture
def open_window(browser: Browser, shared: BrowserContext, server: Server) -> Iterator[Callable[..., Window]]:
    """Opens windows, each with a fresh tenant; closes them, and fails when the browser logged an error."""
    windows: list[Window] = []

    def open_one(**options: object) -> Window:
        window = Window(desk(browser, **options) if options else shared, f"{server.url}/t/w{next(_numbers)}")
        windows.append(window)
        return window

    yield open_one
    for window in windows:
        window.page.close()
        if window.context is not shared:
            window.context.close()
    assert [window.errors for window in windows] == [[]] * len(windows)


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window()
