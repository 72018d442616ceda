"""The table of user agents in ``mockserver/logs/traffic``: ``python -m tests.support.user_agents`` writes it again.

Started by hand after an upgrade of ua-parser or fake-useragent.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib import resources
from typing import Any

from ua_parser import parse

from mockserver.contract.jsontext import decode, encode
from mockserver.logs.traffic.agents import FILE

Parsed = dict[str, Any]

# ua-parser's families on the left, the names that a real deployment (which uses ua-parser-js) writes on the right.
BROWSERS = {
    "Chrome Mobile": "Mobile Chrome",
    "Chrome Mobile iOS": "Mobile Chrome",
    "Firefox Mobile": "Mobile Firefox",
    "Firefox iOS": "Mobile Firefox",
    "Edge Mobile": "Edge",
    "Google": "GSA",
    "Opera Mobile": "Opera Mobi",
}
SYSTEMS = {"Mac OS X": "macOS"}
MODELS = {"Mac": "Macintosh", "Smartphone": "", "Tablet": ""}
UNKNOWN_VENDORS = ("Generic", "Generic_Android", "Generic_Android_Tablet")

# ua-parser gives neither; the tokens are those of RFC 9110 products as today's engines send them.
_ENGINES = (
    ("Gecko", re.compile(r"rv:([\d.]+)\) Gecko/")),
    ("Blink", re.compile(r"AppleWebKit/.* Chrome/([\d.]+)")),
    ("WebKit", re.compile(r"AppleWebKit/([\d.]+)")),
)
_ARCHITECTURES = (("amd64", re.compile(r"x64|x86_64|WOW64")), ("arm64", re.compile(r"aarch64|arm64")))
_TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)")
_PHONE = re.compile(r"Mobile")

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


def derive(text: str) -> Parsed:
    """Return ``userAgentParsed`` of a user agent: ua and browser, device, engine, os, cpu, each ``{}`` when unknown.

    A bot or an SDK, which runs on no system, has five empty parts.
    """
    agent = parse(text)
    if agent.os is None or agent.user_agent is None:
        return {"ua": text, "browser": {}, "device": {}, "engine": {}, "os": {}, "cpu": {}}
    browser, system = agent.user_agent, agent.os
    engine = next(({"name": name, "version": hit[1]} for name, token in _ENGINES if (hit := token.search(text))), {})
    return {
        "ua": text,
        "browser": _present(
            name=BROWSERS.get(browser.family, browser.family),
            version=_version(browser.major, browser.minor, browser.patch, browser.patch_minor),
            major=browser.major,
        ),
        "device": _device(text, agent.device),
        "engine": engine,
        "os": _present(
            name=SYSTEMS.get(system.family, system.family),
            version=_version(system.major, system.minor, system.patch, system.patch_minor),
        ),
        "cpu": next(({"architecture": name} for name, token in _ARCHITECTURES if token.search(text)), {}),
    }


def _device(text: str, device: Any) -> Parsed:
    if device is None:
        return {}
    kind = "tablet" if _TABLET.search(text) else "mobile" if _PHONE.search(text) else None
    vendor = None if device.brand in UNKNOWN_VENDORS else device.brand
    return _present(model=MODELS.get(device.model, device.model), type=kind, vendor=vendor)


def _version(*parts: str | None) -> str | None:
    return ".".join(part for part in parts if part) or None


def _present(**fields: str | None) -> Parsed:
    return {name: value for name, value in fields.items() if value}


if __name__ == "__main__":
    FILE.write_bytes(b"".join(encode(row) + b"\n" for row in rows()))
