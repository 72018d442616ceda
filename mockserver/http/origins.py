"""Origins: how a Host begins the URLs in Link, as a real deployment reads it (WHATWG URL, 4.4, host parser).

Koa takes the Host up to its first comma, puts the scheme before it and the request target behind it, and has Node's
``URL`` read the whole. So a target with a scheme of its own (``http://...``) makes the Host ``localhost:80http:``,
which is no host; and an empty Host takes the first step of the path for its name. Letters beyond ASCII are refused
here: Node refuses most of them, and maps the others.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import unquote

from mockserver.contract.profile import Profile
from mockserver.http.message import Request

# The code points that no domain holds; a percent sign is one once the text is decoded.
_FORBIDDEN = re.compile(r"[\x00-\x20#%/:<>?@\[\\\]^|\x7f-\U0010ffff]")
_NUMBER = re.compile(r"0[xX]([0-9A-Fa-f]*)|0([0-7]*)|([1-9][0-9]*)")
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?", re.DOTALL)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def link_origin(request: Request, how: Profile) -> str | None:
    """What begins a URL in Link; None where the request makes no URL and the deployment breaks."""
    if how.origin == "sent" or request.base:
        return request.public
    scheme, _, authority = request.origin.partition("://")
    host = request.header("host")
    host = (authority if host is None else host).partition(",")[0].rstrip()
    parsed = _parsed(scheme, host, request, how)
    return f"{scheme}://{host}" if parsed is not None and how.origin == "checked" else parsed


def _parsed(scheme: str, host: str, request: Request, how: Profile) -> str | None:
    if how.origin == "parsed" and "@" in host:
        # Koa 3 reads such a Host by itself first, and takes it for empty where it cannot.
        host = (_origin(scheme, host) or "").partition("://")[2]
    return _origin(scheme, host + (f"{scheme}:" if request.absolute else "") + request.target)


def _origin(scheme: str, rest: str) -> str | None:
    """The origin of the URL of a scheme and what follows its two slashes, or None where there is none."""
    # A URL has no tabs: its reader drops them.
    authority = re.split(r"[/\\?#]", rest.replace("\t", "").lstrip("/\\"), maxsplit=1)[0]
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*))?", authority.rpartition("@")[2])
    if match is None or not match[1]:
        return None
    host, port = _host(match[1]), (match[2] or "").lstrip("0") or ("0" if match[2] else "")
    if host is None or len(port) > 5 or int(port or 0) > 65535:
        return None
    return f"{scheme}://{host}" + (f":{port}" if port not in ("", _DEFAULT_PORTS[scheme]) else "")


def _host(text: str) -> str | None:
    if text.startswith("["):
        try:
            return f"[{_shortest(IPv6Address(text[1:-1]))}]"
        except AddressValueError:
            return None
    domain = unquote(text).lower()
    if _FORBIDDEN.search(domain) or not all(map(_is_readable, domain.split("."))):
        return None
    return _ipv4(domain) if _ENDS_IN_NUMBER.fullmatch(domain) else domain


def _is_readable(label: str) -> bool:
    """Whether a label that says it is Punycode (RFC 3492) stands for letters beyond ASCII."""
    if not label.startswith("xn--"):
        return True
    try:
        return not label[4:].encode().decode("punycode").isascii()
    except UnicodeError:
        return False


def _shortest(address: IPv6Address) -> str:
    """The address as a URL writes it (WHATWG URL, 3.5): without dots, also where it holds one of version 4."""
    mapped = address.ipv4_mapped
    if mapped is None:
        return address.compressed
    return f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"


def _ipv4(domain: str) -> str | None:
    """The four numbers of an address in any of the ways that a URL takes: ``127.1``, ``0x7f.1``, ``2130706433``."""
    parts = domain.removesuffix(".").split(".")
    matches = [_NUMBER.fullmatch(part) for part in parts]
    if len(parts) > 4 or not all(matches):
        return None
    numbers = [_value(match) for match in matches if match]
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    return str(IPv4Address(sum(number << 24 - 8 * place for place, number in enumerate(numbers[:-1])) + numbers[-1]))


def _value(match: re.Match[str]) -> int:
    return (
        int(match[1] or "0", 16)
        if match[1] is not None
        else int(match[2] or "0", 8)
        if match[2] is not None
        else int(match[3])
    )
