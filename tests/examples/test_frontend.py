"""A page in a browser shows logs, says what failed, and recovers; `compose.yaml` serves it beside the mock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import expect

from mockserver import LogtoMock
from tests.support.browser import chromium

PAGE = Path(__file__).parent / "frontend"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and does not tell of it."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


@pytest.fixture
def frontend() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=PAGE)) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def test_the_page_shows_logs_tells_of_faults_and_recovers(frontend: str, logto_mock: LogtoMock) -> None:
    with chromium() as browser:
        page = browser.new_page()
        logto_mock.faults.add("status:code=503,times=1")
        logto_mock.faults.add("malformed_json:times=1")
        page.goto(f"{frontend}?api={logto_mock.url}")
        expect(page.get_by_role("status")).to_contain_text("could not be loaded (503: ")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_contain_text("could not be loaded (Expected")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_have_text(re.compile(r"20 of \d+ logs"))
        expect(page.locator("tbody tr")).to_have_count(20)
        expect(page.get_by_role("button")).to_be_hidden()
