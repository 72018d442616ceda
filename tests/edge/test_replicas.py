"""Replicas behind a real nginx, which runs the file of docs/replicas: every tenant is exact, and knows no other."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.http.link import read_links
from tests.support.examples import FOLDER
from tests.support.replicas import (
    ADMIN,
    BEHIND_NGINX,
    CLOSED,
    CUT,
    GARBAGE,
    Balanced,
    Client,
    Replica,
    balanced,
    free_ports,
)  # fmt: skip
from tests.support.tools import tool
from tests.support.wire import Answer, request, until

FORM = {
    "grant_type": "client_credentials", "client_id": "mock-app", "client_secret": "mock-secret",
    "resource": "https://default.logto.app/api", "scope": "all",
}  # fmt: skip


# What http.client raises, and what that means.
OUTCOMES: dict[type, str] = {
    http.client.IncompleteRead: CUT, http.client.RemoteDisconnected: CLOSED, http.client.BadStatusLine: GARBAGE,
}  # fmt: skip


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balanced]:
    with balanced(tool("nginx"), tmp_path_factory.mktemp("nginx")) as replicas:
        yield replicas


def arm(cluster: Balanced, tenant: str, rule: str) -> None:
    assert cluster.ask(f"/t/{tenant}/__admin/faults", {"rule": rule})[0] == 201


def token_reply(
    cluster: Balanced, prefix: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Answer:
    body = urlencode(form).encode()
    own = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": f"{len(body)}"}
    return request(cluster.port, f"{prefix}/oidc/token", list((own | dict(headers or {})).items()), "POST", body=body)


def fired(cluster: Balanced, tenant: str) -> int:
    return int(cluster.ask(f"/t/{tenant}/__admin/faults")[1]["armed"][0]["fired"])


def test_a_rule_of_a_hundred_times_strikes_exactly_a_hundred_requests_of_64_clients(cluster: Balanced) -> None:
    arm(cluster, "hundred", "status:code=503,times=100")
    begin = threading.Barrier(64)

    def client(number: int) -> list[int]:
        with Client(cluster.port) as own:
            begin.wait(20)
            return [own.ask("/t/hundred/api/logs?page_size=1")[0] for _ in range(5)]

    with ThreadPoolExecutor(64) as threads:
        statuses = Counter(status for several in threads.map(client, range(64)) for status in several)
    assert statuses == {503: 100, 200: 220}
    assert fired(cluster, "hundred") == 100


def test_a_rate_limit_is_one_window_however_the_tenant_is_named(cluster: Balanced) -> None:
    arm(cluster, "limited", "rate_limit:limit=10,window=600")
    ways = [("/t/limited", {}), ("", {"Host": "limited.localhost"}), ("", {"Mock-Tenant": "limited"})]
    statuses = [cluster.ask(f"{path}/api/logs", headers=headers)[0] for path, headers in ways * 10]
    assert statuses == [200] * 10 + [429] * 20


def test_an_added_log_is_found_by_the_next_request_and_verify_counts_every_request(cluster: Balanced) -> None:
    for number in range(12):
        payload = {"key": "Interaction.Create", "result": "Success", "userId": f"own{number}"}
        log = {"key": payload["key"], "payload": payload}
        assert cluster.ask("/__admin/logs", log, headers={"Mock-Tenant": "adding"})[0] == 201
        found = cluster.ask(f"/t/adding/api/logs?userId=own{number}")[1]
        assert [log["payload"] for log in found] == [payload]
    everything = {"path": "/api/logs", "times": 12}
    assert cluster.ask("/t/adding/__admin/requests/verify", everything) == (200, {"count": 12})
    assert cluster.ask("/t/adding/__admin/requests/verify", everything | {"times": 11})[0] == 406


# How a request may name a tenant: the prefix of its path, and headers. In nginx the first is told from the raw target.
WAYS = [
    ("/t/{}", {}),
    ("", {"Mock-Tenant": "{}"}),
    ("", {"Host": "{}.localhost"}),
    ("", {"Host": "{}.LOCALHOST:3001"}),
    ("/t/{}", {"Mock-Tenant": "other", "Host": "other.localhost"}),
    ("", {"Mock-Tenant": "other", "Host": "{}.localhost"}),
    ("", {"Mock-Tenant": "{}", "Host": "a.{}.localhost"}),
]


@pytest.mark.parametrize("tenant", ["red", "green", "blue", "default"])
def test_every_way_to_name_a_tenant_leads_to_the_same_replica(cluster: Balanced, tenant: str) -> None:
    """The API, the control API, the token endpoint and the console: what one changed, the next one sees."""
    home = cluster.process(tenant)
    cluster.ask(f"/t/{tenant}/__admin/advance", {"seconds": 7200})
    for prefix, names in WAYS:
        path = prefix.format(tenant)
        headers = {name: value.format(tenant) for name, value in names.items()}
        settings = cluster.ask(f"{path}/__admin/settings", headers=headers)[1]
        process = settings["process"]
        assert (settings["tenant"], (process["id"], process["since"])) == (tenant, home)
        assert cluster.ask(f"{path}/api/logs?page_size=1", headers=headers)[0] == 200
        # The token endpoint knows that the time of this tenant is two hours ahead.
        claims = token_reply(cluster, path, FORM, headers).json()["access_token"].split(".")[1]
        assert json.loads(base64.urlsafe_b64decode(claims + "=="))["iat"] > time.time() + 7000
        console = request(cluster.port, f"{path}/__admin/", list(headers.items()))
        assert (console.status, console.header("content-type")) == (200, "text/html; charset=utf-8")
    expected = {"path": "/api/logs", "times": len(WAYS)}
    assert cluster.ask(f"/t/{tenant}/__admin/requests/verify", expected)[0] == 200


def test_a_token_of_one_replica_opens_every_other(cluster: Balanced) -> None:
    """One published key signs all tokens, and their issuer is the address of nginx."""
    token = token_reply(cluster, "/t/token", FORM).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-Host": f"127.0.0.1:{cluster.port}"}
    for replica in cluster.replicas:
        with Client(replica.port) as client:
            assert client.ask("/t/token/api/logs", headers=headers)[0] == 200


def test_a_request_that_names_no_tenant_is_for_the_tenant_default(cluster: Balanced) -> None:
    home = cluster.process("default")
    for headers in ({}, {"Mock-Tenant": ""}, {"Host": "localhost"}, {"Host": "mock.example.com"}):
        settings = cluster.ask("/__admin/settings", headers=headers)[1]
        assert (settings["tenant"], settings["process"]["id"]) == ("default", home[0])


@pytest.mark.parametrize("title", [f"Über Test {number}!" for number in range(6)])
def test_a_name_that_the_control_api_gives_works_wherever_it_comes_back(cluster: Balanced, title: str) -> None:
    given = cluster.ask("/__admin/tenants", {"title": title})[1]
    assert given["url"] == f"{cluster.url}/t/{given['tenant']}"
    arm(cluster, given["tenant"], "status:code=418,times=1")
    path = given["url"].removeprefix(cluster.url) + "/api/logs"
    bearer = {"Authorization": f"Bearer {given['token']}"}
    assert [cluster.ask(path, headers=bearer)[0] for _ in range(2)] == [418, 200]


def test_every_url_that_a_client_is_given_leads_to_nginx(cluster: Balanced) -> None:
    """Also where a client claims to be a proxy; the console of that address may use the control API."""
    forged = [
        ("Authorization", "Bearer dev-token"),
        ("X-Forwarded-Host", "evil.example.com"),
        ("X-Forwarded-Prefix", "/evil"),
    ]
    reply = request(cluster.port, "/t/urls/api/logs?page_size=1", forged)
    assert read_links(reply.header("link") or "")["next"].startswith(f"{cluster.url}/t/urls/api/logs?")
    assert cluster.ask("/t/urls/openapi.json")[1]["servers"][0]["url"] == f"{cluster.url}/t/urls"
    assert cluster.ask("/t/urls/oidc/.well-known/openid-configuration")[1]["issuer"] == f"{cluster.url}/t/urls/oidc"
    for origin, status in ((cluster.url, 200), ("http://127.0.0.1:1", 403)):
        assert cluster.ask("/t/urls/__admin/faults", headers={"Origin": origin})[0] == status


def test_a_fault_that_closes_the_connection_is_met_once_and_moves_no_tenant(cluster: Balanced) -> None:
    """By default nginx would ask another replica, which has no such fault, and pass over this one for ten seconds."""
    home = cluster.process("closing")
    beside = cluster.tenant_of(home[0], "beside")
    for kind in ("empty", "reset"):
        arm(cluster, "closing", f"{kind}:times=3")
        assert [cluster.ask("/t/closing/api/logs")[0] for _ in range(4)] == [502, 502, 502, 200]
        cluster.ask("/t/closing/__admin/faults", method="DELETE")
    assert (cluster.process("closing"), cluster.process(beside)) == (home, home)


@pytest.mark.parametrize("fault", BEHIND_NGINX)
def test_what_a_client_behind_nginx_sees_of_a_fault_that_disturbs_the_connection(cluster: Balanced, fault: str) -> None:
    headers = [("Authorization", "Bearer dev-token"), ("Prefer", f'fault="{fault}"')]
    try:
        seen = f"{request(cluster.port, '/t/seen/api/logs', headers).status}"
    except http.client.HTTPException as error:
        seen = OUTCOMES[type(error)]
    assert seen in BEHIND_NGINX[fault]


def test_the_judge_finds_the_contract_kept_behind_nginx(cluster: Balanced) -> None:
    result = CliRunner().invoke(group, ["check", cluster.url, "--token", "dev-token", "--depth", "quick"])
    assert result.exit_code == 0, result.output


def test_eight_workers_of_pytest_xdist_share_it_and_do_not_meet(cluster: Balanced, tmp_path: Path) -> None:
    """The example twice, so that each worker has two of its tests."""
    for number in range(2):
        (tmp_path / f"test_{number}.py").write_text((FOLDER / "test_shared_mock.py").read_text())
    # Plugins that the example does not need take seconds of each worker.
    own = {"LOGTO_MOCK_URL": cluster.url, "LOGTO_MOCK_ADMIN_TOKEN": ADMIN, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n", "8", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | own, capture_output=True, text=True, timeout=120)
    assert re.search(r"^16 passed", done.stdout, re.MULTILINE), done.stdout


def test_who_has_no_admin_token_is_kept_out(cluster: Balanced) -> None:
    assert request(cluster.port, "/t/a/__admin/faults").status == 401
    assert request(cluster.port, "/__admin/health").status == 200


def test_a_replica_that_is_killed_loses_its_own_tenants_alone_and_no_later_request(cluster: Balanced) -> None:
    victim = cluster.replicas[0]
    names = [f"kill-{number}" for number in range(40)]
    homes = cluster.homes(names)
    for name in names:
        arm(cluster, name, "status:code=503,times=2")
        assert cluster.ask(f"/t/{name}/api/logs")[0] == 503
    orphans = [name for name in names if homes[name] == victim.pid]
    before = {name: cluster.process(name) for name in names}
    cluster.ask(f"/t/{orphans[0]}/__admin/faults", method="DELETE")
    arm(cluster, orphans[0], "hang:seconds=60")
    under_way: list[int] = []
    caller = threading.Thread(target=lambda: under_way.append(cluster.ask(f"/t/{orphans[0]}/api/logs")[0]))
    caller.start()
    verify = {"path": "/api/logs", "times": 2}
    until(lambda: cluster.ask(f"/t/{orphans[0]}/__admin/requests/verify", verify)[0] == 200)
    assert victim.kill() == -signal.SIGKILL
    caller.join()
    assert under_way == [502]
    for name in names:
        # An orphan begins anew elsewhere, without its fault; for the others it is the second of two times.
        assert cluster.ask(f"/t/{name}/api/logs")[0] == (200 if name in orphans else 503)
        assert (cluster.process(name) == before[name]) == (name not in orphans)
    arm(cluster, orphans[0], "empty:times=2")
    assert [cluster.ask(f"/t/{orphans[0]}/api/logs")[0] for _ in range(3)] == [502, 502, 200]
    victim.start().wait()
    assert {name for name in names if cluster.process(name)[0] == victim.pid} == set(orphans)


def test_requests_without_a_tenant_can_be_spread_and_each_replica_answers_the_same(cluster: Balanced) -> None:
    """``tenant.conf`` says what to write in place of ``default``."""
    assert "# Write $request_id here to spread" in (cluster.folder / "tenant.conf").read_text()
    cluster.nameless = "$request_id"
    cluster.reload()
    try:
        processes: set[int] = set()

        def are_three() -> bool:
            processes.add(cluster.ask("/__admin/settings")[1]["process"]["id"])
            return len(processes) == 3

        until(are_three)
        answers = [request(cluster.port, "/api/logs", [("Authorization", "Bearer dev-token")]) for _ in range(40)]
        assert len({answer.body for answer in answers}) == len({answer.header("etag") for answer in answers}) == 1
        homes = cluster.homes([f"named-{number}" for number in range(20)])
        assert cluster.homes(list(homes)) == homes
    finally:
        cluster.nameless = "default"
        cluster.reload()


def test_a_replica_that_is_added_moves_about_a_fourth_of_the_tenants(tmp_path: Path, cluster: Balanced) -> None:
    """To the new replica alone; so many names make chance small: of 400, a fourth is 100, with a deviation of 9."""
    names = [f"add-{number}" for number in range(400)]
    before = cluster.homes(names)
    added = Replica(free_ports(1)[0]).start()
    try:
        added.wait()
        cluster.replicas.append(added)
        cluster.reload()
        after = cluster.homes(names)
    finally:
        cluster.replicas.remove(added)
        added.kill(signal.SIGTERM)
    moved = {name for name in names if before[name] != after[name]}
    assert {after[name] for name in moved} == {added.pid}
    assert 50 <= len(moved) <= 150
