"""Guards against relapse: what an API request costs the server, as a ratio to a bare function on the same server.

The bounds are wide of the goals that ``tests.benchmarks.serving`` measures, so that they hold on any machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.benchmarks.load import Load
from tests.benchmarks.serving import GOALS, far_apart, goals, never_repeated, ratio, report
from tests.benchmarks.startup import report as startup_report


@pytest.fixture(scope="module")
def costs() -> dict[str, float]:
    """Measured in a process of its own, where no coverage is: it would cost more than what is measured."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "tests.benchmarks.smoke"]
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(out)
    return found


def test_a_repeated_page_costs_no_more_than_a_bare_function(costs: dict[str, float]) -> None:
    """The goal is 0.95 of its requests a second; a remembered reply takes half of the time."""
    assert costs["repeated"] < costs["bare"] * 1.05, costs


def test_a_page_that_nobody_asked_for_costs_a_few_bare_functions(costs: dict[str, float]) -> None:
    """The goal under load is twice its time; alone between two idle moments, with every cache cold, it takes six."""
    assert costs["never repeated"] < costs["bare"] * 12, costs


def test_what_never_repeats_never_repeats() -> None:
    paths = never_repeated()
    assert len(set(paths)) >= 100
    assert all("?" in path for path in paths)
    assert len(set(far_apart(10**9))) == 1000


def test_reports_hold_ratios_within_rounds() -> None:
    fast, slow = Load(300.0, 1.0, 2.0, 10.0, 0), Load(100.0, 2.0, 4.0, 30.0, 0)
    name, yardstick = "gevent, repeated, 16 connections", GOALS["gevent, repeated, 16 connections"][0]
    found = {name: [fast, fast], yardstick: [slow, slow]}
    assert ratio(found, name, yardstick) == (3.0, 3.0)
    assert f"| {name} | 300 | 1.0 | 2.0 | 10 | 3.00 | 3.00 | 50 |" in report(found, {name: 50.0, yardstick: 40.0})
    assert f"| {name} | {yardstick} | 0.95 | 3.00 | 3.00 |" in goals(found)


def test_the_report_of_the_start_compares_with_the_imports() -> None:
    once = {"wall": 2.0, "cpu": 1.0, "megabytes": 50.0}
    names = ("--help", "serve, seeded", "serve, faker", "serve, faker, 10^12 logs")
    found = {"imports": [{"wall": 1.0, "cpu": 1.0}], **{name: [once] for name in names}}
    assert "| serve, faker | 3 | 2.00 | 1.00 | 50 |" in startup_report(found)
