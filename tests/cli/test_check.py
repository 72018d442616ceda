"""``mockserver check`` as its users run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import mockserver.judge
from mockserver.cli import group
from mockserver.cli.check import check
from mockserver.contract.errors import MockserverError
from mockserver.judge import limits
from tests.support.deployment import Answered, Asked, Deployment


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(group, ["check", *arguments])


def complaint(*arguments: str, **environment: str) -> str:
    """The error of a run that ends before its first request."""
    result = run(*arguments, **environment)
    assert isinstance(result.exception, MockserverError)
    return str(result.exception)


def test_a_kept_contract_exits_0_and_reports_how_much_was_judged(url: str) -> None:
    result = run(url, "--depth", "quick", MOCKSERVER_TOKEN="good-token", MOCKSERVER_FORBIDDEN_TOKEN="poor-token")
    assert result.exit_code == 0, result.output
    last = result.output.splitlines()[-1]
    assert last.startswith("Kept: 1 advice (150 logs and 14")
    assert "read-only: other methods are asked with --unsafe alone" in result.output


def test_no_depth_leaves_anything_in_the_working_directory(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mockserver", "check", url, "--depth", "fuzz", "--only", "content-type"]
    environment = os.environ | {"MOCKSERVER_TOKEN": "good-token", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "here").mkdir()
    subprocess.run(
        [*command, "--max-requests", "60"], cwd=tmp_path / "here", env=environment, timeout=60, capture_output=True
    )
    assert not list((tmp_path / "here").iterdir())
    assert (tmp_path / "cache" / "mockserver" / "hypothesis").is_dir()


def test_a_finding_exits_1_and_reports_are_written(url: str, deployment: Deployment, tmp_path: Path) -> None:
    deployment.content_type = "text/plain"
    summary = tmp_path / "summary.md"
    arguments = (
        url,
        "--token",
        "good-token",
        "--depth",
        "quick",
        "--report",
        str(tmp_path / "r"),
        "--github",
        "--keep-bodies",
    )
    result = run(*arguments, GITHUB_STEP_SUMMARY=str(summary))
    assert result.exit_code == 1
    assert "::error title=content-type::" in result.output
    assert "### Broken" in summary.read_text()
    assert json.loads((tmp_path / "r" / "report.json").read_text())["exit_code"] == 1


def test_annotations_need_no_summary_file(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert run(url, "--token", "wrong", "--github").exit_code == 2


def test_nothing_judged_exits_2(url: str) -> None:
    result = run(url, "--token", "wrong")
    assert (result.exit_code, result.output.count("Nothing could be judged: the token was refused")) == (2, 1)


def test_an_unusable_folder_for_reports_is_an_error_before_the_first_request(
    url: str, deployment: Deployment, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    result = run(url, "--token", "good-token", "--report", str(tmp_path / "file" / "reports"))
    assert isinstance(result.exception, MockserverError)
    assert result.exception.expected == "a folder to write reports into"
    assert not deployment.asked


def test_a_token_that_is_a_part_of_the_address_does_not_blot_out_the_address(url: str, deployment: Deployment) -> None:
    deployment.content_type = "text/plain"
    deployment.mend = lambda d, a, x: d.honest(Asked(a.method, a.path, a.query, {"authorization": "Bearer good-token"}))
    result = run(url, "--token", "logs", "--depth", "quick")
    assert result.exit_code == 1
    assert f"{url}/api/logs" in result.output
    assert "/api/$MOCKSERVER_TOKEN" not in result.output


def test_checks_are_selected_by_name(url: str, deployment: Deployment) -> None:
    deployment.content_type = "text/plain"
    arguments = (url, "--token", "good-token", "--depth", "quick")
    assert run(*arguments, "--skip", "content-type").exit_code == 0
    assert run(*arguments, "--only", "json").exit_code == 0
    assert run(*arguments, "--only", "content-type", "--only", "json").exit_code == 1


def test_senseless_findings_fail_a_strict_run_only(url: str, deployment: Deployment) -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(403) if answered.status == 401 else answered

    deployment.mend = mend
    arguments = (url, "--token", "good-token", "--depth", "quick")
    assert run(*arguments).exit_code == 1
    assert run(*arguments, "--no-strict").exit_code == 0


def test_known_deviations_come_from_a_file(url: str, deployment: Deployment, tmp_path: Path) -> None:
    deployment.content_type = "text/plain"
    file = tmp_path / "known.yaml"
    file.write_text("- {id: plain, check: content-type, answer: {content_type: text/plain}, reason: We know.}")
    result = run(url, "--token", "good-token", "--depth", "quick", "--known", str(file), "--profile", "observed")
    assert result.exit_code == 0
    assert "known as plain: We know." in result.output


def test_a_client_fetches_its_token(url: str, deployment: Deployment) -> None:
    result = run(url, "--client-id", "me", "--depth", "quick", MOCKSERVER_CLIENT_SECRET="hush-hush")
    assert result.exit_code == 0
    assert deployment.asked[0].path == "/oidc/token"
    assert "hush-hush" not in result.output


def test_a_client_fetches_its_token_from_another_url(url: str, deployment: Deployment) -> None:
    deployment.mend = lambda d, a, x: d.honest(Asked("POST", "/oidc/token", "", {})) if a.path == "/sts" else x
    arguments = (
        "--client-id",
        "me",
        "--client-secret",
        "hush",
        "--token-url",
        f"{url}/sts",
        "--resource",
        "https://x.example.com",
    )
    assert run(url, *arguments, "--depth", "quick").exit_code == 0
    assert deployment.asked[0].path == "/sts"


@pytest.mark.parametrize(
    "arguments",
    [("--client-id", "me"), ("--client-secret", "s"), ("--client-id", "me", "--client-secret", "s", "--token", "t")],
)
def test_half_a_credential_is_refused(arguments: tuple[str, ...]) -> None:
    assert "--client-id and --client-secret" in complaint("http://localhost:1", *arguments)


def test_a_token_is_not_sent_over_plain_http() -> None:
    assert "--insecure-http" in complaint("http://logs.example.com")
    far = (
        "https://logs.example.com",
        "--client-id",
        "a",
        "--client-secret",
        "b",
        "--token-url",
        "http://sts.example.com",
    )
    assert "--insecure-http" in complaint(*far)


def test_unsafe_is_given_twice_for_a_remote_target() -> None:
    told = (
        "unsafe: found --unsafe once, for logs.example.com, expected it twice; POST, PUT, PATCH and DELETE will be sent"
    )
    assert told in " ".join(complaint("https://logs.example.com", "--unsafe").split())
    twice = run("https://no-such-host.invalid", "--unsafe", "--unsafe")
    assert (twice.exit_code, "no address for that host" in twice.output) == (2, True)


def test_unsafe_sends_other_methods(url: str, deployment: Deployment) -> None:
    assert run(url, "--token", "good-token", "--depth", "quick", "--unsafe").exit_code == 0
    assert {"POST", "PUT", "PATCH", "DELETE"} <= {asked.method for asked in deployment.asked}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nowhere",), "expected a URL"),
        (("http://localhost:1", "--only", "shema"), "did you mean schema?"),
        (("http://localhost:1", "--skip", "x"), "expected one of"),
        (("http://localhost:1", "--max-requests", "0"), "at least 1"),
        (("http://localhost:1", "--rate", "-1"), "more than 0"),
        (("http://localhost:1", "--known", "/no/such/file"), "readable YAML file"),
    ],
)
def test_bad_usage_is_one_line(arguments: tuple[str, ...], expected: str) -> None:
    assert expected in complaint(*arguments)


def test_an_interrupted_run_does_not_look_like_a_finding(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mockserver.judge.run.Judge.run", interrupt)
    assert run(url, "--token", "x").exit_code == 130


def forget_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the judge be imported again, for this test alone: also the package knows it, by its attribute."""
    monkeypatch.setattr(mockserver, "judge", mockserver.judge)
    for name in [name for name in sys.modules if name.startswith(("mockserver.judge", "mockserver.cli.judging"))]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("package", ["schemathesis", "jinja2"])
def test_an_error_names_the_extra_to_install(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_judge(monkeypatch)
    monkeypatch.setitem(sys.modules, package, None)
    assert complaint("http://localhost:1").endswith("in a clone of the mock: pip install '.[check]'")


def test_another_missing_module_is_an_import_error(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_the_judge(monkeypatch)
    monkeypatch.setitem(sys.modules, "zlib", None)
    assert isinstance(run("http://localhost:1").exception, ModuleNotFoundError)


def test_every_option_is_also_read_from_the_environment() -> None:
    options = [p for p in check.params if p.param_type_name == "option" and p.name != "help"]
    assert all(str(p.envvar).startswith("MOCKSERVER_") for p in options)


def test_the_help_names_the_default_limits_of_each_depth() -> None:
    text = " ".join(CliRunner().invoke(group, ["check", "--help"]).output.split())
    assert ", ".join(map(str, limits.REQUESTS.values())) in text
    assert ", ".join(f"{seconds:g}" for seconds in limits.SECONDS.values()) in text
    assert f"default: ({limits.FAR_RATE:g}, on this machine no limit)" in text
