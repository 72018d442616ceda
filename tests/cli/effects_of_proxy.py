"""What options of ``proxy``, and of ``serve`` with an upstream, do, as the deployment or a client sees it."""

from __future__ import annotations

from typing import Any

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.benchmarks.servers import free_port
from tests.judge.test_route import secure
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.effects import TOKEN, World, effect
from tests.support.proxy import proxying
from tests.support.wire import request

GOOD = [("Authorization", "Bearer good-token")]


def statuses(server: Server, beside: Any) -> list[int]:
    return [request(server.port, "/api/logs", GOOD).status for _ in range(12)]


def passed(world: World, *arguments: str, act: Any = statuses, code: int = 0, **given: Any) -> Any:
    """What ``act`` finds behind ``proxy`` with these options; ``code`` is that of the verdict."""
    with serving(Deployment(**given)) as url:
        return world.served(*arguments, act=act, code=code, command=("proxy", url))


@effect("proxy host")
def proxy_host(world: World) -> None:
    assert passed(world, "--host", "0.0.0.0", act=lambda server, beside: server.host, code=2) == "0.0.0.0"
    assert passed(world, act=lambda server, beside: server.host, code=2) == "127.0.0.1"


@effect("proxy profile")
def proxy_profile(world: World) -> None:
    """A deviation that the profile knows ends nothing."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        refusal = Answered(400, {"code": "guard.invalid_pagination"}, {"Content-Type": "application/json"})
        return refusal if "page_size=101" in asked.query else answered

    def act(server: Server, beside: Any) -> list[int]:
        return [request(server.port, f"/api/logs{query}", GOOD).status for query in ("", "?page_size=101")]

    assert passed(world, act=act, code=1, mend=mend) == [200, 400]
    assert passed(world, "--profile", "observed", act=act, mend=mend) == [200, 400]


@effect("proxy faults")
def proxy_faults(world: World) -> None:
    assert passed(world, "--fault", "status:code=503,every=4") == [200, 200, 200, 503] * 3


@effect("proxy seed")
def proxy_seed(world: World) -> None:
    rule = ("--fault", "status:code=503,rate=0.5")
    assert passed(world, *rule, "--seed", "1") == passed(world, *rule, "--seed", "1")
    assert passed(world, *rule, "--seed", "1") != passed(world, *rule, "--seed", "2")


@effect("proxy admin_token")
def proxy_admin_token(world: World) -> None:
    def act(server: Server, beside: Any) -> list[int]:
        tokens = ("Bearer secret-admin-token", "Bearer other")
        return [request(server.port, "/__admin/verdict", [("Authorization", token)]).status for token in tokens]

    assert passed(world, "--admin-token", "secret-admin-token", act=act, code=2) == [200, 401]
    assert passed(world, act=act, code=2) == [200, 200]


@effect("proxy base_url", "proxy trusted_proxy")
def proxy_public_url(world: World) -> None:
    """Links lead to where clients reach the proxy."""

    def link(server: Server, beside: Any) -> str:
        said = [*TOKEN, ("X-Forwarded-Host", "other.example.com")]
        return request(server.port, "/api/logs", said).links()["first"].partition("/api/logs")[0]

    with Server(create_app(Settings())) as real:
        for arguments, base in (
            (("--base-url", "https://mock.example.com/x"), "https://mock.example.com/x"),
            (("--trusted-proxy",), "http://other.example.com"),
            ((), "http://127.0.0.1:"),
        ):
            assert world.served(*arguments, act=link, command=("proxy", real.url)).startswith(base)


@effect("proxy port")
def proxy_port(world: World) -> None:
    port = free_port()
    assert passed(world, "--port", f"{port}", act=lambda server, beside: server.port, code=2) == port


@effect("proxy tls", "proxy tls_cert", "proxy tls_key")
def proxy_tls(world: World) -> None:
    own = ("--tls-cert", f"{world.files / 'server.pem'}", "--tls-key", f"{world.files / 'server.pem'}")
    for arguments, scheme in ((("--tls",), "https:"), (own, "https:"), ((), "http:")):
        assert passed(world, *arguments, act=lambda server, beside: server.url, code=2).startswith(scheme)


@effect("serve upstream")
def serve_upstream(world: World) -> None:
    keys = "/oidc/jwks"
    with serving(Deployment()) as url:
        assert world.asked("--upstream", url).status == 200
        assert world.asked("--upstream", url, target=keys).status == 404
    assert world.asked(target=keys).status == 200


def elsewhere(world: World, url: str, *arguments: str) -> list[int]:
    """The status of another path than that of the logs behind ``proxy`` and behind ``serve``; 0 where none serves."""

    def act(server: Server, beside: Any) -> int:
        return int(request(server.port, "/api/users", GOOD).status)

    return [
        world.served(*arguments, act=act, code=code, command=command)
        for command, code in ((("proxy", url), 2), (("serve", "--upstream", url), 0))
    ]


@effect(*(f"{command} {name}" for command in ("proxy", "serve") for name in ("ca_file", "client_cert")))
def certificates(world: World) -> None:
    authority = ("--ca-file", f"{world.files / 'ca.pem'}")
    client = ("--client-cert", f"{world.files / 'client.pem'}")
    with secure(world.files, demands=True) as url:
        assert [elsewhere(world, url, *more) for more in (client, authority, authority + client)] == [
            [502, 502],
            [502, 502],
            [404, 404],
        ]


@effect("proxy proxy", "serve proxy")
def proxies(world: World) -> None:
    with proxying() as proxy, serving(Deployment()) as url:
        assert elsewhere(world, url, "--proxy", proxy.url) == [404, 404]
    assert proxy.lines == [f"GET {url}/api/users"] * 2


@effect("proxy insecure_http", "serve insecure_http")
def insecure_http(world: World) -> None:
    """A token goes to another machine in plain text only where the user says so."""
    for command, code in ((("proxy", "http://mock.test"), 2), (("serve", "--upstream", "http://mock.test"), 0)):
        assert world.served(act=lambda server, beside: True, command=command, code=2) is None
        assert world.served("--insecure-http", act=lambda server, beside: True, command=command, code=code)
