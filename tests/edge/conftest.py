"""A real deployment, and a proxy in front of it, for the tests of what is forwarded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
