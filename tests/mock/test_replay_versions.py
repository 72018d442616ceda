"""What a real Logto 1.36 and 1.42 answered to some 800 requests, the profiles of these versions answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.replays import DEPLOYMENTS, differences, exchanges, logs

# What the mock answers otherwise, and why.
LEFT_OUT = {"nohost": "the mock tells the length of its empty body, where Node sends an empty body in chunks"}


@pytest.fixture(scope="module", params=DEPLOYMENTS)
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Yields the name of what was recorded, and the port of a mock that serves its logs in its profile."""
    file = tmp_path_factory.mktemp("logs") / "logs.jsonl"
    file.write_bytes(logs(request.param))
    settings = Settings(logs=f"seeded:path={file}", profile=DEPLOYMENTS[request.param][0])
    with Server(create_app(settings)) as server:
        yield request.param, server.port


def test_every_recorded_exchange_is_answered_alike(deployment: tuple[str, int]) -> None:
    """Status, Link, totals, Allow, all headers, ids in order, code and data agree; what is left out does not."""
    name, port = deployment
    different: dict[str, Any] = {}
    for exchange in exchanges(name):
        if found := differences(port, name, exchange):
            different[exchange["name"]] = found
    assert {case: found for case, found in different.items() if case not in LEFT_OUT} == {}
    assert set(LEFT_OUT) & {exchange["name"] for exchange in exchanges(name)} <= set(different)
