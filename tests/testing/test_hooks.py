"""The judge's checks in other runs: of plain Schemathesis by hooks, and of tests by ``PassiveJudge``."""

from __future__ import annotations

import copy
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
import requests
import schemathesis

from mockserver import hooks
from mockserver.contract.document import beside, contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode
from mockserver.contract.profile import ProfileName
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.judge.passive import PassiveJudge
from mockserver.mock.settings import Settings
from mockserver.testing.verdicts import known_deviations
from tests.support import tools
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.samples import a_log

GOOD = {"Authorization": "Bearer good-token"}


def exceeding(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    if answered.status == 200 and isinstance(answered.body, list):
        answered.body = deployment.logs[: len(answered.body) + 1]
    return answered


def st(url: str, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("st")), "run", str(beside("openapi.yaml")), "--url", url, *arguments]
    root = str(Path(hooks.__file__).parent.parent)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": root, "SCHEMATHESIS_HOOKS": "mockserver.hooks", **environment}
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=120)


def st_run(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    checks = ("--phases", "coverage", "--checks", "page-size-exceeded,invalid-request-refused")
    return st(url, folder, "-H", "Authorization: Bearer good-token", "--generation-database", "none", *checks)


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A folder with the configuration file that users copy."""
    shutil.copy(Path(__file__).parents[1] / "examples" / "schemathesis.toml", tmp_path)
    return tmp_path


@contextmanager
def mock(profile: str) -> Iterator[str]:
    with Server(create_app(Settings(logs="faker:count=100", profile=profile))) as server:  # type: ignore[arg-type]  # a name of one
        yield server.url


@pytest.mark.parametrize("profile", get_args(ProfileName))
def test_plain_schemathesis_finds_nothing_in_any_profile_that_it_knows(profile: str, configured: Path) -> None:
    with mock(profile) as url:
        done = st(url, configured, "--phases", "coverage", MOCKSERVER_TOKEN="dev-token", MOCKSERVER_PROFILE=profile)
    assert done.returncode == 0, done.stdout
    assert ("dropped by" in done.stdout) is (profile != "documented")


def test_the_checks_of_schemathesis_fail_for_a_deviation_that_is_not_known(configured: Path) -> None:
    with mock("observed") as url:
        done = st(url, configured, "--phases", "coverage", MOCKSERVER_TOKEN="dev-token")
        tools.tool("curl")
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip().startswith("curl ")]
        shell = {"MOCKSERVER_TOKEN": "dev-token", "PATH": os.environ["PATH"]}
        command = [tools.tool("bash"), "-c", " && echo && ".join(f"{line} -sS" for line in lines)]
        repeated = subprocess.run(command, env=shell, capture_output=True, text=True, timeout=30).stdout
    assert done.returncode == 1, done.stdout
    assert "Undocumented status code" in done.stdout
    assert "dev-token" not in done.stdout
    assert "entity.invalid_input" in repeated


def test_a_run_that_only_saw_refusals_fails(configured: Path) -> None:
    with mock("documented") as url:
        done = st(url, configured, "--phases", "fuzzing", "--max-examples", "3", MOCKSERVER_TOKEN="expired-token")
    assert done.returncode == 1, done.stdout
    assert "No log was seen, only [401]: give a token that sees logs." in done.stdout


def test_logs_are_missed_where_the_operation_was_asked_and_showed_none() -> None:
    check, listed, single = hooks.LogsSeen(), case(), case("/other")
    with serving(Deployment()) as url:
        check.after_response(None, single.call(base_url=url), single)  # type: ignore[arg-type]  # a check needs no context
        check.after_run(None)  # type: ignore[arg-type]  # a check needs no context
        check.after_response(None, listed.call(base_url=url), listed)  # type: ignore[arg-type]  # a check needs no context
        with pytest.raises(AssertionError, match=r"only \[401\]:"):
            check.after_run(None)  # type: ignore[arg-type]  # a check needs no context
        check.after_response(None, listed.call(base_url=url, headers=GOOD), listed)  # type: ignore[arg-type]  # a check needs no context
    check.after_run(None)  # type: ignore[arg-type]  # a check needs no context


def kept(failure: str, status: int, code: str = "", path: str = "/api/logs", method: str = "GET", **query: Any) -> bool:
    """Whether a failure of Schemathesis, named by its class, fails a run."""
    asked = case(path, query)
    asked.method = method
    request = requests.Request("GET", f"http://localhost{path}", params=query, headers=GOOD).prepare()
    kind = {"content-type": ["application/json"]}
    body = encode([{"id": 5}] if status == 200 else {"code": code})
    response = schemathesis.Response(status, kind, body, request, 0.1, verify=True)
    return hooks.filter_failure(schemathesis.HookContext(), type(failure, (Exception,), {})(), asked, response)


@pytest.mark.parametrize(("profile", "news"), [("documented", True), ("observed", False)])
def test_a_failure_of_schemathesis_is_dropped_where_the_deviation_is_known(
    profile: str, news: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "known", known_deviations(profile))
    cap = "guard.invalid_pagination"
    assert kept("RejectedPositiveData", 400, cap, page_size=101) is news
    assert kept("RejectedPositiveData", 400, cap, page_size=1)
    assert kept("UndefinedStatusCode", 422, "entity.invalid_input", page_size=0.5) is news
    assert kept("UndefinedStatusCode", 422, page_size=5)
    assert kept("ServerError", 500, page=0.5) is news
    assert kept("ServerError", 500)
    assert kept("IgnoredAuth", 400, cap, page_size=101)
    assert kept("RejectedPositiveData", 400, cap, path="/other", page_size=101)


def test_where_the_document_says_nothing_schemathesis_alone_fails_no_run() -> None:
    assert not kept("RejectedPositiveData", 400, userId="")
    # Whatever else the answer breaks has a check of its own.
    assert not kept("RejectedPositiveData", 400, "good-token", userId="")
    assert not kept("ServerError", 501, method="TRACE")
    assert kept("JsonSchemaError", 400, userId="")
    assert kept("JsonSchemaError", 200)


def test_a_curl_line_shows_every_token_but_the_configured_one() -> None:
    importlib.reload(hooks)
    listed = case("/api/logs", {"logKey": "a'b"})
    hooks.after_load_schema(schemathesis.HookContext(), listed.operation.schema)
    listed.operation.schema.config.update(headers={"Authorization": "Bearer good-token"})
    own = listed.as_curl_command(headers=GOOD, base_url="http://localhost")
    assert own == "curl -X GET -H \"Authorization: Bearer $MOCKSERVER_TOKEN\" 'http://localhost/api/logs?logKey=a%27b'"
    other = listed.as_curl_command(headers={"Authorization": "Bearer gue'ss", "X": "y"}, base_url="http://localhost")
    assert "-H 'Authorization: Bearer gue'\"'\"'ss' -H 'X: y'" in other
    assert "Authorization" not in listed.as_curl_command(base_url="http://localhost")


def test_plain_schemathesis_finds_a_break_that_no_schema_forbids(tmp_path: Path) -> None:
    with serving(Deployment(mend=exceeding)) as url:
        done = st_run(url, tmp_path)
    assert done.returncode == 1, done.stdout
    assert "page-size-exceeded (forbidden): page_size: Entries per page." in done.stdout


def test_plain_schemathesis_finds_nothing_on_an_honest_deployment(tmp_path: Path) -> None:
    with serving(Deployment()) as url:
        done = st_run(url, tmp_path)
    assert done.returncode == 0, done.stdout


def test_hooks_register_each_check_under_its_own_name() -> None:
    from schemathesis.checks import CHECKS

    assert {*hooks.HOOKED, "logs-seen"} <= set(CHECKS.get_all_names())
    assert "page-size-exceeded" in hooks.HOOKED
    assert not {"schema", "nosniff", "total-number", "read-only", "one-log"} & set(hooks.HOOKED)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_that_holds_logs_fails_a_run_of_plain_schemathesis(status: int) -> None:
    response = requests.Response()
    response.status_code = status
    response.request = requests.Request("GET", "http://localhost/api/logs").prepare()
    response._content = encode([a_log(1)])
    (finding,) = PassiveJudge().breaks(response, hooks.HOOKED)
    assert finding.check.name == "token-required"


def test_known_deviations_come_from_the_profile_and_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text("- {id: a, check: json, reason: b}")
    assert known_deviations("documented") == ()
    assert [deviation.id for deviation in known_deviations("documented", str(file))] == ["a"]
    assert known_deviations("observed", str(file)) == (*known_deviations("observed"), *known_deviations("", str(file)))


def test_hooks_read_known_deviations_from_the_environment_each_time_they_are_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert hooks.known == ()
    file = tmp_path / "known.yaml"
    file.write_text("- {id: a, check: json, reason: b}")
    with monkeypatch.context() as environment:
        environment.setenv("MOCKSERVER_PROFILE", "observed")
        environment.setenv("MOCKSERVER_KNOWN", str(file))
        importlib.reload(hooks)
        assert hooks.known == known_deviations("observed", str(file))
    importlib.reload(hooks)
    assert hooks.known == ()


def test_a_profile_that_nobody_knows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as environment:
        environment.setenv("MOCKSERVER_PROFILE", "observd")
        with pytest.raises(MockserverError, match=r"did you mean observed\?"):
            importlib.reload(hooks)
    importlib.reload(hooks)


def case(path: str = "/api/logs", query: dict[str, Any] | None = None) -> schemathesis.Case:  # type: ignore[type-arg]  # generic only to its own package
    """A request for logs; or one for a path of another document, which the hooks leave alone."""
    other = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {path: {"get": {"responses": {}}}}}
    document = contract().document if path == "/api/logs" else other
    schema = schemathesis.openapi.from_dict(copy.deepcopy(document))
    return schema[path]["GET"].Case(query={"page_size": 5} if query is None else query)


def test_a_hook_judges_the_documented_operation_only() -> None:
    check = hooks.hook("page-size-exceeded", PassiveJudge())
    with serving(Deployment(mend=exceeding)) as url:
        listed, single = case(), case("/other")
        response = listed.call(base_url=url, headers=GOOD)
        with pytest.raises(AssertionError, match=r"Expected: at most 5 logs\. Came: 6 logs\."):
            check(None, response, listed)  # type: ignore[arg-type]  # a check needs no context
        assert check(None, response, single) is True  # type: ignore[arg-type]  # a check needs no context
    with serving(Deployment()) as url:
        assert check(None, listed.call(base_url=url, headers=GOOD), listed) is None  # type: ignore[arg-type]  # a check needs no context


def test_a_passive_judge_judges_responses_of_requests() -> None:
    with serving(Deployment(mend=exceeding)) as url:
        response = requests.get(f"{url}/api/logs?page_size=3", headers=GOOD, timeout=5)
    with pytest.raises(AssertionError, match="page-size-exceeded"):
        PassiveJudge().assert_kept(response)


def test_a_passive_judge_judges_responses_of_a_wsgi_test_client() -> None:
    app = create_app(Settings(logs="faker:count=50", faults=("violate:offence=page-size-exceeded",)))
    response = app.test_client().get("/api/logs?page_size=3", headers={"Authorization": "Bearer dev-token"})
    with pytest.raises(AssertionError, match="page-size-exceeded"):
        PassiveJudge().assert_kept(response)


def test_a_passive_judge_remembers_logs() -> None:
    judge = PassiveJudge()
    deployment = Deployment()
    with serving(deployment) as url:
        judge.assert_kept(requests.get(f"{url}/api/logs", headers=GOOD, timeout=5))
        deployment.logs[0]["createdAt"] += 1
        with pytest.raises(AssertionError, match="log-unchanged"):
            judge.assert_kept(requests.get(f"{url}/api/logs", headers=GOOD, timeout=5))


def test_a_passive_judge_accepts_refusals_and_single_logs() -> None:
    deployment = Deployment()
    with serving(deployment) as url:
        for path, headers in (("", {}), ("?page=0", GOOD), (f"/{deployment.logs[0]['id']}", GOOD)):
            PassiveJudge().assert_kept(requests.get(f"{url}/api/logs{path}", headers=headers, timeout=5))


def test_a_passive_judge_passes_over_known_deviations() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(400, {"code": "guard.invalid_pagination"}, {"Content-Type": "application/json"})

    with serving(Deployment(mend=mend)) as url:
        response = requests.get(f"{url}/api/logs?page_size=101", headers=GOOD, timeout=5)
        PassiveJudge(known_deviations("observed")).assert_kept(response)
        with pytest.raises(AssertionError, match="valid-request-accepted"):
            PassiveJudge().assert_kept(response)


def test_what_is_beyond_the_page_binds_no_deployment_under_the_hooks() -> None:
    documented = {"responses": {"400": {"description": "Bad Request"}}}
    header = {"ETag": {"x-beyond-the-page": True}}
    marked = {"responses": {"400": {**documented["responses"]["400"], "headers": header}}}
    document = {"paths": {"/api/logs": {"get": marked}, "/api/logs/{id}": {"get": {"x-beyond-the-page": True}}}}
    hooks.before_load_schema(schemathesis.HookContext(), document)
    assert document == {"paths": {"/api/logs": {"get": documented}}}
