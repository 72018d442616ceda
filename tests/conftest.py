"""Servers that several test files share; each is started once in a run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

from mockserver.contract.profile import ProfileName, profile
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.tools import note

# httpx imports httpcore late, and pytester forgets each module that a run within the process was the first to import.
httpx.HTTPTransport().close()

# The same examples in every run, and nothing that depends on how busy the machine is: a failure must repeat.
settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    max_examples=50,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# `make laws` looks for what the same few examples never show.
settings.register_profile("night", parent=settings.get_profile("house"), derandomize=False, max_examples=500)
settings.load_profile("house")

# What tells the Python programs of a test to measure coverage, as `coverage run` has set it.
COVERAGE: dict[str, str] = {}
FIXTURES = Path(__file__).parent.parent / "fixtures"
RECORDED = f"seeded:path={FIXTURES / 'recorded.jsonl'}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Leaves for the end of ``make test`` why tests were skipped. The reason of a skip comes last in its report."""
    note(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", []))


@pytest.fixture(scope="session", autouse=True)
def _uncounted() -> None:
    """Programs that tests start run without coverage, which would double their time; see ``counted``."""
    COVERAGE.update({name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_PROCESS")})


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that this test starts are measured: they run lines that no test runs in its own process."""
    for name, value in COVERAGE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keeps drawn logs in a folder that is removed after the run."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def documented_port() -> Iterator[int]:
    """Yields the port of a mock in the documented profile that serves the recorded logs."""
    yield from _port("documented")


@pytest.fixture(scope="session")
def observed_port() -> Iterator[int]:
    """Yields the port of a mock in the observed profile that serves the recorded logs."""
    yield from _port("observed")


@pytest.fixture(scope="session")
def listed_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Yields the port of a mock in the documented profile; it serves those logs that the real deployment listed."""
    prefixes = profile("observed").prefixes or ()
    lines = (FIXTURES / "recorded.jsonl").read_text().splitlines()
    file = tmp_path_factory.mktemp("logs") / "listed.jsonl"
    file.write_text("\n".join(line for line in lines if json.loads(line)["key"].startswith(prefixes)))
    yield from _port("documented", f"seeded:path={file}")


def _port(profile: ProfileName, logs: str = RECORDED) -> Iterator[int]:
    with Server(create_app(Settings(logs=logs, profile=profile))) as server:
        yield server.port
