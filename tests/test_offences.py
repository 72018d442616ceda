"""Laws of the catalogue, tried on every offence: it shows, it spares what does not concern it, it never fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

import jsonschema_rs
import pytest

from mockserver.contract import contract
from mockserver.errors import MockserverError
from mockserver.exchange import Mock
from mockserver.fault import Case, Chance
from mockserver.jsontext import decode
from mockserver.offences import catalogue, offence, shape
from mockserver.offences.filters import value_of
from mockserver.reply import Reply, Request
from mockserver.settings import Settings
from mockserver.sources import Opening
from mockserver.sources.seeded import Seeded

MOCK = Mock(Settings(), Seeded().open(Opening(0.0)))
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
    found: list[dict[str, object]] = decode(honest(asked("?page_size=1000")).content())
    return found


def _values(name: str) -> list[str]:
    return sorted({value for log in logs() if (value := value_of(log, name))})


def _requests() -> Iterator[Request]:
    """Requests of every kind that a judge sends, the telling ones first."""
    for query in ("", "page=1", "page=2", "page=2&page_size=7", "page_size=1", "page_size=60", "page_size=200"):
        yield asked(f"?{query}")
    yield asked("?page=2&page_size=35")
    yield from (asked(f"?page={page}&page_size=10") for page in (3, 6, 7, 8, 99))
    for name in contract().filters:
        known = max(_values(name), key=len)
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
    yield asked("?page=2&page_size=20", ("if-none-match", "*"))
    yield asked("", ("if-none-match", '"constant"'))
    yield asked("", ("origin", "https://example.com"))


REQUESTS = tuple(_requests())


def changed(name: str, request: Request, k: int = 1) -> Reply | None:
    return offence(name).change(Case(request, NOW, honest, Chance(0, name, k)))


def shows(name: str, request: Request, k: int = 1) -> bool:
    reply = changed(name, request, k)
    return reply is not None and (reply.status, reply.headers, reply.content()) != _facts(request)


def _facts(request: Request) -> tuple[object, ...]:
    reply = honest(request)
    return reply.status, reply.headers, reply.content()


@pytest.mark.parametrize("name", catalogue())
def test_every_offence_can_be_seen(name: str) -> None:
    assert any(shows(name, request, k) for request in REQUESTS for k in (1, 2, 3)), "no request shows it"


@pytest.mark.parametrize("name", catalogue())
def test_no_offence_breaks_on_any_request_and_a_rule_serves_it(name: str) -> None:
    for request in REQUESTS[:: 1 + len(name) % 3]:
        assert isinstance(changed(name, request), Reply | None)
    served = MOCK.respond(
        Request("GET", "/api/logs?page=2", (*GOOD, ("prefer", f'fault="violate:offence={name}"'))), NOW
    )
    assert served.header("preference-applied")


def test_there_are_sixty_offences_and_more_named_and_told_alike() -> None:
    assert len(catalogue()) >= 60
    for name, each in catalogue().items():
        assert each.name == name
        assert re.fullmatch(r"[a-z0-9]+(-[A-Za-z0-9]+)*", name)
        assert each.severity in ("forbidden", "senseless")
        assert each.sentence.endswith(".")
    assert len({each.sentence for each in catalogue().values()}) == len(catalogue())


def test_an_unknown_offence_lists_the_known() -> None:
    with pytest.raises(MockserverError, match=r"overlap.*did you mean envelope\?"):
        offence("envelop")


VALIDATOR = jsonschema_rs.Draft202012Validator({"type": "array", "items": contract().log_schema})


@pytest.mark.parametrize("each", tuple(shape.offences()), ids=lambda each: each.name)
def test_an_offence_of_shape_breaks_the_schema_of_every_log(each: object) -> None:
    name = each.name  # type: ignore[attr-defined]
    reply = changed(name, asked(""))
    assert reply is not None
    broken = decode(reply.content())
    assert len(broken) == 20
    assert not any(contract().is_valid(log) for log in broken)
    assert reply.header("etag") is None
    single = changed(name, asked(f"/{logs()[5]['id']}"))
    assert single is not None
    assert not contract().is_valid(decode(single.content()))


def test_every_statement_of_the_schema_has_its_offence() -> None:
    """Counted apart from the walk: each required name, type, enum and bound of the document's text."""
    text = str(contract().log_schema)
    names = [each.name for each in shape.offences()]
    assert sum(name.startswith("too-") for name in names) == text.count("'maxLength'") + text.count("'minLength'")
    assert sum(name.startswith("unknown-") for name in names) == text.count("'enum'")
    required = re.findall(r"'required': \[([^\]]*)\]", text)
    assert sum(name.startswith("missing-") for name in names) == sum(len(each.split(",")) for each in required)
    # The log itself and the two choices of error are no properties of their own.
    typed = text.count("'type': '") - 3 + text.count("'oneOf'")
    assert sum(name.startswith("wrong-type-") for name in names) == typed


