"""The edges of an exchange: tenants, the newer server's window and cap, broken logs and hosts, bytes of any kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.profile import ProfileName
from mockserver.http.message import Request
from mockserver.logs.file import Seeded, SeededSource
from mockserver.logs.row import Row
from mockserver.logs.source import Opening
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup
from tests.mock.test_exchange import MOCKS, NOW, PROFILES, TOKEN, ask, body, log, mock


@pytest.mark.parametrize(
    ("target", "origin", "header", "tenant", "base"),
    [
        ("/t/acme/api/logs", "http://127.0.0.1:3001", None, "acme", "http://127.0.0.1:3001/t/acme/api/logs"),
        ("/api/logs", "http://acme.localhost:3001", None, "acme", "http://acme.localhost:3001/api/logs"),
        ("/api/logs", "http://127.0.0.1:3001", "acme", "acme", "http://127.0.0.1:3001/api/logs"),
        ("/api/logs", "http://127.0.0.1:3001", None, "default", "http://127.0.0.1:3001/api/logs"),
    ],
)
def test_a_tenant_sees_its_own_logs_and_links(
    target: str, origin: str, header: str | None, tenant: str, base: str
) -> None:
    headers = () if header is None else (("mock-tenant", header),)
    reply = ask(target, *headers, origin=origin)
    assert {each["tenantId"] for each in body(reply)} == {tenant}
    assert f"<{base}?page=2>" in (reply.header("link") or "")


@pytest.mark.parametrize("how", PROFILES)
def test_a_name_that_is_no_tenant_is_400_with_or_without_a_token(how: str) -> None:
    reply = ask("/t/NO/api/logs", how=how)
    assert (reply.status, body(reply)["code"]) == (400, "tenant.invalid_name")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("start_time=43", [44, 43]),
        ("end_time=1", [1, 0]),
        ("start_time=3&end_time=4", [4, 3]),
        ("start_time=2.5&end_time=3.5", [4, 3]),
        ("start_time=3&end_time=3", [3]),
        ("end_time=-1", []),
        ("start_time=0&end_time=44&page_size=2&page=2", [42, 41]),
    ],
)
def test_the_newer_server_filters_by_time_and_the_others_do_not(text: str, ids: list[int]) -> None:
    newer = ask(f"/api/logs?{text}", how="observed-1.42")
    assert [each["createdAt"] for each in body(newer)] == ids
    total = "45" if "page" in text else str(len(ids))
    assert newer.header("total-number") == total
    for how in PROFILES[:2]:
        assert ask(f"/api/logs?{text}", how=how).header("total-number") == "45"


def test_a_bounded_count_says_so() -> None:
    capped = mock("observed-1.42", 10_005).respond(Request("GET", "/api/logs?enableCap=true&page=2", (TOKEN,)), NOW)
    assert (capped.header("total-number"), capped.header("total-number-is-capped")) == ("10001", "true")
    assert " ".join(value for name, value in capped.headers if name == "Link").count("rel=") == 2
    assert ask("/api/logs?enableCap=true", how="observed-1.42").header("total-number-is-capped") is None


def test_a_host_that_makes_no_url_breaks_a_list_as_observed() -> None:
    for origin, absolute in (("http://a b", False), ("http://other.example:80", True)):
        for how, status in zip(PROFILES, (200, 500, 500), strict=True):
            assert ask(how=how, origin=origin, absolute=absolute).status == status
            assert ask("/api/logs/id-1", how=how, origin=origin, absolute=absolute).status == 200
            assert ask("/api/logs?page=0", how=how, origin=origin, absolute=absolute).status == 400


def test_only_the_listed_prefixes_are_listed_and_any_key_is_found() -> None:
    logs = [log(1) | {"key": key, "id": key[:21]} for key in ("Unknown", "RevokeGrants", "TriggerHook.X", "Actions")]
    source = SeededSource([Row.of(each) for each in logs])
    for how, count in zip(PROFILES, (4, 1, 3), strict=True):
        tried = Mock(Setup(source, Settings(profile=how)))
        assert tried.respond(Request("GET", "/api/logs", (TOKEN,)), NOW).header("total-number") == str(count)
        assert tried.respond(Request("GET", "/api/logs?logKey=TriggerHook.X", (TOKEN,)), NOW).header(
            "total-number"
        ) == ("1" if how == "documented" else "0")
        assert tried.respond(Request("GET", "/api/logs/TriggerHook.X", (TOKEN,)), NOW).status == 200


def test_the_time_of_the_logs_is_shifted_and_that_of_tokens_is_not() -> None:
    shifted = Mock(Setup(SeededSource([]), Settings(), shift=1e9))
    store = shifted.tenants.get("default").store
    assert store.add_all([{"key": "K", "payload": {"key": "K", "result": "Error"}}], lambda: "x", NOW + 1e9)
    assert shifted.respond(Request("GET", "/api/logs", (TOKEN,)), NOW).status == 200


def test_a_stored_log_that_breaks_the_contract_turns_its_page_into_a_500(tmp_path: Path) -> None:
    file = tmp_path / "logs.jsonl"
    lines = [log(number) for number in range(30)] + [log(30) | {"payload": {}}]
    file.write_text("\n".join(map(json.dumps, lines)))
    settings = Settings(logs="", profile="observed", allow_invalid=True)
    broken = Mock(Setup(Seeded(str(file)).open(Opening(0, allow_invalid=True)), settings))
    assert broken.count() == 31
    for target in ("/api/logs", "/api/logs?page_size=1", "/api/logs/id-30"):
        reply = broken.respond(Request("GET", target, (TOKEN,)), NOW)
        assert (reply.status, set(body(reply))) == (500, {"message"})
    assert broken.respond(Request("GET", "/api/logs?page=2", (TOKEN,)), NOW).header("total-number") == "31"


@pytest.mark.parametrize(
    ("how", "link_base", "path"),
    [
        ("documented", None, "/api/logs"),
        ("documented", "api", "/api/logs"),
        ("documented", "observed", "/logs"),
        ("observed", None, "/logs"),
        ("observed", "observed", "/logs"),
        ("observed", "api", "/api/logs"),
    ],
)
def test_links_lead_to_the_api_unless_the_profile_loses_it(how: ProfileName, link_base: Any, path: str) -> None:
    link = mock(how, link_base=link_base).respond(Request("GET", "/api/logs", (TOKEN,)), NOW).header("link") or ""
    assert link.startswith(f"<http://127.0.0.1:3001{path}?page=1>")


@pytest.mark.parametrize(
    ("beside", "defeated"),
    [
        (("if-modified-since", "Mon, 26 Oct 2026 12:00:00 GMT"), True),
        (("cache-control", "no-cache"), True),
        (("cache-control", "max-age=0, no-cache"), True),
        (("cache-control", "max-age=0"), False),
        (("cache-control", "x-no-cache"), False),
    ],
)
def test_a_condition_is_defeated_by_another_as_observed_only(beside: tuple[str, str], defeated: bool) -> None:
    for how in PROFILES:
        tag = ask("/api/logs", how=how).header("etag") or ""
        answer = ask("/api/logs", ("if-none-match", tag), beside, how=how)
        assert answer.status == (200 if defeated and how != "documented" else 304)


@pytest.mark.parametrize("how", PROFILES)
def test_a_preference_is_applied_before_authorization_and_an_unknown_one_refused(how: str) -> None:
    wished = MOCKS[how].respond(Request("GET", "/api/logs", (("prefer", "code=503"),)), NOW)  # type: ignore[index]  # a key of MOCKS, from the table
    assert (wished.status, wished.header("preference-applied")) == (503, "code=503")
    assert ask("/api/logs", ("prefer", "fault=nonsense"), how=how).status == 400


RAW = st.text(st.characters(max_codepoint=255), max_size=40)


@given(RAW, RAW, st.lists(st.tuples(st.sampled_from(["if-none-match", "accept-encoding", "mock-tenant"]), RAW)), RAW)
def test_no_bytes_are_a_500_in_the_documented_profile(
    path: str, query: str, headers: list[tuple[str, str]], host: str
) -> None:
    for target in (path, f"/api/logs{path}", f"/api/logs?{query}", f"/api/logs?page={query}&userId={path}"):
        request = Request("GET", target, (TOKEN, *headers), f"http://{host}")
        reply = MOCKS["documented"].respond(request, NOW)
        assert reply.status in (200, 304, 400, 404)
        assert "".join(value for _, value in reply.headers).encode("latin-1")


@given(RAW)
def test_no_authorization_is_a_500(text: str) -> None:
    for how in PROFILES:
        reply = MOCKS[how].respond(Request("GET", "/api/logs", (("authorization", text),)), NOW)
        assert reply.status == 401


def test_the_longest_numbers_that_fit_a_request_are_no_500() -> None:
    for digits in (2150, 2151, 4300, 4301, 8000):
        target = f"/api/logs?page={'9' * digits}&page_size={'9' * digits}"
        assert ask(target).status == (200 if digits == 2150 else 400)
        assert ask(target, how="observed").status == 400


@pytest.mark.parametrize("target", ["/api/logs", "/api/nothing", "/", "/api/logs/a"])
def test_a_verb_that_the_parser_does_not_know_is_400_on_every_path_of_the_observed_profile(target: str) -> None:
    for verb in ("FOO", "get", "CONNECT"):
        reply = mock("observed").respond(Request(verb, target, (TOKEN,)), NOW)
        assert (reply.status, reply.body) == (400, b"")
