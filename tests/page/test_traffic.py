"""The view of traffic: the journal as it grows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support import wire
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


def test_a_row_opens_to_both_heads_and_the_body_with_credentials_masked(window: Window) -> None:
    window.control("logs", {"key": "Custom.Key", "payload": {"key": "Custom.Key", "result": "Success"}})
    send(window, "?page_size=1", token="forbidden-token")
    send(window, "?page_size=1")
    window.view("traffic")
    expect(window.rows()).to_have_count(2)
    for row in (1, 0):
        window.rows().nth(row).click()
    shown, refused = (window.page.locator("tr.detail").nth(number) for number in (0, 1))
    expect(shown).to_contain_text("Bearer ***")
    expect(shown.locator("dt:has(bdi:text-is('Total-Number')) + dd")).to_have_text("1001")
    expect(shown.get_by_label("The body of the answer")).to_contain_text('"key": "Custom.Key"')
    expect(refused.get_by_label("The body of the answer")).to_contain_text('"code": "auth.forbidden"')
    assert "forbidden-token" not in refused.inner_text()


@pytest.mark.parametrize(("rule", "remark"), [("reset", "No status line was sent"), ("status:code=204", "No body")])
def test_an_answer_without_a_body_says_so(window: Window, rule: str, remark: str) -> None:
    window.control("faults", {"rule": rule})
    window.view("traffic").page.evaluate("fetch('../api/logs').catch(() => null)")
    # The browser tries a reset request again, at any moment: the row of that stands above the opened one.
    window.rows().first.click()
    expect(window.page.locator("tr.detail:visible")).to_contain_text(remark)


def test_an_open_row_gets_the_rest_of_the_answer_when_it_ends(window: Window) -> None:
    window.control("faults", {"rule": "latency:seconds=2"})
    window.view("traffic")
    window.page.evaluate("void fetch('../api/logs')")
    window.rows().first.click()
    detail = window.page.locator("tr.detail")
    expect(detail).to_contain_text("In progress: the answer is not complete.")
    expect(detail).to_contain_text("At most the first 4 kB of the body are kept.")


def test_requests_are_filtered_by_status_path_and_fault(window: Window) -> None:
    send(window, "?page=7")
    window.control("faults", {"rule": "status:code=503,times=1"})
    send(window, "?page=8")
    send(window, "?page=9", token="none")
    window.view("traffic")
    expect(window.rows()).to_have_count(3)
    status, path, fault = (window.page.get_by_label(name, exact=True) for name in ("Status", "Path", "Fault"))
    for field, value, page in (
        (status, "5xx", 8), (status, "401", 9), (status, "2", 7), (path, "page=9", 9), (path, "PAGE=7", 7),
        (fault, "503", 8), (fault, "STATUS", 8),
    ):  # fmt: skip
        field.fill(value)
        expect(window.rows()).to_have_text([re.compile(f"page={page}")])
        expect(window.page.get_by_text("1 of 3 requests match")).to_be_visible()
        field.fill("")
        expect(window.rows()).to_have_text([re.compile(f"page={page}") for page in (9, 8, 7)])
    status.fill("none")
    expect(window.page.get_by_text("No request matches this filter.")).to_be_visible()
    suggested = window.page.locator(f"datalist[id='{fault.get_attribute('list')}'] option")
    expect(suggested).to_have_attribute("value", "status:code=503,times=1")


def test_a_filter_holds_for_new_requests_and_while_the_view_is_paused(window: Window) -> None:
    window.view("traffic")
    window.page.get_by_label("Path", exact=True).fill("page=2")
    send(window, "?page=1")
    send(window, "?page=2")
    expect(window.rows()).to_have_text([re.compile("page=2")])
    window.button("Pause").click()
    send(window, "?page=2&page_size=5")
    expect(window.page.get_by_text("Paused; 1 new request")).to_be_visible()
    window.page.get_by_label("Path", exact=True).fill("")
    expect(window.rows()).to_have_count(2)


def copied(window: Window, button: str) -> str:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.button(button).click()
    expect(window.button("Copied")).to_be_visible()
    return str(window.page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize(
    ("method", "target", "headers", "status"),
    [
        ("GET", "/api/logs?userId=it's&logKey=a[1-3]{b}", {"Authorization": "Bearer dev-token"}, 200),
        ("GET", "/api/logs?access_token=s3cret-value", {"Authorization": "Bearer dev-token"}, 200),
        (
            "GET",
            "/api/logs",
            {"Authorization": "Bearer dev-token", "Prefer": 'fault="status:code=418,message=$(id)"'},
            418,
        ),
        ("HEAD", "/api/logs/../logs", {}, 404),
        ("POST", "/api/logs", {}, 405),
    ],
)
def test_a_copied_curl_line_asks_the_same_again(
    window: Window, method: str, target: str, headers: dict[str, str], status: int
) -> None:
    """In a shell, as it is pasted: the journal has no token, and the line still works."""
    port = int(window.base.split(":")[2].partition("/")[0])
    prefix = "/" + window.base.split("/", 3)[3]
    wire.request(port, prefix + target, list(headers.items()), method=method)
    window.view("traffic")
    window.rows().first.click()
    text = copied(window, "Copy curl")
    assert "***" not in text
    assert ("TOKEN=dev-token\n" in text) == ("Authorization" in headers)
    answer = subprocess.run(["sh", "-c", text], capture_output=True, text=True, timeout=30, check=True).stdout
    assert answer.startswith(f"HTTP/1.1 {status} ")
    expect(window.rows()).to_have_count(2)
    first, second = window.control("requests")["requests"]
    assert second["method"] == first["method"]
    assert second["path"] == first["path"]
    assert second["query"] == first["query"]
    assert [pair for pair in second["headers"] if pair[0] == "prefer"] == [
        pair for pair in first["headers"] if pair[0] == "prefer"
    ]


def test_copied_fetch_code_runs(window: Window) -> None:
    send(window, "?page_size=3")
    window.view("traffic")
    window.rows().first.click()
    code = copied(window, "Copy fetch")
    assert window.page.evaluate(f"async () => {{ {code}; return logs.length; }}") == 3


def test_the_console_itself_leaves_no_trace_and_its_user_is_an_ordinary_client(window: Window) -> None:
    window.control("faults", {"rule": "status:code=503,times=1"})
    window.view("traffic")
    for _ in range(2):
        with window.page.expect_response(re.compile(r"requests\?after=")):
            pass
    for view in ("Faults", "Settings"):
        window.page.get_by_role("link", name=view).click()
        expect(window.page.locator("main h2").first).to_be_visible()
    assert window.control("requests")["last"] == 0
    window.page.get_by_role("link", name="Logs").click()
    expect(window.page.locator(".results")).to_contain_text("503")
    window.button("Send").click()
    expect(window.rows()).to_have_count(20)
    sent = window.control("requests")["requests"]
    # No preflight: the console has the origin of the API.
    assert [(entry["method"], entry["status"]) for entry in sent] == [("GET", 503), ("GET", 200)]


def test_a_phone_shows_request_status_duration_fault_and_time(open_window: Callable[..., Window]) -> None:
    window = open_window(viewport={"width": 390, "height": 844})
    window.control("faults", {"rule": "status:code=503,message=as long a text as fits in no line of a phone"})
    send(window, "?page=2&userId=somebody-with-a-long-id")
    window.view("traffic")
    cells = window.rows().first.get_by_role("cell")
    expect(cells).to_have_count(5)
    for cell in cells.all():
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert cell.inner_text()
    expect(window.page.get_by_role("columnheader", name="Fault")).to_be_attached()


def test_a_hundred_requests_a_second_are_followed(window: Window) -> None:
    window.view("traffic")
    expect(window.page.get_by_text("No requests yet")).to_be_visible()
    port, path = int(window.base.split(":")[2].partition("/")[0]), "/" + window.base.split("/", 3)[3]
    for number in range(300):
        wire.request(port, f"{path}/api/logs?page={number + 1}", [("Authorization", "Bearer dev-token")])
    expect(window.rows()).to_have_count(200)
    expect(window.rows().first).to_contain_text("page=300")
    expect(window.page.get_by_text("the newest 200 are shown")).to_be_visible()


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
    expect(window.rows()).to_contain_text([re.compile(r"\d\.\d\d s")])
    expect(window.rows()).to_have_count(1)


def test_a_broken_exchange_has_no_status(window: Window) -> None:
    window.control("faults", {"rule": "reset"})
    window.view("logs")
    expect(window.page.locator(".results")).to_contain_text("No reply")
    window.page.get_by_role("link", name="Traffic").click()
    expect(window.rows().first).to_contain_text("none")


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

    def count() -> int:
        """Requests are told in their order: one more is sent, to be told behind all polls."""
        with window.page.expect_request("**/contract?last"):
            window.page.evaluate("void fetch('contract?last')")
        return len(polls)

    for _ in range(3):
        send(window)
    window.page.on("request", lambda sent: polls.extend(re.findall("requests\\?after=(.*)", sent.url)))
    window.page.clock.install()
    window.view("traffic")
    expect(window.rows()).to_have_count(3)
    with window.page.expect_request(re.compile(r"requests\?after=3$")):
        pass
    hide(window, True)
    before = count()
    assert polls[0] == "0"
    # The timer that was set already fires, sees that the page is hidden, and sends nothing.
    window.page.clock.run_for(60_000)
    assert count() == before
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
