"""The API by the server's own path and through Flask: equal answers to whatever both can receive."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.profile import ProfileName
from mockserver.edge.front import Front, open_front
from mockserver.edge.sending import is_sent
from mockserver.edge.wsgi import request_from
from mockserver.http.cors import opened
from mockserver.http.message import Request
from mockserver.mock.settings import Settings

NOW = 1_780_000_000.0
SETTINGS = Settings(logs="faker:count=300", now="2026-05-28")
PATHS = (
    "/api/logs", "/api/logs/", "/api/Logs", "/api//logs", "/api/logs/unknown", "/api/logs/a/b", "/api/logs/%2F", "/",
    "/api/%C3%BC", "/t/acme/api/logs", "/t/acme/api/logs/x", "/t/NO/api/logs", "/t/acme", "/t/acme/",
    "/api/logs.json", "/api/nothing",
)  # fmt: skip
VALUES = st.sampled_from(
    ["", "1", "2", "0", "x", "300", "1.5", "%zz", "%00", "a+b", "é", "Interaction.Create", "&", "="]
)
NAMES = st.sampled_from(["page", "page_size", "userId", "logKey", "unknown", "__code", "__fault", "page[]"])
QUERIES = st.lists(st.builds("{}={}".format, NAMES, VALUES), max_size=3).map("&".join)
HEADERS = (
    ("Authorization", "Bearer dev-token"), ("Authorization", "Bearer forbidden-token"), ("Prefer", "code=503"),
    ("Prefer", "nonsense=("), ("Accept-Encoding", "gzip"), ("If-None-Match", "*"), ("Mock-Tenant", "acme"),
    ("Mock-Tenant", "NO"), ("Origin", "http://localhost"), ("Access-Control-Request-Method", "GET"),
)  # fmt: skip


class Sent(NamedTuple):
    """A request that a WSGI server and the house's own can both receive."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]


REQUESTS = st.builds(
    Sent,
    st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "DELETE", "PROPFIND"]),
    st.sampled_from(PATHS),
    QUERIES,
    st.lists(st.sampled_from(HEADERS), max_size=3, unique_by=lambda pair: pair[0]).map(tuple),
)


def fronts(profile: ProfileName) -> tuple[Front, Front]:
    settings = Settings(logs=SETTINGS.logs, now=SETTINGS.now, profile=profile)
    return open_front(settings, clock=lambda: NOW), open_front(settings, clock=lambda: NOW)


FRONTS = {name: fronts(name) for name in ("documented", "observed", "observed-1.42")}


@pytest.mark.parametrize("profile", FRONTS)
@given(sent=REQUESTS)
def test_flask_answers_as_the_server_does(profile: str, sent: Sent) -> None:
    own, other = FRONTS[profile]
    with other.app.test_request_context(
        sent.path, method=sent.method, query_string=sent.query, headers=dict(sent.headers)
    ) as context:
        as_received: Request = request_from(context.request.environ)
    client = other.app.test_client()
    answer = client.open(sent.path, method=sent.method, query_string=sent.query, headers=dict(sent.headers))
    outcome = own.answer(as_received)
    assert outcome is not None
    reply = opened(outcome.reply)
    assert answer.status_code == reply.status
    body = reply.content() if is_sent(reply, sent.method) else b""
    assert answer.data == body
    theirs = sorted((name.lower(), value) for name, value in answer.headers if name.lower() != "content-length")
    assert theirs == sorted((name.lower(), value) for name, value in reply.headers if name.lower() != "content-length")


def test_a_query_string_of_the_test_client_counts() -> None:
    client = FRONTS["documented"][1].app.test_client()
    token = {"Authorization": "Bearer dev-token"}
    answer = client.get("/api/logs", query_string={"page_size": "2"}, headers=token)
    assert answer.json is not None
    assert len(answer.json) == 2
    assert client.get("/api/logs", query_string={"page": "0"}, headers=token).status_code == 400


def test_flask_lists_the_routes_of_the_api() -> None:
    command = [sys.executable, "-m", "flask", "--app", "mockserver", "routes"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    paths = {line.split()[-1] for line in done.stdout.splitlines()}
    assert {"/api/logs", "/api/logs/<id>", "/t/<tenant>/api/logs", "/oidc/token", "/__admin/faults"} <= paths
