"""Every option of every command has an effect where it is meant to have one: at the target, in a file, on the wire.

``EFFECTS`` has a row for each option: a function that looks at the effect, or the test that does.
"""

from __future__ import annotations

import base64
import gc
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli import effects_of_check, effects_of_record, effects_of_serve
from tests.cli.conftest import Run
from tests.cli.test_options import OPTIONS
from tests.conftest import FIXTURES
from tests.judge.test_route import files
from tests.support.deployment import Deployment, serving
from tests.support.effects import EFFECTS, World, effect
from tests.support.samples import some_logs

__all__ = ["effects_of_check", "effects_of_record", "effects_of_serve", "files"]


@pytest.fixture
def world(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: Path) -> Iterator[World]:
    threshold, handlers = gc.get_threshold(), logging.getLogger("mockserver").handlers[:]
    yield World(run, monkeypatch, tmp_path, files)
    gc.set_threshold(*threshold)
    logging.getLogger("mockserver").handlers[:] = handlers


@effect("generate output")
def generate_output(world: World) -> None:
    code, out, _ = world.run("generate", "faker:count=3", "-o", str(world.tmp / "three.jsonl"))
    assert (code, out, len((world.tmp / "three.jsonl").read_text().splitlines())) == (0, "", 3)


def generated(world: World, *arguments: str) -> list[Any]:
    return [json.loads(line) for line in world.run("generate", "faker:count=5", *arguments)[1].splitlines()]


@effect("generate format")
def generate_format(world: World) -> None:
    assert json.loads(world.run("generate", "faker:count=5", "--format", "json")[1]) == generated(world)


@effect("generate now")
def generate_now(world: World) -> None:
    assert 1577836800000 < generated(world, "--now", "2020-01-02")[0]["createdAt"] <= 1577923200000


@effect("generate skip")
def generate_skip(world: World) -> None:
    assert generated(world, "--skip", "2") == generated(world)[2:]


def parts(world: World, *arguments: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The header, the claims and the signature of a printed token."""
    header, claims, signature = world.run("token", *arguments)[1].strip().split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]
    return decoded[0], decoded[1], signature


@effect("token header")
def token_header(world: World) -> None:
    assert "typ" in parts(world)[0]
    header = parts(world, "--header", 'kid="x"', "--header", "typ=null")[0]
    assert (header["kid"], "typ" in header) == ("x", False)


@effect("token sign")
def token_sign(world: World) -> None:
    signed = {how: parts(world, "--sign", how)[0]["alg"] for how in ("es384", "hs256", "none", "other-key")}
    assert signed == {"es384": "ES384", "hs256": "HS256", "none": "none", "other-key": "ES384"}
    assert parts(world, "--sign", "none")[2] == ""


@effect("token tamper")
def token_tamper(world: World) -> None:
    """A token that is served to the mock is refused, whichever part was changed."""
    honest, *changed = (world.run("token", *more)[1].strip() for more in ((), *(("--tamper", p) for p in PARTS)))
    assert [request_with(world, token) for token in (honest, *changed)] == [200, 401, 401]
    assert honest.split(".")[0] == changed[0].split(".")[0] == changed[1].split(".")[0]


PARTS = ("signature", "payload")


def request_with(world: World, token: str) -> int:
    return int(world.asked(token=[("Authorization", f"Bearer {token}")]).status)


@effect("self-test only")
def self_test_only(world: World) -> None:
    rows = world.run("self-test", "--depth", "quick", "--only", "login-page")[1].splitlines()
    assert [row.split(" | ")[0] for row in rows if row.startswith("| ")] == ["| offence", "| (none)", "| login-page"]


CONFIGS = {
    "serve": 'auth = "off"',
    "record": 'since = "no-such-moment"',
    "generate": 'format = "json"',
    "validate": "private = true",
    "token": 'scope = "from the file"',
    "check": 'only = ["no-such-check"]',
    "health": "port = 1",
    "self-test": 'only = ["no-such-offence"]',
    "record": "count = 1",
    "validate": "private = true",
}


@effect(*(f"{name} config" for name in CONFIGS))
def config(world: World) -> None:
    """Each command reads its table."""
    text = "\n".join(f"[{name}]\n{line}" for name, line in CONFIGS.items())
    given = ("--config", world.written("own.toml", text))
    assert world.asked(*given, token=[]).status == 200
    assert world.run("generate", "faker:count=1", *given)[1].startswith("[\n{")
    assert "no-such-moment" in world.run("record", "http://localhost:1", *given)[2]
    assert "hold no address" in world.run("validate", str(FIXTURES / "logs.jsonl"), *given)[1]
    assert parts(world, *given)[1]["scope"] == "from the file"
    assert "no-such-check" in world.run("check", "http://localhost:1", *given)[2]
    assert "http://127.0.0.1:1 does not answer" in world.run("health", *given)[2]
    assert "no-such-offence" in world.run("self-test", *given)[2]
    with serving(Deployment(some_logs(3))) as url:
        assert "1 logs" in world.run("record", url, "--token", "good-token", *given)[2]
    assert "and hold no address" in world.run("validate", world.written("none.json", "[]"), *given)[1]


CI = "tests/cli/test_check_ci.py"
CHECK = "tests/cli/test_check.py"
HEALTH = "tests/cli/test_health.py"
SERVE = "tests/cli/test_serve.py"
OWN_CERTIFICATE = f"{SERVE}::test_a_certificate_of_ones_own_is_served"
CLAIMS = "tests/cli/test_token.py::test_the_token_alone_is_printed_and_has_the_claims_of_the_options"
FINDING = f"{CHECK}::test_a_finding_exits_1_and_reports_are_written"
SELECTED = f"{CHECK}::test_checks_are_selected_by_name"
TRIED = "tests/cli/test_self_test.py::test_the_command_tries_a_sample_by_seed_or_all"
EFFECTS.update(
    {
        "serve port": f"{SERVE}::test_options_are_read_from_the_environment_and_quiet_prints_nothing",
        "serve tls": f"{SERVE}::test_with_tls_the_curl_line_trusts_the_certificate_that_is_named",
        "serve tls_cert": OWN_CERTIFICATE,
        "serve tls_key": OWN_CERTIFICATE,
        "serve log": f"{SERVE}::test_with_json_every_line_is_json",
        "serve quiet": f"{SERVE}::test_options_are_read_from_the_environment_and_quiet_prints_nothing",
        "token scope": CLAIMS,
        "token issuer": CLAIMS,
        "token expires_in": CLAIMS,
        "token claim": CLAIMS,
        "token drop": CLAIMS,
        "check known": f"{CHECK}::test_known_deviations_come_from_a_file",
        "check accept": f"{CI}::test_accepted_findings_fail_no_run_and_news_do",
        "check strict": f"{CHECK}::test_senseless_findings_fail_a_strict_run_only",
        "check only": SELECTED,
        "check skip": SELECTED,
        "check wait": f"{CI}::test_a_run_waits_for_a_deployment_that_is_coming_up",
        "check proxy": f"{CI}::test_target_and_token_endpoint_are_asked_through_the_proxy_whose_password_nobody_sees",
        "check report": FINDING,
        "check github": FINDING,
        "check unsafe": f"{CHECK}::test_unsafe_sends_other_methods",
        "health port": f"{HEALTH}::test_a_mock_is_found_on_the_port_of_the_environment_and_no_proxy_is_asked",
        "self-test depth": "tests/cli/test_self_test.py::test_the_command_prints_a_table_and_what_was_missed",
        "self-test seed": TRIED,
        "self-test every": TRIED,
    }
)
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
