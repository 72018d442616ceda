"""Every kind of fault, armed in each way there is, and what a client sees of it over a real socket."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections.abc import Callable, Iterator
from urllib.parse import quote

import orjson
import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.kinds import KINDS
from mockserver.faults.rule import read_rule
from mockserver.mock.settings import Settings
from tests.support.seen import Seen, see
from tests.support.wire import request

# Each kind in a rule, and what a client must see of it.
TABLE: dict[str, tuple[str, Callable[[Seen], bool]]] = {
    "status": (
        'status:code=429,retry_after=7,error=a.b,message="x, y"',
        lambda seen: (
            (seen.status, seen.header("retry-after")) == (429, "7")
            and orjson.loads(seen.body) == {"code": "a.b", "message": "x, y"}
        ),
    ),
    "latency": ("latency:seconds=0.03", lambda seen: seen.status == 200 and 0.03 <= seen.seconds < 5),
    "hang": ("hang:seconds=0.03", lambda seen: (seen.raw, seen.end) == (b"", "closed") and seen.seconds >= 0.03),
    "reset": ("reset", lambda seen: (seen.raw, seen.end) == (b"", "reset")),
    "empty": ("empty", lambda seen: (seen.raw, seen.end) == (b"", "closed")),
    "truncate": (
        "truncate:bytes=10",
        lambda seen: len(seen.body) == 10 < int(seen.header("content-length") or 0) and seen.end == "closed",
    ),
    "garbage": ("garbage:bytes=99", lambda seen: len(seen.raw) == 99 and not seen.raw.startswith(b"HTTP")),
    "malformed_chunk": (
        "malformed_chunk",
        lambda seen: seen.header("transfer-encoding") == "chunked" and seen.body.startswith(b"not-a-size\r\n"),
    ),
    "dribble": (
        "dribble:seconds=0.04,chunks=4",
        lambda seen: seen.seconds >= 0.04 and len(orjson.loads(seen.body)) == 20,
    ),
    "malformed_json": ("malformed_json", lambda seen: seen.status == 200 and not _parses(seen.body)),
    "wrong_type": (
        "wrong_type:type=text/plain",
        lambda seen: seen.header("content-type") == "text/plain" and _parses(seen.body),
    ),
    "rate_limit": (
        "rate_limit:limit=0,window=60",
        lambda seen: seen.status == 429 and 1 <= int(seen.header("retry-after") or 0) <= 60,
    ),
    "outage": (
        "outage:period=3600,duration=3600",
        lambda seen: seen.status == 503 and 1 <= int(seen.header("retry-after") or 0) <= 3600,
    ),
    "empty_list": (
        "empty_list",
        lambda seen: (seen.status, seen.header("total-number"), seen.body) == (200, "0", b"[]"),
    ),
    "malformed_head": (
        "malformed_head",
        lambda seen: (
            b"\r\n\0this line is no header\r\n" in seen.raw.partition(b"\r\n\r\n")[0]
            and seen.end == "closed"
            and len(orjson.loads(seen.body)) == 20
        ),
    ),
    "violate": ("violate:offence=envelope", lambda seen: set(orjson.loads(seen.body)) == {"data", "totalCount"}),
}


def _parses(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


tenants = (f"t{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A mock whose clock stands still, so that no window of a limit or an outage ends between two requests."""
    with Server(create_app(Settings(logs="seeded"), clock=lambda: 1_780_000_000.0)) as server:
        yield server.port


def by_flag(port: int, text: str) -> Seen:
    with Server(create_app(Settings(logs="seeded", faults=(text,)))) as server:
        return see(server.port, "/api/logs")


def by_header(port: int, text: str) -> Seen:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return see(port, "/api/logs", (("Prefer", f'fault="{escaped}"'),))


def by_query(port: int, text: str) -> Seen:
    return see(port, f"/api/logs?__fault={quote(text)}")


def by_text(port: int, text: str) -> Seen:
    return _armed(port, {"rule": text})


def by_fields(port: int, text: str) -> Seen:
    rule = read_rule(text)
    return _armed(port, {"kind": rule.kind, **rule.fields})


def _armed(port: int, body: dict[str, object]) -> Seen:
    tenant, sent = next(tenants), orjson.dumps(body)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(sent)))]
    assert request(port, f"/t/{tenant}/__admin/faults", headers, "POST", body=sent).status == 201
    return see(port, f"/t/{tenant}/api/logs")


def by_python(port: int, text: str) -> Seen:
    app = create_app(Settings(logs="seeded"))
    app.extensions["mockserver"].tenants.get("default").armed.arm(read_rule(text))
    with Server(app) as server:
        return see(server.port, "/api/logs")


