"""Every option of every command has an effect where it is meant to have one: at the target, in a file, on the wire.

``EFFECTS`` has a row for each option: a function of this file that looks at the effect, or the test that does.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from mockserver.edge import reload
from mockserver.edge.server import Server
from tests.cli.conftest import Run
from tests.cli.test_options import OPTIONS
from tests.conftest import FIXTURES
from tests.judge.test_route import files, secure
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.samples import some_logs
from tests.support.wire import request, until

__all__ = ["files"]
TOKEN = [("Authorization", "Bearer dev-token")]
Ask = Callable[..., Any]


class World:
    """What the effect of an option is looked at with."""

    def __init__(self, run: Run, patch: pytest.MonkeyPatch, tmp: Path, files: Path) -> None:
        self.run = run
        self.patch = patch
        self.tmp = tmp
        self.files = files

    def served(self, *arguments: str, act: Callable[[Server, Any], Any], code: int = 0) -> Any:
        """Runs ``serve`` in this process, on a real port; returns what ``act`` finds while it serves."""
        found: list[Any] = []

        def serve_forever(server: Server, ready: Ask, loaded: Ask, beside: Ask) -> None:
            with server:
                ready()
                found.append(act(server, beside))

        self.patch.setattr(Server, "serve_forever", serve_forever)
        assert self.run("serve", "--port", "0", *arguments)[0] == code
        return found[0] if found else None

    def asked(self, *arguments: str, target: str = "/api/logs", token: Any = TOKEN) -> Any:
        """The answer of a server with these options to one request."""
        return self.served(*arguments, act=lambda server, beside: request(server.port, target, token))

    def checked(self, *arguments: str, depth: str = "quick", **given: Any) -> tuple[int, str, list[Asked]]:
        """Runs ``check`` on a deployment: its exit code, its output, and what was asked."""
        deployment = Deployment(some_logs(30), **given)
        with serving(deployment) as url:
            code, out, _ = self.run("check", url, "--depth", depth, *arguments)
        return code, out, deployment.asked

    def written(self, name: str, text: str) -> str:
        (self.tmp / name).write_text(text, "utf-8")
        return str(self.tmp / name)


@pytest.fixture
def world(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: Path) -> Iterator[World]:
    threshold, handlers = gc.get_threshold(), logging.getLogger("mockserver").handlers[:]
    yield World(run, monkeypatch, tmp_path, files)
    gc.set_threshold(*threshold)
    logging.getLogger("mockserver").handlers[:] = handlers


KEY = "Interaction.Create"
LOG = {"id": "a", "tenantId": "t", "key": KEY, "createdAt": 1, "payload": {"key": KEY, "result": "Success"}}


def serve_host(world: World) -> None:
    assert world.served("--host", "0.0.0.0", act=lambda server, beside: server.host) == "0.0.0.0"
    assert world.served(act=lambda server, beside: server.host) == "127.0.0.1"


def serve_logs(world: World) -> None:
    assert world.asked("--logs", world.written("one.json", json.dumps([LOG]))).header("total-number") == "1"
    assert world.asked().header("total-number") == "1000"


def serve_profile(world: World) -> None:
    large = "/api/logs?page_size=101"
    assert world.asked("--profile", "observed", target=large).status == 400
    assert world.asked(target=large).status == 200


def serve_now(world: World) -> None:
    newest = world.asked("--now", "2020-01-02").json()[0]["createdAt"]
    assert 1577836800000 < newest <= 1577923200000


def serve_growth(world: World) -> None:
    def act(server: Server, beside: Any) -> None:
        until(lambda: int(request(server.port, "/api/logs", TOKEN).header("total-number") or 0) > 1020)

    world.served("--growth", "500", "--now", "live", act=act)


def serve_auth(world: World) -> None:
    statuses = [world.asked("--auth", mode, token=[]).status for mode in ("tokens", "any", "off")]
    any_token = [("Authorization", "Bearer anything")]
    assert [*statuses, world.asked("--auth", "any", token=any_token).status] == [401, 401, 200, 200]


def serve_link_base(world: World) -> None:
    def first(*arguments: str) -> str:
        return str(world.asked(*arguments).links()["first"]).partition("?")[0].partition("//")[2].partition("/")[2]

    assert (first("--link-base", "api"), first("--link-base", "observed")) == ("api/logs", "logs")
    assert first("--link-base", "api", "--profile", "observed") == "api/logs"


def serve_allow_invalid(world: World) -> None:
    bad = ("--logs", world.written("bad.json", json.dumps([LOG | {"payload": {}}])), "--profile", "observed")
    assert world.asked(*bad, "--allow-invalid").status == 500
    world.served(*bad, act=lambda server, beside: None, code=2)


def serve_base_url(world: World) -> None:
    link = world.asked("--base-url", "https://mock.example.com/x").links()["first"]
    assert link.startswith("https://mock.example.com/x/api/logs?")


def serve_trusted_proxy(world: World) -> None:
    said = [*TOKEN, ("X-Forwarded-Host", "mock.example.com")]
    assert "//mock.example.com/" in world.asked("--trusted-proxy", token=said).links()["first"]
    assert "example" not in world.asked(token=said).links()["first"]


def serve_faults(world: World) -> None:
    rules = ("--fault", "status:code=418,times=1", "--fault", "status:code=503,times=1")

    def act(server: Server, beside: Any) -> list[int]:
        return [request(server.port, "/api/logs", TOKEN).status for _ in range(3)]

    assert world.served(*rules, act=act) == [418, 503, 200]


def serve_seed(world: World) -> None:
    def fates(*seed: str) -> Any:
        rule = ("--fault", "status:code=503,rate=0.5")
        return world.served(
            *rule,
            *seed,
            act=lambda server, beside: [request(server.port, "/api/logs", TOKEN).status for _ in range(20)],
        )

    assert fates("--seed", "1") == fates("--seed", "1") != fates("--seed", "2")


def serve_admin_token(world: World) -> None:
    def act(server: Server, beside: Any) -> list[int]:
        tokens = ("Bearer secret-admin-token", "Bearer other")
        return [request(server.port, "/__admin/settings", [("Authorization", token)]).status for token in tokens]

    assert world.served("--admin-token", "secret-admin-token", act=act) == [200, 401]
    assert world.served(act=act) == [200, 200]


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


def generate_output(world: World) -> None:
    code, out, _ = world.run("generate", "faker:count=3", "-o", str(world.tmp / "three.jsonl"))
    assert (code, out, len((world.tmp / "three.jsonl").read_text().splitlines())) == (0, "", 3)


def generated(world: World, *arguments: str) -> list[Any]:
    return [json.loads(line) for line in world.run("generate", "faker:count=5", *arguments)[1].splitlines()]


def generate_format(world: World) -> None:
    assert json.loads(world.run("generate", "faker:count=5", "--format", "json")[1]) == generated(world)


def generate_now(world: World) -> None:
    assert 1577836800000 < generated(world, "--now", "2020-01-02")[0]["createdAt"] <= 1577923200000


def generate_skip(world: World) -> None:
    assert generated(world, "--skip", "2") == generated(world)[2:]


def parts(world: World, *arguments: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The header, the claims and the signature of a printed token."""
    header, claims, signature = world.run("token", *arguments)[1].strip().split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]
    return decoded[0], decoded[1], signature


