"""The report of a failed test shows its requests, and no credential."""

from __future__ import annotations

import pytest

from tests.support.inner import run


def test_the_report_shows_the_requests_and_no_credential(pytester: pytest.Pytester) -> None:
    tests = """
@pytest.mark.logto(faults=["status:code=503,times=1"])
def test_fails(logto_mock):
    ask(logto_mock, "?page=2")
    ask(logto_mock)
    assert False

def test_asks_nothing_and_fails(logto_mock):
    assert False

def test_passes(logto_mock):
    ask(logto_mock, "?page=3")
"""
    result = run(pytester, tests)
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*- Logto requests -*",
            "1. GET /api/logs?page=2 -> 503 by status:code=503,times=1",
            "2. GET /api/logs -> 200",
            "armed: status:code=503,times=1, fired 1 of 2 matched",
            "*- Logto requests -*",
            "none",
        ]
    )
    result.stdout.no_fnmatch_line("*page=3*")
    result.stdout.no_fnmatch_line("*dev-token*")


def test_the_report_shows_the_requests_of_the_session_and_of_a_failing_fixture(pytester: pytest.Pytester) -> None:
    tests = """
@pytest.fixture
def broken(logto_mock):
    ask(logto_mock, "?page=2")
    assert False

def test_setup(broken): pass

def test_session(logto_mock_session):
    ask(logto_mock_session, "?page=3")
    assert False

@pytest.fixture
def left(logto_mock):
    yield
    assert False

def test_teardown(left): pass
"""
    result = run(pytester, tests)
    result.assert_outcomes(passed=1, failed=1, errors=2)
    result.stdout.fnmatch_lines_random(["1. GET /api/logs?page=2 -> 200", "1. GET /api/logs?page=3 -> 200"])
    assert sum("- Logto requests -" in line for line in result.outlines) == 2


def test_the_report_shows_the_newest_of_many_requests(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_a(logto_mock):\n    for _ in range(53): ask(logto_mock)\n    assert False")
    result.stdout.fnmatch_lines(["(3 earlier)", "4. GET /api/logs -> 200"])


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"HTTP_PROXY": "http://proxy.example.com"}, "none: HTTP_PROXY or ALL_PROXY is set, *; set NO_PROXY=127.0.0.1"),
        ({"all_proxy": "http://proxy.example.com"}, "none: HTTP_PROXY or ALL_PROXY is set, *; set NO_PROXY=127.0.0.1"),
        ({"HTTP_PROXY": "http://proxy.example.com", "NO_PROXY": "a,127.0.0.1"}, "none"),
        ({"HTTPS_PROXY": "http://proxy.example.com"}, "none"),
    ],
)
def test_the_report_names_a_proxy_that_may_have_swallowed_the_requests(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], line: str
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    run(pytester, "def test_a(logto_mock): assert False").stdout.fnmatch_lines(["*- Logto requests -*", line])
