"""``mockserver check`` in the world of CI: proxies, deployments that come up, findings that are accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from mockserver.cli import group
from mockserver.contract.errors import MockserverError
from mockserver.judge import target
from mockserver.judge.known import known_deviations
from mockserver.judge.route import address
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import TestClock
from tests.support.proxy import proxying


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(group, ["check", *arguments, "--depth", "quick"])


def test_target_and_token_endpoint_are_asked_through_the_proxy_whose_password_nobody_sees(
    url: str, deployment: Deployment, tmp_path: Path
) -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(200, raw=b"open sesame, or b3BlbiBzZXNhbWU=")

    with proxying() as proxy:
        given = proxy.url.replace("//", "//joe:open%20sesame@")
        result = run(url, "--client-id", "me", MOCKSERVER_CLIENT_SECRET="hush-hush", MOCKSERVER_PROXY=given)
        deployment.mend = mend
        broken = run(url, "--proxy", given, "--token", "t", "--keep-bodies", "--report", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert proxy.lines[0] == f"POST {url}/oidc/token"
    assert proxy.lines[1] == f"GET {url}/api/logs"
    assert broken.exit_code in (1, 2)
    reports = "".join(file.read_text() for file in tmp_path.iterdir())
    assert "$PROXY_PASSWORD, or $PROXY_PASSWORD" in reports
    assert not [text for text in ("sesame", "b3BlbiBzZXNhbWU") if text in result.output + broken.output + reports]


@pytest.mark.parametrize(
    ("arguments", "environment", "shown"),
    [
        (("--token", "good-token"), {"MOCKSERVER_CLIENT_ID": "me", "MOCKSERVER_CLIENT_SECRET": "s"}, ["GET"]),
        (
            ("--client-id", "me"),
            {"MOCKSERVER_TOKEN": "other", "MOCKSERVER_CLIENT_SECRET": "hush-hush"},
            ["POST", "GET"],
        ),
    ],
)
def test_credentials_on_the_command_line_win_over_the_environment(
    url: str, deployment: Deployment, arguments: tuple[str, ...], environment: dict[str, str], shown: list[str]
) -> None:
    assert run(url, *arguments, **environment).exit_code == 0
    assert [asked.method for asked in deployment.asked[: len(shown)]] == shown


def test_two_kinds_of_credentials_from_one_place_are_an_error(url: str) -> None:
    result = run(url, "--token", "t", "--client-id", "me", MOCKSERVER_CLIENT_SECRET="s")
    assert isinstance(result.exception, MockserverError)
    assert result.exception.found == "another combination"


def test_a_run_waits_for_a_deployment_that_is_coming_up(
    url: str, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "PAUSE", 0.001)
    statuses = [502, 503, 504]

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(statuses.pop(0)) if statuses else answered

    deployment.mend = mend
    result = run(url, "--token", "good-token", "--wait", "60")
    assert (result.exit_code, statuses) == (0, []), result.output
    assert not [asked for asked in deployment.asked[:4] if "authorization" in asked.headers]


def test_waiting_ends_when_its_time_is_over() -> None:
    clock, somewhere = TestClock(), address("http://127.0.0.1:1/api/logs")
    target.wait([somewhere, somewhere], 3.2, clock)
    assert clock.moment == 3.2
    target.wait([somewhere], 0, clock)
    assert clock.moment == 3.2


def plain_text(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    if answered.status == 200:
        answered.headers["Content-Type"] = "text/plain"
    return answered


def capped(least: int, secret: str = "") -> object:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        sizes = [int(value) for name, value in asked.pairs if name == "page_size" and value.isdecimal()]
        if answered.status == 200 and any(size >= least for size in sizes):
            return Answered(400, {"code": f"too.large{secret}"}, {"Content-Type": "application/json"})
        return answered

    return mend


def test_accepted_findings_fail_no_run_and_news_do(url: str, deployment: Deployment, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    arguments = (url, "--token", "good-token")
    deployment.mend = capped(101)  # type: ignore[assignment]  # it is one
    first = run(*arguments, "--accept", str(known))
    assert first.exit_code == 1
    assert first.output.endswith(f" accepted, as {known} says from now on\n")
    assert run(*arguments, "--known", str(known)).exit_code == 0
    before = known.read_text()
    assert run(*arguments, "--accept", str(known)).exit_code == 0
    assert known.read_text() == before
    deployment.mend = capped(1)  # type: ignore[assignment]  # it is one
    assert run(*arguments, "--known", str(known)).exit_code == 1


def test_findings_are_added_to_those_that_a_file_has(url: str, deployment: Deployment, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("# Ours.\n- id: mine\n  check: json\n  reason: We know.")
    deployment.mend = plain_text
    assert run(url, "--token", "good-token", "--accept", str(known)).exit_code == 1
    assert known.read_text().startswith("# Ours.\n- id: mine\n  check: json\n  reason: We know.\n- {")
    assert {entry["id"] for entry in yaml.safe_load(known.read_text())} == {"mine", "content-type"}
    assert len(known_deviations("", known)) == 2


def test_where_nothing_is_found_the_file_accepts_nothing(url: str, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    for _ in range(2):
        assert run(url, "--token", "good-token", "--accept", str(known)).exit_code == 0
    assert known.read_text() == "[]\n"


def test_where_nothing_is_found_a_file_stays_as_it_is(url: str, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("# Ours.\n[]\n")
    assert run(url, "--token", "good-token", "--accept", str(known)).exit_code == 0
    assert known.read_text() == "# Ours.\n[]\n"


@pytest.mark.parametrize("text", ["[]\n", "[ ]", "--- []\n", "# Ours.\n[]\n"])
def test_the_first_findings_replace_an_empty_list_and_comments_stay(
    url: str, deployment: Deployment, tmp_path: Path, text: str
) -> None:
    known = tmp_path / "known.yaml"
    known.write_text(text)
    deployment.mend = plain_text
    arguments = (url, "--token", "good-token", "--accept", str(known))
    assert run(*arguments).exit_code == 1
    assert [entry["id"] for entry in yaml.safe_load(known.read_text())] == ["content-type"]
    assert ("# Ours." in known.read_text()) is ("# Ours." in text)
    assert run(*arguments).exit_code == 0


@pytest.mark.parametrize("text", ["", "\n", "# Ours.\n"])
def test_a_file_without_a_list_is_refused_before_the_first_request_and_stays_as_it_is(
    url: str, deployment: Deployment, tmp_path: Path, text: str
) -> None:
    known = tmp_path / "known.yaml"
    known.write_text(text)
    result = run(url, "--token", "good-token", "--accept", str(known))
    assert isinstance(result.exception, MockserverError)
    assert result.exception.expected.startswith("a list of deviations")
    assert known.read_text() == text
    assert not deployment.asked


def test_no_secret_gets_into_the_file(url: str, deployment: Deployment, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    deployment.mend = capped(101, "good-token")  # type: ignore[assignment]  # it is one
    assert run(url, "--token", "good-token", "--accept", str(known)).exit_code == 1
    assert "good-token" not in known.read_text()


@pytest.mark.parametrize(
    ("text", "found"), [("[{id: a, check: json, reason: b}]\n", "yaml that no"), (None, "no such")]
)
def test_a_file_that_nothing_can_be_added_to_stays_as_it_is(
    url: str, deployment: Deployment, tmp_path: Path, text: str | None, found: str
) -> None:
    known = tmp_path / "known.yaml" if text else tmp_path / "absent" / "known.yaml"
    if text:
        known.write_text(text)
    deployment.mend = plain_text
    result = run(url, "--token", "good-token", "--accept", str(known))
    assert "content-type" in result.output
    assert isinstance(result.exception, MockserverError)
    assert result.exception.found.startswith(found)
    assert not text or known.read_text() == text


def test_accepted_findings_keep_the_published_schema(url: str, deployment: Deployment, tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    deployment.mend = plain_text
    run(url, "--token", "good-token", "--accept", str(known))
    (entry,) = [json.loads(line.removeprefix("- ")) for line in known.read_text().splitlines()]
    assert entry["answer"] == {"status": 200, "code": "", "content_type": "text/plain", "subject": ""}
    assert entry["when"] == "method = GET"