@pytest.mark.parametrize("way", [by_flag, by_header, by_query, by_text, by_fields, by_python])
@pytest.mark.parametrize("kind", KINDS)
def test_a_client_sees_the_fault_however_it_was_armed(kind: str, way: Callable[[int, str], Seen], port: int) -> None:
    text, is_right = TABLE[kind]
    seen = way(port, text)
    assert is_right(seen), seen


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"hang", "reset", "empty", "garbage"}))
def test_every_fault_that_sends_http_can_be_read_from_any_origin(kind: str, port: int) -> None:
    seen = by_header(port, TABLE[kind][0])
    assert seen.header("access-control-allow-origin") == "*"
    assert "Preference-Applied" in (seen.header("access-control-expose-headers") or "")
    assert (seen.header("preference-applied") or "").startswith("fault=")


def test_the_mock_adds_no_second_header_to_an_offence_of_origins(port: int) -> None:
    preference = ("Prefer", 'fault="violate:offence=any-origin-with-credentials"')
    seen = see(port, "/api/logs", (preference, ("Origin", "https://example.com")))
    assert seen.raw.lower().count(b"access-control-allow-origin:") == 1
    assert seen.header("access-control-allow-origin") == "https://example.com"


def test_delay_and_code_combine_in_one_header(port: int) -> None:
    seen = see(port, "/api/logs", (("Prefer", "code=503, delay=0.02"),))
    assert (seen.status, seen.header("preference-applied")) == (503, "code=503, delay=0.02")
    assert seen.seconds >= 0.02


def test_an_unknown_fault_in_prefer_is_a_400_that_lists_the_known_ones(port: int) -> None:
    seen = see(port, "/api/logs", (("Prefer", "fault=nonsense"),))
    assert seen.status == 400
    assert "one of dribble, empty" in orjson.loads(seen.body)["message"]


@pytest.mark.parametrize("target", ["/oidc/jwks", "/openapi.json", "/__admin/health", "/elsewhere"])
def test_faults_strike_only_requests_for_logs(target: str, port: int) -> None:
    assert see(port, target, (("Prefer", "fault=reset"),)).raw


def test_faults_strike_get_and_head_only(port: int) -> None:
    preference = ("Prefer", "fault=reset")
    assert see(port, "/api/logs", (preference,), "DELETE").status == 405
    assert see(port, "/api/logs", (preference, ("Access-Control-Request-Method", "GET")), "OPTIONS").status == 204
    assert see(port, "/api/logs", (preference,), "HEAD").end == "reset"
    assert see(port, "/api/logs/x", (preference,)).end == "reset"


def test_faults_come_before_authorization_and_validation(port: int) -> None:
    seen = see(port, "/api/logs?page=0", (("Prefer", "code=418"), ("Authorization", "nonsense")))
    assert seen.status == 418


def test_a_cut_counts_compressed_bytes(port: int) -> None:
    seen = see(port, "/api/logs", (("Prefer", 'fault="truncate:fraction=0.5"'), ("Accept-Encoding", "gzip")))
    assert seen.header("content-encoding") == "gzip"
    assert len(seen.body) == int(seen.header("content-length") or 0) // 2


@pytest.mark.parametrize(
    "rule",
    [
        "status:code=503,times=100",
        "status:code=503,skip=300",
        "status:code=503,every=4",
        "rate_limit:limit=300,window=3600",
    ],
)
def test_counts_are_exact_under_concurrency(rule: str, port: int) -> None:
    """400 requests from 64 clients meet each of these rules exactly 100 times."""
    tenant, sent = next(tenants), orjson.dumps({"rule": rule})
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(sent)))]
    request(port, f"/t/{tenant}/__admin/faults", headers, "POST", body=sent)
    statuses: list[int] = []
    gate = threading.Barrier(64)

    def client(count: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        gate.wait()
        for _ in range(count):
            connection.request(
                "GET", f"/t/{tenant}/api/logs?page_size=1", headers={"Authorization": "Bearer dev-token"}
            )
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()

    counts = [7 if number < 16 else 6 for number in range(64)]
    threads = [threading.Thread(target=client, args=(count,)) for count in counts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(statuses), statuses.count(200)) == (400, 300)


def test_300_hanging_connections_do_not_slow_other_clients(port: int) -> None:
    def best() -> float:
        """The shortest of 15 times: other work of the machine only adds to them."""
        return min(see(port, "/api/logs?page_size=1").seconds for _ in range(15))

    alone = best()
    hanging = [http.client.HTTPConnection("127.0.0.1", port) for _ in range(300)]
    for connection in hanging:
        connection.request("GET", "/api/logs", headers={"Prefer": 'fault="hang:seconds=60"'})
    assert see(port, "/api/logs?page_size=1").status == 200
    assert best() < 2 * alone + 0.005
    for connection in hanging:
        connection.close()
