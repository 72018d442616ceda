"""What four clients raise when they meet each fault, as docs/faults.md says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import requests

from mockserver.contract.jsontext import encode
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.client_errors import RAISED, RULES, error_table
from tests.support.node import run

TOKEN = {"Authorization": "Bearer dev-token"}
# Seconds after which the clients give up: soon where they hang, else never on this machine.
PATIENCE = {fault: 0.04 if fault == "hang" else 10.0 for fault in RULES}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with Server(create_app(Settings(logs="seeded"))) as server:
        yield server.url


def by_requests(url: str, patience: float) -> str:
    response = requests.get(f"{url}/api/logs", headers=TOKEN, timeout=(10, patience))
    return _told(response.status_code, response.json())


def by_httpx(url: str, patience: float) -> str:
    response = httpx.get(f"{url}/api/logs", headers=TOKEN, timeout=httpx.Timeout(10, read=patience))
    return _told(response.status_code, response.json())


def _told(status: int, body: Any) -> str:
    return f"returns {len(body)} logs" if status == 200 else f"returns status {status}"


def _raised(error: Exception) -> str:
    """The error as an except clause names it, and the error of the system that caused it."""
    kind = type(error)
    module = {"requests.exceptions": "requests", "httpx": "httpx", "json.decoder": "json"}[kind.__module__]
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.errno):
        cause = cause.__cause__ or cause.__context__
    below = f" (cause {type(cause).__name__})" if cause is not None and cause is not error else ""
    return f"raises {module}.{kind.__name__}{below}"


@pytest.mark.parametrize("fault", RULES)
@pytest.mark.parametrize(("client", "call"), [("requests", by_requests), ("httpx", by_httpx)])
def test_python_clients_raise_what_the_documents_say(
    client: str, call: Callable[[str, float], str], fault: str, base: str
) -> None:
    url = f"{base}/t/{client}-{list(RULES).index(fault)}"
    assert requests.post(f"{url}/__admin/faults", json={"rule": RULES[fault]}, timeout=5).status_code == 201
    seen = []
    for _ in range(2):
        try:
            seen.append(call(url, PATIENCE[fault]))
        except (requests.RequestException, httpx.HTTPError, ValueError) as error:
            seen.append(_raised(error))
    told = seen[0] if seen[0] == seen[1] else f"{seen[0]}; then {seen[1]}"
    assert told == RAISED[client][fault]


def test_javascript_clients_raise_what_the_documents_say(base: str) -> None:
    seen = run("faults.mjs", base, encode(RULES).decode(), encode(PATIENCE).decode())
    assert seen == {name: RAISED[name] for name in seen}
    assert set(seen) == {"@logto/api", "fetch (Node)"}


def test_the_table_for_readers_has_a_row_a_fault_and_a_column_a_client() -> None:
    head, _, *rows = error_table().splitlines()
    assert len(rows) == len(RULES)
    assert all(f"`{client}`" in head for client in RAISED)
