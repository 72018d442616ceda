"""Requests and replies as values: what a client sent, what it gets, and how the reply is to be sent.

A reply holds no socket and no clock. The edge waits, writes and cuts as the reply says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from mockserver.contract.jsontext import encode

Headers = tuple[tuple[str, str], ...]

JSON = ("Content-Type", "application/json; charset=utf-8")


class Request(NamedTuple):
    """One request as it came over the wire.

    ``target`` is the raw request target (path, then ``?`` and query, percent-encoding untouched, one character a
    byte); ``headers`` are (lower-case name, value) in the order sent, repeated ones apart; ``origin`` is the
    scheme and authority that the client used, such as ``http://127.0.0.1:3001``; ``absolute`` says that the target was
    sent with scheme and host in front, which have been removed from it; ``base`` is the base URL that clients use,
    where it is another one than ``origin``.
    """

    method: str
    target: str
    headers: Headers = ()
    origin: str = "http://127.0.0.1:3001"
    absolute: bool = False
    base: str = ""

    def header(self, name: str) -> str | None:
        """The value of the first header called ``name`` (lower case), or None."""
        for other, value in self.headers:
            if other == name:
                return value
        return None

    def joined(self, name: str) -> str | None:
        """The values of all headers called ``name`` (lower case) as one list (RFC 9110, 5.3), or None."""
        values = [value for other, value in self.headers if other == name]
        return ", ".join(values) if values else None

    @property
    def public(self) -> str:
        """What begins the URLs that clients are given: ``base``, else the origin."""
        return self.base or self.origin

    @property
    def path(self) -> str:
        """The raw path: the target up to its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query, without its question mark; empty when there is none."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Stream:
    """A body too large to hold in memory: each call of ``pieces`` begins a new iteration over its bytes."""

    pieces: Callable[[], Iterable[bytes]]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces())


@dataclass(frozen=True, slots=True)
class Sending:
    """How the edge sends a reply; the default is plain sending.

    ``wait``: seconds before the first byte. ``over`` and ``chunks``: the body is sent in so many pieces, spread over so
    many seconds. ``cut``: stop after so many bytes of the body (None: send all; -1: stop before the head). ``end``:
    what happens to the connection then: it is kept for the next request, closed, or reset. ``raw``: bytes that are no
    HTTP, in place of the body, or of everything when ``cut`` is -1. ``stray``: a line of the head that is no header.
    """

    wait: float = 0.0
    over: float = 0.0
    chunks: int = 1
    cut: int | None = None
    end: Literal["keep", "close", "reset"] = "keep"
    raw: bytes | None = None
    stray: bytes = b""


PLAIN = Sending()


class Reply(NamedTuple):
    """One reply: status (100 to 999), headers in sending order, body, and how it is sent.

    The edge adds Content-Length, unless it is among the headers.
    """

    status: int
    headers: Headers = ()
    body: bytes | Stream = b""
    sending: Sending = PLAIN

    def header(self, name: str) -> str | None:
        """The value of the first header called ``name`` (any case), or None."""
        wanted, length = name.lower(), len(name)
        for found, value in self.headers:
            if len(found) == length and found.lower() == wanted:
                return value
        return None

    def with_header(self, name: str, value: str | None) -> Reply:
        """The reply with one header set in its place, appended, or (``value`` None) removed."""
        wanted, names = name.lower(), [other.lower() for other, _ in self.headers]
        headers = [header for header in self.headers if header[0].lower() != wanted]
        if value is not None:
            place = names.index(wanted) if wanted in names else len(headers)
            headers.insert(place, (self.headers[place][0] if wanted in names else name, value))
        return self._replace(headers=tuple(headers))

    def with_more(self, headers: Headers) -> Reply:
        """The reply with more headers behind its own."""
        return Reply(self.status, self.headers + headers, self.body, self.sending)

    def content(self) -> bytes:
        """The whole body as bytes, also that of a stream."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)

    def sent(self, **changes: Any) -> Reply:
        """The reply with fields of its ``sending`` changed."""
        return self._replace(sending=replace(self.sending, **changes))


def is_bodiless(status: int) -> bool:
    """Whether replies of that status have no body."""
    # RFC 9110, 6.4.1: no content in 1xx, 204 and 304.
    return status < 200 or status in (204, 304)


def headers_of(reply: Reply) -> Headers:
    """The headers of a reply with the length of a body of bytes, unless they give one or the status has no body."""
    if not isinstance(reply.body, bytes) or is_bodiless(reply.status) or reply.header("content-length") is not None:
        return reply.headers
    return (*reply.headers, ("Content-Length", f"{len(reply.body)}"))


def field_lines(headers: Headers) -> str:
    """Headers as the lines of a head, each with its line end."""
    return "\r\n".join([*map(": ".join, headers), ""])


def json_reply(status: int, value: Any, headers: Headers = ()) -> Reply:
    """A reply whose body is ``value`` as compact JSON."""
    return Reply(status, (JSON, *headers), encode(value))
