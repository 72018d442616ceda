"""The view of logs: it shows what a client of the public API gets, faults included."""

from __future__ import annotations

import json
import re
from functools import reduce
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from mockserver.contract.document import contract
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.browser import Window, desk

TOKEN = {"Authorization": "Bearer dev-token"}
LOG = {"key": "Interaction.Create", "payload": {"key": "Interaction.Create", "result": "Success"}}


def test_the_newest_logs_are_listed_with_event_result_user_application_and_time(window: Window) -> None:
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
    log = json.loads(window.page.get_by_label("The raw log").inner_text())
    newest = window.context.request.get(f"{window.base}/api/logs?page_size=1", headers=TOKEN).json()[0]
    assert log == newest
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


def test_links_to_another_path_are_followed_with_a_warning(browser: Browser) -> None:
    with Server(create_app(Settings(profile="observed"))) as server:
        window = Window(desk(browser), server.url).view("logs")
        pages = window.page.get_by_role("navigation", name="Pages")
        expect(pages).to_contain_text("Link points to /logs, but the list is at /api/logs.")
        window.button("Next").click()
        expect(pages).to_contain_text("Page 2 of")
        assert window.errors == []
        window.context.close()


def test_without_a_link_header_there_is_no_pager(window: Window) -> None:
    window.control("faults", {"rule": "status:code=200"})
    window.view("logs")
    expect(window.page.get_by_text("Without a Link header, a client cannot find the other pages.")).to_be_visible()
    expect(window.button("Next")).to_have_count(0)


def test_a_filter_is_suggested_narrows_the_list_and_starts_on_the_first_page(window: Window) -> None:
    window.view("logs?page=3")
    expect(window.page.get_by_label("page", exact=True)).to_have_value("3")
    field = window.page.get_by_label("logKey")
    options = window.page.locator(f"datalist[id='{field.get_attribute('list')}'] option")
    expect(options.first).to_be_attached()
    assert "Interaction.Create" in options.evaluate_all("options => options.map((option) => option.value)")
    field.fill("Interaction.Create")
    window.page.get_by_label("page", exact=True).fill("")
    field.press("Enter")
    expect(window.page).to_have_url(re.compile(r"#logs\?logKey=Interaction\.Create$"))
    expect(window.rows().locator(".opener").filter(has_not_text="Interaction.Create")).to_have_count(0)
    expect(window.rows().first).to_be_visible()
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


def test_an_empty_list_offers_to_show_all_logs(window: Window) -> None:
    window.view("logs?userId=nobody")
    expect(window.page.get_by_text("No log matches this query.")).to_be_visible()
    window.button("Show all logs").click()
    expect(window.rows()).to_have_count(20)


@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        ("status:code=503,retry_after=7", ["503", "Service Unavailable.", "Retry after 7 s."]),
        ("status:code=401", ["401 auth.unauthorized"]),
        ("reset", ["No reply: the connection was closed or reset"]),
        ("truncate:fraction=0.5", ["The connection broke in the middle of the body, after"]),
        ("malformed_json", ["The body is not JSON."]),
        ("wrong_type:type=text/html", ["The Content-Type is text/html, not JSON."]),
        ("violate:offence=envelope", ["The body is an object, not an array."]),
    ],
)
def test_a_fault_is_shown_as_a_client_gets_it(window: Window, rule: str, texts: list[str]) -> None:
    window.control("faults", {"rule": rule})
    window.view("logs")
    for text in texts:
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
    raw = window.page.get_by_label("The raw log")
    expect(raw).to_be_visible()
    served = window.context.request.get(f"{window.base}/api/logs", headers=TOKEN).json()
    expect(window.rows()).to_have_count(len(served))
    assert json.loads(raw.text_content() or "") == served[0]


def test_a_long_wait_is_shown_and_can_be_cancelled(window: Window) -> None:
    window.control("faults", {"rule": "hang:seconds=60"})
    window.view("logs")
    expect(window.page.get_by_text("No reply after")).to_be_visible()
    window.button("Cancel").click()
    expect(window.page.get_by_text("Cancelled before a reply came.")).to_be_visible()


def test_another_token_is_sent_and_its_refusal_is_shown(window: Window) -> None:
    window.view("logs")
    expect(window.rows()).to_have_count(20)
    for token, code in (("forbidden-token", "403 auth.forbidden"), ("none", "401 auth.authorization_header_missing")):
        window.page.get_by_label("Token").select_option(token)
        expect(window.page.locator(".results")).to_contain_text(code)


def test_the_request_can_be_copied_as_curl_and_as_fetch(window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.view("logs?userId=it's")
    window.page.get_by_text("Show request and headers").click()
    clipboard: Any = "navigator.clipboard.readText()"
    window.button("Copy curl").click()
    expect(window.button("Copied")).to_be_visible()
    url = f"{window.base}/api/logs?userId=it%27s"
    assert window.page.evaluate(clipboard) == f"curl -i -H 'Authorization: Bearer dev-token' '{url}'"
    window.button("Copy fetch").click()
    assert window.page.evaluate(clipboard).startswith(f'const response = await fetch("{url}", {{')
    expect(window.page.locator(".exchange dl")).to_contain_text("total-number")


def test_a_log_can_be_copied_as_json_and_as_curl(window: Window) -> None:
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


def test_a_fourth_filter_in_the_contract_is_a_field_with_suggestions_and_narrows_the_list(window: Window) -> None:
    result = {"name": "result", "type": "string", "description": "Filter logs by result", "minimum": None}

    def add_filter(route: Route) -> None:
        reply = route.fetch()
        contract = reply.json()
        contract["parameters"].append({**result, "default": None, "looks_at": "payload.result"})
        route.fulfill(response=reply, json=contract)

    window.page.route("**/__admin/contract", add_filter)
    window.control("logs", LOG)
    window.view("logs?page_size=5")
    window.rows().first.click()
    window.button("Only this result").click()
    expect(window.page).to_have_url(re.compile(r"page_size=5&result=Success$"))
    field = window.page.get_by_label("result")
    expect(field).to_have_value("Success")
    options = window.page.locator(f"datalist[id='{field.get_attribute('list')}'] option")
    expect(options.first).to_have_attribute("value", "Success")
    window.page.locator(".exchange summary").click()
    expect(window.page.get_by_label("The request as curl")).to_contain_text("/api/logs?page_size=5&result=Success")


def test_every_filter_of_the_contract_narrows_the_list_from_a_row(window: Window) -> None:
    payload = {**LOG["payload"], "userId": "somebody", "applicationId": "some-app"}
    log = window.control("logs", {**LOG, "payload": payload})
    for name, path in contract().filters.items():
        window.view("logs?page_size=5")
        window.rows().first.click()
        window.button(f"Only this {name}").click()
        field = window.page.get_by_label(name)
        expect(field).to_have_value(reduce(lambda value, step: value[step], path, log))
        expect(window.page).to_have_url(re.compile(f"page_size=5&{name}="))
        listed = window.context.request.get(
            f"{window.base}/api/logs?{window.page.url.partition('?')[2]}", headers=TOKEN
        )
        expect(window.rows()).to_have_count(len(listed.json()))
        assert all(reduce(lambda value, step: value[step], path, each) == field.input_value() for each in listed.json())
        field.fill("nothing")
        window.button("Send").click()
        expect(window.page.get_by_text("No log matches this query.")).to_be_visible()
