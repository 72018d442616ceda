"""The routes that concern a whole tenant: what a mark of the pytest plugin can set, any language can set here."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from mockserver.contract.document import contract
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.logs.source import Opening, Source
from mockserver.logs.traffic.source import Faker
from mockserver.mock.settings import TENANT_SETTINGS, Settings
from mockserver.mock.tenants import FARTHEST, MOST_SOURCES
from tests.support.echo import ask
from tests.support.wire import until

BEARER = {"Authorization": "Bearer dev-token"}
NOW = 1_780_000_000.0


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source may take its time on a busy machine."""
    monkeypatch.setattr("mockserver.edge.reload.LONGEST", 60.0)


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings(logs="faker:count=40,seed=1"), clock=lambda: NOW).test_client()


def listed(client: FlaskClient, path: str = "/t/acme/api/logs", **headers: str) -> Any:
    return client.get(path, headers=BEARER | headers)


def patched(client: FlaskClient, **values: Any) -> Any:
    return client.patch("/t/acme/__admin/settings", json=values)


VALUES: dict[str, Any] = {
    "logs": "faker:count=7,seed=2,users=2", "profile": "observed", "faults": ["empty"], "seed": 5, "now": "2026-01-01",
    "growth": 0.5, "auth": "off", "link_base": "observed", "allow_invalid": True,
}  # fmt: skip


@pytest.mark.parametrize("name", TENANT_SETTINGS)
def test_every_setting_of_a_mark_can_be_set_for_one_tenant(client: FlaskClient, name: str) -> None:
    needs = {"profile": "observed"} if name == "allow_invalid" else {}
    before = client.get("/__admin/settings").json
    response = patched(client, **needs, **{name: VALUES[name]})
    assert (response.status_code, response.json[name], response.json["tenant"]) == (200, VALUES[name], "acme")
    assert {**client.get("/__admin/settings").json, "tenants": 0} == {**before, "tenants": 0}


def test_other_logs_are_served_to_this_tenant_alone(client: FlaskClient) -> None:
    assert patched(client, logs="faker:count=7,seed=2,users=2").json["count"] == 7
    totals = [listed(client, path).headers["Total-Number"] for path in ("/t/acme/api/logs", "/api/logs")]
    assert totals == ["7", "40"]
    assert {log["tenantId"] for log in listed(client).json} == {"acme"}


def test_a_profile_decides_how_the_tenant_answers(client: FlaskClient) -> None:
    patched(client, profile="observed")
    assert [listed(client, f"{at}/api/logs?page_size=101").status_code for at in ("/t/acme", "")] == [400, 200]


def test_a_way_of_authorization_decides_who_may_read(client: FlaskClient) -> None:
    assert client.get("/t/acme/api/logs").status_code == 401
    patched(client, auth="off")
    assert [client.get(f"{at}/api/logs").status_code for at in ("/t/acme", "")] == [200, 401]


def test_what_is_not_named_stays(client: FlaskClient) -> None:
    client.post("/t/acme/__admin/logs", json={"key": "Unknown", "payload": {"key": "a", "result": "Success"}})
    client.post("/t/acme/__admin/faults", json={"rule": "latency:seconds=0"})
    patched(client, profile="observed", seed=4)
    assert len(client.get("/t/acme/__admin/logs").json) == 1
    assert len(client.get("/t/acme/__admin/faults").json["armed"]) == 1
    assert listed(client).headers["Total-Number"] == "41"


def test_other_faults_take_the_place_of_the_armed_ones(client: FlaskClient) -> None:
    client.post("/t/acme/__admin/faults", json={"rule": "latency:seconds=0"})
    patched(client, faults=["status:code=503,times=1"])
    assert [listed(client).status_code for _ in range(2)] == [503, 200]


def test_a_seed_decides_which_requests_are_struck(client: FlaskClient) -> None:
    def struck(seed: int) -> list[int]:
        patched(client, seed=seed, faults=[])
        patched(client, faults=["status:code=503,rate=0.5"])
        return [listed(client).status_code for _ in range(20)]

    assert struck(1) == struck(1) != struck(2)


def test_time_is_moved_for_one_tenant(client: FlaskClient) -> None:
    patched(client, growth=0.01, now="live")
    assert client.post("/t/acme/__admin/advance", json={"seconds": 1000}).json == {"time": NOW + 1000, "ahead": 1000}
    assert [listed(client, f"{at}/api/logs").headers["Total-Number"] for at in ("/t/acme", "")] == ["50", "40"]


