"""Exact bounds and defaults of what a test holds in its hands."""

from __future__ import annotations

from inspect import signature

import pytest

from mockserver import strategies
from mockserver.contract.errors import MockserverError
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from mockserver.testing.deployment import Account, DeploymentWorld
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


def test_a_world_that_is_closed_leaves_no_tenant_behind() -> None:
    servers = Servers()
    try:
        server = servers.running("documented")
        closed, kept = (TenantWorld(server, name, servers.setup(Settings(logs="seeded"))) for name in ("one", "two"))
        closed.close()
        assert server.call(lambda: server.mock.tenants.names) == [kept.tenant]
    finally:
        servers.close()
