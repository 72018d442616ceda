"""``logto_mock``: its logs, faults, requests and time, through a real server."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from mockserver.contract.errors import MockserverError
from mockserver.contract.profile import profile
from mockserver.contract.published import CLIENTS
from mockserver.mock.settings import Settings
from mockserver.testing.harness import LogtoMock, Requests
from mockserver.testing.parts import LONGEST_LIST, whole_list
from mockserver.testing.worlds import Servers


def ask(mock: LogtoMock, target: str = "/api/logs", **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {mock.token}", **headers}
    return httpx.get(mock.url + target, headers=sent, verify=False)


def test_the_url_and_the_logs_name_the_tenant(logto_mock: LogtoMock) -> None:
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/t/{logto_mock.tenant}", logto_mock.url)
    assert {log["tenantId"] for log in logto_mock.logs} == {logto_mock.tenant}
    assert repr(logto_mock) == f"LogtoMock({logto_mock.url!r})"


def test_the_environment_suffices_to_fetch_a_token_and_the_logs(logto_mock: LogtoMock) -> None:
    env = logto_mock.env
    grant = {"grant_type": "client_credentials", "resource": env["LOGTO_RESOURCE"], "scope": "all"}
    app = (env["LOGTO_APP_ID"], env["LOGTO_APP_SECRET"])
    answer = httpx.post(f"{env['LOGTO_ENDPOINT']}/oidc/token", data=grant, auth=app, verify=False).json()
    for token in (answer["access_token"], env["LOGTO_TOKEN"]):
        assert ask(logto_mock, Authorization=f"Bearer {token}").status_code == 200
    assert env["LOGTO_APP_ID"] in CLIENTS


@pytest.mark.logto(logs="faker:count=250,seed=5")
def test_the_logs_are_the_sequence_that_the_api_lists(logto_mock: LogtoMock, logto_logs: list[Any]) -> None:
    served = ask(logto_mock, "/api/logs?page_size=250").json()
    logs = logto_mock.logs
    assert list(logs) == logto_logs == served
    assert len(logs) == 250
    assert (logs[0], logs[-1], logs[249]) == (served[0], served[-1], served[249])
    for part in (slice(3, 7), slice(None, None, -100), slice(240, 999), slice(9, 3), slice(10, 2, -3)):
        assert logs[part] == served[part]
    with pytest.raises(IndexError):
        logs[250]
    assert repr(logs) == "<250 logs>"


@pytest.mark.logto(profile="observed")
def test_the_logs_are_those_that_the_profile_lists(logto_mock: LogtoMock) -> None:
    assert len(logto_mock.logs) == int(ask(logto_mock).headers["Total-Number"])
    prefixes = profile("observed").prefixes
    assert prefixes is not None
    assert all(log["key"].startswith(prefixes) for log in logto_mock.logs)


def test_an_added_log_is_the_newest_and_other_names_go_into_its_payload(logto_mock: LogtoMock) -> None:
    before = logto_mock.logs[0]
    log = logto_mock.logs.add("Interaction.Create", userId="u0alice00001", payload={"within": 1})
    assert logto_mock.logs[0] == log == ask(logto_mock, "/api/logs?page_size=1").json()[0]
    assert log["createdAt"] > before["createdAt"]
    assert log["payload"] == {
        "key": "Interaction.Create", "result": "Success", "userId": "u0alice00001", "payload": {"within": 1},
    }  # fmt: skip


def test_the_members_of_a_log_itself_can_be_given(logto_mock: LogtoMock) -> None:
    log = logto_mock.logs.add("Unknown", id="one", createdAt=5, tenantId=logto_mock.tenant, result="Error", key2="x")
    assert (log["id"], log["createdAt"]) == ("one", 5)
    assert log["payload"] == {"key": "Unknown", "result": "Error", "key2": "x"}
    assert logto_mock.logs[-1] == log


@pytest.mark.parametrize("value", [math.nan, "\ud800", object(), datetime.now(UTC), {("a",): 1}])
def test_a_value_that_json_cannot_represent_is_refused_and_nothing_is_added(
    logto_mock: LogtoMock, value: object
) -> None:
    good = {"key": "Unknown", "payload": {"key": "Unknown", "result": "Success"}}
    bad = {**good, "payload": {**good["payload"], "value": value}}  # type: ignore[dict-item]  # the payload is an object
    count = len(logto_mock.logs)
    with pytest.raises(MockserverError, match=r"^log: found .*, expected values that JSON can represent$"):
        logto_mock.logs.add_all([good, bad])
    assert len(logto_mock.logs) == count


def test_whole_logs_are_added_all_or_none(logto_mock: LogtoMock) -> None:
    payload = {"key": "Unknown", "result": "Success"}
    added = logto_mock.logs.add_all([{"key": "Unknown", "payload": payload, "createdAt": n} for n in (1, 2)])
    assert logto_mock.logs[-2:] == added[::-1]
    count = len(logto_mock.logs)
    with pytest.raises(MockserverError, match=r"logs\[1\]\.payload\.result: found 'Maybe', expected one of"):
        logto_mock.logs.add_all(
            [{"key": "K", "payload": payload}, {"key": "K", "payload": {**payload, "result": "Maybe"}}]
        )
    with pytest.raises(MockserverError, match=r"key: found 129 characters, expected at most 128"):
        logto_mock.logs.add("k" * 129)
    assert len(logto_mock.logs) == count


@pytest.mark.logto(logs="faker:count=1000000000000,seed=1")
def test_a_slice_of_a_trillion_logs_is_read_and_a_list_of_all_is_refused(logto_mock: LogtoMock) -> None:
    assert len(logto_mock.logs[:3]) == 3
    with pytest.raises(
        MockserverError, match=rf"1,000,000,000,000 logs, expected at most {LONGEST_LIST:,}; read a slice"
    ):
        whole_list(logto_mock.logs)


def test_a_stored_log_that_breaks_the_contract_is_named(tmp_path: Any) -> None:
    file = tmp_path / "logs.jsonl"
    file.write_text('{"tenantId":"default","id":"bad","key":"Unknown","payload":{},"createdAt":1}\n')
    servers = Servers()
    try:
        settings = Settings(logs=f"seeded:path={file}", profile="observed", allow_invalid=True)
        mock = LogtoMock.over(world(servers, settings))
        with pytest.raises(MockserverError, match="log bad, which breaks the contract"):
            list(mock.logs)
    finally:
        servers.close()


def world(servers: Servers, settings: Settings) -> Any:
    from mockserver.testing.worlds import TenantWorld

    return TenantWorld(servers.running(settings.profile), "a", servers.setup(settings))


def test_a_fault_counts_the_requests_that_it_matched_and_disturbed(logto_mock: LogtoMock) -> None:
    fault = logto_mock.faults.add("status:code=503,times=1,page=2")
    assert (fault.fired, fault.matched, len(logto_mock.faults)) == (0, 0, 1)
    assert [ask(logto_mock, f"/api/logs?page={page}").status_code for page in (1, 2, 2)] == [200, 503, 200]
    assert (fault.fired, fault.matched) == (1, 2)
    assert fault.text == "status:code=503,times=1,page=2"
    assert repr(fault) == "ArmedFault('status:code=503,times=1,page=2', fired=1, matched=2)"
    assert repr(logto_mock.faults) == "Faults(['status:code=503,times=1,page=2'])"


def test_one_fault_is_removed_or_all_are(logto_mock: LogtoMock) -> None:
    first, second = logto_mock.faults.add("empty"), logto_mock.faults.add("reset")
    first.remove()
    assert [fault.text for fault in logto_mock.faults] == [second.text]
    with pytest.raises(MockserverError, match="fault id: found '1', expected one of 2"):
        first.remove()
    logto_mock.faults.clear()
    assert ask(logto_mock).status_code == 200


def test_an_unknown_fault_arms_nothing_and_the_error_lists_the_known_ones(logto_mock: LogtoMock) -> None:
    with pytest.raises(MockserverError, match="did you mean status"):
        logto_mock.faults.add("statsu:code=503")
    assert len(logto_mock.faults) == 0


def test_requests_show_what_the_code_under_test_sent(logto_mock: LogtoMock) -> None:
    logto_mock.faults.add("status:code=429,times=1")
    ask(logto_mock, "/api/logs?page=2&userId=&page=3", **{"X-Trace": "one"})
    ask(logto_mock)
    first, second = logto_mock.requests
    assert (first.method, first.path, first.status, first.faults) == (
        "GET",
        "/api/logs",
        429,
        ("status:code=429,times=1",),
    )
    assert first.query == {"page": "2", "userId": ""}
    assert first.headers["x-trace"] == "one"
    assert first.headers["authorization"] == f"Bearer {logto_mock.token}"
    assert second.time >= first.time
    assert (second.status, second.faults) == (200, ())
    assert logto_mock.requests[1:][0] == second
    assert len({first, second, logto_mock.requests[0]}) == 2


def test_requests_are_printed_without_their_credentials(logto_mock: LogtoMock) -> None:
    logto_mock.faults.add("reset:times=1")
    with pytest.raises(httpx.ReadError):
        ask(logto_mock, f"/api/logs?access_token={logto_mock.token}")
    ask(logto_mock)
    line = "1. GET /api/logs?access_token=*** -> no status line by reset:times=1"
    assert str(logto_mock.requests) == f"{line}\n2. GET /api/logs -> 200"
    assert repr(logto_mock.requests) == f"Requests([<{line}>, <2. GET /api/logs -> 200>])"


def test_an_expectation_selects_and_verifies_requests(logto_mock: LogtoMock) -> None:
    ask(logto_mock, "/api/logs?page=2")
    requests = logto_mock.requests
    assert requests.matching(query={"page": "2"}) == list(requests)
    assert requests.matching(status=503) == []
    requests.verify(path="/api/logs", times=1)
    with pytest.raises(AssertionError, match=r"^Expected exactly 1 request.* status is 200, expected 503\.$"):
        requests.verify(status=503, times=1)
    with pytest.raises(MockserverError, match="did you mean status"):
        requests.verify(statuss=503)


def test_there_may_be_no_requests() -> None:
    assert (len(Requests(())), str(Requests(()))) == (0, "")


@pytest.mark.logto(logs="faker:count=30", growth=0.01, now="live", faults=["status:code=503,skip=99"])
def test_reset_restores_logs_faults_requests_and_time(logto_mock: LogtoMock, logto_logs: list[Any]) -> None:
    logto_mock.logs.add("Unknown")
    logto_mock.faults.clear()
    logto_mock.advance(1000)
    assert len(logto_mock.logs) == 41
    ask(logto_mock)
    logto_mock.reset()
    assert list(logto_mock.logs) == logto_logs
    assert [fault.text for fault in logto_mock.faults] == ["status:code=503,skip=99"]
    assert len(logto_mock.requests) == 0


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e10])
def test_time_moves_forward_only_and_within_bounds(logto_mock: LogtoMock, seconds: float) -> None:
    with pytest.raises(MockserverError, match=r"advance: found .*, expected seconds from 0 to 1000000000"):
        logto_mock.advance(seconds)


def test_advancing_the_time_ends_the_window_of_a_rate_limit(logto_mock: LogtoMock) -> None:
    logto_mock.faults.add("rate_limit:limit=1,window=3600")
    assert [ask(logto_mock).status_code for _ in range(2)] == [200, 429]
    logto_mock.advance(3600)
    assert ask(logto_mock).status_code == 200


PROGRAM = """
import os, urllib.request
request = urllib.request.Request(os.environ["LOGTO_ENDPOINT"] + "/api/logs")
request.add_header("Authorization", "Bearer " + os.environ["LOGTO_TOKEN"])
print(urllib.request.urlopen(request, timeout=5).status)
"""


@pytest.mark.parametrize("excluded", ["", "other.example.com"])
def test_the_environment_leads_a_program_past_a_proxy(
    logto_mock: LogtoMock, monkeypatch: pytest.MonkeyPatch, excluded: str
) -> None:
    """The proxy of this test is a port where nobody listens; what was excluded before stays so."""
    monkeypatch.setenv("NO_PROXY", excluded)
    monkeypatch.setenv("no_proxy", excluded)
    env = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", **logto_mock.env}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout == "200\n", done.stderr
    assert env["NO_PROXY"] == env["no_proxy"] == (f"{excluded},127.0.0.1" if excluded else "127.0.0.1")
