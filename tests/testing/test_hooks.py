"""The judge's checks in other runs: of plain Schemathesis by hooks, and of tests by ``PassiveJudge``."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import schemathesis

from mockserver import hooks
from mockserver.contract.document import beside
from mockserver.edge.app import create_app
from mockserver.judge.passive import PassiveJudge
from mockserver.mock.settings import Settings
from mockserver.testing.verdicts import known_deviations
from tests.support.deployment import Answered, Asked, Deployment, serving

GOOD = {"Authorization": "Bearer good-token"}


def exceeding(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    if answered.status == 200 and isinstance(answered.body, list):
        answered.body = deployment.logs[: len(answered.body) + 1]
    return answered


def st_run(url: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("st")), "run", str(beside("openapi.yaml")), "--url", url,
        "-H", "Authorization: Bearer good-token",
        "--include-path", "/api/logs", "--phases", "coverage", "--checks", "page-size-exceeded,invalid-request-refused",
        "--generation-database", "none",
    ]  # fmt: skip
    root = str(Path(hooks.__file__).parent.parent)
    env = {"SCHEMATHESIS_HOOKS": "mockserver.hooks", "PATH": os.environ["PATH"], "PYTHONPATH": root, **environment}
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=60)


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

    assert set(hooks.HOOKED) <= set(CHECKS.get_all_names())
    assert "page-size-exceeded" in hooks.HOOKED
    assert not {"schema", "nosniff", "total-number", "token-required", "read-only", "one-log"} & set(hooks.HOOKED)


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


def case(path: str) -> schemathesis.Case:  # type: ignore[type-arg]  # generic only to its own package
    schema = schemathesis.openapi.from_path(str(beside("openapi.yaml")))
    parameters = {"id": "x"} if "{" in path else {}
    return schema[path]["GET"].Case(query={"page_size": 5}, path_parameters=parameters)


def test_a_hook_judges_the_documented_operation_only() -> None:
    check = hooks.hook("page-size-exceeded", PassiveJudge())
    with serving(Deployment(mend=exceeding)) as url:
        listed, single = case("/api/logs"), case("/api/logs/{id}")
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
    marked = {
        "responses": {"400": {**documented["responses"]["400"], "headers": {"ETag": {"x-beyond-the-page": True}}}}
    }
    document = {"paths": {"/api/logs": {"get": marked}, "/other": {"get": marked}}}
    context = schemathesis.HookContext()
    hooks.before_load_schema(context, document)
    assert document == {"paths": {"/api/logs": {"get": documented}, "/other": {"get": marked}}}
    hooks.before_load_schema(context, {"paths": {"/other": {}}})
