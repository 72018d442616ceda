"""A plugin of pytest for ``python -m tests.mutants``.

``MUTANTS_SECONDS`` names a file for the seconds of each test that passes; under coverage, the context of a line is the
id of the test that runs it. ``MUTANTS_TESTS`` names a file that lists the tests to run, in their order.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

SECONDS = defaultdict[str, float](float)
FAILED: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if "MUTANTS_SECONDS" in os.environ and (measured := coverage.Coverage.current()):
        measured.switch_context(item.nodeid)
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    SECONDS[report.nodeid] += report.duration
    if not report.passed:
        FAILED.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The reports of all workers have come to the process that has none above it."""
    if "MUTANTS_SECONDS" in os.environ and not hasattr(session.config, "workerinput"):
        passed = {test: seconds for test, seconds in SECONDS.items() if test not in FAILED}
        Path(os.environ["MUTANTS_SECONDS"]).write_text(json.dumps(passed), "utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if file := os.environ.get("MUTANTS_TESTS"):
        order = {test: place for place, test in enumerate(json.loads(Path(file).read_text("utf-8")))}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])
