"""What options of ``serve`` do, as a client sees it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from mockserver.edge import reload
from mockserver.edge.server import Server
from tests.conftest import FIXTURES
from tests.support.effects import TOKEN, World, effect
from tests.support.wire import request, until

KEY = "Interaction.Create"
LOG = {"id": "a", "tenantId": "t", "key": KEY, "createdAt": 1, "payload": {"key": KEY, "result": "Success"}}


@effect("serve host")
def serve_host(world: World) -> None:
    assert world.served("--host", "0.0.0.0", act=lambda server, beside: server.host) == "0.0.0.0"
    assert world.served(act=lambda server, beside: server.host) == "127.0.0.1"


@effect("serve logs")
def serve_logs(world: World) -> None:
    assert world.asked("--logs", world.written("one.json", json.dumps([LOG]))).header("total-number") == "1"
    assert world.asked().header("total-number") == "1000"


@effect("serve profile")
def serve_profile(world: World) -> None:
    large = "/api/logs?page_size=101"
    assert world.asked("--profile", "observed", target=large).status == 400
    assert world.asked(target=large).status == 200


@effect("serve now")
def serve_now(world: World) -> None:
    newest = world.asked("--now", "2020-01-02").json()[0]["createdAt"]
    assert 1577836800000 < newest <= 1577923200000


@effect("serve growth")
def serve_growth(world: World) -> None:
    def act(server: Server, beside: Any) -> None:
        until(lambda: int(request(server.port, "/api/logs", TOKEN).header("total-number") or 0) > 1020)

    world.served("--growth", "500", "--now", "live", act=act)


@effect("serve auth")
def serve_auth(world: World) -> None:
    statuses = [world.asked("--auth", mode, token=[]).status for mode in ("tokens", "any", "off")]
    any_token = [("Authorization", "Bearer anything")]
    assert [*statuses, world.asked("--auth", "any", token=any_token).status] == [401, 401, 200, 200]


@effect("serve link_base")
def serve_link_base(world: World) -> None:
    def first(*arguments: str) -> str:
        return str(world.asked(*arguments).links()["first"]).partition("?")[0].partition("//")[2].partition("/")[2]

    assert (first("--link-base", "api"), first("--link-base", "observed")) == ("api/logs", "logs")
    assert first("--link-base", "api", "--profile", "observed") == "api/logs"


@effect("serve allow_invalid")
def serve_allow_invalid(world: World) -> None:
    bad = ("--logs", world.written("bad.json", json.dumps([LOG | {"payload": {}}])), "--profile", "observed")
    assert world.asked(*bad, "--allow-invalid").status == 500
    world.served(*bad, act=lambda server, beside: None, code=2)


@effect("serve base_url")
def serve_base_url(world: World) -> None:
    link = world.asked("--base-url", "https://mock.example.com/x").links()["first"]
    assert link.startswith("https://mock.example.com/x/api/logs?")


@effect("serve trusted_proxy")
def serve_trusted_proxy(world: World) -> None:
    said = [*TOKEN, ("X-Forwarded-Host", "mock.example.com")]
    assert "//mock.example.com/" in world.asked("--trusted-proxy", token=said).links()["first"]
    assert "example" not in world.asked(token=said).links()["first"]


@effect("serve faults")
def serve_faults(world: World) -> None:
    rules = ("--fault", "status:code=418,times=1", "--fault", "status:code=503,times=1")

    def act(server: Server, beside: Any) -> list[int]:
        return [request(server.port, "/api/logs", TOKEN).status for _ in range(3)]

    assert world.served(*rules, act=act) == [418, 503, 200]


@effect("serve seed")
def serve_seed(world: World) -> None:
    def fates(*seed: str) -> Any:
        rule = ("--fault", "status:code=503,rate=0.5")
        return world.served(
            *rule,
            *seed,
            act=lambda server, beside: [request(server.port, "/api/logs", TOKEN).status for _ in range(20)],
        )

    assert fates("--seed", "1") == fates("--seed", "1") != fates("--seed", "2")


@effect("serve admin_token")
def serve_admin_token(world: World) -> None:
    def act(server: Server, beside: Any) -> list[int]:
        tokens = ("Bearer secret-admin-token", "Bearer other")
        return [request(server.port, "/__admin/settings", [("Authorization", token)]).status for token in tokens]

    assert world.served("--admin-token", "secret-admin-token", act=act) == [200, 401]
    assert world.served(act=act) == [200, 200]


@effect("serve reload")
def serve_reload(world: World) -> None:
    world.patch.setattr(reload, "_EVERY", 0.005)
    file = world.written("logs.json", "[]")

    def act(server: Server, beside: Any) -> int:
        async def follow() -> None:
            with suppress(TimeoutError):
                await asyncio.wait_for(beside(asyncio.Event()), 0.2)

        world.written("logs.json", json.dumps([json.loads((FIXTURES / "logs.jsonl").read_text().splitlines()[0])]))
        asyncio.run(follow())
        return server.mock.count()

    assert world.served("--logs", file, "--no-reload", act=act) == 0
    world.written("logs.json", "[]")
    assert world.served("--logs", file, act=act) == 1
