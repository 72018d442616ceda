"""The view of faults: forms for every kind, armed rules with their counts, presets."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from mockserver.faults.kinds import KINDS
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
    window.page.get_by_text("When it happens").click()
    window.page.get_by_label("times").fill("2")
    window.button("Add").click()
    expect(armed(window)).to_have_text(re.compile(r"^status:code=503,times=2changed 0 of 0 requests"))
    expect(window.page.get_by_role("link", name="Faults 1 active")).to_be_visible()
    window.page.get_by_role("link", name="Logs").click()
    expect(window.page.locator(".results")).to_contain_text("503")
    window.page.get_by_role("link", name="Faults").click()
    expect(armed(window)).to_contain_text("changed 1 of 1 request")


def test_faults_are_disarmed_one_by_one_and_all_together(window: Window) -> None:
    for rule in ("empty", "status:code=500", "hang:seconds=1"):
        window.control("faults", {"rule": rule})
    window.view("faults")
    window.button("Remove empty").click()
    expect(armed(window)).to_have_count(2)
    window.button("Remove all").click()
    expect(window.page.get_by_text("No fault is active")).to_be_visible()
    assert window.control("faults")["armed"] == []


def test_every_kind_of_fault_has_a_form_with_all_its_parameters(window: Window) -> None:
    window.view("faults")
    kinds = window.control("faults")["kinds"]
    expect(window.page.get_by_label("Kind").locator("option")).to_have_text(list(KINDS))
    for kind in kinds:
        choose(window, kind["kind"])
        expect(window.page.locator("form .hint").first).to_have_text(kind["sentence"])
        names = window.page.locator("form > .fields [name]").evaluate_all("inputs => inputs.map((input) => input.name)")
        assert names == [parameter["name"] for parameter in kind["parameters"]]


def test_the_rule_is_shown_as_text_as_flag_and_as_header(window: Window) -> None:
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
    ("kind", "field", "value", "problem"),
    [
        ("status", "code *", "", "found nothing, expected a value: the status"),
        ("status", "code *", "99", "found '99', expected a whole number from 200 to 999"),
        ("latency", "seconds", "", "found nothing, expected a value when distribution=fixed"),
        ("violate", "offence *", "", "found nothing"),
    ],
)
def test_a_problem_is_shown_beside_its_field_and_nothing_is_armed(
    window: Window, kind: str, field: str, value: str, problem: str
) -> None:
    choose(window.view("faults"), kind)
    input_ = window.page.get_by_label(field, exact=True)
    if value:
        input_.fill(value)
    window.button("Add").click()
    expect(input_).to_be_focused()
    expect(input_).to_have_attribute("aria-invalid", "true")
    expect(input_).to_have_accessible_description(re.compile(re.escape(problem)))
    assert window.control("faults")["armed"] == []


def test_a_problem_with_a_hidden_condition_opens_the_conditions(window: Window) -> None:
    choose(window.view("faults"), "empty")
    window.page.get_by_text("When it happens").click()
    window.page.get_by_label("rate").fill("1.5")
    window.page.get_by_text("When it happens").click()
    window.button("Add").click()
    expect(window.page.get_by_label("rate")).to_be_focused()


def test_an_offence_is_found_by_searching_its_sentence(window: Window) -> None:
    choose(window.view("faults"), "violate")
    offences = window.page.get_by_label("offence *")
    expect(offences.locator("option")).to_have_count(len(catalogue()))
    window.page.get_by_label("Search offences").fill("overlap")
    offences.select_option("overlap")
    expect(window.page.locator(".sentence")).to_have_text(catalogue()["overlap"].sentence)
    window.button("Add").click()
    expect(armed(window)).to_contain_text("violate:offence=overlap")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_one_press_arms_every_rule_of_a_preset(window: Window, preset: Preset) -> None:
    window.view("faults")
    window.button(preset.name).click()
    expect(armed(window)).to_have_count(len(preset.rules))
    assert [rule["text"] for rule in window.control("faults")["armed"]] == list(preset.rules)


def test_a_rule_that_is_armed_elsewhere_appears_by_itself(window: Window) -> None:
    window.view("faults")
    expect(window.page.get_by_text("No fault is active")).to_be_visible()
    window.control("faults", {"rule": "empty"})
    expect(armed(window)).to_contain_text("empty")


def test_a_fault_in_one_tenant_does_not_show_in_another(open_window: Callable[..., Window]) -> None:
    left, right = open_window(), open_window()
    left.view("faults").button("Session expired").click()
    expect(armed(left)).to_have_count(1)
    left.view("logs")
    right.view("logs")
    expect(left.page.locator(".results")).to_contain_text("401")
    expect(right.rows()).to_have_count(20)
    expect(right.page.get_by_role("link", name="Faults")).to_have_accessible_name("Faults")
