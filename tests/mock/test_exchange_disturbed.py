"""The exchange with faults, as values: no socket, no waiting, whatever a rule says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.message import Request
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup

SOURCE = Seeded().open(Opening(0.0))
TOKEN = ("authorization", "Bearer dev-token")


def mock(*faults: str, seed: int = 0) -> Mock:
    return Mock(Setup(SOURCE, Settings(faults=faults, seed=seed)))


def listing(target: str = "/api/logs", *headers: tuple[str, str], method: str = "GET") -> Request:
    return Request(method, target, (TOKEN, *headers))


def test_half_an_hour_of_latency_is_told_in_no_time() -> None:
    reply = mock("latency:seconds=1800").respond(listing(), 0.0)
    assert (reply.status, reply.sending.wait) == (200, 1800)


def test_two_servers_of_one_plan_and_seed_give_the_same_stream_and_each_tenant_its_own_start() -> None:
    rule = "status:code=503,rate=0.4"
    servers, paths = (mock(rule, seed=5), mock(rule, seed=5)), ("/api/logs", "/t/acme/api/logs")
    statuses = [[server.respond(listing(path), 0.0).status for _ in range(60)] for server in servers for path in paths]
    assert statuses[0] == statuses[1] == statuses[2] == statuses[3]
    assert 10 < statuses[0].count(503) < 40
    other = mock(rule, seed=6)
    assert [other.respond(listing(), 0.0).status for _ in range(60)] != statuses[0]


def test_an_outage_follows_the_time_that_is_passed_in() -> None:
    server = mock("outage:period=100,duration=10")
    assert [server.respond(listing(), now).status for now in (1000.0, 1009.0, 1010.0, 1099.0, 1100.0)] == [
        503, 503, 200, 200, 503,
    ]  # fmt: skip


def test_a_rule_matches_only_the_requests_it_names() -> None:
    server = mock("status:code=503,page=2")
    assert [server.respond(listing(f"/api/logs?page={page}"), 0.0).status for page in (1, 2, 3)] == [200, 503, 200]


def test_the_journal_says_what_was_sent_and_which_rules_struck() -> None:
    server = mock()
    for wish in ("code=503, delay=1", "fault=reset", "respond-async"):
        server.respond(listing("/t/acme/api/logs?page=1", ("prefer", wish)), 7.0)
    server.respond(Request("DELETE", "/t/acme/api/logs"), 8.0)
    entries = list(server.tenants.get("acme").journal.entries())
    assert [(entry.path, entry.status, entry.faults) for entry in entries] == [
        ("/api/logs", 503, ("status:code=503", "latency:seconds=1")),
        ("/api/logs", None, ("reset",)),
        ("/api/logs", 200, ()),
        ("/api/logs", 405, ()),
    ]
    assert [entry.time for entry in entries] == [7.0, 7.0, 7.0, 8.0]
    assert not list(server.tenants.get("default").journal.entries())


def test_a_request_that_names_no_tenant_is_in_no_journal() -> None:
    server = mock("reset")
    met = server.exchange(listing("/t/No/api/logs"), 0.0)
    assert (met.reply.status, met.entry, met.validity) == (400, None, None)


def test_a_wish_that_is_none_is_recorded_as_the_400_it_meets() -> None:
    reply, entry, standing = mock("reset").exchange(listing("/api/logs", ("prefer", "code=1")), 0.0)
    assert (reply.status, standing) == (400, None)
    assert entry is not None
    assert (entry.status, entry.faults) == (400, ())


@pytest.mark.parametrize("target", ["/api/logs/", "/api/Logs", "/api/log", "/api/logs/a/b", "/", "/api//logs"])
def test_paths_outside_the_operation_are_not_disturbed(target: str) -> None:
    assert mock("reset").respond(listing(target), 0.0).status == 404


def test_the_paths_that_a_profile_takes_for_the_list_are_disturbed() -> None:
    server = Mock(Setup(SOURCE, Settings(profile="observed", faults=("status:code=418",))))
    assert server.respond(listing("/api/Logs/"), 0.0).status == 418


LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60)
ANY = mock("latency:seconds=0,rate=0.5", "violate:offence=overlap,rate=0.3", "empty:userId=a")


@given(
    LATIN, LATIN, st.sampled_from(["/api/logs?__fault=", "/api/logs?__code=", "/api/logs/", "/t/a/api/logs?page=", "/"])
)
def test_no_request_makes_the_exchange_fail_or_break_a_header(tail: str, header: str, start: str) -> None:
    reply = ANY.respond(listing(start + tail.replace(" ", "+"), ("prefer", header)), 0.0)
    assert 200 <= reply.status < 500
    for name, value in reply.headers:
        assert name.isascii()
        assert not set(value) & set("\r\n\0")
        value.encode("latin-1")


OPTIONS_OPEN = "violate:offence=accepted-no-token-OPTIONS"


def test_an_offence_about_options_strikes_options_alone_and_counts_no_other_request() -> None:
    server = mock(f"{OPTIONS_OPEN},times=1")
    assert server.respond(listing()._replace(headers=()), 0.0).status == 401
    struck = server.respond(Request("OPTIONS", "/api/logs?userId=a&page_size=3"), 0.0)
    assert (struck.status, struck.header("total-number")) == (200, "0")
    assert server.respond(Request("OPTIONS", "/api/logs"), 0.0).status == 204
    assert server.tenants.get("default").armed.rules[0].tally.matched == 2


def test_a_preflight_of_a_browser_is_never_disturbed() -> None:
    server = mock(OPTIONS_OPEN)
    preflight = Request("OPTIONS", "/api/logs", (("access-control-request-method", "GET"),))
    assert server.respond(preflight, 0.0).status == 204
    assert server.tenants.get("default").armed.rules[0].tally.matched == 0


@pytest.mark.parametrize(
    ("offence", "method", "target"),
    [
        ("accepted-no-token-TRACE", "TRACE", "/api/logs"), ("accepted-no-token-json", "GET", "/api/logs.json"),
        ("accepted-no-token-semicolon", "GET", "/t/default/api/logs;x=1?page=1"),
    ],
)  # fmt: skip
def test_an_offence_about_other_requests_strikes_these_alone(offence: str, method: str, target: str) -> None:
    server = mock(f"violate:offence={offence}", "status:code=503")
    assert server.respond(Request(method, target), 0.0).status == 200
    assert server.respond(Request("PUT", target), 0.0).status in (404, 405)
    assert server.respond(Request("GET", "/api/logs"), 0.0).status == 503
    assert [rule.tally.matched for rule in server.tenants.get("default").armed.rules] == [1, 1]


@pytest.mark.parametrize("rule", ["status:code=503", "violate:offence=envelope"])
def test_no_other_fault_strikes_options(rule: str) -> None:
    server = mock(rule)
    assert server.respond(Request("OPTIONS", "/api/logs"), 0.0).status == 204
    assert server.tenants.get("default").armed.rules[0].tally.matched == 0


def test_options_of_other_paths_stay_honest() -> None:
    assert mock(OPTIONS_OPEN).respond(Request("OPTIONS", "/api/logs/x"), 0.0).status == 204
