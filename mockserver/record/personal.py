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
from urllib.parse import unquote

from mockserver.contract.document import Problem
from mockserver.contract.jsontext import decode
from mockserver.logs.reading import MOST_BAD_LINES, BadLine, items
from mockserver.record.pseudonyms import DEEPEST, PARTS, PUBLIC, is_common

# RFC 2606 and RFC 6761: domains that nobody can have.
_RESERVED = re.compile(r"(?:.*\.)?(?:example|test|invalid|localhost|example\.(?:com|net|org))")
# RFC 7515, 7.1: the compact form begins with a JSON object in base64.
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_NOBODYS = {
    "an e-mail address": "one such as name@example.com",
    "a host": "one such as app.example.com",
    "an IP address": "one of 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32",
    "a phone number": "one that begins with +0",
    "a token": "none",
}


def personal_places(path: Path) -> list[BadLine]:
    """Return each place in a file of logs where a value looks personal. What is no JSON is passed over."""
    found: list[BadLine] = []
    for place, item in items(path):
        with suppress(ValueError):
            log = decode(item) if isinstance(item, bytes) else None
            found += [BadLine(f"{path}{place}: {problem}") for problem in personal_problems(log)]
        if len(found) >= MOST_BAD_LINES:
            break
    return found


def personal_problems(value: Any, path: str = "", depth: int = 0) -> Iterator[Problem]:
    """Yield each place in parsed JSON, also in JSON within its texts, where a value looks personal.

    The value itself is not told whole, since the problem is printed in public.
    """
    if isinstance(value, dict) and not is_common(value):
        for name, inner in value.items():
            yield from personal_problems(name, f"{path}.{name}", depth)
            yield from personal_problems(inner, f"{path}.{name}", depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from personal_problems(inner, f"{path}.{number}", depth + 1)
    elif isinstance(value, str) and depth < DEEPEST and not is_common(value):
        try:
            inner = decode(value) if value[:1] in ("{", "[") else None
        except ValueError:
            inner = None
        if inner is not None:
            yield from personal_problems(inner, path, depth + 1)
            return
        for kind, text in _found(value, depth):
            # The version of a program may look like an address.
            if not path.endswith(".version"):
                yield Problem(path.lstrip("."), f"{kind} ({text[:2]}…)", _NOBODYS[kind])


def _found(text: str, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each part that looks personal."""
    for part in PARTS.finditer(text):
        if part["domain"] and not _RESERVED.fullmatch(part["domain"].lower()):
            yield "an e-mail address", part[0]
        elif part["phone"] and part["phone"][0] != "0":
            yield "a phone number", part[0]
        elif "%" in part[0] and depth < DEEPEST:
            yield from _found(unquote(part[0]), depth + 1)
        elif _TOKEN.fullmatch(part[0]):
            yield "a token", part[0]
        elif not part["domain"]:
            yield from _of_host(part["host"], part["v6"] or part["run"] or part["host"], text[: part.start()])


def _of_host(host: str | None, place: str, before: str) -> Iterator[tuple[str, str]]:
    try:
        # Behind a slash, four numbers are the version of a program.
        if ip_address(place).is_global and (host or not before.endswith("/")):
            yield "an IP address", place
    except ValueError:
        if host and "." in host and host not in PUBLIC and not _RESERVED.fullmatch(host.lower()):
            yield "a host", host