def test_a_token_expires_when_the_time_is_moved(client: FlaskClient) -> None:
    form = {"grant_type": "client_credentials", "client_id": "mock-app", "client_secret": "mock-secret",
            "resource": "https://default.logto.app/api", "scope": "all"}  # fmt: skip
    token = client.post("/t/acme/oidc/token", data=form).json
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert client.get("/t/acme/api/logs", headers=bearer).status_code == 200
    client.post("/t/acme/__admin/advance", json={"seconds": token["expires_in"]})
    assert client.get("/t/acme/api/logs", headers=bearer).json["data"]["code"] == "ERR_JWT_EXPIRED"
    fresh = client.post("/t/acme/oidc/token", data=form).json["access_token"]
    assert client.get("/t/acme/api/logs", headers={"Authorization": f"Bearer {fresh}"}).status_code == 200


def test_a_window_of_a_rate_limit_passes_when_the_time_is_moved(client: FlaskClient) -> None:
    client.post("/t/acme/__admin/faults", json={"rule": "rate_limit:limit=1,window=60"})
    statuses = [listed(client).status_code for _ in range(2)]
    client.post("/t/acme/__admin/advance", json={"seconds": 60})
    assert [*statuses, listed(client).status_code] == [200, 429, 200]


def test_reset_returns_to_the_settings_and_the_time_of_the_server(client: FlaskClient) -> None:
    before = client.get("/t/acme/__admin/settings").json
    patched(client, logs="faker:count=7,users=2", auth="off", faults=["empty"])
    client.post("/t/acme/__admin/advance", json={"seconds": 5})
    client.post("/t/acme/__admin/reset")
    assert client.get("/t/acme/__admin/settings").json == before
    assert listed(client).headers["Total-Number"] == "40"


def test_a_reply_that_is_remembered_is_not_sent_again_under_other_settings() -> None:
    with Server(create_app(Settings(logs="faker:count=3"))) as server:
        for _ in range(3):
            assert ask(server, "/api/logs?page=1&page_size=500", headers=BEARER)[0].status == 200
        json = {"Content-Type": "application/json"}
        patch = b'{"profile":"observed"}'
        assert ask(server, "/__admin/settings", method="PATCH", headers=json, body=patch)[0].status == 200
        assert ask(server, "/api/logs?page=1&page_size=500", headers=BEARER)[0].status == 400


@pytest.mark.parametrize(
    ("values", "status", "message"),
    [
        ([], 400, "body: found an array, expected an object of settings"),
        ({"lugs": "seeded"}, 400, "settings argument: found 'lugs', expected one of "),
        ({"port": 1}, 400, "settings argument: found 'port', expected one of "),
        ({"growth": "5"}, 400, "settings: growth: found '5', expected a number"),
        ({"seed": True}, 400, "settings: seed: found true, expected a whole number"),
        ({"logs": "fakir"}, 400, "source: found 'fakir', expected one of "),
        ({"faults": ["emty"]}, 400, "fault: found 'emty', expected one of "),
        ({"profile": "observd"}, 400, "profile: found 'observd', expected one of "),
        ({"logs": "seeded:path=/etc/passwd"}, 403, "The control API opens no file that was not named at the start"),
    ],
)
def test_settings_that_cannot_be_are_refused_and_change_nothing(
    client: FlaskClient, values: Any, status: int, message: str
) -> None:
    before = client.get("/t/acme/__admin/settings").json
    response = client.patch("/t/acme/__admin/settings", json=values)
    assert (response.status_code, response.json["message"][: len(message)]) == (status, message)
    assert client.get("/t/acme/__admin/settings").json == before


def test_the_file_that_was_named_at_the_start_is_served_again() -> None:
    client = create_app(Settings(logs="seeded")).test_client()
    patched(client, logs="faker:count=3")
    assert patched(client, logs="seeded").json["count"] == 89


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body: found no JSON"),
        (b"7", "body: found 7, expected an object with seconds"),
        (b"{}", "body: found an object, expected an object with seconds"),
        (b'{"seconds":1,"minutes":1}', "body member: found 'minutes', expected one of seconds"),
        (b'{"seconds":"1"}', "seconds: found '1', expected a number"),
        (b'{"seconds":true}', "seconds: found true, expected a number"),
        (b'{"seconds":-1}', "advance: found -1.0, expected seconds from 0 to 1000000000"),
        (b'{"seconds":1e10}', "advance: found 10000000000.0, expected seconds from 0 to 1000000000"),
    ],
)
def test_seconds_that_cannot_be_are_refused(client: FlaskClient, body: bytes, message: str) -> None:
    response = client.post("/__admin/advance", data=body, content_type="application/json")
    assert (response.status_code, response.json["message"][: len(message)]) == (400, message)


def test_time_moves_no_further_than_dates_reach_and_not_at_all_by_no_seconds(client: FlaskClient) -> None:
    steps = [client.post("/__admin/advance", json={"seconds": step}) for step in (0, FARTHEST - 1, 2, 1)]
    assert [step.status_code for step in steps] == [200, 200, 400, 200]
    assert steps[-1].json["ahead"] == FARTHEST


