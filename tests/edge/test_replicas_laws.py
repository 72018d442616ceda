"""Processes of equal settings are equal: they give the same bytes, whatever their hash seed, their clock, their past.

That is why replicas need share no logs. What happens to a tenant (faults, added logs, time, journal) is the same too as
long as the same requests come in the same order, which one replica a tenant sees to.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edge.test_two_ways import HEADERS, PATHS, QUERIES

# Opens a server for each line of settings and requests, on a clock that is ahead, and prints the answers.
PROGRAM = """
import json, socket, sys, time
real, ahead = time.time, float(sys.argv[1])
time.time = lambda: real() + ahead
from mockserver.edge.front import open_front
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings

def ask(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(text.encode("latin-1"))
        return b"".join(iter(lambda: client.recv(65536), b"")).decode("latin-1")

for line in sys.stdin:
    values, requests = json.loads(line)
    values["faults"] = tuple(values.get("faults", ()))
    with Server(open_front(Settings(**values))) as server:
        print(json.dumps([ask(server.port, request) for request in requests]), flush=True)
"""
# PYTHONHASHSEED, and by how many seconds the clock is ahead.
PROCESSES = (("0", 0), ("1", 90_000), ("random", -40_000_000))
OTHERS = (
    "/openapi.json", "/openapi.yaml", "/oidc/jwks", "/oidc/token", "/oidc/.well-known/openid-configuration",
    "/__admin/", "/__admin/health", "/__admin/contract", "/__admin/offences", "/__admin/presets",
    "/__admin/suggestions", "/__admin/nothing", "/t/acme/openapi.json", "/t/acme/__admin/page/main.js",
    "/t/acme/oidc/.well-known/openid-configuration",
)  # fmt: skip


class Processes:
    """Processes that answer the same requests, each from a beginning of its own."""

    def __init__(self, stack: ExitStack) -> None:
        self._programs = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", PROGRAM, str(ahead)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                    env=os.environ | {"PYTHONHASHSEED": seed},
                )
            )
            for seed, ahead in PROCESSES
        ]  # fmt: skip

    def answers(self, values: dict[str, Any], requests: Sequence[str]) -> list[list[str]]:
        """Returns the answers of each process to these requests, in their order."""
        for program in self._programs:
            assert program.stdin is not None
            program.stdin.write(json.dumps([values, requests]) + "\n")
            program.stdin.flush()
        return [json.loads(program.stdout.readline()) for program in self._programs if program.stdout is not None]


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with ExitStack() as stack:
        yield Processes(stack)


def written(method: str, path: str, query: str, headers: Sequence[tuple[str, str]]) -> str:
    """Returns a request as it is sent; the connection is closed behind it."""
    lines = [f"{method} {path}{query and '?'}{query} HTTP/1.1", "Host: 127.0.0.1:3001", *map(": ".join, headers)]
    return "\r\n".join([*lines, "Connection: close", "", ""])


REQUESTS = st.builds(
    written,
    st.sampled_from(["GET", "GET", "GET", "GET", "HEAD", "OPTIONS", "POST"]),
    st.sampled_from(PATHS + OTHERS),
    QUERIES,
    # Most requests may read the logs.
    st.lists(st.sampled_from((*HEADERS, HEADERS[0], HEADERS[0])), max_size=4, unique_by=lambda pair: pair[0]),
)
SETTINGS = st.fixed_dictionaries(
    {
        "logs": st.sampled_from(
            ["seeded", "faker:count=300", "faker:count=1000000000,seed=5,error_rate=0.5", "hypothesis:count=5,seed=2"]
        ),
        "now": st.sampled_from(["2026-11-01", "2020-02-29T12:00:00+02:00"]),
        "profile": st.sampled_from(["documented", "observed", "observed-1.42"]),
        "auth": st.sampled_from(["tokens", "any", "off"]),
        "link_base": st.sampled_from([None, "api", "observed"]),
        "seed": st.integers(0, 3),
    },
    optional={
        "faults": st.lists(
            st.sampled_from(
                ["status:code=503,rate=0.5", "violate:offence=page-ignored,every=2", "garbage:bytes=64,rate=0.3",
                 "latency:distribution=uniform,min=0,max=0.001", "truncate:fraction=0.5,times=1"]
            ),
            max_size=2,
        )
    },
)  # fmt: skip


def undated(answer: str) -> str:
    """Returns an answer without its Date."""
    return re.sub(r"^Date: .*\r\n", "", answer, count=1, flags=re.MULTILINE)


@settings(max_examples=20)
@given(values=SETTINGS, requests=st.lists(REQUESTS, min_size=1, max_size=12))
def test_three_processes_of_equal_settings_give_the_same_bytes(
    processes: Processes, values: dict[str, Any], requests: list[str]
) -> None:
    first, second, third = processes.answers(values, requests)
    assert list(map(undated, first)) == list(map(undated, second)) == list(map(undated, third))


def test_of_an_answer_nothing_but_its_date_depends_on_the_process(processes: Processes) -> None:
    """Every path, by every method, as the first request of a process: whatever differs is listed here."""
    bearer = [("Authorization", "Bearer dev-token")]
    requests = [
        written(method, path, "", headers)
        for path in (*PATHS, *OTHERS)
        for method in ("GET", "HEAD", "POST")
        for headers in (bearer, [*bearer, ("Accept-Encoding", "gzip")])
    ]
    several = processes.answers({"logs": "faker:count=300", "now": "2026-11-01"}, requests)
    differing = set()
    for answers in zip(*several, strict=True):
        heads, bodies = zip(*(answer.split("\r\n\r\n", 1) for answer in answers), strict=True)
        assert len(set(bodies)) == 1
        for lines in zip(*(head.split("\r\n") for head in heads), strict=True):
            if len(set(lines)) > 1:
                differing |= {line.partition(":")[0] for line in lines}
    assert differing == {"Date"}
    statuses = {answer.split(" ", 2)[1] for answer in several[0]}
    assert {"200", "400", "404", "405"} <= statuses
