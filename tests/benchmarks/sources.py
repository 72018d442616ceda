"""Pages of sets of any size: ``python -m tests.benchmarks.sources [FILE.json]``, about a minute, loopback only.

Each figure is the fastest of repeated runs, one process at a time: what the machine can do without other work. Ratios
can be compared between machines, times cannot.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.jsontext import encode_pretty
from mockserver.logs.source import Opening, TenantLogs, read_source
from tests.benchmarks.figures import this_machine
from tests.support.filters import by
from tests.support.tables import table

COUNTS = (10**3, 10**6, 10**9, 10**12)
PAGE = 20
NOW = 1_795_392_000.0  # 2026-11-23T00:00:00Z
ROUNDS = 30
GENERATED = 1_000_000
SCATTERED = 10**9
SERVER = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--logs"]
PEER = [sys.executable, "-c", "import flask"]


def main(file: Path) -> None:
    """Measures everything, prints the tables, writes the figures."""
    figures: dict[str, Any] = {
        "machine": this_machine(),
        "pages": _pages(),
        "scattered_milliseconds": _scattered(),
        "generate_logs_per_second": _generated(),
        "servers": [_served(count) for count in COUNTS],
    }
    file.write_bytes(encode_pretty(figures))
    sys.stdout.write(report(figures) + "\n")


def report(figures: dict[str, Any]) -> str:
    """Returns the figures as Markdown."""
    names = list(dict.fromkeys(page["filters"] for page in figures["pages"]))
    rows = []
    for server in figures["servers"]:
        pages = [page for page in figures["pages"] if page["count"] == server["count"]]
        worst = [
            max((page["milliseconds"] for page in pages if page["filters"] == name), default=None) for name in names
        ]
        ratio = server["ready_seconds"] / server["imports_seconds"]
        cells = (
            *("" if milliseconds is None else f"{milliseconds:.3f}" for milliseconds in worst),
            f"{ratio:.1f}",
            f"{server['megabytes']:.0f}",
        )
        rows.append((f"{server['count']:,}", *cells))
    times = [page["milliseconds"] for page in figures["pages"]]
    head = ("logs", *(f"{name}, ms" for name in names), "ready, x imports", "memory, MB")
    spread = f"The slowest page takes {max(times) / min(times):.2f} times the fastest."
    scattered = f"Of pages scattered over {SCATTERED:,} logs, each asked once, nothing is remembered: they take"
    rate = f"`generate` writes {figures['generate_logs_per_second']:,.0f} logs a second on one core."
    text = f"{spread} {scattered} {figures['scattered_milliseconds']:.2f} ms. {rate} Measured on {figures['machine']}."
    return f"{table(head, rows)}\n\n{text}"


def _pages() -> list[dict[str, Any]]:
    """Measures counting the matches and rendering a page. Pages take turns: a busy machine slows all of them."""
    pages = [page for count in COUNTS for page in _asked(count)]
    for _ in range(ROUNDS):
        for page in pages:
            fastest = min(_page(**page["asked"]) for _ in range(10)) * 1000
            page["milliseconds"] = min(page.get("milliseconds", fastest), fastest)
    return [{name: value for name, value in page.items() if name != "asked"} for page in pages]


def _asked(count: int) -> Iterator[dict[str, Any]]:
    """Yields the first, the middle and the last page of each filter."""
    logs = read_source(f"faker:count={count}").open(Opening(NOW)).logs("default")
    for name, filters in _filters(logs):
        total = logs.count(filters)
        for start in (0, total // 2, total - PAGE):
            if 0 <= start <= total - PAGE:
                asked = {"logs": logs, "filters": filters, "start": start}
                yield {"count": count, "filters": name, "total": total, "start": start, "asked": asked}


def _filters(logs: TenantLogs) -> Iterator[tuple[str, Filters]]:
    """Yields filters by values that fill a page even of the smallest set."""
    common = by(userId=_commonest(logs, b'"userId":"'))
    application = by(applicationId=_commonest(logs, b'"applicationId":"'))
    key = "Interaction.Create"
    yield "no filter", EVERYTHING
    yield "userId", common
    yield "applicationId", application
    yield "logKey", by(logKey=key)
    yield "all three", Filters((*common.values, *application.values, ("logKey", key)))


def _commonest(logs: TenantLogs, mark: bytes) -> str:
    consents = logs.slice(by(logKey="Interaction.Create"), 0, 1000)
    found = [log.partition(mark)[2].partition(b'"')[0] for log in consents if mark in log]
    return statistics.mode(found).decode()


def _page(logs: TenantLogs, filters: Filters, start: int) -> float:
    begun = time.perf_counter()
    logs.count(filters)
    list(logs.slice(filters, start, start + PAGE))
    return time.perf_counter() - begun


def _scattered() -> float:
    """Returns the milliseconds of a page: the median of a thousand that are spread over a set."""
    logs = read_source(f"faker:count={SCATTERED}").open(Opening(NOW)).logs("default")
    return statistics.median(_page(logs, EVERYTHING, at) for at in range(0, SCATTERED, SCATTERED // 1000)) * 1000


def _generated() -> float:
    command = [sys.executable, "-m", "mockserver", "generate", f"faker:count={GENERATED}", "-o", os.devnull]
    return GENERATED / _fastest(lambda: _worked(command))


def _served(count: int) -> dict[str, Any]:
    """Returns the seconds from the command to the first page, those of the imports, and resident memory."""
    megabytes: list[float] = []
    imports: list[float] = []

    def once() -> float:
        imports.append(_timed(PEER))
        begun = time.perf_counter()
        with subprocess.Popen([*SERVER, f"faker:count={count}"], stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = server.stdout.readline().split(" at ")[1].strip()
            request = urllib.request.Request(url, headers={"Authorization": "Bearer dev-token"})
            urllib.request.urlopen(request).read()
            seconds = time.perf_counter() - begun
            pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
            megabytes.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
            server.terminate()
        return seconds

    ready = _fastest(once)
    return {"count": count, "ready_seconds": ready, "imports_seconds": min(imports), "megabytes": max(megabytes)}


def _timed(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - begun


def _worked(command: list[str]) -> float:
    """Returns the processor seconds of a command: its duration on a machine without other work."""

    def spent() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    begun = spent()
    subprocess.run(command, check=True)
    return spent() - begun


def _fastest(once: Callable[[], float]) -> float:
    """Returns the least of five runs: what the machine can do without other work."""
    return min(once() for _ in range(5))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "tests/benchmarks/sources.json"))
