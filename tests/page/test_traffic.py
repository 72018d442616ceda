"""The view of traffic: the journal as it grows."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Request, expect

from tests.support.browser import Window


def send(window: Window, query: str = "", token: str = "dev-token") -> None:
    """One request of another client."""
    window.context.request.get(f"{window.base}/api/logs{query}", headers={"Authorization": f"Bearer {token}"})


def test_new_requests_appear_by_themselves_newest_first(window: Window) -> None:
    window.view("traffic")
    expect(window.page.get_by_text("No requests yet")).to_be_visible()
    send(window, "?page=2")
    window.control("faults", {"rule": "status:code=503"})
    send(window, "?page=3")
    expect(window.rows()).to_have_count(2)
    newest, oldest = window.rows().nth(0), window.rows().nth(1)
    expect(newest.get_by_role("cell")).to_have_text(
        [
            "GET /api/logs?page=3",
            "503",
            re.compile(r"^[\d.]+ ms$"),
            "status:code=503",
            re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$"),
        ]
    )
    expect(oldest).to_contain_text("200")
    expect(
        window.page.get_by_role("img", name="Requests and errors in the last 5 minutes: 2 requests, 1 error")
    ).to_be_visible()


def test_a_row_opens_to_the_headers_with_credentials_masked(window: Window) -> None:
    send(window)
    window.view("traffic")
    window.rows().first.click()
    detail = window.page.locator("tr.detail")
    expect(detail).to_contain_text("Bearer ***")
    expect(detail).to_contain_text(f"{window.base}/api/logs")
    assert "dev-token" not in detail.inner_text()


def test_an_open_row_stays_open_when_new_rows_come(window: Window) -> None:
    send(window, "?page=1")
    window.view("traffic")
    window.rows().first.get_by_role("button").press("Enter")
    send(window, "?page=2")
    expect(window.rows()).to_have_count(2)
    expect(window.rows().nth(1).get_by_role("button")).to_be_focused()
    expect(window.rows().nth(1).get_by_role("button")).to_have_attribute("aria-expanded", "true")


def test_a_request_in_progress_is_completed_in_its_row(window: Window) -> None:
    window.control("faults", {"rule": "latency:seconds=1.5"})
    window.view("traffic")
    window.page.evaluate("void fetch('../api/logs')")
    expect(window.rows()).to_contain_text(["in progress"])
    expect(window.rows()).to_contain_text([re.compile(r"1\.5\d s")])
    expect(window.rows()).to_have_count(1)


def test_a_broken_exchange_has_no_status(window: Window) -> None:
    window.control("faults", {"rule": "reset"})
    window.view("logs")
    expect(window.page.locator(".results")).to_contain_text("No reply")
    window.page.get_by_role("link", name="Traffic").click()
    expect(window.rows().first).to_contain_text("broken")


def test_pause_keeps_the_rows_and_counts_new_requests(window: Window) -> None:
    send(window)
    window.view("traffic")
    expect(window.rows()).to_have_count(1)
    window.button("Pause").click()
    send(window)
    expect(window.page.get_by_text("Paused; 1 new request")).to_be_visible()
    expect(window.rows()).to_have_count(1)
    window.button("Resume").click()
    expect(window.rows()).to_have_count(2)


def test_clear_empties_the_journal(window: Window) -> None:
    send(window)
    window.view("traffic")
    expect(window.rows()).to_have_count(1)
    window.button("Clear").click()
    expect(window.page.get_by_text("No requests yet")).to_be_visible()
    assert window.control("requests")["requests"] == []
    send(window)
    expect(window.rows()).to_have_count(1)


def test_the_poll_asks_for_new_entries_only_and_stops_while_the_page_is_hidden(window: Window) -> None:
    polls: list[str] = []

    def note(request: Request) -> None:
        if "requests?after=" in request.url:
            polls.append(request.url.partition("after=")[2])

    for _ in range(3):
        send(window)
    window.page.on("request", note)
    window.view("traffic")
    expect(window.rows()).to_have_count(3)
    with window.page.expect_request(re.compile(r"requests\?after=3$")):
        pass
    hide(window, True)
    before = len(polls)
    window.page.wait_for_timeout(50)
    assert polls[0] == "0"
    # The timer that was set already fires, sees that the page is hidden, and sends nothing.
    window.page.clock.install()
    window.page.clock.run_for(5000)
    assert len(polls) <= before + 1
    hide(window, False)
    send(window)
    expect(window.rows()).to_have_count(4)


def hide(window: Window, hidden: bool) -> None:
    """Make the page believe that it is hidden; a page of a headless browser never is."""
    script: Any = """(hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    window.page.evaluate(script, hidden)
