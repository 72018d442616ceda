"""Discretion: whatever a run says, nothing of what must not be told is in it, in any form."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.http.secrets import spellings
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.samples import some_logs

TOKEN = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


def talkative(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Breaks nearly everything, and repeats all it knows: the token, and personal values, in headers and bodies."""
    shown = asked.headers.get("authorization", "").removeprefix("Bearer ")
    if shown != TOKEN:
        return Answered(403, {"code": f"no {shown}", "message": asked.query}, {"Content-Type": "application/json"})
    first = deployment.honest(replace(asked, headers={"authorization": "Bearer good-token"}))
    if first.status != 200 or not isinstance(first.body, list):
        return first
    encoded = base64.b64encode(f"token {shown}".encode()).decode()
    headers = first.headers | {
        "X-Echo": quote(shown, safe=""),
        "X-Encoded": encoded,
        "Content-Type": f"text/{shown[:30]}",
    }
    logs = [
        {**log, "payload": log["payload"] | {"error": 5, "result": log["payload"].get("userId", "none")}}
        for log in first.body
    ]
    return Answered(200, [*logs[1:], *deployment.logs[-3:]], headers)


@pytest.mark.parametrize("extra", [(), ("--keep-bodies",)])
def test_no_output_tells_a_token_an_address_a_user_or_an_agent(extra: tuple[str, ...], tmp_path: Path) -> None:
    deployment = Deployment(mend=talkative)
    summary = tmp_path / "summary.md"
    with serving(deployment) as url:
        arguments = [
            "check",
            url,
            "--depth",
            "full",
            "--report",
            str(tmp_path / "reports"),
            "--github",
            "--max-requests",
            "200",
            *extra,
        ]
        result = CliRunner(env={"MOCKSERVER_TOKEN": TOKEN, "GITHUB_STEP_SUMMARY": str(summary)}).invoke(
            group, arguments
        )
    assert result.exit_code == 1
    outputs = {path.name: path.read_text("utf-8") for path in (*(tmp_path / "reports").iterdir(), summary)}
    outputs["stdout"] = result.output
    assert len(outputs) == 5
    told = [log["payload"] for log in deployment.logs]
    hidden = {p[name] for p in told for name in ("ip", "userId", "userAgent") if name in p}
    hidden |= {TOKEN, *TOKEN.split(".")}
    for name, text in outputs.items():
        found = [value for value in hidden for spelling in spellings(value) if spelling in text]
        assert not found, f"{name} tells {found[0]}"


def test_what_was_hidden_can_be_found_again_by_whoever_may_see_it(tmp_path: Path) -> None:
    """A finding under a filter by a user says where that user stands in the logs."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        ignores = answered.status == 200 and "userId" in asked.query and isinstance(answered.body, list)
        return replace(answered, body=deployment.logs[:5]) if ignores else answered

    with serving(Deployment(mend=mend)) as url:
        arguments = ["check", url, "--token", "good-token", "--depth", "quick", "--report", str(tmp_path)]
        CliRunner().invoke(group, arguments)
    findings = json.loads((tmp_path / "report.json").read_text())["findings"]
    lines = [
        finding["curl"] for finding in findings if finding["check"] == "filter-inexact" or "USER" in finding["curl"]
    ]
    assert any('["payload"]["userId"]' in line and "--data-urlencode" in line for line in lines)


def test_kept_bodies_tell_nobody_also_where_they_are_no_array_of_logs(tmp_path: Path) -> None:
    """A list within an object, as many APIs have it."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return replace(answered, body={"data": {"logs": answered.body}}) if answered.body else answered

    deployment = Deployment(some_logs(230), mend=mend)
    with serving(deployment) as url:
        arguments = ["check", url, "--token", "good-token", "--depth", "full", "--keep-bodies", "--report"]
        assert CliRunner().invoke(group, [*arguments, str(tmp_path)]).exit_code == 1
    told = (tmp_path / "report.json").read_text("utf-8")
    assert "ADDRESS" in told
    hidden = {log["payload"][name] for log in deployment.logs for name in ("ip", "userAgent")}
    assert not [value for value in hidden if value in told]
