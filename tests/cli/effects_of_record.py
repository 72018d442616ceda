"""What options of ``record`` do, as a deployment sees it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs

from mockserver.contract.document import contract
from mockserver.judge.limits import WallClock
from tests.judge.test_route import secure
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.effects import EFFECTS, World, effect
from tests.support.proxy import proxying
from tests.support.samples import some_logs

CLIENT = ("--client-id", "me", "--client-secret", "hush-hush")
TOKEN = ("--token", "good-token")


def recorded(world: World, *arguments: str, count: int = 30, **given: Any) -> tuple[int, list[Asked]]:
    """Records a deployment: the exit code, and what was asked."""
    deployment = Deployment(some_logs(count), **given)
    with serving(deployment) as url:
        code, _, _ = world.run("record", url, "--rate", "1000", "--key", "some-key", *arguments)
    return code, deployment.asked


@effect(*(f"record {name}" for name in contract().filters))
def record_filters(world: World) -> None:
    for name in contract().filters:
        option = re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
        code, asked = recorded(world, *TOKEN, f"--{option}", "some-value")
        assert code == 0
        assert all(dict(each.pairs)[name] == "some-value" for each in asked)


@effect("record token")
def record_token(world: World) -> None:
    code, asked = recorded(world, *TOKEN)
    assert (code, {each.headers["authorization"] for each in asked}) == (0, {"Bearer good-token"})
    assert recorded(world, "--token", "another-token")[0] == 2


@effect("record resource")
def record_resource(world: World) -> None:
    for more, resource in (((), "https://default.logto.app/api"), (("--resource", "https://x.example"),) * 2):
        form = parse_qs(recorded(world, *CLIENT, *more)[1][0].body.decode())
        assert form["resource"] == [more[1] if more else resource]


@effect("record token_url")
def record_token_url(world: World) -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.honest(Asked("POST", "/oidc/token", "", {})) if asked.path == "/sts" else answered

    deployment = Deployment(some_logs(3), mend=mend)
    with serving(deployment) as url:
        assert world.run("record", url, *CLIENT, "--token-url", f"{url}/sts")[0] == 0
    assert deployment.asked[0].path == "/sts"


@effect("record proxy")
def record_proxy(world: World) -> None:
    with proxying() as proxy, serving(Deployment(some_logs(3))) as url:
        assert world.run("record", url, *TOKEN, "--proxy", proxy.url)[0] == 0
    assert proxy.lines[0].startswith(f"GET {url}/api/logs")


@effect("record ca_file", "record client_cert")
def record_certificates(world: World) -> None:
    authority = ("--ca-file", str(world.files / "ca.pem"))
    client = ("--client-cert", str(world.files / "client.pem"))
    with secure(world.files, demands=True) as url:
        codes = [
            world.run("record", url, *TOKEN, "--rate", "1000", *more)[0]
            for more in (client, authority, authority + client)
        ]
    assert codes == [2, 2, 0]


@effect("record insecure_http")
def record_insecure_http(world: World) -> None:
    target = ("record", "http://no-such-host.invalid", *TOKEN)
    assert "--insecure-http" in world.run(*target)[2]
    assert "no address for that host" in world.run(*target, "--insecure-http")[2]


@effect("record rate")
def record_rate(world: World) -> None:
    slept: list[float] = []
    world.patch.setattr(WallClock, "sleep", staticmethod(slept.append))
    for rate, is_slow in (("1", True), ("100000", False)):
        slept.clear()
        recorded(world, *TOKEN, "--rate", rate, count=250)
        assert (sum(slept) > 0.5) is is_slow


@effect("validate private")
def validate_private(world: World) -> None:
    log = {"id": "a", "tenantId": "t", "key": "Unknown", "createdAt": 1}
    payload = {"key": "Unknown", "result": "Success", "ip": "8.8.8.8"}
    file = world.written("logs.json", json.dumps([log | {"payload": payload}]))
    assert [world.run("validate", *more, file)[0] for more in ((), ("--private",))] == [0, 1]


CHOSEN = "tests/cli/test_record.py::test_filters_a_count_and_a_moment_choose_logs"
SAVED = "tests/cli/test_record.py::test_what_a_browser_saved_comes_home_and_can_be_served"
FETCHED = "tests/cli/test_record.py::test_a_token_is_fetched_for_an_application"
EFFECTS.update({f"record {name}": CHOSEN for name in ("output", "count", "since")})
EFFECTS.update({"record shift": SAVED, "record key": SAVED})
EFFECTS.update({"record client_id": FETCHED, "record client_secret": FETCHED})
