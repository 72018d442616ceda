"""Personal values: what in logs could lead to somebody, as far as its form tells.

E-mail addresses, hosts, IP addresses, phone numbers and tokens have forms, and for each but the last there are reserved
ones that nobody has. Names and ids have none: whether one is a pseudonym, only its key tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from mockserver.contract.document import Problem
from mockserver.contract.jsontext import decode
from mockserver.logs.reading import MOST_BAD_LINES, BadLine, items
from mockserver.record.pseudonyms import PUBLIC, Pseudonyms

# RFC 2606 and RFC 6761: domains that nobody can have.
_RESERVED = re.compile(r"(?:.*\.)?(?:example|test|invalid|localhost|example\.(?:com|net|org))", re.IGNORECASE)
# RFC 7515, 7.1: the compact form begins with a JSON object in base64.
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
# What could lead to somebody, and what to put in its place.
_KINDS = {
    "an e-mail address": "one such as name@example.com",
    "a host": "one such as app.example.com",
    "an IP address": "one of 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32",
    "a phone number": "one that begins with +0",
    "a token": "none",
}


class _Finder(Pseudonyms):
    """Looks into texts as pseudonyms do, and notes what looks personal: its kind and itself."""

    def __init__(self) -> None:
        super().__init__("")
        self.found: list[tuple[str, str]] = []

    def _part(self, part: re.Match[str], depth: int) -> str:
        if "%" in part[0]:
            return super()._part(part, depth)
        if kind := _kind(part):
            self.found.append((kind, part[0]))
        return part[0]


def _kind(part: re.Match[str]) -> str:
    """Return what a part of a text is, if it could lead to somebody; else an empty text."""
    name, place = part["domain"] or part["host"] or "", part["host"] or part["v6"] or part["run"]
    if part["phone"]:
        return "a phone number" * (part["phone"][0] != "0")
    # Behind a slash, four numbers are the version of a program.
    is_version = part["run"] and part.string[: part.start()].endswith("/")
    with suppress(ValueError):
        return "an IP address" * (ip_address(place).is_global and not is_version)
    if _TOKEN.fullmatch(part[0]):
        return "a token"
    is_somebodys = "." in name and name not in PUBLIC and not _RESERVED.fullmatch(name)
    return ("an e-mail address" if part["domain"] else "a host") * is_somebodys


def personal_places(path: Path) -> list[BadLine]:
    """Return each place in a file of logs where a value looks personal. What is no JSON is passed over."""
    finder, found = _Finder(), list[BadLine]()
    for place, item in items(path):
        with suppress(ValueError):
            log = decode(item) if isinstance(item, bytes) else None
            found += [BadLine(f"{path}{place}: {problem}") for problem in _problems(finder, log, "")]
        if len(found) >= MOST_BAD_LINES:
            break
    return found


def _problems(finder: _Finder, value: Any, path: str) -> Iterator[Problem]:
    """Yield the places in parsed JSON. The value is not told whole: problems are printed where others read them."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield from _problems(finder, item, f"{path}.{name}")
    finder.found.clear()
    # The version of a program may look like an address.
    for text in value if isinstance(value, dict) else [value] * (not path.endswith(".version")):
        if isinstance(text, str):
            finder.text(text)
    for kind, text in finder.found:
        yield Problem(path.lstrip("."), f"{kind} ({text[:2]}…)", _KINDS[kind])
