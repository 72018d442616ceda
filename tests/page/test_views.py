"""The four views: each has an address, and a view that cannot be made now is made later."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.support.browser import Window


def test_a_view_that_is_made_slowly_does_not_replace_the_view_that_was_opened_after_it(window: Window) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    window.view("logs")
    expect(window.rows()).to_have_count(20)
    window.page.route("**/__admin/presets", hold)
    with window.page.expect_request("**/__admin/presets"):
        window.page.get_by_role("link", name="Faults").click()
    window.page.get_by_role("link", name="Traffic").click()
    expect(window.page).to_have_title("Traffic · mockserver")
    with window.page.expect_response("**/__admin/presets"):
        held.pop().continue_()
    # The reply is in the page: the next request of the poll comes after it.
    with window.page.expect_request("**/__admin/requests?after=*"):
        pass
    expect(window.page).to_have_title("Traffic · mockserver")
    expect(window.button("Pause")).to_be_visible()


def test_a_view_that_cannot_be_made_is_made_when_it_is_opened_again(window: Window) -> None:
    window.view("logs")
    expect(window.rows()).to_have_count(20)
    window.page.route("**/__admin/presets", lambda route: route.abort(), times=1)
    window.page.get_by_role("link", name="Faults").click()
    expect(window.page.get_by_role("alert").first).to_have_text("The mock does not answer. Is it still running?")
    window.page.get_by_role("link", name="Traffic").click()
    expect(window.page).to_have_title("Traffic · mockserver")
    window.page.get_by_role("link", name="Faults").click()
    expect(window.button("Flaky backend")).to_be_visible()
    window.forgive("ERR_FAILED")


def test_the_base_url_and_the_document_are_at_hand_in_every_view(window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for view in ("logs", "faults", "traffic", "settings"):
        addresses = window.view(view).page.get_by_role("region", name="Addresses")
        expect(addresses).to_contain_text(f"Base URL {window.base}")
    window.button("Copy base URL").click()
    expect(window.button("Copied")).to_be_visible()
    assert window.page.evaluate("navigator.clipboard.readText()") == window.base
    for title, path in (("JSON", "/api/logs"), ("YAML", "/api/logs"), ("Control API", "/requests/verify")):
        url = window.page.get_by_role("link", name=f"OpenAPI, {title}").evaluate("link => link.href")
        answer = window.context.request.get(url)
        assert answer.ok
        assert path in answer.text()


def test_an_unknown_view_in_the_address_shows_the_logs(window: Window) -> None:
    window.view("nothing")
    expect(window.page).to_have_title("Logs · mockserver")
    expect(window.rows()).to_have_count(20)
