"""``--logto-target``: the same tests run against a deployment. Here, another mock is the deployment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.judge import limits
from mockserver.mock.settings import Settings
from mockserver.testing.deployment import PAGE_SIZE, PAGES
from tests.support.inner import run


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_TOKEN", "dev-token")


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    """The base URL of a deployment with 150 logs."""
    with Server(create_app(Settings(logs="faker:count=150,seed=2"))) as server:
        yield server.url


def test_tests_that_only_read_run_and_tests_that_need_the_mock_are_skipped(
    pytester: pytest.Pytester, target: str
) -> None:
    tests = """
def test_reads(logto_mock, logto_logs):
    status, logs = ask(logto_mock, "?page_size=150")
    assert (status, logs, len(logto_mock.logs), logto_mock.logs[0]) == (200, logto_logs, 150, logs[0])
    assert logto_mock.tenant == "default"
    logto_mock.reset()

@pytest.mark.logto(profile="observed", seed=3)
def test_real(logto_mock_session, logto_mock):
    assert logto_mock.url == logto_mock_session.url
    assert logto_mock.env == {
        "LOGTO_ENDPOINT": logto_mock.url, "LOGTO_TOKEN": "dev-token", "LOGTO_RESOURCE": "https://default.logto.app/api"
    }

def test_faults(logto_mock): logto_mock.faults.add("empty")
def test_logs(logto_mock): logto_mock.logs.add("Unknown")
def test_requests(logto_mock): logto_mock.requests
def test_time(logto_mock): logto_mock.advance(1)

@pytest.mark.logto(faults=["empty"], growth=1)
def test_mark(logto_mock): pass

@pytest.mark.logto(profile="documented")
def test_profile(logto_mock): pass

def test_fails(logto_mock): assert False
"""
    result = run(pytester, tests, "--logto-target", target)
    result.assert_outcomes(passed=2, skipped=6, failed=1)
    deployment = f"{target} is a deployment"
    result.stdout.fnmatch_lines([f"logto target: {target}"])
    result.stdout.fnmatch_lines_random(
        [
            f"SKIPPED*: needs the mock for its faults: {deployment}",
            f"SKIPPED*: needs the mock to add logs: {deployment}",
            f"SKIPPED*: needs the mock for its requests: {deployment}",
            f"SKIPPED*: needs the mock to let time pass: {deployment}",
            "SKIPPED*: needs the mock for its faults, growth: --logto-target is a deployment",
            "SKIPPED*: needs the mock for its profile: --logto-target is a deployment",
        ]
    )
    result.stdout.no_fnmatch_line("*Logto requests*")


def test_an_application_fetches_its_token(
    pytester: pytest.Pytester, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCKSERVER_TOKEN")
    monkeypatch.setenv("MOCKSERVER_CLIENT_ID", "mock-app")
    monkeypatch.setenv("MOCKSERVER_CLIENT_SECRET", "mock-secret")
    tests = """
def test_a(logto_mock):
    assert ask(logto_mock)[0] == 200
    assert logto_mock.token == logto_mock.token != "dev-token"
    assert (logto_mock.env["LOGTO_APP_ID"], logto_mock.env["LOGTO_APP_SECRET"]) == ("mock-app", "mock-secret")
"""
    run(pytester, tests, "--logto-target", f"{target}/").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nowhere", "ERROR: target: found 'nowhere', expected a URL such as *"),
        (
            "http://logto.example.com",
            "ERROR: --logto-target: found http://logto.example.com/api/logs, expected *",
        ),
    ],
)
def test_an_invalid_target_ends_the_run_with_one_line(pytester: pytest.Pytester, url: str, message: str) -> None:
    result = pytester.runpytest("--logto-target", url)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_missing_credentials_end_the_run_with_one_line(
    pytester: pytest.Pytester, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCKSERVER_TOKEN")
    result = pytester.runpytest("--logto-target", target)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --logto-target: found no credentials, expected MOCKSERVER_TOKEN, or *"])


def test_a_refused_token_is_reported_in_one_line(
    pytester: pytest.Pytester, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_TOKEN", "expired-token")
    result = run(pytester, "def test_a(logto_logs): pass", "--logto-target", target)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{target}: found 401 (*auth.unauthorized*), expected 200 with a list of logs; *"])


@pytest.mark.parametrize(
    ("logs", "reason"),
    [
        ("faker:count=0", "* has no log to name its tenant"),
        (
            f"faker:count={PAGES * PAGE_SIZE}",
            f"* has more than {PAGES * PAGE_SIZE} logs, too many to read for one test",
        ),
    ],
)
def test_a_deployment_with_no_logs_or_too_many_skips_the_test_with_a_reason(
    pytester: pytest.Pytester, logs: str, reason: str
) -> None:
    with Server(create_app(Settings(logs=logs))) as server:
        test = "def test_a(logto_mock):\n    assert logto_mock.tenant\n    list(logto_mock.logs)"
        result = run(pytester, test, "--logto-target", server.url)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines([f"SKIPPED*: {reason}"])


VERDICT = "def test_a(logto_verdict): assert logto_verdict.kept, logto_verdict.text"


def test_the_verdict_about_a_deployment_that_breaks_the_contract_names_the_check(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.REQUESTS, "full", 20)
    broken = Settings(logs="faker:count=30", faults=("violate:offence=missing-id",))
    with Server(create_app(broken)) as server:
        result = run(pytester, VERDICT, "--logto-target", server.url)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["logto_verdict = <Broken: *>", "*AssertionError: forbidden: schema*", "*curl *$MOCKSERVER_TOKEN*"]
    )
    result.stdout.no_fnmatch_line("*dev-token*")
    result.stdout.no_fnmatch_line("*Mozilla*")


def test_the_contract_is_not_kept_if_nothing_could_be_judged(pytester: pytest.Pytester) -> None:
    with Server(create_app(Settings(logs="seeded", faults=("status:code=500",)))) as server:
        result = run(pytester, VERDICT, "--logto-target", server.url)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Nothing could be judged: *"])


def test_logto_contract_judges_the_replies_of_a_test(pytester: pytest.Pytester) -> None:
    tests = """
import httpx

def get(mock, query=""):
    headers = {"Authorization": f"Bearer {mock.token}"}
    return httpx.get(f"{mock.url}/api/logs{query}", headers=headers, verify=False)

def test_kept(logto_mock, logto_contract):
    logto_contract.assert_kept(get(logto_mock))

@pytest.mark.logto(faults=["violate:offence=missing-id"])
def test_broken(logto_mock, logto_contract):
    logto_contract.assert_kept(get(logto_mock))

@pytest.mark.logto(profile="observed")
def test_known(logto_mock, logto_contract):
    logto_contract.assert_kept(get(logto_mock, "?page_size=101"))
"""
    result = run(pytester, tests)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["E *AssertionError: schema (forbidden): *"])


def test_an_error_names_the_extra_to_install(pytester: pytest.Pytester) -> None:
    """In a process of its own, where nothing has imported the judge yet."""
    missing = "import sys\nsys.modules['schemathesis'] = None\n"
    pytester.makepyfile(f"{missing}def test_a(logto_contract): pass\ndef test_b(logto_verdict): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:schemathesis")
    result.assert_outcomes(errors=2)
    message = "check: found no package schemathesis, expected the packages that judge*: pip install '.[[]check]'"
    result.stdout.fnmatch_lines([message, message])
