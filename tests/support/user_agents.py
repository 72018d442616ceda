"""The table of user agents in ``mockserver/logs/traffic``: ``python -m tests.support.user_agents`` writes it again.

Started by hand after an upgrade of ua-parser or fake-useragent.
"""

from __future__ import annotations

from collections import Counter
from importlib import resources
from typing import Any

from mockserver.contract.jsontext import decode, encode
from mockserver.logs.traffic.agents import FILE, derive

# For each common pair of browser and system: how many of its most frequent strings in fake-useragent's data are kept.
KEPT = {
    ("Mobile Safari", "iOS"): 4,
    ("Chrome Mobile", "Android"): 4,
    ("Chrome", "Windows"): 2,
    ("Chrome Mobile iOS", "iOS"): 2,
    ("Chrome", "Mac OS X"): 2,
    ("Edge", "Windows"): 2,
    ("Google", "iOS"): 1,
    ("Safari", "Mac OS X"): 2,
    ("Chrome", "Linux"): 1,
    ("Chrome", "Chrome OS"): 1,
    ("Firefox", "Windows"): 2,
    ("Firefox", "Linux"): 1,
    ("Firefox", "Ubuntu"): 1,
    ("Firefox", "Mac OS X"): 1,
    ("Samsung Internet", "Android"): 2,
    ("Firefox Mobile", "Android"): 1,
    ("Edge Mobile", "Android"): 1,
    ("Opera", "Windows"): 1,
}
# No data set has these strings; they are what the named programs document or send.
MACHINES = (
    ("bot", 3, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    ("bot", 1, "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
    ("sdk", 6, "node"),
    ("sdk", 4, "axios/1.7.9"),
    ("sdk", 4, "python-requests/2.32.3"),
    ("sdk", 3, "Go-http-client/2.0"),
    ("sdk", 2, "okhttp/4.12.0"),
    ("sdk", 2, "curl/8.11.1"),
    ("sdk", 1, "PostmanRuntime/7.43.0"),
)


def rows() -> list[dict[str, Any]]:
    """Returns the rows that the file must have."""
    source = resources.files("fake_useragent").joinpath("data", "browsers.jsonl").read_bytes()
    counts: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for raw in map(decode, source.splitlines()):
        counts.setdefault((raw["browser"], raw["os"]), Counter())[raw["useragent"], raw["type"]] += 1
    chosen = []
    for pair, kept in KEPT.items():
        for (text, kind), _ in sorted(counts[pair].items(), key=lambda item: (-item[1], item[0]))[:kept]:
            weight = max(1, sum(counts[pair].values()) // (100 * kept))
            chosen.append(("desktop" if kind == "desktop" else "phone", weight, text))
    return [
        {"kind": kind, "weight": weight, "text": text, "parsed": derive(text)}
        for kind, weight, text in (*chosen, *MACHINES)
    ]


if __name__ == "__main__":
    FILE.write_bytes(b"".join(encode(row) + b"\n" for row in rows()))
