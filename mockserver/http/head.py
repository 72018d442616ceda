"""The head of a request, read strictly: what RFC 9112 lets a server refuse is refused, so that nothing is guessed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from mockserver.http.message import Headers

# RFC 9110, 5.6.2: the characters of a token; a method and a field name are tokens.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
# A target may hold raw bytes above ASCII, as some clients send them; controls and blanks end it.
_LINE = re.compile(rf"({_TOKEN}+) ([\x21-\x7e\x80-\xff]+) HTTP/(1\.[01])")
# RFC 9110, 5.5: a field value is visible characters, blanks and bytes above ASCII; no line folding (RFC 9112, 5.2).
_FIELDS = re.compile(rf"(?:{_TOKEN}+:[\t\x20-\x7e\x80-\xff]*\r\n)*")
_START = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: (?:[\x21-\x7e\x80-\xff]+(?: [^\r\n]*)?)?)?)?\r?")
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)

# A body above this is refused before it is read: 16 MiB holds some ten thousand logs.
BODY_LIMIT = 16 * 1024 * 1024
FRAMING = ("transfer-encoding", "content-length")  # the headers that tell of a body


class Malformed(Exception):
    """A request that no application shall see; ``status`` is what it is answered with before the connection closes."""

    def __init__(self, status: Literal[400, 408, 413, 431]) -> None:
        super().__init__(status)
        self.status = status


class Head(NamedTuple):
    """One request line and its fields: names in lower case, values trimmed, in the order sent, repeated ones apart.

    ``host`` is the value of Host, None without one; ``framed``: a field tells of a body; ``closing``: the client says
    that the connection ends.
    """

    method: str
    target: str
    version: str
    headers: Headers
    host: str | None = None
    framed: bool = False
    closing: bool = False

    def all(self, name: str) -> list[str]:
        """Every value of the header called ``name`` (lower case)."""
        return [value for found, value in self.headers if found == name]

    def has(self, name: str, option: str) -> bool:
        """Whether ``option`` (lower case) is in the comma-separated lists of the header called ``name``."""
        return any(option == item.strip().lower() for value in self.all(name) for item in value.split(","))


def read_head(data: bytes) -> Head:
    """The head from its bytes, up to and with the empty line; raises Malformed (400)."""
    line, _, fields = data[:-2].decode("latin-1").partition("\r\n")
    read = _LINE.fullmatch(line)
    if read is None:
        raise Malformed(400)
    method, target, version = read.groups()
    headers, host, framed, closing = _fields(fields)
    # RFC 9112, 3.2: 400 to any HTTP/1.1 request that lacks Host and to any request with two.
    if host is None and version == "1.1":
        raise Malformed(400)
    return Head(method, target, version, headers, host, framed, closing)


# Clients send the same fields with every request; journals hold them once, then, and nobody reads them twice.
@lru_cache(maxsize=256)
def _fields(text: str) -> tuple[Headers, str | None, bool, bool]:
    if not _FIELDS.fullmatch(text):
        raise Malformed(400)
    pairs = [field.partition(":") for field in text.split("\r\n")[:-1]]
    head = Head("", "", "", tuple([(name.lower(), value.strip(" \t")) for name, _, value in pairs]))
    hosts = head.all("host")
    if len(hosts) > 1:
        raise Malformed(400)
    framed = any(head.all(name) for name in FRAMING)
    return head.headers, hosts[0] if hosts else None, framed, head.has("connection", "close")


def can_begin(data: bytes) -> bool:
    """Whether a head may begin with these bytes: so that TLS, HTTP/0.9 and bare line feeds are refused at once."""
    line, ended, _ = data.partition(b"\n")
    if _BARE_LINE_FEED.search(data) or not _START.fullmatch(line):
        return False
    return not ended or _LINE.fullmatch(line[:-1].decode("latin-1")) is not None


def body_length(head: Head) -> int | None:
    """How many bytes of body follow, None where chunks do; raises Malformed (400 or 413)."""
    codings, lengths = head.all("transfer-encoding"), head.all("content-length")
    if codings:
        # RFC 9112, 6.1: both together, or chunks from an HTTP/1.0 client, are how requests are smuggled.
        if lengths or head.version == "1.0" or [coding.lower() for coding in codings] != ["chunked"]:
            raise Malformed(400)
        return None
    if not lengths:
        return 0
    if len(set(lengths)) > 1 or not re.fullmatch(r"\d+", lengths[0], re.ASCII):
        raise Malformed(400)
    if len(lengths[0]) > 12 or int(lengths[0]) > BODY_LIMIT:
        raise Malformed(413)
    return int(lengths[0])


def origin_form(target: str) -> tuple[str | None, str]:
    """The authority that an absolute target names (else None), and the target from its path on."""
    absolute = None if target.startswith("/") else _ABSOLUTE.match(target)
    if absolute is None:
        return None, target
    rest = target[absolute.end() :]
    return absolute[1], rest if rest.startswith("/") else "/" + rest
