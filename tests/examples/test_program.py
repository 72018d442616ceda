"""A program under test: a process in any language that reads from its environment where Logto is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from mockserver import LogtoMock

# The program under test: prints how many logs there are, or ends with 1.
PROGRAM = """
import os, sys, urllib.error, urllib.request
request = urllib.request.Request(os.environ["LOGTO_ENDPOINT"] + "/api/logs?page_size=1")
request.add_header("Authorization", "Bearer " + os.environ["LOGTO_TOKEN"])
try:
    print(urllib.request.urlopen(request, timeout=5).headers["Total-Number"])
except urllib.error.HTTPError as error:
    sys.exit(f"Logto answered {error.code}")
"""


def run(mock: LogtoMock) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env={**os.environ, **mock.env}, capture_output=True, text=True, timeout=30)


def test_it_prints_the_number_of_logs(logto_mock: LogtoMock, logto_logs: list[Any]) -> None:
    assert run(logto_mock).stdout == f"{len(logto_logs)}\n"
    logto_mock.requests.verify(path="/api/logs", query={"page_size": "1"}, times=1)


@pytest.mark.logto(faults=["outage:period=60,duration=60"])
def test_it_prints_the_error(logto_mock: LogtoMock) -> None:
    ended = run(logto_mock)
    assert (ended.returncode, ended.stderr) == (1, "Logto answered 503\n")
