"""The view of settings: the server's options, other tenants, added logs."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from mockserver.edge.server import Server
from tests.support.browser import Window


def fill(window: Window, **values: str) -> Window:
    window.page.get_by_text("More (").click()
    for name, value in values.items():
        label = name.replace("__", ".")
        window.page.locator(f'form [name="{label}"]').fill(value)
    return window


def test_the_options_of_the_server_are_shown(window: Window) -> None:
    facts = window.view("settings").page.locator("dl.facts")
    for name, value in (
        ("Profile", "documented"),
        ("Source of the logs", "faker:count=1000,seed=7"),
        ("New logs per second", "0"),
    ):
        expect(facts.locator(f"dt:text-is('{name}') + dd")).to_have_text(value)


def test_a_log_is_added_and_is_the_newest(window: Window) -> None:
    window.view("settings")
    window.page.get_by_label("Key *", exact=True).press_sequentially("Custom.Key")
    expect(window.page.get_by_label("payload.key")).to_have_value("Custom.Key")
    fill(window, payload__userId="u-9", payload__error='{"code": "a.b"}', payload__params="{}", payload__ip="192.0.2.1")
    window.button("Add").click()
    expect(window.page.get_by_text("1 log. The newest is")).to_be_visible()
    added = window.control("logs")[0]
    assert added["payload"] == {
        "key": "Custom.Key", "result": "Success", "error": {"code": "a.b"}, "ip": "192.0.2.1", "userId": "u-9",
        "params": {},
    }  # fmt: skip
    assert added["tenantId"] == window.base.rpartition("/")[2]
    window.page.get_by_role("link", name="Logs").click()
    expect(window.rows().first).to_contain_text("Custom.Key")
    window.page.get_by_role("link", name="Settings").click()
    window.button("Delete them").click()
    expect(window.page.get_by_text("None.", exact=True)).to_be_visible()
    assert window.control("logs") == []


def test_a_log_asks_for_key_user_result_error_and_time_first(window: Window) -> None:
    window.view("settings")
    form = window.page.locator("form", has=window.page.get_by_role("heading", name="Add a log"))
    expect(form.locator("label:visible")).to_have_text(["Key *", "User", "Result", "Error", "Time"])
    form.get_by_label("Key *", exact=True).fill("Custom.Key")
    form.get_by_label("Time").fill("2026-10-31T12:00:00Z")
    window.button("Add").click()
    expect(window.page.get_by_text("1 log. The newest is")).to_be_visible()
    assert window.control("logs")[0]["createdAt"] == 1793448000000


def test_every_problem_of_a_log_is_shown_beside_its_field(window: Window) -> None:
    fill(
        window.view("settings"),
        key="x" * 129,
        id="y" * 22,
        createdAt="soon",
        payload__params="[]",
        payload__userAgentParsed="{",
    )
    window.button("Add").click()
    for name, problem in (
        ("key", "found 129 characters, expected at most 128"),
        ("id", "found 22 characters, expected at most 21"),
        ("createdAt", "found no time, expected milliseconds since 1970, or 2026-11-01T12:00:00Z"),
        ("payload.params", "found an array, expected an object"),
        ("payload.userAgentParsed", "found no JSON, expected object"),
    ):
        field = window.page.locator(f'form [name="{name}"]')
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(problem))
    assert window.control("logs") == []


def test_while_a_form_is_filled_only_touched_fields_show_problems(window: Window) -> None:
    fill(window.view("settings"), id="y" * 22)
    field = window.page.locator('form [name="id"]')
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(window.page.get_by_label("Key *", exact=True)).not_to_have_attribute("aria-invalid", "true")
    field.fill("short")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_a_field_for_text_or_object_takes_a_text(window: Window) -> None:
    fill(window.view("settings"), key="A", payload__error="invalid_grant: expired")
    window.button("Add").click()
    expect(window.page.get_by_text("1 log. The newest is")).to_be_visible()
    assert window.control("logs")[0]["payload"]["error"] == "invalid_grant: expired"


def test_a_problem_that_only_the_store_knows_is_shown_beside_its_field(window: Window) -> None:
    window.control("logs", {"id": "taken", "key": "A", "payload": {"key": "A", "result": "Success"}})
    fill(window.view("settings"), key="A", id="taken")
    window.button("Add").click()
    expect(window.page.locator('form [name="id"]')).to_have_accessible_description(re.compile("which another log has"))
    window.forgive("400 (Bad Request)")


def test_another_tenant_is_opened_by_name_and_the_first_one_from_the_list(window: Window) -> None:
    window.view("settings")
    name = window.page.get_by_label("New tenant")
    name.fill("No Such")
    window.button("Open").click()
    expect(name).to_have_accessible_description(re.compile("expected 1 to 21 of a-z, 0-9 and -"))
    window.forgive("400 (Bad Request)")
    name.fill("fresh-one")
    window.button("Open").click()
    expect(window.page).to_have_url(re.compile("/t/fresh-one/__admin/#settings$"))
    expect(window.page.get_by_label("Tenant", exact=True)).to_have_value("fresh-one")
    first = window.base.rpartition("/")[2]
    window.page.get_by_label("Tenant", exact=True).select_option(first)
    expect(window.page).to_have_url(re.compile(f"/t/{first}/__admin/#settings$"))


def test_the_default_tenant_can_be_opened_from_a_tenant_in_the_host_name(window: Window, server: Server) -> None:
    window.page.goto(f"http://acme.localhost:{server.port}/__admin/#traffic")
    tenant = window.page.get_by_label("Tenant", exact=True)
    expect(tenant).to_have_value("acme")
    window.page.goto(f"http://acme.localhost:{server.port}/t/default/__admin/#traffic")
    expect(tenant).to_have_value("default")
    tenant.select_option("acme")
    expect(tenant).to_have_value("acme")
    tenant.select_option("default")
    expect(tenant).to_have_value("default")


def test_a_reset_disarms_faults_and_deletes_added_logs(window: Window) -> None:
    window.control("faults", {"rule": "empty"})
    window.control("logs", {"key": "A", "payload": {"key": "A", "result": "Success"}})
    window.view("settings")
    expect(window.page.get_by_text("1 log. The newest is")).to_be_visible()
    window.button("Reset this tenant").click()
    expect(window.page.get_by_text("None.", exact=True)).to_be_visible()
    assert window.control("faults")["armed"] == []
    assert window.control("logs") == []