def ids(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [log["id"] for log in decode(reply.content())]


ALL = tuple(str(log["id"]) for log in logs())


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("page-size-exceeded", "page_size=5&page=2", ALL[5:11]),
        ("page-size-short", "page_size=5&page=2", ALL[5:9]),
        ("page-size-ignored", "page_size=5", ALL[:20]),
        ("page-size-rounded", "page_size=5", ALL[:10]),
        ("default-size-10", "page=2", ALL[10:20]),
        ("default-page-2", "page_size=5", ALL[5:10]),
        ("page-ignored", "page_size=5&page=3", ALL[:5]),
        ("page-from-zero", "page_size=5&page=1", ALL[5:10]),
        ("page-as-offset", "page_size=5&page=3", ALL[2:7]),
        ("page-from-the-end", "page_size=60&page=1", ALL[60:]),
        ("past-the-end-repeats", "page_size=60&page=9", ALL[60:]),
        ("past-the-end-wraps", "page_size=60&page=3", ALL[:60]),
        ("overlap", "page_size=5&page=2", ALL[4:9]),
        ("gap", "page_size=5&page=3", ALL[12:17]),
        ("duplicate-log", "page_size=3", (*ALL[:2], ALL[0])),
        ("last-log-lost", "page_size=1000", ALL[:-1]),
        ("order-by-size", "page_size=3", ALL[2::-1]),
    ],
)
def test_an_offence_of_paging_does_what_it_says(name: str, query: str, expected: tuple[str, ...]) -> None:
    assert tuple(ids(changed(name, asked(f"?{query}")))) == expected


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("overlap", "page_size=5"), ("gap", "page_size=5&page=1"), ("page-2-empty", "page=1"),
        ("bad-log-page-2", "page=3"), ("past-the-end-repeats", "page_size=5"),
        ("filter-ignored-userId", "logKey=a"), ("filters-or", "userId=a"),
        ("default-size-10", "page_size=3"), ("bad-log-filter-logKey", "userId=a"), ("refused-page-1", "page=2"),
    ],
)  # fmt: skip
def test_an_offence_spares_the_requests_it_does_not_concern(name: str, query: str) -> None:
    assert changed(name, asked(f"?{query}")) is None


def test_inexact_filters_match_more_than_they_should_and_page_as_they_should() -> None:
    key = max(_values("logKey"), key=len)
    prefix = key[:12]
    matching = [str(log["id"]) for log in logs() if str(log["key"]).startswith(prefix)]
    assert len(matching) > 3
    found = ids(changed("filter-prefix-logKey", asked(f"?logKey={prefix}&page_size=2&page=2")))
    assert found == matching[2:4]
    like = ids(changed("filter-wildcard-logKey", asked(f"?logKey={quote(prefix[:-1] + '_%')}&page_size=100")))
    assert like == matching


def test_unstable_order_is_another_each_time_and_the_same_logs() -> None:
    first, second = (ids(changed("unstable-order", asked(""), k)) for k in (1, 2))
    assert first != second
    assert sorted(first) == sorted(second) == sorted(ALL[:20])


@pytest.mark.parametrize("profile", ["observed", "observed-1.42"])
def test_the_catalogue_stands_on_the_observed_profiles_too(profile: str) -> None:
    mock = Mock(Settings(profile=profile), Seeded().open(Opening(0.0)))  # type: ignore[arg-type]
    odd = (
        "/api/Logs/",
        "/api/logs?page=1e0&page_size=0x5",
        "/api/logs?page=",
        "/api/logs?page=1.5",
        "/api/logs?page_size=101",
    )
    for target in odd:
        for each in catalogue().values():
            request = Request("GET", target, GOOD)
            each.change(Case(request, NOW, lambda asked_: mock.respond(asked_, NOW), Chance(0, each.name, 1)))


def test_a_page_too_large_to_hold_stays_honest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.offences.making._LARGEST_PAGE", 1000)
    large = Mock(Settings(), Seeded().open(Opening(0.0)))
    monkeypatch.setattr("mockserver.exchange._PIECE", 10)
    request = asked("?page_size=60")
    case = Case(request, NOW, lambda asked_: large.respond(asked_, NOW), Chance(0, "", 1))
    assert offence("envelope").change(case) is None
    assert offence("missing-id").change(case) is None
    small = Case(asked("?page_size=1"), NOW, lambda asked_: large.respond(asked_, NOW), Chance(0, "", 1))
    assert offence("envelope").change(small) is not None
