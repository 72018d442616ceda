"""The faults of the page: made from the registry, armed at once, counted as they fire."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from mockserver.faults.offences import catalogue
from mockserver.faults.presets import PRESETS, Preset
from tests.support.browser import Window


def armed(window: Window) -> Locator:
    return window.page.locator(".armed li[data-id]")


def choose(window: Window, kind: str) -> Window:
    window.page.get_by_label("Kind").select_option(kind)
    return window


def test_an_armed_fault_makes_the_next_request_fail_and_is_counted(window: Window) -> None:
    choose(window.view("faults"), "status")
    window.page.get_by_label("code *").fill("503")
    window.page.get_by_text("When it strikes").click()
    window.page.get_by_label("times").fill("2")
    window.button("Arm").click()
    expect(armed(window)).to_have_text(re.compile(r"^status:code=503,times=2fired 0 of 0 requests"))
    expect(window.page.get_by_role("link", name="Faults 1 armed")).to_be_visible()
    window.page.get_by_role("link", name="Logs").click()
    expect(window.page.locator(".results")).to_contain_text("503")
    window.page.get_by_role("link", name="Faults").click()
    expect(armed(window)).to_contain_text("fired 1 of 1 request")


def test_faults_are_disarmed_one_by_one_and_all_together(window: Window) -> None:
    for rule in ("empty", "status:code=500", "hang:seconds=1"):
        window.control("faults", {"rule": rule})
    window.view("faults")
    window.button("Disarm empty").click()
    expect(armed(window)).to_have_count(2)
    window.button("Disarm all").click()
    expect(window.page.get_by_text("Nothing is armed")).to_be_visible()
    assert window.control("faults")["armed"] == []


def test_every_kind_has_its_form_from_the_registry(window: Window) -> None:
    window.view("faults")
    kinds = window.control("faults")["kinds"]
    expect(window.page.get_by_label("Kind").locator("option")).to_have_text(list(kinds.KINDS))
    for each in kinds:
        choose(window, each["kind"])
        expect(window.page.locator("form .hint").first).to_have_text(each["sentence"])
        shown = window.page.locator("form > .fields [name]").evaluate_all("all => all.map((each) => each.name)")
        assert shown == [parameter["name"] for parameter in each["parameters"]]


def test_the_rule_is_spelt_as_text_flag_and_header(window: Window) -> None:
    choose(window.view("faults"), "status")
    window.page.get_by_label("code *").fill("418")
    window.page.get_by_label("message").fill('a, "b"')
    text = r'status:code=418,message="a, \"b\""'
    header = r'Prefer: fault="status:code=418,message=\"a, \\\"b\\\"\""'
    expect(window.page.locator(".printed code")).to_have_text([text, f"--fault '{text}'", header])
    status = window.page.evaluate(
        "async (header) => (await fetch('../api/logs', {headers: {Prefer: header}})).status", header[8:]
    )
    assert status == 418


@pytest.mark.parametrize(
    ("kind", "field", "value", "complaint"),
    [
        ("status", "code *", "", "found nothing, expected a value: the status"),
        ("status", "code *", "99", "found '99', expected a whole number from 200 to 999"),
        ("latency", "seconds", "", "found nothing, expected a value when distribution=fixed"),
        ("violate", "offence *", "", "found nothing"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_armed(
    window: Window, kind: str, field: str, value: str, complaint: str
) -> None:
    choose(window.view("faults"), kind)
    concerned = window.page.get_by_label(field, exact=True)
    if value:
        concerned.fill(value)
    window.button("Arm").click()
    expect(concerned).to_be_focused()
    expect(concerned).to_have_attribute("aria-invalid", "true")
    expect(concerned).to_have_accessible_description(re.compile(re.escape(complaint)))
    assert window.control("faults")["armed"] == []


def test_a_condition_is_found_and_its_complaint_opens_what_hides_it(window: Window) -> None:
    choose(window.view("faults"), "empty")
    window.page.get_by_text("When it strikes").click()
    window.page.get_by_label("rate").fill("1.5")
    window.page.get_by_text("When it strikes").click()
    window.button("Arm").click()
    expect(window.page.get_by_label("rate")).to_be_focused()


def test_an_offence_is_picked_by_what_it_does(window: Window) -> None:
    choose(window.view("faults"), "violate")
    offences = window.page.get_by_label("offence *")
    expect(offences.locator("option")).to_have_count(len(catalogue()))
    window.page.get_by_label("Search offences").fill("overlap")
    offences.select_option("overlap")
    expect(window.page.locator(".sentence")).to_have_text(catalogue()["overlap"].sentence)
    window.button("Arm").click()
    expect(armed(window)).to_contain_text("violate:offence=overlap")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_is_armed_in_one_press(window: Window, preset: Preset) -> None:
    window.view("faults")
    window.button(preset.name).click()
    expect(armed(window)).to_have_count(len(preset.rules))
    assert [each["text"] for each in window.control("faults")["armed"]] == list(preset.rules)


def test_what_is_armed_elsewhere_appears_by_itself(window: Window) -> None:
    window.view("faults")
    expect(window.page.get_by_text("Nothing is armed")).to_be_visible()
    window.control("faults", {"rule": "empty"})
    expect(armed(window)).to_contain_text("empty")


def test_two_tenants_side_by_side_do_not_meet(open_window: Callable[..., Window]) -> None:
    left, right = open_window(), open_window()
    left.view("faults").button("Expired session").click()
    expect(armed(left)).to_have_count(1)
    left.view("logs")
    right.view("logs")
    expect(left.page.locator(".results")).to_contain_text("401")
    expect(right.rows()).to_have_count(20)
    expect(right.page.get_by_role("link", name="Faults")).to_have_accessible_name("Faults")
