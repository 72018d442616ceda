"""Everybody can use the console: by keyboard, with a screen reader, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support import node
from tests.support.browser import Window
from tests.support.reports import FOLDER, VERDICTS
from tests.support.screenshots import MOST_BYTES, PICTURES, names, take

VIEWS = ("logs", "faults", "traffic", "settings")
PHONE = {"viewport": {"width": 360, "height": 740}}


def furnish(window: Window) -> Window:
    """Fill every view: a fault that has fired, an added log, a few requests."""
    window.control("faults", {"rule": "status:code=503,times=1"})
    window.control("logs", {"key": "Custom.Key", "payload": {"key": "Custom.Key", "result": "Error", "userId": "u-1"}})
    for page in (1, 2):
        window.context.request.get(f"{window.base}/api/logs?page={page}", headers={"Authorization": "Bearer dev-token"})
    return window


def open_up(window: Window, view: str) -> None:
    """Show a view and open all its details. The title changes after the content: until then the old view is there."""
    window.view(view)
    expect(window.page).to_have_title(f"{view.capitalize()} · mockserver")
    if view in ("logs", "traffic"):
        window.rows().first.get_by_role("button").click()
        expect(window.page.locator("tr.detail pre").first).to_be_visible()
    else:
        expect(window.page.locator("main h2").first).to_be_visible()
    for summary in window.page.locator("main summary").all():
        summary.click()
    expect(window.page.locator("main details:not([open])")).to_have_count(0)


@pytest.mark.parametrize(("scheme", "shape"), [("light", {}), ("dark", PHONE)], ids=["light screen", "dark phone"])
def test_axe_finds_no_problem_in_any_view(
    open_window: Callable[..., Window], scheme: str, shape: dict[str, object]
) -> None:
    window = furnish(open_window(color_scheme=scheme, **shape))
    window.view("logs").page.evaluate(node.source("axe-core/axe.min.js"))
    for view in VIEWS:
        open_up(window, view)
        violations = window.page.evaluate("async () => (await axe.run()).violations")
        assert [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}" for v in violations] == [], view


@pytest.mark.parametrize("name", VERDICTS)
def test_a_report_of_the_judge_fits_a_phone(open_window: Callable[..., Window], name: str) -> None:
    """The target may be one long word."""
    page = open_window(viewport={"width": 390, "height": 844}).page
    text = (FOLDER / name / "report.html").read_text("utf-8")
    page.set_content(text.replace("http://127.0.0.1:1", f"https://{'a-long-tenant-name.' * 6}example.com"))
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    is_wide = "(element) => element.getBoundingClientRect().right > 390"
    wide = f"[...document.querySelectorAll('*')].filter({is_wide}).map((element) => element.outerHTML)"
    assert page.evaluate(wide) == []


def test_a_phone_shows_every_view_without_scrolling_sideways(open_window: Callable[..., Window]) -> None:
    window = furnish(open_window(**PHONE))
    for view in VIEWS:
        open_up(window, view)
        assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


def test_the_keyboard_reaches_every_view(window: Window) -> None:
    window.view("faults")
    keys = window.page.keyboard
    expect(window.button("Flaky backend")).to_be_visible()
    keys.press("Tab")
    expect(window.page.get_by_role("link", name="Skip to content")).to_be_focused()
    for _ in range(4):
        keys.press("Tab")
    expect(window.page.get_by_role("link", name="Settings")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(window.page).to_have_title("Traffic · mockserver")
    expect(window.page.locator("main")).to_be_focused()
    keys.press("Tab")
    expect(window.button("Pause")).to_be_focused()


def test_a_screen_reader_hears_what_was_done(window: Window) -> None:
    window.view("faults")
    window.button("Forbidden").click()
    expect(window.page.get_by_role("status")).to_have_text("Active: status:code=403")


def test_the_pictures_of_the_documents_exist_and_are_small() -> None:
    """``python -m tests.support.screenshots`` takes them anew."""
    files = {file.name: file.stat().st_size for file in PICTURES.iterdir()}
    assert set(files) == set(names())
    assert sum(files.values()) < MOST_BYTES


def test_a_script_takes_the_pictures(browser: Browser, tmp_path: Path) -> None:
    take(browser, tmp_path, ["dark"])
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(made) == {name for name in names() if "dark" in name}
    assert all(picture[:4] == b"RIFF" and picture[8:12] == b"WEBP" for picture in made.values())
    assert len(set(made.values())) == len(made)
