"""The retry examples, in Python and in TypeScript, against the faults of the mock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.examples.retry import read_page
from tests.support.node import run

# The rules that are armed; the outcome (logs read, or the last failure); tokens fetched; requests sent.
TABLE: dict[str, tuple[tuple[str, ...], object, int, int]] = {
    "nothing": ((), 20, 1, 1),
    "flaky": (("status:code=503,times=2",), 20, 1, 3),
    "reset": (("reset:times=1",), 20, 1, 2),
    "empty": (("empty:times=1",), 20, 1, 2),
    "cut": (("truncate:times=1",), 20, 1, 2),
    "garbled": (("malformed_json:times=1",), 20, 1, 2),
    "expired": (("status:code=401,times=1",), 20, 2, 2),
    "all": (("reset:times=1", "status:code=401,times=1", "status:code=500,times=1", "truncate:times=1"), 20, 2, 5),
    "locked-out": (("status:code=401",), "status 401", 2, 2),
    "forbidden": (("status:code=403",), "status 403", 1, 1),
    "down": (("status:code=503",), "status 503", 1, 5),
}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with Server(create_app(Settings(logs="seeded"))) as server:
        yield server.url


def armed(base: str, language: str, name: str) -> str:
    """Arms the rules of a row for a new tenant; returns its base URL."""
    url = f"{base}/t/{language}-{name}"
    for rule in TABLE[name][0]:
        requests.post(f"{url}/__admin/faults", json={"rule": rule}, timeout=5).raise_for_status()
    return url


def requests_of(url: str) -> int:
    """Returns the number of requests that the tenant received."""
    return int(requests.post(f"{url}/__admin/requests/count", json={}, timeout=5).json()["count"])


@pytest.mark.parametrize("name", TABLE)
def test_the_python_example_recovers_from_short_faults_and_gives_up_on_lasting_ones(name: str, base: str) -> None:
    _, outcome, tokens, count = TABLE[name]
    url, fetched, waits = armed(base, "py", name), [], list[float]()

    def fetch_token() -> str:
        fetched.append("dev-token")
        return fetched[-1]

    try:
        result: object = len(read_page(url, fetch_token, sleep=waits.append))
    except requests.HTTPError as error:
        result = f"status {str(error).removeprefix('status ')[:3]}"
    assert (result, len(fetched), requests_of(url)) == (outcome, tokens, count)
    assert all(0.5 * 0.5 <= wait <= 0.5 * 2**5 for wait in waits)


def test_the_python_example_waits_as_long_as_retry_after_says(base: str) -> None:
    url, waits = f"{base}/t/py-waits", list[float]()
    requests.post(f"{url}/__admin/faults", json={"rule": "status:code=429,retry_after=30,times=1"}, timeout=5)
    assert read_page(url, lambda: "dev-token", sleep=waits.append)
    assert waits == [30]


def test_the_typescript_example_does_the_same_and_passes_the_type_checker(base: str) -> None:
    urls = [armed(base, "ts", name) for name in TABLE]
    outcomes = run("retry.mjs", *urls)
    expected = {name: {"outcome": row[1], "tokens": row[2]} for name, row in TABLE.items()}
    assert dict(zip(TABLE, outcomes, strict=True)) == expected
    assert [requests_of(url) for url in urls] == [row[3] for row in TABLE.values()]
