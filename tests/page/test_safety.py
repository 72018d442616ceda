"""The console shows any text without running it, and pages of other origins cannot use it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.http.message import Reply
from mockserver.mock.settings import Settings
from tests.support.browser import Window, desk
from tests.support.echo import Echo
from tests.support.wire import until

HOSTILE = {
    "markup": '<script>window.harmed = 1</script><img src=x onerror="window.harmed = 1">',
    "quotes": "'\"><svg onload=window.harmed=1>",
    "right-to-left": "\u202eevil\u202c שלום مرحبا",
    "emoji": "👩‍👩‍👧‍👦 \U0001f600 \ud7ff￿",
    "long": "x" * 100_000,
    "url": "javascript:window.harmed=1",
    "template": "${window.harmed=1}{{window.harmed=1}}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_log_is_shown_harmlessly(window: Window, text: str) -> None:
    payload = dict.fromkeys(("key", "userId", "applicationId", "ip", "userAgent"), text)
    log = {"key": text[:128], "payload": {**payload, "result": "Success", text[:200]: {text[:200]: text}}}
    window.control("logs", log)
    window.view("logs?page_size=2")
    first = window.rows().first
    expect(first.get_by_role("cell").first).to_have_text(text[:128])
    first.click()
    raw = window.page.get_by_label("The raw log")
    expect(raw).to_be_visible()
    assert json.loads(raw.text_content() or "")["payload"]["userAgent"] == text
    assert window.page.evaluate("window.harmed") is None
    assert window.page.locator("main script, main img, main [onload], main a[href^=javascript]").count() == 0
    # The page does not scroll sideways, and the row is no higher than a few lines.
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (first.bounding_box() or {})["height"] < 120


def test_a_hostile_request_is_shown_harmlessly(window: Window) -> None:
    window.context.request.get(f"{window.base}/api/logs?userId=<script>window.harmed=1</script>&{'y' * 9000}")
    window.view("traffic")
    window.rows().first.click()
    expect(window.page.locator("tr.detail")).to_contain_text("script")
    expect(window.page.get_by_label("The body of the answer")).to_be_visible()
    assert window.page.evaluate("window.harmed") is None
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_browser_refuses_to_make_html_of_a_text(window: Window) -> None:
    """Trusted Types: even a mistake in the console's own code would be refused."""
    window.view("logs")
    refused = window.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>'; } catch (error) { return error.name; } }"
    )
    assert refused == "TypeError"
    window.forgive("TrustedHTML")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The URL of a page of another origin."""
    page = Reply(200, (("Content-Type", "text/html"),), b"<!doctype html><title>elsewhere</title><body>")
    with Server(Echo(lambda request: page)) as server:
        yield server.url


# What a page may send to any origin before the browser asks for a permission.
UNASKED = {
    "a fetch without asking": "fetch(url, {method: 'POST', body: rule, mode: 'no-cors'})",
    "a beacon": "navigator.sendBeacon(url, new Blob([rule], {type: 'text/plain'}))",
    # The name and the value of a field, with an equals sign between them, are the text.
    "a form": """new Promise((done) => {
        const frame = Object.assign(document.createElement('iframe'), {name: 'hidden', onload: done});
        const sent = {method: 'POST', action: url, target: 'hidden', enctype: 'text/plain'};
        const form = Object.assign(document.createElement('form'), sent);
        const [name, value] = rule.split('=');
        form.append(Object.assign(document.createElement('input'), {name, value}));
        document.body.append(frame, form);
        form.submit();
    })""",
}
ATTACKS = UNASKED | {
    "a plain fetch": "fetch(url, {method: 'POST', body: rule, headers: {'Content-Type': 'application/json'}})",
    "a deletion": "fetch(url, {method: 'DELETE'})",
}


def attack_from(elsewhere: str, window: Window, attack: str) -> None:
    """Open a page of another origin, and have it send what would arm or disarm a fault."""
    window.control("faults", {"rule": "latency:seconds=0"})
    window.page.goto(elsewhere)
    sent = [f"{window.base}/__admin/faults", '{"rule": "status:code=503"}']
    window.page.evaluate(f"([url, rule]) => Promise.resolve({attack}).catch(() => null)", sent)
    window.page.wait_for_load_state("networkidle")


def rules(window: Window) -> list[str]:
    return [rule["text"] for rule in window.control("faults")["armed"]]


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_page_of_another_origin_arms_and_disarms_nothing(window: Window, elsewhere: str, attack: str) -> None:
    attack_from(elsewhere, window, attack)
    assert rules(window) == ["latency:seconds=0"]


@pytest.mark.parametrize("attack", UNASKED.values(), ids=UNASKED)
def test_without_a_guard_such_a_page_would_arm_a_fault(browser: Browser, elsewhere: str, attack: str) -> None:
    """The browser alone keeps nobody out: the guard does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.edge.admin.guard.control_refusal", lambda *_: None)
        app = create_app(Settings(logs="faker:count=1"))
    with Server(app) as server:
        window = Window(desk(browser), server.url)
        attack_from(elsewhere, window, attack)
        until(lambda: rules(window) == ["latency:seconds=0", "status:code=503"])
        window.context.close()


def test_a_page_of_another_origin_cannot_read_or_frame_the_console(window: Window, elsewhere: str) -> None:
    window.page.goto(elsewhere)
    fetch = "async (url) => { try { return await (await fetch(url)).text(); } catch (error) { return error.name; } }"
    assert window.page.evaluate(fetch, f"{window.base}/__admin/requests") == "TypeError"
    embed = """(url) => new Promise((done) => {
        document.body.append(Object.assign(document.createElement('iframe'), {src: url, onload: done}));
    })"""
    window.page.evaluate(embed, f"{window.base}/__admin/")
    framed = [frame for frame in window.page.frames if frame.parent_frame is not None]
    assert [frame.locator("main").count() for frame in framed] == [0]


