"""The soak, ``python -m tests.benchmarks.soak [--minutes M]``: ten minutes of everything, loopback only.

Clients ask mixed questions, faults are armed and disarmed, tenants come and go, logs grow and are added. A wrong
answer, a thread, a descriptor or memory that is left behind ends it with exit code 1.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from tests.benchmarks import servers
from tests.benchmarks.servers import TOKEN, Process

CLIENTS = 64
TENANTS = 1500  # more than a server keeps
FAULTS = (
    "status:code=503,every=2", "reset:every=2", "empty:every=2", "truncate:every=2", "hang:seconds=0.2,every=2",
    "garbage:every=2", "malformed_chunk:every=2", "dribble:seconds=0.1,chunks=3", "latency:seconds=0.05",
    "malformed_json:every=2", "rate_limit:limit=5,window=1",
)  # fmt: skip
QUERIES = ("", "?page=2", "?page=999999", "?page_size=100", "?logKey=Interaction.Create", "?page=0", "?page_size=1000")
# What may grow a little: the server's caches and journals fill in the first part of the run.
_MORE_MEGABYTES, _MORE_DESCRIPTORS = 15.0, 4


class Soak:
    """One run against one server: what came back, and what was wrong."""

    def __init__(self, server: Process, minutes: float) -> None:
        self.server = server
        self.until = time.monotonic() + minutes * 60
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self) -> None:
        """All clients until the time is over."""
        clients = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()

    def _client(self, number: int) -> None:
        dice = random.Random(number)
        while time.monotonic() < self.until and len(self.wrong) < 20:
            tenant = f"s{number}" if dice.random() < 0.8 else f"t{dice.randrange(TENANTS)}"
            connection = http.client.HTTPConnection("127.0.0.1", int(self.server.url.rpartition(":")[2]), timeout=10)
            try:
                # In a tenant that nobody else has, every answer can be foretold.
                self._honest(connection, tenant, dice)
                if tenant == f"s{number}":
                    self._broken(connection, tenant, dice)
                _control(connection, "POST", f"/t/{tenant}/__admin/reset")
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.wrong.append(f"{tenant}: {error!r}")
            finally:
                connection.close()

    def _honest(self, connection: http.client.HTTPConnection, tenant: str, dice: random.Random) -> None:
        for _ in range(20):
            query = dice.choice(QUERIES)
            status, total, logs = _page(connection, tenant, query)
            expected = 400 if query == "?page=0" else 200
            bad = status != expected or (expected == 200 and not _fits(query, total, logs, tenant))
            self.seen[f"{status}"] += 1
            if bad:
                self.wrong.append(f"{tenant}{query}: {status}, {total} logs, {len(logs)} of them here")

    def _broken(self, connection: http.client.HTTPConnection, tenant: str, dice: random.Random) -> None:
        rule = dice.choice(FAULTS)
        _control(connection, "POST", f"/t/{tenant}/__admin/faults", {"rule": rule})
        for _ in range(5):
            try:
                self.seen[f"{rule.partition(':')[0]} {_page(connection, tenant, '')[0]}"] += 1
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.seen[f"{rule.partition(':')[0]} {type(error).__name__}"] += 1
                connection.close()
        log = {"key": "K", "payload": {"key": "K", "result": "Error"}}
        _control(connection, "POST", f"/t/{tenant}/__admin/logs", log)


def _page(connection: http.client.HTTPConnection, tenant: str, query: str) -> tuple[int, int, list[dict[str, object]]]:
    connection.request("GET", f"/t/{tenant}/api/logs{query}", headers={"Authorization": TOKEN})
    answer = connection.getresponse()
    body = answer.read()
    parsed = json.loads(body) if answer.status == 200 else []
    return answer.status, int(answer.getheader("Total-Number") or 0), parsed


def _fits(query: str, total: int, logs: list[dict[str, object]], tenant: str) -> bool:
    size = int(query.partition("page_size=")[2] or 20)
    here = 0 if "999999" in query else min(size, total)
    times = [log["createdAt"] for log in logs]
    return (
        len(logs) == here
        and all(log["tenantId"] == tenant for log in logs)
        and len({log["id"] for log in logs}) == len(logs)
        and times == sorted(times, reverse=True)  # type: ignore[type-var]  # moments are numbers
        and ("logKey" not in query or {log["key"] for log in logs} == {"Interaction.Create"})
    )


def _control(connection: http.client.HTTPConnection, method: str, path: str, body: object = None) -> None:
    sent = None if body is None else json.dumps(body)
    connection.request(method, path, sent, {"Content-Type": "application/json", "Host": "127.0.0.1"})
    answer = connection.getresponse()
    told = answer.read()
    if answer.status not in (201, 204):
        raise ValueError(f"{method} {path}: {answer.status} {told[:200]!r}")


def held(server: Process) -> dict[str, float]:
    """What the server has of threads, descriptors and memory."""
    home = Path(f"/proc/{server.pid}")
    folders = {"threads": "task", "descriptors": "fd"}
    counts = {name: float(len(os.listdir(home / folder))) for name, folder in folders.items()}
    return {**counts, "megabytes": server.megabytes()}


def main() -> None:
    """Run, tell, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    wanted = parser.parse_args()
    with servers.mock("--growth", "5", "--now", "live") as server:
        warm = Soak(server, wanted.minutes / 3)
        warm.run()
        time.sleep(1)
        before = held(server)
        soak = Soak(server, wanted.minutes * 2 / 3)
        soak.run()
        time.sleep(1)
        after = held(server)
    wrong = [*warm.wrong, *soak.wrong]
    leaks = {name: (before[name], after[name]) for name in after if after[name] > before[name] + _slack(name)}
    seen = ", ".join(f"{name}: {count:,}" for name, count in sorted((warm.seen + soak.seen).items()))
    sys.stdout.write(f"{seen}\nheld before {before}, after {after}\n")
    sys.stdout.write("\n".join([*wrong[:20], f"{len(wrong)} wrong answers, leaks: {leaks or 'none'}", ""]))
    sys.exit(bool(wrong or leaks))


def _slack(name: str) -> float:
    return {"megabytes": _MORE_MEGABYTES, "descriptors": _MORE_DESCRIPTORS}.get(name, 0)


if __name__ == "__main__":
    main()
