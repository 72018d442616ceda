"""User agents: the strings that clients send, and what the deployment's parser makes of them.

The strings that the generated traffic uses stand in ``agents.jsonl`` with their parses remembered, because the parser
takes 0.2 s to start; a test derives each of them anew. Any other string is parsed when asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode

AgentKind = Literal["desktop", "phone", "bot", "sdk"]
Parsed = dict[str, Any]
FILE = Path(__file__).with_name("agents.jsonl")

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

# Neither is among ua-parser's answers; the tokens are those of RFC 9110 products as today's engines send them.
_ENGINES = (
    ("Gecko", re.compile(r"rv:([\d.]+)\) Gecko/")),
    ("Blink", re.compile(r"AppleWebKit/.* Chrome/([\d.]+)")),
    ("WebKit", re.compile(r"AppleWebKit/([\d.]+)")),
)
_ARCHITECTURES = (("amd64", re.compile(r"x64|x86_64|WOW64")), ("arm64", re.compile(r"aarch64|arm64")))
_TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)")
_PHONE = re.compile(r"Mobile")


@dataclass(frozen=True, slots=True)
class Agent:
    """One user agent: its string, its parse, and how often it is met (a weight from 1)."""

    kind: AgentKind
    weight: int
    text: str
    parsed: Parsed

    def __post_init__(self) -> None:
        if self.weight < 1 or self.parsed.get("ua") != self.text:
            raise MockserverError(str(FILE), repr(self.text), "a weight from 1 and a parse of that string")


@cache
def agents() -> tuple[Agent, ...]:
    """Every remembered agent, in the file's order."""
    return tuple(Agent(**decode(line)) for line in FILE.read_bytes().splitlines())


def parsed(text: str) -> Parsed:
    """``userAgentParsed`` of a user agent: ua and browser, device, engine, os, cpu, each ``{}`` where unrecognised."""
    for agent in agents():
        if agent.text == text:
            return agent.parsed
    return derive(text)


def derive(text: str) -> Parsed:
    """The same, always by the parser (ua-parser); what runs on no system, a bot or an SDK, has five empty parts."""
    from ua_parser import parse

    found = parse(text)
    if found.os is None or found.user_agent is None:
        return {"ua": text, "browser": {}, "device": {}, "engine": {}, "os": {}, "cpu": {}}
    browser, system = found.user_agent, found.os
    return {
        "ua": text,
        "browser": _present(
            name=BROWSERS.get(browser.family, browser.family),
            version=_version(browser.major, browser.minor, browser.patch, browser.patch_minor),
            major=browser.major,
        ),
        "device": _device(text, found.device),
        "engine": next(
            ({"name": name, "version": hit[1]} for name, token in _ENGINES if (hit := token.search(text))), {}
        ),
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
