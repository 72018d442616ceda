"""Remembered replies: each thing that a reply depends on ends its validity, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.faults.rule import read_rule
from mockserver.http.message import Request
from mockserver.logs.source import Opening
from mockserver.logs.traffic.source import Faker
from mockserver.mock import tokens
from mockserver.mock.exchange import Mock, Validity
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup
from tests.mock.test_exchange import NOW, TOKEN, log, mock

REQUEST = Request("GET", "/t/acme/api/logs?page=2", (TOKEN,))


def remembered(server: Mock, request: Request = REQUEST) -> Validity:
    validity = server.exchange(request, NOW).validity
    assert validity is not None
    return validity


def test_a_reply_is_sent_again_and_each_time_recorded_as_an_exchange() -> None:
    server = mock()
    validity = remembered(server)
    again = server.again(validity, NOW + 5)
    entries = list(server.tenants.get("acme").journal.entries())
    assert entries[-1] is again
    assert [(entry.request, entry.path, entry.status, entry.time) for entry in entries] == [
        (REQUEST, "/api/logs", 200, NOW), (REQUEST, "/api/logs", 200, NOW + 5),
    ]  # fmt: skip


CHANGES: dict[str, Callable[[Mock], object]] = {
    "a log is added": lambda server: server.tenants.get("acme").add_logs([{**log(99), "tenantId": "acme"}], NOW),
    "the added logs are removed": lambda server: server.tenants.get("acme").store.clear(),
    "a rule is armed": lambda server: server.tenants.get("acme").armed.arm(read_rule("latency:seconds=0")),
    "the tenant is dropped": lambda server: server.tenants.drop("acme"),
    "the tenant begins anew": lambda server: server.tenants.begin("acme", Setup(server.tenants.setup.source)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_ends_the_validity_and_records_nothing(change: Callable[[Mock], object]) -> None:
    server = mock()
    validity = remembered(server)
    change(server)
    last = server.tenants.get("acme").journal.last
    assert server.again(validity, NOW) is None
    assert server.tenants.get("acme").journal.last == last


def test_what_happens_to_another_tenant_changes_nothing() -> None:
    server = mock()
    validity = remembered(server)
    server.tenants.get("other").add_logs([{**log(99), "tenantId": "other"}], NOW)
    server.tenants.get("other").armed.arm(read_rule("reset"))
    assert server.again(validity, NOW) is not None


def test_a_reply_is_sent_again_while_its_token_is_accepted_and_not_before_it_was() -> None:
    server = mock()
    token = tokens.mint(tokens.claims("app", "all", NOW, tokens.audience("default")))
    validity = remembered(server, Request("GET", "/api/logs", (("authorization", f"Bearer {token}"),)))
    moments = (NOW - 0.001, NOW, NOW + tokens.LIFETIME - 0.001, NOW + tokens.LIFETIME)
    assert [server.again(validity, moment) is not None for moment in moments] == [False, True, True, False]


def test_a_growing_source_ends_the_validity_with_its_next_log() -> None:
    """The logs live in the shifted time, the token in that of the requests."""
    source = Faker(count=10).open(Opening(NOW + 500, growth=1.0))
    server = Mock(Setup(source, Settings(), shift=500))
    validity = remembered(server)
    assert server.again(validity, NOW) is not None
    assert server.again(validity, NOW + 30) is None


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/api/logs"),
        Request("GET", "/api/logs?page=0", (TOKEN,)),
        Request("GET", "/api/logs/nobody", (TOKEN,)),
        Request("GET", "/api/logs", (TOKEN, ("prefer", "delay=0"))),
        Request("GET", "/api/logs?page_size=1000", (TOKEN,)),
        Request("POST", "/api/logs", (TOKEN,)),
        Request("GET", "/", (TOKEN,)),
    ],
    ids=lambda request: f"{request.method} {request.target}",
)
def test_refusals_brought_faults_streams_and_other_paths_are_not_remembered(request_: Request) -> None:
    assert mock(count=400).exchange(request_, NOW).validity is None


def test_a_304_is_remembered_too() -> None:
    server = mock()
    tag = server.respond(REQUEST, NOW).header("etag")
    assert tag is not None
    validity = remembered(server, REQUEST._replace(headers=(TOKEN, ("if-none-match", tag))))
    assert validity.status == 304
