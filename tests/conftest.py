"""Servers that several test files share, one of each kind for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
RECORDED = f"seeded:path={FIXTURES / 'recorded.jsonl'}"


@pytest.fixture(scope="session")
def documented_port() -> Iterator[int]:
    """The port of a mock in the documented profile that serves the recorded logs."""
    yield from _port("documented")


@pytest.fixture(scope="session")
def observed_port() -> Iterator[int]:
    """The port of a mock in the observed profile that serves the recorded logs."""
    yield from _port("observed")


def _port(profile: str) -> Iterator[int]:
    from mockserver.settings import Settings
    from mockserver.web.app import create_app
    from mockserver.web.server import Server

    with Server(create_app(Settings(logs=RECORDED, profile=profile))) as server:  # type: ignore[arg-type]
        yield server.port