@pytest.mark.parametrize("title", ["Über Test 7!", "", "a" * 100, "日本語", "--", "x"])
def test_any_title_gives_a_free_name_that_works(client: FlaskClient, title: str) -> None:
    given = [client.post("/__admin/tenants", json={"title": title}) for _ in range(2)]
    assert [response.status_code for response in given] == [201, 201]
    first, second = (response.json for response in given)
    assert first["tenant"] != second["tenant"]
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", first["tenant"])
    assert len(first["tenant"]) <= contract().longest_tenant
    path = first["url"].removeprefix("http://localhost") + "/api/logs"
    logs = client.get(path, headers={"Authorization": f"Bearer {first['token']}"}).json
    assert {log["tenantId"] for log in logs} == {first["tenant"]}


def test_a_title_is_seen_in_the_name_and_may_be_left_out(client: FlaskClient) -> None:
    name = client.post("/__admin/tenants", json={"title": "Über Test 7!"}).json["tenant"]
    assert name.startswith("uber-test-7-")
    assert client.post("/__admin/tenants").status_code == 201
    assert (
        client.post("/__admin/tenants", json={"title": 7}).json["message"].startswith("title: found 7, expected a text")
    )


def test_equal_settings_share_one_source(client: FlaskClient) -> None:
    tenants = client.application.extensions["mockserver"].tenants
    for name in ("acme", "globex"):
        client.patch(f"/t/{name}/__admin/settings", json={"logs": "faker:count=7,users=2"})
    assert tenants.get("acme").setup.source is tenants.get("globex").setup.source
    client.patch("/t/acme/__admin/settings", json={"logs": "faker:count=40,seed=1"})
    assert tenants.get("acme").setup.source is tenants.setup.source


def test_tenants_with_a_source_of_their_own_are_forgotten_when_there_are_many(client: FlaskClient) -> None:
    tenants = client.application.extensions["mockserver"].tenants
    tenants.get("other")
    for number in range(MOST_SOURCES + 2):
        client.patch(f"/t/t{number}/__admin/settings", json={"logs": f"faker:count=1,seed={number},users=1"})
    assert len({id(tenants.get(name).setup.source) for name in tenants.names}) == MOST_SOURCES
    names = {*tenants.names}
    assert {"default", "other", f"t{MOST_SOURCES + 1}"} < names | {"default"}
    assert not {"t0", "t1"} & names


@pytest.mark.usefixtures("impatient")
def test_a_source_that_is_not_open_in_time_is_given_up() -> None:
    client = create_app(Settings(logs="faker:count=3")).test_client()
    response = client.patch("/__admin/settings", json={"logs": "hypothesis:count=50"})
    assert response.status_code == 400
    assert response.json["message"].startswith("logs: found over 0.05 s of reading")
    assert client.get("/__admin/settings").json["count"] == 3


def test_logs_that_many_ask_for_at_once_are_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that run in parallel give their tenants equal settings. The second waits for what the first opens."""
    opened, may_open = [], threading.Event()
    real = Faker.open

    def slow(self: Faker, opening: Opening) -> Source:
        opened.append(self)
        assert may_open.wait(30)
        return real(self, opening)

    with Server(create_app(Settings(logs="seeded"))) as server:
        ask(server, "/__admin/settings")
        monkeypatch.setattr(Faker, "open", slow)
        json, patch = {"Content-Type": "application/json"}, b'{"logs":"faker:count=5,users=2"}'
        paths = [f"/t/t{number}/__admin/settings" for number in range(3)]
        with ThreadPoolExecutor() as pool:
            asked = [pool.submit(ask, server, path, method="PATCH", headers=json, body=patch) for path in paths]
            until(lambda: len(server.call(lambda: server.mock.tenants.names)) >= len(paths))
            may_open.set()
            assert [each.result()[0].status for each in asked] == [200] * len(paths)
    assert len(opened) == 1


def test_a_source_is_opened_while_others_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    is_opening, may_open = threading.Event(), threading.Event()
    real = Faker.open

    def slow(self: Faker, opening: Opening) -> Source:
        is_opening.set()
        assert may_open.wait(30)
        return real(self, opening)

    with Server(create_app(Settings(logs="faker:count=3"))) as server:
        ask(server, "/__admin/settings")
        monkeypatch.setattr(Faker, "open", slow)
        json = {"Content-Type": "application/json"}
        patch = b'{"logs":"faker:count=5,users=2"}'
        answers: list[Any] = []
        opener = threading.Thread(
            target=lambda: answers.append(ask(server, "/__admin/settings", method="PATCH", headers=json, body=patch))
        )
        opener.start()
        assert is_opening.wait(30)
        assert ask(server, "/api/logs", headers=BEARER)[0].status == 200
        may_open.set()
        opener.join()
        assert answers[0][0].status == 200
