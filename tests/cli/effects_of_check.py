"""What options of ``check`` do, as a deployment sees it, or a reader of reports."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs

from tests.judge.test_route import secure
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.effects import World, effect
from tests.support.samples import some_logs


def authorizations(asked: list[Asked]) -> set[str]:
    return {each.headers.get("authorization", "") for each in asked}


@effect("check token")
def check_token(world: World) -> None:
    code, _, asked = world.checked("--token", "good-token")
    assert code == 0
    assert "Bearer good-token" in authorizations(asked)


CLIENT = ("--client-id", "me", "--client-secret", "hush-hush")


@effect("check client_id", "check client_secret")
def check_client(world: World) -> None:
    _, _, asked = world.checked(*CLIENT)
    assert (asked[0].method, asked[0].path) == ("POST", "/oidc/token")
    assert asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"me:hush-hush").decode()
    assert "Bearer fetched-token" in authorizations(asked)


@effect("check resource")
def check_resource(world: World) -> None:
    for arguments, resource in (((), "https://default.logto.app/api"), (("--resource", "https://x.example"),) * 2):
        form = parse_qs(world.checked(*CLIENT, *arguments)[2][0].body.decode())
        assert form["resource"] == [arguments[1] if arguments else resource]


@effect("check token_url")
def check_token_url(world: World) -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.honest(Asked("POST", "/oidc/token", "", {})) if asked.path == "/sts" else answered

    deployment = Deployment(some_logs(30), mend=mend)
    with serving(deployment) as url:
        world.run("check", url, *CLIENT, "--depth", "quick", "--token-url", f"{url}/sts")
    assert deployment.asked[0].path == "/sts"


@effect("check forbidden_token")
def check_forbidden_token(world: World) -> None:
    arguments = ("--token", "good-token", "--forbidden-token", "poor-token")
    assert "Bearer poor-token" in authorizations(world.checked(*arguments)[2])
    assert "Bearer poor-token" not in authorizations(world.checked(*arguments[:2])[2])


@effect("check depth")
def check_depth(world: World) -> None:
    quick, full = (len(world.checked("--token", "good-token", depth=depth)[2]) for depth in ("quick", "full"))
    assert quick < 150 < 2 * quick < full


@effect("check profile")
def check_profile(world: World) -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        sizes = [int(text) for name, text in asked.pairs if name == "page_size" and text.isdecimal()]
        is_capped = answered.status == 200 and any(size > 100 for size in sizes)
        code = {"code": "guard.invalid_pagination"}
        return Answered(400, code, {"Content-Type": "application/json"}) if is_capped else answered

    arguments = ("--token", "good-token", "--only", "valid-request-accepted")
    deployment = {"mend": mend}
    codes = [
        world.checked(*arguments, "--profile", name, depth="full", **deployment)[0]
        for name in ("documented", "observed")
    ]
    assert codes == [1, 0]


@effect("check seed")
def check_seed(world: World) -> None:
    """``tests/judge/test_generator.py`` shows what Schemathesis makes of a seed."""
    seeds: list[int] = []
    world.patch.setattr("mockserver.judge.generator.generate", lambda ask, seed, seconds: seeds.append(seed))
    for more in ((), ("--seed", "7")):
        world.checked("--token", "good-token", "--only", "json", *more, depth="fuzz")
    assert seeds == [0, 7]


@effect("check max_requests")
def check_max_requests(world: World) -> None:
    _, out, asked = world.checked("--token", "good-token", "--max-requests", "25")
    assert len(asked) == 25
    assert "25 requests are used up" in out


@effect("check max_seconds")
def check_max_seconds(world: World) -> None:
    _, out, asked = world.checked("--token", "good-token", "--max-seconds", "0.001")
    assert len(asked) < 5
    assert "0.001 seconds are used up" in out


@effect("check rate")
def check_rate(world: World) -> None:
    """One request a second, for less than a second."""
    _, out, asked = world.checked("--token", "good-token", "--rate", "1", "--max-seconds", "0.5")
    assert len(asked) == 1
    assert "0.5 seconds are used up" in out


@effect("check ca_file")
def check_ca_file(world: World) -> None:
    with secure(world.files) as url:
        codes = [
            world.run("check", url, "--token", "good-token", "--depth", "quick", "--max-requests", "5", *more)[1]
            for more in (("--ca-file", str(world.files / "ca.pem")), ())
        ]
    assert ["a TLS failure" in out for out in codes] == [False, True]


@effect("check client_cert")
def check_client_cert(world: World) -> None:
    trusted = ("--ca-file", str(world.files / "ca.pem"), "--max-requests", "5")
    with secure(world.files, demands=True) as url:
        codes = [
            world.run("check", url, "--token", "good-token", "--depth", "quick", *trusted, *more)[1]
            for more in (("--client-cert", str(world.files / "client.pem")), ())
        ]
    assert ["5 requests are used up" in out for out in codes] == [True, False]


@effect("check keep_bodies")
def check_keep_bodies(world: World) -> None:
    for more, kept in (((), False), (("--keep-bodies",), True)):
        arguments = ("--token", "good-token", "--report", str(world.tmp / "report"), *more)
        assert world.checked(*arguments, content_type="text/plain")[0] == 1
        findings = json.loads((world.tmp / "report" / "report.json").read_text())["findings"]
        assert any("body" in json.dumps(finding) and "createdAt" in json.dumps(finding) for finding in findings) is kept


@effect("check insecure_http")
def check_insecure_http(world: World) -> None:
    code, _, errors = world.run("check", "http://no-such-host.invalid", "--token", "t")
    assert (code, "--insecure-http" in errors) == (2, True)
    code, out, _ = world.run("check", "http://no-such-host.invalid", "--token", "t", "--insecure-http")
    assert (code, "no address for that host" in out) == (2, True)
