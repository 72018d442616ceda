"""Bars are drawn on standard error, and only on a terminal."""

from __future__ import annotations

import io
import re
import sys

import pytest

from mockserver.cli.progress import MOST_UNDRAWN, bar, steps
from mockserver.judge.probes import PROBES
from tests.cli.conftest import Run


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error, as a terminal. No fixture: pytest replaces the stream between a fixture and its test."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_a_terminal_shows_a_bar_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    assert list(bar("Writing logs", 3, iter("abc"))) == ["a", "b", "c"]
    assert "Writing logs" in terminal.getvalue()
    assert terminal.getvalue().rstrip().endswith("100%\x1b[?25h")


def test_a_bar_over_no_items_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    assert list(bar("Writing logs", 0, iter(()))) == []
    assert terminal.getvalue().endswith("\n")


def test_a_bar_that_is_left_early_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    items = iter(bar("Writing logs", 3, iter("abc")))
    assert next(items) == "a"
    items.close()  # type: ignore[attr-defined]  # a terminal makes the items a generator
    assert terminal.getvalue().endswith("\x1b[?25h\n")


def test_a_long_bar_is_drawn_once_in_many_items(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    list(bar("Writing logs", 10**12, iter(range(3 * MOST_UNDRAWN))))
    assert terminal.getvalue().count("Writing logs") < 10


def test_a_bar_is_drawn_at_each_hundredth_of_its_items(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    list(bar("Writing logs", 1000, iter(range(1000))))
    assert sum(f" {percent}%" in terminal.getvalue() for percent in range(1, 101)) > 95
    assert terminal.getvalue().count("Writing logs") < 110


def test_items_that_are_printed_to_the_terminal_have_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen(monkeypatch)
    items = iter([1])
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert bar("title", 1, items, printed=True) is items
    assert bar("title", 1, items) is not items
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert bar("title", 1, items, printed=True) is not items


def test_elsewhere_there_is_no_bar() -> None:
    items = iter([1])
    assert bar("title", 1, items) is items


def test_a_terminal_shows_the_step_and_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    with steps(10) as step:
        step("defaults", 3)
        step("pages", 3)
    drawn = terminal.getvalue()
    assert "30%" in drawn
    assert "None" not in drawn
    assert drawn.index("defaults") < drawn.index("pages")
    # What was drawn last stays on the screen, and the cursor comes back on a line of its own.
    assert drawn.rpartition("\r")[2].count("pages") == 1
    assert drawn.endswith("\x1b[?25h\n")


def test_elsewhere_steps_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with steps(10) as step:
        step("defaults", 3)
    assert capsys.readouterr() == ("", "")


def test_a_check_shows_which_requests_it_is_at(run: Run, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    assert run("check", url, "--token", "good-token", "--depth", "quick", "--max-requests", "1000")[0] == 0
    names = ["the plainest request", *(family.name for family in PROBES if family.least == "quick")]
    # A slow run shows how long it will take, too.
    drawn = [re.search(rf"%(  [\d:]+)?  {re.escape(name)}", terminal.getvalue()) for name in names]
    places = [each.start() for each in drawn if each]
    assert len(places) == len(names)
    assert places == sorted(places)


def test_a_self_test_whose_table_goes_elsewhere_has_a_bar(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    run("self-test", "--depth", "quick", "--only", "login-page")
    assert re.search(r"self-test  \[#+\]  100% *\x1b\[\?25h\n$", terminal.getvalue())