def token_header(world: World) -> None:
    assert "typ" in parts(world)[0]
    header = parts(world, "--header", 'kid="x"', "--header", "typ=null")[0]
    assert (header["kid"], "typ" in header) == ("x", False)


def token_sign(world: World) -> None:
    signed = {how: parts(world, "--sign", how)[0]["alg"] for how in ("es384", "hs256", "none", "other-key")}
    assert signed == {"es384": "ES384", "hs256": "HS256", "none": "none", "other-key": "ES384"}
    assert parts(world, "--sign", "none")[2] == ""


def token_tamper(world: World) -> None:
    """A token that is served to the mock is refused, whichever part was changed."""
    honest, *changed = (world.run("token", *more)[1].strip() for more in ((), *(("--tamper", p) for p in PARTS)))
    assert [request_with(world, token) for token in (honest, *changed)] == [200, 401, 401]
    assert honest.split(".")[0] == changed[0].split(".")[0] == changed[1].split(".")[0]


PARTS = ("signature", "payload")


def request_with(world: World, token: str) -> int:
    return int(world.asked(token=[("Authorization", f"Bearer {token}")]).status)


def authorizations(asked: list[Asked]) -> set[str]:
    return {each.headers.get("authorization", "") for each in asked}


def check_token(world: World) -> None:
    code, _, asked = world.checked("--token", "good-token")
    assert code == 0
    assert "Bearer good-token" in authorizations(asked)


CLIENT = ("--client-id", "me", "--client-secret", "hush-hush")


def check_client(world: World) -> None:
    _, _, asked = world.checked(*CLIENT)
    assert (asked[0].method, asked[0].path) == ("POST", "/oidc/token")
    assert asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"me:hush-hush").decode()
    assert "Bearer fetched-token" in authorizations(asked)


def check_resource(world: World) -> None:
    for arguments, resource in (((), "https://default.logto.app/api"), (("--resource", "https://x.example"),) * 2):
        form = parse_qs(world.checked(*CLIENT, *arguments)[2][0].body.decode())
        assert form["resource"] == [arguments[1] if arguments else resource]


