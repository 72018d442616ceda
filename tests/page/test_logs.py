"""The logs of the page: what a client of the public API would see, whatever that is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.browser import Window, desk

TOKEN = {"Authorization": "Bearer dev-token"}
LOG = {"key": "Interaction.Create", "payload": {"key": "Interaction.Create", "result": "Success"}}


def test_the_newest_logs_are_listed_with_what_matters_of_each(window: Window) -> None:
    window.control("logs", {**LOG, "payload": {**LOG["payload"], "userId": "u-1", "applicationId": "a-1"}})
    window.view("logs")
    expect(window.rows()).to_have_count(20)
    first = window.rows().first
    expect(first.get_by_role("cell")).to_have_text(
        ["Interaction.Create", "Success", "u-1", "a-1", re.compile(r"^Oct 31, 2026 \d\d:\d\d:\d\d\.\d{3}$")]
    )
    expect(window.page).to_have_title("Logs · mockserver")


def test_a_row_opens_the_raw_log_and_closes_again(window: Window) -> None:
    window.view("logs")
    opener = window.rows().first.get_by_role("button")
    opener.focus()
    window.page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    shown = json.loads(window.page.get_by_label("The raw log").inner_text())
    newest = window.context.request.get(f"{window.base}/api/logs?page_size=1", headers=TOKEN).json()[0]
    assert shown == newest
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_label("The raw log")).to_be_hidden()


def test_the_pager_follows_the_headers(window: Window) -> None:
    window.view("logs?page_size=30")
    pages = window.page.get_by_role("navigation", name="Pages")
    expect(pages).to_contain_text("Page 1 of 34")
    expect(window.button("Previous")).to_be_disabled()
    window.button("Last").click()
    expect(pages).to_contain_text("Page 34 of 34")
    expect(window.rows()).to_have_count(10)
    expect(window.button("Next")).to_be_disabled()
    window.button("Previous").click()
    expect(pages).to_contain_text("Page 33 of 34")
    window.page.go_back()
    expect(pages).to_contain_text("Page 34 of 34")


def test_links_that_lead_astray_are_told_and_followed_all_the_same(browser: Browser) -> None:
    with Server(create_app(Settings(profile="observed"))) as server:
        window = Window(desk(browser), server.url).view("logs")
        pages = window.page.get_by_role("navigation", name="Pages")
        expect(pages).to_contain_text("Link leads to /logs, which is not where the list is.")
        window.button("Next").click()
        expect(pages).to_contain_text("Page 2 of")
        assert window.errors == []
        window.context.close()


def test_without_link_there_is_no_pager(window: Window) -> None:
    window.control("faults", {"rule": "status:code=200"})
    window.view("logs")
    expect(window.page.get_by_text("No Link came: a client cannot page.")).to_be_visible()


def test_a_filter_is_suggested_narrows_and_begins_on_the_first_page(window: Window) -> None:
    window.view("logs?page=3")
    expect(window.page.get_by_label("page", exact=True)).to_have_value("3")
    field = window.page.get_by_label("logKey")
    options = window.page.locator(f"datalist[id='{field.get_attribute('list')}'] option")
    expect(options.first).to_be_attached()
    assert "Interaction.Create" in options.evaluate_all("all => all.map((each) => each.value)")
    field.fill("Interaction.Create")
    window.page.get_by_label("page", exact=True).fill("")
    field.press("Enter")
    expect(window.page).to_have_url(re.compile(r"#logs\?logKey=Interaction\.Create$"))
    expect(window.rows().locator(".opener").filter(has_not_text="Interaction.Create")).to_have_count(0)
    assert set(window.rows().locator(".opener").all_inner_texts()) == {"Interaction.Create"}


def test_a_row_offers_the_logs_that_share_a_value_with_it(window: Window) -> None:
    window.control("logs", {**LOG, "payload": {**LOG["payload"], "userId": "somebody"}})
    window.view("logs?page_size=5")
    window.rows().first.click()
    window.button("Only this userId").click()
    expect(window.rows()).to_have_count(1)
    expect(window.page).to_have_url(re.compile(r"page_size=5&userId=somebody$"))
    window.button("Clear").click()
    expect(window.rows()).to_have_count(20)


def test_nothing_found_is_said_and_has_a_way_out(window: Window) -> None:
    window.view("logs?userId=nobody")
    expect(window.page.get_by_text("No log matches this query.")).to_be_visible()
    window.button("Show all logs").click()
    expect(window.rows()).to_have_count(20)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("status:code=503,retry_after=7", ["503", "Service Unavailable.", "To be asked again after 7 s."]),
        ("status:code=401", ["401 auth.unauthorized"]),
        ("reset", ["No answer came"]),
        ("truncate:fraction=0.5", ["The connection broke within the body, after"]),
        ("malformed_json", ["The body is no JSON."]),
        ("wrong_type:type=text/html", ["The Content-Type is not JSON but text/html."]),
        ("violate:offence=envelope", ["The body is no array but an object."]),
    ],
)
def test_faults_show_as_a_client_meets_them(window: Window, rule: str, told: list[str]) -> None:
    window.control("faults", {"rule": rule})
    window.view("logs")
    for text in told:
        expect(window.page.locator(".results")).to_contain_text(text)


@pytest.mark.parametrize(
    "offence",
    ["null-payload", "wrong-type-payload", "missing-key", "wrong-type-createdAt", "null-createdAt", "null-item"],
)
def test_logs_that_break_the_contract_are_still_shown(window: Window, offence: str) -> None:
    window.control("faults", {"rule": f"violate:offence={offence}"})
    window.view("logs")
    expect(window.rows().first).to_be_visible()
    window.rows().first.click()
    expect(window.page.get_by_label("The raw log")).to_be_visible()


def test_a_long_wait_is_told_and_can_be_given_up(window: Window) -> None:
    window.control("faults", {"rule": "hang:seconds=60"})
    window.view("logs")
    expect(window.page.get_by_text("Asking for")).to_be_visible()
    window.button("Give up").click()
    expect(window.page.get_by_text("Given up before an answer came.")).to_be_visible()


def test_another_token_is_sent_and_its_refusal_shown(window: Window) -> None:
    window.view("logs")
    expect(window.rows()).to_have_count(20)
    for token, code in (("forbidden-token", "403 auth.forbidden"), ("none", "401 auth.authorization_header_missing")):
        window.page.get_by_label("Token").select_option(token)
        expect(window.page.locator(".results")).to_contain_text(code)


def test_the_request_is_there_to_copy(window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.view("logs?userId=it's")
    window.page.get_by_text("request and headers").click()
    clipboard: Any = "navigator.clipboard.readText()"
    window.button("Copy curl").click()
    expect(window.button("Copied")).to_be_visible()
    url = f"{window.base}/api/logs?userId=it%27s"
    assert window.page.evaluate(clipboard) == f"curl -i -H 'Authorization: Bearer dev-token' '{url}'"
    window.button("Copy fetch").click()
    assert window.page.evaluate(clipboard).startswith(f'const response = await fetch("{url}", {{')
    expect(window.page.locator(".exchange dl")).to_contain_text("total-number")


def test_a_log_is_there_to_copy_whole_and_by_its_address(window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.control("logs", {**LOG, "id": "mine"})
    window.view("logs?page_size=1")
    window.rows().first.click()
    window.button("Copy JSON").click()
    expect(window.button("Copied")).to_be_visible()
    assert json.loads(window.page.evaluate("navigator.clipboard.readText()"))["id"] == "mine"
    window.button("Copy curl of this log").click()
    expect(window.button("Copied")).to_have_count(2)
    curl = f"curl -i -H 'Authorization: Bearer dev-token' '{window.base}/api/logs/mine'"
    assert window.page.evaluate("navigator.clipboard.readText()") == curl
