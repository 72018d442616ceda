"""The guard lets programs on this machine in; it keeps out other origins, rebound names and other machines."""

from __future__ import annotations

import http.client
import time

import pytest

from mockserver.edge.admin.guard import WRONG_TOKEN, control_refusal
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.http.message import Request
from mockserver.mock.settings import Settings
from tests.support.wire import request

LOCAL = Settings()
TOKEN = Settings(host="0.0.0.0", admin_token="s3cret-é")
JSON = ("content-type", "application/json")


def request_with(*headers: tuple[str, str], method: str = "GET", origin: str = "http://127.0.0.1:3001") -> Request:
    return Request(method, "/__admin/faults", headers, origin)


def code(request: Request, peer: str | None = "127.0.0.1", settings: Settings = LOCAL) -> str | None:
    refusal = control_refusal(request, peer, settings)
    return None if refusal is None else refusal.code


@pytest.mark.parametrize(
    "request_",
    [
        request_with(),
        request_with(origin="http://localhost:3001"),
        request_with(origin="http://acme.localhost:3001"),
        request_with(origin="http://[::1]:3001"),
        request_with(("origin", "http://127.0.0.1:3001"), ("sec-fetch-site", "same-origin")),
        request_with(("sec-fetch-site", "none")),
        request_with(JSON, method="POST"),
        request_with(
            ("content-type", "application/problem+json; charset=utf-8"), ("content-length", "2"), method="POST"
        ),
        request_with(method="POST"),
        request_with(("content-length", "0"), method="POST"),
        request_with(method="DELETE"),
    ],
)
def test_programs_on_this_machine_and_the_console_are_let_in(request_: Request) -> None:
    assert code(request_) is None


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (request_with(("origin", "https://example.com")), "admin.foreign_origin"),
        (request_with(("origin", "null")), "admin.foreign_origin"),
        (request_with(("origin", "http://127.0.0.1:8080")), "admin.foreign_origin"),
        (request_with(("origin", "https://127.0.0.1:3001")), "admin.foreign_origin"),
        (request_with(("sec-fetch-site", "cross-site")), "admin.foreign_origin"),
        (request_with(("sec-fetch-site", "same-site")), "admin.foreign_origin"),
        (request_with(origin="http://example.com:3001"), "admin.foreign_host"),
        (request_with(origin="http://127.0.0.1.example.com"), "admin.foreign_host"),
        (request_with(origin="http://localhost.example.com"), "admin.foreign_host"),
        (request_with(origin="http://"), "admin.foreign_host"),
        (request_with(("origin", "http://example.com"), origin="http://example.com"), "admin.foreign_host"),
        (request_with(("content-type", "text/plain"), ("content-length", "2"), method="POST"), "admin.not_json"),
        (request_with(("content-type", "application/x-www-form-urlencoded"), method="POST"), "admin.not_json"),
        (request_with(("content-type", "multipart/form-data; boundary=a"), method="POST"), "admin.not_json"),
        (request_with(("content-length", "2"), method="POST"), "admin.not_json"),
        (request_with(("transfer-encoding", "chunked"), method="POST"), "admin.not_json"),
    ],
)
def test_pages_of_other_origins_rebound_names_and_forms_are_kept_out(request_: Request, expected: str) -> None:
    assert code(request_) == expected


@pytest.mark.parametrize(("host", "peer"), [("0.0.0.0", "127.0.0.1"), ("192.0.2.1", None), ("127.0.0.1", "192.0.2.7")])
def test_beyond_loopback_the_control_api_is_off_without_a_token(host: str, peer: str | None) -> None:
    assert code(request_with(), peer, Settings(host=host)) == "admin.off"


@pytest.mark.parametrize("header", ["Bearer s3cret-é", "bearer  s3cret-é "])
def test_a_token_lets_anybody_in_from_anywhere(header: str) -> None:
    raw = header.encode().decode("latin-1")
    assert code(request_with(("authorization", raw), origin="http://mock.example.com"), "192.0.2.7", TOKEN) is None


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer s3cret", "Basic s3cret-\xc3\xa9", "s3cret-\xc3\xa9", "Bearer \u20ac",
     "Bearer s3cret-\xc3\xa9_"],
)  # fmt: skip
def test_without_the_right_token_nobody_gets_in(header: str | None) -> None:
    headers = () if header is None else (("authorization", header),)
    assert code(request_with(*headers), "127.0.0.1", TOKEN) == "admin.token_required"


def test_a_token_may_end_with_a_byte_that_is_a_blank_in_another_character_set() -> None:
    header = "Bearer voilà".encode().decode("latin-1")
    assert code(request_with(("authorization", header)), settings=Settings(admin_token="voilà")) is None


def test_a_token_does_not_let_a_page_of_another_origin_in() -> None:
    headers = (("authorization", "Bearer s3cret-\xc3\xa9"), ("origin", "https://example.com"))
    assert code(request_with(*headers), "127.0.0.1", TOKEN) == "admin.foreign_origin"


@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-for"])
def test_a_request_through_a_proxy_needs_the_token(name: str) -> None:
    """A proxy on this machine makes every stranger look local."""
    assert code(request_with((name, "203.0.113.7"))) == "admin.forwarded"
    trusted = Settings(admin_token="s3cret")
    assert code(request_with((name, "203.0.113.7"), ("authorization", "Bearer s3cret")), settings=trusted) is None


@pytest.mark.parametrize(
    "name",
    [
        "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix",
        "true-client-ip", "x-client-ip", "x-cluster-client-ip", "cf-connecting-ip", "cf-ray", "cdn-loop",
        "x-envoy-external-address", "x-amzn-trace-id", "fly-client-ip", "x-proxyuser-ip", "proxy-connection",
        "x-original-url", "x-real-ip",
    ],
)  # fmt: skip
def test_whatever_header_betrays_a_proxy_keeps_the_control_api_closed(name: str) -> None:
    assert code(request_with((name, "x"))) == "admin.forwarded"
    assert code(request_with((name, "x"), ("authorization", "Bearer s3cret-\xc3\xa9")), settings=TOKEN) is None


@pytest.mark.parametrize("name", ["traceparent", "x-requested-with", "user-agent", "x-viable", "referer"])
def test_a_header_of_an_ordinary_client_betrays_no_proxy(name: str) -> None:
    assert code(request_with((name, "x"))) is None


def test_a_wrong_token_is_answered_late_and_holds_nobody() -> None:
    """The right token and other requests are answered while many wrong ones wait."""
    with Server(create_app(Settings(logs="seeded", admin_token="right"))) as server:

        def ask(*headers: tuple[str, str]) -> int:
            return request(server.port, "/__admin/faults", list(headers)).status

        assert ask() == 401
        wrong = [http.client.HTTPConnection("127.0.0.1", server.port) for _ in range(50)]
        began = time.perf_counter()
        for connection in wrong:
            connection.request("GET", "/__admin/faults", headers={"Authorization": "Bearer wrong"})
        assert ask(("Authorization", "Bearer right")) == 200
        assert time.perf_counter() - began < WRONG_TOKEN
        assert {connection.getresponse().status for connection in wrong} == {401}
        assert time.perf_counter() - began >= WRONG_TOKEN
        for connection in wrong:
            connection.close()
