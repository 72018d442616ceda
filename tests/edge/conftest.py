"""A real deployment, and a proxy in front of it, for the tests of what is forwarded; reading that gives up soon."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from mockserver.edge import reload
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.proxied import proxied


@pytest.fixture(scope="module")
def real() -> Iterator[Server]:
    with Server(create_app(Settings(profile="observed"))) as server:
        yield server


@pytest.fixture(scope="module")
def proxy(real: Server) -> Iterator[Server]:
    with proxied(real.url, profile="observed") as server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Reading is given up after 0.05 s. Its thread works on to the next log: the next test does not begin before."""
    monkeypatch.setattr(reload, "LONGEST", 0.05)
    yield
    for thread in threading.enumerate():
        if thread.name == "reload":
            thread.join(60)
            assert not thread.is_alive()
