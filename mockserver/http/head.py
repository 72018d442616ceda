"""The head of a request, read strictly: what RFC 9112 lets a server refuse is refused, so that nothing is guessed.

A server that guesses is a server through which requests are smuggled: two readers of one stream of bytes must find the
same requests in it. So folded lines, bare line feeds, blanks before a colon, two Hosts, and a length beside chunks are
refused here, where common servers take them one way and proxies another.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from mockserver.http.message import Headers, Request

# RFC 9110, 5.6.2: the characters of a token; a method and a field name are tokens.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
# A target may hold raw bytes above ASCII, as some clients send them; controls and blanks end it.
_LINE = re.compile(rf"({_TOKEN}+) ([\x21-\x7e\x80-\xff]+) HTTP/(1\.[01])")
# RFC 9110, 5.5: a field value is visible characters, blanks and bytes above ASCII; no line folding (RFC 9112, 5.2).
_FIELDS = re.compile(rf"(?:{_TOKEN}+:[\t\x20-\x7e\x80-\xff]*\r\n)*")
_START = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: (?:[\x21-\x7e\x80-\xff]+(?: [^\r\n]*)?)?)?)?\r?")
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)

# A larger body is refused before it is read, unless it passes through: 8 MiB is more than the 5,000 logs that one
# request of a test adds, and the most JSON that is parsed within 50 ms.
BODY_LIMIT = 8 * 1024 * 1024


class Malformed(Exception):
    """A request that no application shall see; ``status`` answers it, and then the connection closes."""

    def __init__(self, status: Literal[400, 408, 413, 431]) -> None:
        super().__init__(status)
        self.status = status


class Head(NamedTuple):
    """One request line and its fields: names in lower case, values trimmed, in the order sent, repeated ones apart.

    ``host`` is the value of Host, None without one; ``length`` is the number of bytes of the body, None where it comes
    in chunks; ``closing``: the client ends the connection behind the answer; ``expects``: it waits for an interim 100.
    """

    method: str
    target: str
    version: str
    headers: Headers
    host: str | None = None
    length: int | None = 0
    closing: bool = False
    expects: bool = False

    @property
    def size(self) -> int:
        """The bytes of target, names and values, which is what Node counts against its limit."""
        return len(self.target) + sum(len(name) + len(value) for name, value in self.headers)


class _Fields(NamedTuple):
    """The fields of a head, and what they say of its body and its connection."""

    headers: Headers
    host: str | None
    length: int | None
    closing: bool
    expects: bool
    chunked_before_1_1: bool


def read_head(data: bytes) -> Head:
    """The head from its bytes, up to and with the empty line; raises Malformed (400 or 413)."""
    line, _, fields = data[:-2].decode("latin-1").partition("\r\n")
    match = _LINE.fullmatch(line)
    if match is None:
        raise Malformed(400)
    method, target, version = match.groups()
    headers, host, length, closing, expects, chunked = _fields(fields)
    if version == "1.0":
        # RFC 9112, 6.1: chunks from an HTTP/1.0 client are how requests are smuggled.
        if chunked:
            raise Malformed(400)
        return Head(method, target, version, headers, host, length, True, False)
    # RFC 9112, 3.2: 400 to any HTTP/1.1 request that lacks Host.
    if host is None:
        raise Malformed(400)
    return Head(method, target, version, headers, host, length, closing, expects)


# Clients send the same fields with every request: they are read once, and journals hold them once.
@lru_cache(maxsize=256)
def _fields(text: str) -> _Fields:
    if not _FIELDS.fullmatch(text):
        raise Malformed(400)
    pairs = [field.partition(":") for field in text.split("\r\n")[:-1]]
    headers = tuple([(name.lower(), value.strip(" \t")) for name, _, value in pairs])
    hosts = _all(headers, "host")
    # RFC 9112, 3.2: 400 to any request with two.
    if len(hosts) > 1:
        raise Malformed(400)
    length = _length(_all(headers, "transfer-encoding"), _all(headers, "content-length"))
    closing = "close" in _listed(headers, "connection")
    # `Connection: Upgrade` asks for nothing that must be done (RFC 9110, 7.8): the request is read as any other.
    expects = "100-continue" in _listed(headers, "expect")
    return _Fields(headers, hosts[0] if hosts else None, length, closing, expects, length is None)


def _length(codings: list[str], lengths: list[str]) -> int | None:
    if codings:
        # RFC 9112, 6.1: a length beside a coding, and a coding that is not chunked, are not to be trusted.
        if lengths or [coding.lower() for coding in codings] != ["chunked"]:
            raise Malformed(400)
        return None
    if not lengths:
        return 0
    if len(set(lengths)) > 1 or not re.fullmatch(r"\d+", lengths[0], re.ASCII):
        raise Malformed(400)
    if len(lengths[0]) > 12:
        raise Malformed(413)
    return int(lengths[0])


def _all(headers: Headers, name: str) -> list[str]:
    return [value for field, value in headers if field == name]


def _listed(headers: Headers, name: str) -> set[str]:
    """The members, in lower case, of the comma-separated lists that the fields of one name hold."""
    return {item.strip().lower() for value in _all(headers, name) for item in value.split(",")}


def can_begin(data: bytes, checked: int = 0) -> bool:
    """Whether a head may begin with these bytes: so that TLS, HTTP/0.9 and bare line feeds are refused at once.

    The first ``checked`` bytes were asked about before and may begin a head.
    """
    if _BARE_LINE_FEED.search(data, checked):
        return False
    line, ended, _ = data.partition(b"\n")
    if ended and len(line) < checked:
        return True
    return _START.fullmatch(line) is not None and (
        not ended or _LINE.fullmatch(line[:-1].decode("latin-1")) is not None
    )


def origin_form(target: str) -> tuple[str | None, str]:
    """The authority that an absolute target names (else None), and the target from its path on."""
    absolute = None if target.startswith("/") else _ABSOLUTE.match(target)
    if absolute is None:
        return None, target
    rest = target[absolute.end() :]
    return absolute[1], rest if rest.startswith("/") else "/" + rest


def request_of(head: Head, scheme: str, authority: str) -> Request:
    """The request of one head; ``authority`` (host and port) stands in for a Host that the head does not name."""
    named, target = origin_form(head.target)
    # RFC 9112, 3.2.2: the authority of an absolute target replaces Host.
    origin = _origin(scheme, named or head.host or authority)
    return Request(head.method, target, head.headers, origin, named is not None)


# Journals hold it once, then.
@lru_cache(maxsize=256)
def _origin(scheme: str, host: str) -> str:
    return f"{scheme}://{host}"
