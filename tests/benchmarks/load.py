"""Load: runs wrk against one server of this machine for a bounded time, and returns the result as a record."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.servers import TOKEN, Process

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
# One connection asks for what no other asked for: wrk makes each thread's requests in order.
_SCRIPT = """
local paths = {%s}
local number = 0
request = function()
  number = number + 1
  return wrk.format("GET", paths[number %% #paths + 1]%s)
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run gave: requests, and how many of them failed; requests a second, latency in ms, and the processor
    time of the server a request, in microseconds."""

    requests: int
    failed: int
    per_second: float
    p50: float
    p99: float
    cpu: float


def press(server: Process, paths: Sequence[str], connections: int, seconds: int, fresh: bool = True) -> Load:
    """Requests one path again and again, or several in turn; each has another number if ``fresh``: no URL repeats."""
    command = [_wrk(), "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-H", f"Authorization: {TOKEN}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if len(paths) > 1:
            listed = ", ".join(f'"{path}"' for path in paths)
            script.write(_SCRIPT % (listed, ' .. "&n=" .. number' if fresh else ""))
            script.flush()
            command += ["-s", script.name]
        before = server.worked()
        out = subprocess.run([*command, server.url + paths[0]], capture_output=True, text=True, check=True).stdout
        worked = server.worked() - before
    requests = int(_first(r"(\d+) requests in", out))
    failures = re.search(r"Non-2xx or 3xx responses: (\d+)", out), re.search(r"Socket errors: (.*)", out)
    failed = sum(int(number) for line in failures if line for number in re.findall(r"\d+", line[1]))
    return Load(
        requests=requests,
        failed=failed,
        per_second=float(_first(r"Requests/sec:\s+([\d.]+)", out)),
        p50=_milliseconds(out, 50),
        p99=_milliseconds(out, 99),
        cpu=worked / max(1, requests) * 1e6,
    )


def _milliseconds(out: str, percentile: int) -> float:
    value, unit = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s|m)", out).groups()  # type: ignore[union-attr]  # wrk prints both percentiles
    return float(value) * _UNITS[unit]


def _first(pattern: str, out: str) -> str:
    match = re.search(pattern, out)
    if match is None:
        raise SystemExit(f"wrk printed nothing like {pattern}:\n{out}")
    return match[1]


def _wrk() -> str:
    path = shutil.which("wrk")
    if path is None:
        raise SystemExit("wrk: not found, expected on the PATH: apt-get install wrk")
    return path