def test_a_link_on_another_site_opens_the_console(window: Window, elsewhere: str) -> None:
    window.page.goto(elsewhere)
    window.page.evaluate("(url) => { location.href = url; }", f"{window.base}/__admin/")
    expect(window.rows()).to_have_count(20)


def test_a_rebound_name_is_refused(window: Window, server: Server) -> None:
    """A rebound name belongs to a stranger and resolves to this machine."""
    answer = window.page.goto(f"http://rebound.example.com:{server.port}/__admin/")
    assert answer is not None
    assert answer.status == 403
    assert answer.json()["code"] == "admin.foreign_host"


def test_beyond_loopback_the_console_asks_for_the_token_and_keeps_it_for_one_window(browser: Browser) -> None:
    settings = Settings(logs="faker:count=30", host="0.0.0.0", admin_token="s3cret")
    with Server(create_app(settings)) as server:
        window = Window(desk(browser), server.url)
        window.view("settings")
        dialog = window.page.get_by_role("dialog", name="Admin token")
        expect(dialog).to_contain_text("Enter the token that the server was started with")
        for _ in range(3):
            window.page.keyboard.press("Escape")
        dialog.get_by_label("Token", exact=True).fill("wrong")
        window.button("Use this token").click()
        expect(dialog).to_contain_text("This token was refused.")
        dialog.get_by_label("Token", exact=True).fill("s3cret")
        window.button("Use this token").click()
        expect(dialog).to_be_hidden()
        expect(window.page.locator("dl.facts")).to_contain_text("0.0.0.0")
        window.page.reload()
        expect(window.page.locator("dl.facts")).to_contain_text("0.0.0.0")
        assert "s3cret" not in window.page.content()
        other = Window(desk(browser), server.url).view("settings")
        expect(other.page.get_by_role("dialog", name="Admin token")).to_be_visible()
        window.forgive("401 (Unauthorized)")
        assert window.errors == []
        window.context.close()
        other.context.close()


def test_a_hostile_answer_is_shown_harmlessly_in_the_traffic(window: Window) -> None:
    texts = dict.fromkeys(("key", "userId", "applicationId", "ip", "userAgent"), HOSTILE["markup"])
    window.control("logs", {"key": "A", "payload": {**texts, "key": "A", "result": "Success"}})
    token = {"Authorization": "Bearer dev-token"}
    window.context.request.get(f"{window.base}/api/logs?page_size=1", headers=token)
    window.view("traffic").rows().first.click()
    expect(window.page.get_by_label("The body of the answer")).to_contain_text("onerror=")
    assert window.page.evaluate("window.harmed") is None
    assert window.page.locator("main script, main img").count() == 0


def test_behind_an_outage_nothing_of_the_mock_before_is_shown(browser: Browser) -> None:
    """Another mock may have the port by then, with as many requests."""
    token = {"Authorization": "Bearer dev-token"}
    settings = Settings(logs="faker:count=30", faults=("latency:seconds=0",))
    with Server(create_app(settings)) as server:
        window = Window(desk(browser), server.url)
        window.context.request.get(f"{window.base}/api/logs?page=1", headers=token)
        window.view("traffic")
        expect(window.rows()).to_contain_text(["page=1"])
        expect(window.page.get_by_role("link", name="Faults 1 active")).to_be_visible()
    expect(window.page.get_by_role("alert")).to_contain_text("does not answer")
    # What may have changed meanwhile is not shown as if it were so now.
    expect(window.page.get_by_role("link", name="Faults", exact=True)).to_be_visible()
    expect(window.page.locator(".sparklines")).to_be_hidden()
    with Server(create_app(Settings(logs="faker:count=30")), port=server.port) as server:
        window.context.request.get(f"{window.base}/api/logs?page=2", headers=token)
        window.context.request.get(f"{window.base}/api/logs?page=3", headers=token)
        expect(window.rows()).to_contain_text(["page=3", "page=2"])
        expect(window.page.get_by_role("alert")).to_be_hidden()
        expect(window.page.get_by_role("link", name="Faults", exact=True)).to_be_visible()
        window.context.close()


def test_an_answer_of_something_else_is_a_sentence(window: Window) -> None:
    window.view("traffic")
    expect(window.page.get_by_text("No requests yet")).to_be_visible()
    window.page.route("**/__admin/requests?*", lambda route: route.fulfill(status=502, body="<html>"))
    expect(window.page.get_by_role("alert")).to_contain_text("The answer 502 is not JSON.")
    window.page.unroute_all()
    expect(window.page.get_by_role("alert")).to_be_hidden()
    window.forgive("502")


def test_the_console_says_that_the_mock_was_stopped_and_recovers_when_it_is_back(browser: Browser) -> None:
    with Server(create_app(Settings(logs="faker:count=30"))) as server:
        window = Window(desk(browser), server.url).view("traffic")
        expect(window.page.get_by_text("No requests yet")).to_be_visible()
    banner = window.page.get_by_role("alert")
    expect(banner).to_have_text(
        re.compile(
            r"^The mock does not answer\. Is it still running\? "
            r"Since \d\d:\d\d:\d\d, this page cannot follow it; it tries again by itself\.$"
        )
    )
    window.button("Clear").click()
    expect(banner).to_be_visible()
    window.forgive("ERR_CONNECTION_REFUSED")
    with Server(create_app(Settings(logs="faker:count=30")), port=server.port):
        expect(banner).to_be_hidden()
    window.context.close()
