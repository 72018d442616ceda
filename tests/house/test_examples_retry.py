"""The retry examples of README, in Python and in TypeScript, live through what the mock does to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.examples.retry import read_page
from tests.support.node import run

# What is armed, what comes of it (logs read, or the last failure), tokens fetched, requests sent.
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
    """The base URL of a fresh tenant under the rules of that row."""
    url = f"{base}/t/{language}-{name}"
    for rule in TABLE[name][0]:
        requests.post(f"{url}/__admin/faults", json={"rule": rule}, timeout=5).raise_for_status()
    return url


def sent(url: str) -> int:
    """How many requests the tenant met."""
    return int(requests.post(f"{url}/__admin/requests/count", json={}, timeout=5).json()["count"])


@pytest.mark.parametrize("name", TABLE)
def test_the_python_example_lives_through_what_passes_and_gives_up_on_what_does_not(name: str, base: str) -> None:
    _, outcome, tokens, count = TABLE[name]
    url, fetched, waits = armed(base, "py", name), [], list[float]()

    def fetch_token() -> str:
        fetched.append("dev-token")
        return fetched[-1]

    try:
        found: object = len(read_page(url, fetch_token, sleep=waits.append))
    except requests.HTTPError as error:
        found = f"status {str(error).removeprefix('status ')[:3]}"
    assert (found, len(fetched), sent(url)) == (outcome, tokens, count)
    assert all(0.5 * 0.5 <= wait <= 0.5 * 2**5 for wait in waits)


def test_the_python_example_waits_as_long_as_it_is_told(base: str) -> None:
    url, waits = f"{base}/t/py-told", list[float]()
    requests.post(f"{url}/__admin/faults", json={"rule": "status:code=429,retry_after=30,times=1"}, timeout=5)
    assert read_page(url, lambda: "dev-token", sleep=waits.append)
    assert waits == [30]


def test_the_typescript_example_does_the_same_and_its_types_are_right(base: str) -> None:
    urls = [armed(base, "ts", name) for name in TABLE]
    seen = run("retry.mjs", *urls)
    expected = {name: {"outcome": row[1], "tokens": row[2]} for name, row in TABLE.items()}
    assert dict(zip(TABLE, seen, strict=True)) == expected
    assert [sent(url) for url in urls] == [row[3] for row in TABLE.values()]
