"""Probes as values, and the curl lines that repeat them: these are run, by a shell, against a deployment."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.judge.probe import NEAR_MISSES, PLAIN, NearMiss, Probe, Value, Variable, asking
from tests.support.deployment import Deployment, serving
from tests.support.samples import some_logs

SHELL = shutil.which("bash") or "/bin/sh"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "MOCKSERVER_TOKEN": "good-token"}


def run(command: str) -> str:
    done = subprocess.run([SHELL, "-c", command], env=ENVIRONMENT, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("miss", NEAR_MISSES, ids=lambda miss: miss.name)
@pytest.mark.parametrize("text", ["user00000012", "aBcDz"])
def test_a_shell_changes_a_value_as_the_judge_does(miss: NearMiss, text: str) -> None:
    changed = miss.of(Value(text, Variable("V", "", ()), "$V"))
    assert run(f'V={text}; printf %s "{changed.shell}"') == changed.text == miss.change(text)


@pytest.mark.parametrize(
    "probe",
    [
        PLAIN,
        asking(page=2, page_size=5, logKey="Interaction.Create"),
        asking(logKey='it\'s 100% "odd" & $HOME `x` \\ é😀'),
        replace(PLAIN, raw="page=1&&userId=%zz"),
        replace(asking(page=2), bearer="none"),
        PLAIN.under(Accept_Language="de", Origin="https://a.example.com"),
        PLAIN.under(X_Empty=""),
        replace(PLAIN, method="HEAD"),
        replace(PLAIN, method="POST", body=b'{"a": "it\'s"}'),
        replace(PLAIN, item=some_logs(3)[1]["id"]),
    ],
    ids=lambda probe: probe.query or probe.method,
)
def test_a_curl_line_repeats_the_request(probe: Probe) -> None:
    deployment = Deployment()
    with serving(deployment) as url:
        run(probe.curl(f"{url}/api/logs"))
    (asked,) = deployment.asked
    assert (asked.method, asked.query) == (probe.method, probe.query)
    assert asked.path == "/api/logs" + (f"/{probe.item}" if probe.item else "")
    assert asked.headers.get("authorization") == ("Bearer good-token" if probe.bearer == "token" else None)
    for name, value in probe.headers:
        assert asked.headers[name.lower()] == value.text


def test_a_curl_line_finds_a_personal_value_again_instead_of_telling_it() -> None:
    source = Variable("USER_1", "page_size=100", (3, "payload", "userId"))
    user = some_logs(150)[3]["payload"]["userId"]
    half = NEAR_MISSES[0].of(Value(user, source, "$USER_1"))
    probe = asking(userId=half, page_size=5, applicationId=Value(user, source, "$USER_1"))
    deployment = Deployment()
    with serving(deployment) as url:
        line = probe.curl(f"{url}/api/logs")
        run(line)
    assert user not in line
    found, asked = deployment.asked
    assert found.query == "page_size=100"
    assert sorted(asked.pairs) == sorted([("page_size", "5"), ("userId", half.text), ("applicationId", user)])


@given(st.dictionaries(st.sampled_from(["userId", "logKey", "a b", "ü[]"]), st.text(st.characters(codec="utf-8"))))
def test_a_query_reads_back_as_its_parameters(values: dict[str, str]) -> None:
    probe = asking(**values)
    assert parse_qsl(probe.query, keep_blank_values=True) == probe.parameters == list(values.items())
    assert replace(PLAIN, raw=probe.query).parameters == probe.parameters


@given(st.text())
def test_a_raw_query_fits_a_request_line(raw: str) -> None:
    query = replace(PLAIN, raw=raw.encode(errors="replace").decode()).query
    assert query.isascii()
    assert query.isprintable()
    assert " " not in query


def test_a_value_tells_its_text_only_where_it_is_nobodys() -> None:
    assert Value("x y").quoted("a=") == "'a=x y'"
    assert Value("secret", Variable("V", "", ()), "${V}x").quoted("a=") == '"a=${V}x"'


def test_the_smaller_of_two_probes_has_less_to_read() -> None:
    assert PLAIN.size < asking(page=1).size < asking(page=1, page_size=1).size < asking(page=1, page_size=10).size
