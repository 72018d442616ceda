"""Exact bounds and defaults of what a test holds in its hands."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any, NoReturn

import pytest

from mockserver import strategies
from mockserver.contract.errors import MockserverError
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.judge.route import Address
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup, Tenant
from mockserver.testing import deployment
from mockserver.testing.deployment import Account, DeploymentWorld
from mockserver.testing.harness import tenant_of
from mockserver.testing.parts import whole_list
from mockserver.testing.worlds import Servers, TenantWorld


class Skipped(Exception):
    pass


def skip(reason: str) -> None:
    raise Skipped(reason)


def world(url: str, environment: dict[str, str]) -> DeploymentWorld:
    return DeploymentWorld(Account(url, environment), skip)  # type: ignore[arg-type]  # it never returns


def test_a_test_may_read_4999_logs_of_a_deployment_and_no_more() -> None:
    """50 pages of 100 logs: a full last page may not be the last."""
    with Server(create_app(Settings(logs="faker:count=4999"))) as server:
        few = world(server.url, {"MOCKSERVER_TOKEN": "dev-token"})
        assert (few.count(), len(few.slice(0, 4999))) == (4999, 4999)
        assert few.slice(0, 2) == few.slice(0, 5)[:2]
    with Server(create_app(Settings(logs="faker:count=5000"))) as server, pytest.raises(Skipped, match="5000 logs"):
        world(server.url, {"MOCKSERVER_TOKEN": "dev-token"}).count()


def test_each_answer_of_a_deployment_is_waited_for_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def connection(target: Address, timeout: float, clock: Callable[[], float]) -> NoReturn:
        waited.append(timeout)
        raise Skipped

    monkeypatch.setattr(deployment, "Connection", connection)
    monkeypatch.setattr(deployment, "Fetched", lambda client, secrets, timeout, clock: waited.append(timeout))
    with pytest.raises(Skipped):
        world("http://127.0.0.1:1", {"MOCKSERVER_TOKEN": "a"}).count()
    Account("http://127.0.0.1:1", {"MOCKSERVER_CLIENT_ID": "a", "MOCKSERVER_CLIENT_SECRET": "b"})
    assert waited == [10, 10]


def test_an_application_needs_its_id_and_its_secret() -> None:
    for environment in ({}, {"MOCKSERVER_CLIENT_ID": "a"}, {"MOCKSERVER_CLIENT_SECRET": "b"}):
        with pytest.raises(MockserverError, match="no credentials"):
            Account("http://127.0.0.1:1", environment)
    account = Account("http://127.0.0.1:1", {"MOCKSERVER_CLIENT_ID": "a", "MOCKSERVER_CLIENT_SECRET": "b"})
    assert account.client is not None
    assert (account.client.id, account.client.secret) == ("a", "b")


@pytest.mark.parametrize(
    ("target", "token_url", "told"),
    [
        ("nonsense", "http://127.0.0.1:1", "target: found 'nonsense', expected a URL"),
        ("http://127.0.0.1:1", "nonsense", "MOCKSERVER_TOKEN_URL: found 'nonsense', expected a URL"),
        (
            "http://a.example.com",
            "http://127.0.0.1:1",
            "--logto-target: found http://a.example.com/api/logs, ",
        ),
        (
            "http://127.0.0.1:1",
            "http://a.example.com/t",
            "MOCKSERVER_TOKEN_URL: found http://a.example.com/t, ",
        ),
    ],
)
def test_a_wrong_url_and_plain_http_beyond_this_machine_are_told_by_name(
    target: str, token_url: str, told: str
) -> None:
    secrets = {"MOCKSERVER_CLIENT_ID": "a", "MOCKSERVER_CLIENT_SECRET": "b", "MOCKSERVER_TOKEN_URL": token_url}
    with pytest.raises(MockserverError) as error:
        Account(target, secrets)
    assert str(error.value).startswith(told)


def test_a_page_has_up_to_twenty_logs_by_default() -> None:
    """``tests/logs/test_strategies.py`` shows that pages keep to their sizes."""
    parameters = signature(strategies.pages).parameters
    assert (parameters["min_size"].default, parameters["max_size"].default) == (0, 20)


def test_a_list_of_ten_thousand_logs_is_read_and_a_longer_one_is_not() -> None:
    logs: Any = [{"id": "a"}] * 10_001
    assert whole_list(logs[1:]) == logs[1:]
    with pytest.raises(MockserverError, match="10,001 logs, expected at most 10,000"):
        whole_list(logs)


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("tests/a.py::test_retry", "retry-7b0440b1"),
        ("tests/test_logs.py::TestScreen::test_That_it_shows_a_log[page-2]", "that-it-show-958c0e66"),
        ("session", "session-5dbbff2b"),
    ],
)
def test_a_test_has_the_same_tenant_in_every_run_and_version(test: str, name: str) -> None:
    """The ids of the logs that it adds follow from the name, and tests may compare them."""
    assert tenant_of(test) == name


def test_the_time_of_a_test_moves_by_a_thousand_million_seconds_and_no_further() -> None:
    tenant = Tenant("a", Setup(Seeded().open(Opening(0.0))))
    tenant.advance(1e9 - 1)
    for seconds, left in ((1.5, "1"), (2.0, "1")):
        with pytest.raises(MockserverError, match=f"expected seconds from 0 to {left}$"):
            tenant.advance(seconds)
    tenant.advance(1.0)
    tenant.advance(0.0)
    assert (tenant.ahead, tenant.moment(5.0)) == (1e9, 1e9 + 5)


def test_a_world_that_is_closed_leaves_no_tenant_behind() -> None:
    servers = Servers()
    try:
        server = servers.running("documented")
        closed, kept = (TenantWorld(server, name, servers.setup(Settings(logs="seeded"))) for name in ("one", "two"))
        closed.close()
        assert server.call(lambda: server.mock.tenants.names) == [kept.tenant]
    finally:
        servers.close()