def check_token_url(world: World) -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return deployment.honest(Asked("POST", "/oidc/token", "", {})) if asked.path == "/sts" else answered

    deployment = Deployment(some_logs(30), mend=mend)
    with serving(deployment) as url:
        world.run("check", url, *CLIENT, "--depth", "quick", "--token-url", f"{url}/sts")
    assert deployment.asked[0].path == "/sts"


def check_forbidden_token(world: World) -> None:
    arguments = ("--token", "good-token", "--forbidden-token", "poor-token")
    assert "Bearer poor-token" in authorizations(world.checked(*arguments)[2])
    assert "Bearer poor-token" not in authorizations(world.checked(*arguments[:2])[2])


def check_depth(world: World) -> None:
    quick, full = (len(world.checked("--token", "good-token", depth=depth)[2]) for depth in ("quick", "full"))
    assert quick < 150 < 2 * quick < full


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


def check_seed(world: World) -> None:
    """``tests/judge/test_generator.py`` shows what Schemathesis makes of a seed."""
    seeds: list[int] = []
    world.patch.setattr("mockserver.judge.generator.generate", lambda ask, seed, seconds: seeds.append(seed))
    for more in ((), ("--seed", "7")):
        world.checked("--token", "good-token", "--only", "json", *more, depth="fuzz")
    assert seeds == [0, 7]


def check_max_requests(world: World) -> None:
    _, out, asked = world.checked("--token", "good-token", "--max-requests", "25")
    assert len(asked) == 25
    assert "25 requests are used up" in out


def check_max_seconds(world: World) -> None:
    _, out, asked = world.checked("--token", "good-token", "--max-seconds", "0.001")
    assert len(asked) < 5
    assert "0.001 seconds are used up" in out


def check_rate(world: World) -> None:
    """One request a second, for less than a second."""
    _, out, asked = world.checked("--token", "good-token", "--rate", "1", "--max-seconds", "0.5")
    assert len(asked) == 1
    assert "0.5 seconds are used up" in out


def check_ca_file(world: World) -> None:
    with secure(world.files) as url:
        codes = [
            world.run("check", url, "--token", "good-token", "--depth", "quick", "--max-requests", "5", *more)[1]
            for more in (("--ca-file", str(world.files / "ca.pem")), ())
        ]
    assert ["a TLS failure" in out for out in codes] == [False, True]


def check_client_cert(world: World) -> None:
    trusted = ("--ca-file", str(world.files / "ca.pem"), "--max-requests", "5")
    with secure(world.files, demands=True) as url:
        codes = [
            world.run("check", url, "--token", "good-token", "--depth", "quick", *trusted, *more)[1]
            for more in (("--client-cert", str(world.files / "client.pem")), ())
        ]
    assert ["5 requests are used up" in out for out in codes] == [True, False]


def check_keep_bodies(world: World) -> None:
    for more, kept in (((), False), (("--keep-bodies",), True)):
        arguments = ("--token", "good-token", "--report", str(world.tmp / "report"), *more)
        assert world.checked(*arguments, content_type="text/plain")[0] == 1
        findings = json.loads((world.tmp / "report" / "report.json").read_text())["findings"]
        assert any("body" in json.dumps(finding) and "createdAt" in json.dumps(finding) for finding in findings) is kept


def check_insecure_http(world: World) -> None:
    code, _, errors = world.run("check", "http://no-such-host.invalid", "--token", "t")
    assert (code, "--insecure-http" in errors) == (2, True)
    code, out, _ = world.run("check", "http://no-such-host.invalid", "--token", "t", "--insecure-http")
    assert (code, "no address for that host" in out) == (2, True)


def self_test_only(world: World) -> None:
    rows = world.run("self-test", "--depth", "quick", "--only", "login-page")[1].splitlines()
    assert [row.split(" | ")[0] for row in rows if row.startswith("| ")] == ["| offence", "| (none)", "| login-page"]


CONFIGS = {
    "serve": 'auth = "off"',
    "generate": 'format = "json"',
    "token": 'scope = "from the file"',
    "check": 'only = ["no-such-check"]',
    "health": "port = 1",
    "self-test": 'only = ["no-such-offence"]',
}


def config(world: World) -> None:
    """Each command reads its table."""
    text = "\n".join(f"[{name}]\n{line}" for name, line in CONFIGS.items())
    given = ("--config", world.written("own.toml", text))
    assert world.asked(*given, token=[]).status == 200
    assert world.run("generate", "faker:count=1", *given)[1].startswith("[\n{")
    assert parts(world, *given)[1]["scope"] == "from the file"
    assert "no-such-check" in world.run("check", "http://localhost:1", *given)[2]
    assert "http://127.0.0.1:1 does not answer" in world.run("health", *given)[2]
    assert "no-such-offence" in world.run("self-test", *given)[2]


