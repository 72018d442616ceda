"""Hosts and base URLs: what a request, a proxy in front of the server, or its user says of where the server is.

Anybody can send ``X-Forwarded-*``, so these headers count only where the user says that a proxy sets them. A proxy may
append to what a client sent; so the last value of a list counts, which is the one that the nearest proxy wrote.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from mockserver.http.message import Request

# RFC 3986, 3.2.2: an address in brackets, or a name; and the port behind it.
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]++\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})++)(?::(\d{0,5}))?", re.ASCII)
_PATH = re.compile(r"(?:/[\w.~!$&'()*+,;=:@%-]++)*+", re.ASCII)
_BASE = re.compile(r"(https?)://([^/]*+)(.*)", re.DOTALL)


# Clients send one Host with every request.
@lru_cache(maxsize=256)
def is_host(text: str) -> bool:
    """Whether a text is a host, with or without a port."""
    match = _HOST.fullmatch(text)
    return match is not None and int(match[1] or 0) <= 65535


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own: 127.0.0.0/8, ::1, localhost and every name below it (RFC
    6761, 6.3)."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_base(text: str) -> bool:
    """Whether a text is a base URL: http or https, a host, and a path or none, without a slash at its end."""
    match = _BASE.fullmatch(text)
    return match is not None and is_host(match[2]) and _PATH.fullmatch(match[3]) is not None


def forwarded_base(request: Request) -> str:
    """The base URL that a proxy names by ``X-Forwarded-Proto``, ``-Host`` and ``-Prefix``.

    What it leaves out is as the request has it. Empty where the parts make no base URL.
    """
    scheme, _, host = request.origin.partition("://")
    proto, name, prefix = (_last(request, f"x-forwarded-{part}") for part in ("proto", "host", "prefix"))
    base = f"{proto.lower() or scheme}://{name or host}/{prefix.strip('/')}".rstrip("/")
    return base if is_base(base) else ""


def _last(request: Request, name: str) -> str:
    values = [value for other, value in request.headers if other == name]
    return values[-1].rpartition(",")[2].strip() if values else ""
