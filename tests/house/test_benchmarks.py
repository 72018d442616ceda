"""Speed is guarded by ratios within one run, and the tables of benchmarks say what was measured.

The guards are wider than the goals that ``tests.benchmarks.serving`` measures, so that they hold on any machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from mockserver.contract.jsontext import decode, encode_pretty
from tests.benchmarks import goals, serving
from tests.benchmarks.figures import Figures, Line, lines_table, this_machine
from tests.benchmarks.load import Load
from tests.benchmarks.serving import far_apart, never_repeated

# What a guard allows. A request's cost counts a reply that is ready as one; the rest is as in ``smoke`` and ``goals``.
GUARDS = {
    "repeated": 1.5,
    "fresh": 9.0,
    "far": 9.0,
    "tail 64": 8.0,
    "tail 500": 6.0,
    "hang": 4.0,
    "seeded": 2.0,
    "faker": 3.0,
    "seeded megabytes": 60.0,
    "faker megabytes": 60.0,
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Costs are measured in another process, without coverage.

    The first start compiles every module, and takes more memory for it: later ones must find them compiled.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("compiled"))
    command = [sys.executable, "-m", "tests.benchmarks.smoke"]
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    ratios: dict[str, float] = json.loads(out)
    return ratios


@pytest.mark.parametrize("name", GUARDS)
def test_no_change_makes_the_server_much_slower(name: str, costs: dict[str, float]) -> None:
    assert costs[name] <= GUARDS[name], costs


def test_every_ratio_that_the_guard_measures_has_a_bound(costs: dict[str, float]) -> None:
    assert set(costs) == set(GUARDS)


def test_the_paths_that_must_not_repeat_do_not_repeat() -> None:
    paths = never_repeated()
    assert len(set(paths)) >= 100
    assert all("?" in path for path in paths)
    assert len(set(far_apart(10**9))) == 1000


FAST, SLOW = Load(600, 0, 300.0, 1.0, 2.0, 10.0), Load(200, 0, 100.0, 2.0, 12.0, 30.0)
STARTS = {"imports": [{"wall": 1.0}], **{name: [{"wall": 1.2, "megabytes": 54.0}] for name in goals.STARTS}}


def test_a_table_shows_the_medians_of_the_rounds_and_of_the_ratios_within_them() -> None:
    text = lines_table({"mock": Line([FAST, FAST, SLOW], [SLOW, FAST, FAST], 50.2, 0.25)})
    assert "| mock | 300 | 1.00 | 1.0 |" in text.replace("| 10 |", "|")
    assert "| 50 | 0.25 |" in text


def test_a_verdict_shows_the_goals_that_were_measured_as_kept_or_missed() -> None:
    lines = {
        "mockserver, repeated, 16 connections": Line([FAST], [SLOW]),
        "mockserver, never repeated, 10^3 logs": Line([SLOW], [FAST]),
        "version 0.1, never repeated, 10^3 logs": Line([FAST], [FAST]),
        "mockserver, repeated, 64 connections": Line([SLOW], [SLOW]),
    }
    text = goals.verdict(Figures("here", lines, STARTS))
    assert "| a repeated page: times nginx with the same bytes | at least 0.9 | 3.00 | kept |" in text
    assert "10^3 logs: times version 0.1 | at least 1.2 | 0.33 | **missed** |" in text
    assert "| 64 connections: p99 by p50 | at most 5 | 6.00 | **missed** |" in text
    assert "| serve, faker: times `import flask` | at most 2.5 | 1.20 | kept |" in text
    assert "10^9" not in text
    assert "peer" not in text


def test_peers_are_compared_by_the_fastest_of_them() -> None:
    lines = {
        "mockserver, repeated, 16 connections": Line([FAST], [SLOW]),
        "one, fixed page": Line([SLOW], [FAST]),
        "two, fixed page": Line([FAST], [FAST]),
    }
    text = goals.verdict(Figures("here", lines, STARTS))
    assert "| a repeated page: times the fastest peer that sends a fixed one | at least 1 | 3.00 | kept |" in text


def test_the_figures_in_the_documents_meet_every_goal_but_those_that_are_named() -> None:
    figures = Figures.read(decode(Path(serving.__file__).with_suffix(".json").read_bytes()))
    assert {goal.sentence for goal in goals.GOALS if not goal.is_kept(figures)} == goals.MISSED


def test_figures_that_are_written_and_read_back_are_the_same() -> None:
    figures = Figures("here", {"mock": Line([FAST], [SLOW], 50.0, 0.2)}, STARTS)
    assert Figures.read(decode(encode_pretty(asdict(figures)))) == figures


def test_the_machine_is_named() -> None:
    assert "cores, Python 3." in this_machine()