CI = "tests/cli/test_check_ci.py"
CHECK = "tests/cli/test_check.py"
HEALTH = "tests/cli/test_health.py"
SERVE = "tests/cli/test_serve.py"
OWN_CERTIFICATE = f"{SERVE}::test_a_certificate_of_ones_own_is_served"
CLAIMS = "tests/cli/test_token.py::test_the_token_alone_is_printed_and_has_the_claims_of_the_options"
FINDING = f"{CHECK}::test_a_finding_exits_1_and_reports_are_written"
SELECTED = f"{CHECK}::test_checks_are_selected_by_name"
EFFECTS: dict[str, Callable[[World], None] | str] = {
    "serve port": f"{SERVE}::test_options_are_read_from_the_environment_and_quiet_prints_nothing",
    "serve host": serve_host,
    "serve logs": serve_logs,
    "serve profile": serve_profile,
    "serve now": serve_now,
    "serve growth": serve_growth,
    "serve auth": serve_auth,
    "serve link_base": serve_link_base,
    "serve allow_invalid": serve_allow_invalid,
    "serve base_url": serve_base_url,
    "serve trusted_proxy": serve_trusted_proxy,
    "serve faults": serve_faults,
    "serve seed": serve_seed,
    "serve admin_token": serve_admin_token,
    "serve tls": f"{SERVE}::test_with_tls_the_curl_line_trusts_the_certificate_that_is_named",
    "serve tls_cert": OWN_CERTIFICATE,
    "serve tls_key": OWN_CERTIFICATE,
    "serve log": f"{SERVE}::test_with_json_every_line_is_json",
    "serve reload": serve_reload,
    "serve quiet": f"{SERVE}::test_options_are_read_from_the_environment_and_quiet_prints_nothing",
    "generate output": generate_output,
    "generate format": generate_format,
    "generate now": generate_now,
    "generate skip": generate_skip,
    "token scope": CLAIMS,
    "token issuer": CLAIMS,
    "token expires_in": CLAIMS,
    "token claim": CLAIMS,
    "token drop": CLAIMS,
    "token header": token_header,
    "token sign": token_sign,
    "token tamper": token_tamper,
    "check token": check_token,
    "check client_id": check_client,
    "check client_secret": check_client,
    "check token_url": check_token_url,
    "check resource": check_resource,
    "check forbidden_token": check_forbidden_token,
    "check depth": check_depth,
    "check profile": check_profile,
    "check known": f"{CHECK}::test_known_deviations_come_from_a_file",
    "check accept": f"{CI}::test_accepted_findings_fail_no_run_and_news_do",
    "check strict": f"{CHECK}::test_senseless_findings_fail_a_strict_run_only",
    "check only": SELECTED,
    "check skip": SELECTED,
    "check seed": check_seed,
    "check max_requests": check_max_requests,
    "check max_seconds": check_max_seconds,
    "check rate": check_rate,
    "check wait": f"{CI}::test_a_run_waits_for_a_deployment_that_is_coming_up",
    "check proxy": f"{CI}::test_target_and_token_endpoint_are_asked_through_the_proxy_whose_password_nobody_sees",
    "check ca_file": check_ca_file,
    "check client_cert": check_client_cert,
    "check report": FINDING,
    "check keep_bodies": check_keep_bodies,
    "check github": FINDING,
    "check unsafe": f"{CHECK}::test_unsafe_sends_other_methods",
    "check insecure_http": check_insecure_http,
    "health port": f"{HEALTH}::test_a_mock_is_found_on_the_port_of_the_environment_and_no_proxy_is_asked",
    "self-test only": self_test_only,
    "self-test depth": "tests/cli/test_self_test.py::test_the_command_prints_a_table_and_what_was_missed",
    **{f"{name} config": config for name in CONFIGS},
}
LOOKS = list(dict.fromkeys(look for look in EFFECTS.values() if not isinstance(look, str)))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_an_option_has_its_effect(look: Callable[[World], None], world: World) -> None:
    look(world)


def test_somebody_looks_at_the_effect_of_every_option() -> None:
    assert EFFECTS.keys() == {f"{command} {option.name}" for command, option in OPTIONS}
    for look in EFFECTS.values():
        if isinstance(look, str):
            file, _, name = look.partition("::")
            assert f"def {name}(" in (FIXTURES.parent / file).read_text("utf-8")
