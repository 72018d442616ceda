"""Cases for the tests of offences: a mock of the curated logs, and every kind of request that the judge sends."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

from mockserver.contract.document import contract
from mockserver.contract.jsontext import decode
from mockserver.faults.fault import Case, Chance
from mockserver.faults.offences import catalogue, find_offence
from mockserver.faults.offences.filters import value_of
from mockserver.http.message import Reply, Request
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening
from mockserver.mock.exchange import Mock
from mockserver.mock.tenants import Setup

MOCK = Mock(Setup(Seeded().open(Opening(0.0))))
NOW = 1_780_000_000.0
GOOD = (("authorization", "Bearer dev-token"), ("accept-encoding", "gzip"))


@cache
def honest(request: Request) -> Reply:
    return MOCK.respond(request, NOW)


def asked(target: str, *headers: tuple[str, str], method: str = "GET", token: str | None = "dev-token") -> Request:
    credentials = () if token is None else (("authorization", f"Bearer {token}"),)
    return Request(method, f"/api/logs{target}", (*credentials, *headers))


@cache
def logs() -> list[dict[str, object]]:
    page: list[dict[str, object]] = decode(honest(asked("?page_size=1000")).content())
    return page


def values(name: str) -> list[str]:
    return sorted({value for log in logs() if (value := value_of(log, name))})


# Requests that read no list, and that an offence can be about.
AIMS = [(aim.method, aim.path) for aim in {offence.aim for offence in catalogue().values()} if aim.path]
# Values that a careless server loses or compares wrongly.
ODD = ("'", "x" * 300, "null", "%2e", "a+b", "c&d", "e,f", "end ", "Zoë", "0042", "\\", "[", "\0", "4711.0", "l" * 40)
FORGED = (
    "Bearer eyJhbGciOiJub25lIn0.eyJ9.",
    "Bearer eyJh.eyJ9.",
    "Bearer eyJh.eyJ9.AAAA",
    "Bearer eyJh.eyJ9",
    "Bearer DEV-TOKEN",
    "dev-token",
    "Basic dev-token",
    "Bearer ",
)


def _beside_everything() -> Iterator[Request]:
    """Yields requests with every parameter, for each way to show a token, and with each odd value."""
    both = next(log for log in logs() if all(value_of(log, name) for name in contract().filters))
    good = {name: quote(value_of(both, name)) for name in contract().filters}
    query = "?page=1&page_size=100&" + "&".join(f"{name}={value}" for name, value in good.items())
    for method in ("GET", "HEAD", "OPTIONS"):
        yield asked(query, method=method, token=None)
        yield asked(query, method=method, token="forbidden-token")
        yield asked(query, ("x-forwarded-for", "127.0.0.1"), method=method, token=None)
        yield from (asked(query, ("authorization", shown), method=method, token=None) for shown in FORGED)
    yield asked(f"{query}&access_token=dev-token", token=None)
    for odd in ("0", "-1", "1.5", "abc"):
        yield asked(query.replace("page_size=100", f"page_size={odd}"))
        yield asked(query.replace("page=1", f"page={odd}"))
    for method, path in AIMS:
        yield Request(method, path)
        yield Request(method, path, GOOD)
    for name, value in good.items():
        for odd in (*map(quote, ODD), value[:-1], value.swapcase(), f"{value},x", f"{value[:2]}*", f"{value}%20"):
            yield asked(query.replace(f"{name}={value}", f"{name}={odd}"))
            yield asked(query.replace(f"{name}={value}", f"{name}={odd}").replace(f"&{name}={value}", ""))
        yield asked(f"?{name}=&page_size=100")
        yield asked(f"?{name}={quote(value + chr(39))}%20OR%20%271%27=%271&page_size=3")
    for header, value in (("accept", "text/html"), ("range", "bytes=0-9"), ("accept-encoding", "br")):
        yield asked("", (header, value))
    yield asked("", ("if-none-match", '"another"'))
    yield asked("", ("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT"))
    yield asked("", ("accept", "text/html,*/*;q=0.8"), ("accept-language", "*"), ("content-type", "application/json"))
    yield asked("", ("accept", "text/html,*/*;q=0.8"), token=None)
    yield asked("", ("x-original-url", "/"), token=None)
    yield asked("", ("accept-encoding", "gzip"))
    yield asked("?page%5Fsize=2")
    yield from (asked(f"?{name}[$ne]={value}") for name, value in good.items())
    yield asked("?callback=f&x=" + "x" * 900)
    yield asked("", token="a" * 5000)
    yield asked("", token="tökén")


def _requests() -> Iterator[Request]:
    """Yields requests of every kind that the judge sends; those that show most offences come first."""
    for query in ("", "page=1", "page=2", "page=2&page_size=7", "page_size=1", "page_size=60", "page_size=200"):
        yield asked(f"?{query}")
    total = len(logs())
    yield asked(f"?page=2&page_size={total // 2 + 1}")
    last = -(-total // 10)
    yield from (asked(f"?page={page}&page_size=10") for page in (3, last - 1, last, last + 1, 99))
    for name in contract().filters:
        known = max(values(name), key=len)
        near = (known, known[:-1], known[:1], known.swapcase(), f" {known} ", f"{known[:-1]}_")
        for value in (*near, "%", "nobody", "'", "é", "x" * 300):
            yield asked(f"?{name}={quote(value)}")
            yield asked(f"?{name}={quote(value)}&page=2&page_size=2")
    both = next(log for log in logs() if value_of(log, "userId") and value_of(log, "applicationId"))
    names = ("userId", "applicationId", "logKey")
    yield asked("?page_size=3&" + "&".join(f"{name}={quote(value_of(both, name))}" for name in names))
    yield asked(f"?userId={quote(value_of(both, 'userId'))}&logKey=nothing")
    for name in ("page", "page_size"):
        yield from (asked(f"?{name}={value}") for value in ("0", "-1", "1.5", "abc", "4294967296"))
    yield asked("?foo=bar&page_size=3")
    yield asked("", method="HEAD")
    yield asked(f"/{logs()[5]['id']}")
    yield asked("/nothing")
    for token in (None, "nonsense", "expired-token", "forbidden-token"):
        yield asked("", token=token)
    yield from _beside_everything()
    yield asked("?page=2&page_size=20", ("if-none-match", "*"))
    yield asked("", ("if-none-match", '"constant"'))
    yield asked("", ("origin", "https://example.com"))


REQUESTS = tuple(_requests())


def changed(name: str, request: Request, k: int = 1) -> Reply | None:
    return find_offence(name).change(Case(request, NOW, honest, Chance(0, name, k)))


def ids(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [log["id"] for log in decode(reply.content())]


ALL = tuple(str(log["id"]) for log in logs())
