"""Faults in front of a real deployment: a page shows the real logs, and says so when every fourth request fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mockserver import LogtoMock
from tests.examples.test_frontend import frontend  # noqa: F401  # a fixture
from tests.support.browser import chromium
from tests.support.proxied import proxied


@pytest.fixture
def deployment(logto_mock: LogtoMock) -> Iterator[str]:
    """Another mock stands for the deployment; on the command line this is `mockserver proxy URL --fault RULE`."""
    logto_mock.logs.add("Interaction.SignIn.Submit", userId="u0alice00001", result="Error")
    with proxied(logto_mock.url, faults=("status:code=503,every=4",)) as proxy:
        yield proxy.url


def test_the_page_shows_the_real_logs_and_a_503_in_every_fourth_request(frontend: str, deployment: str) -> None:  # noqa: F811  # the fixture
    with chromium() as browser:
        page = browser.new_page()
        for _ in range(2):
            for _ in range(3):
                page.goto(f"{frontend}?api={deployment}")
                expect(page.get_by_role("status")).to_have_text(re.compile(r"\d+ of \d+ logs"))
                expect(page.locator("tbody tr").first).to_contain_text("Interaction.SignIn.Submit")
            page.goto(f"{frontend}?api={deployment}")
            expect(page.get_by_role("status")).to_contain_text("could not be loaded (503: ")
