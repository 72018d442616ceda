"""The plugin as its users see it: each test here is a whole run of pytest over some tests."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from mockserver.logs.source import SOURCES
from mockserver.pytest_plugin import INI
from tests.support.inner import ASK, run


def test_each_test_has_a_tenant_of_its_own_on_one_server(pytester: pytest.Pytester) -> None:
    tests = """
seen = []

@pytest.mark.parametrize("turn", [1, 2])
def test_turns(logto_mock, logto_logs, turn):
    assert (len(logto_mock.faults), len(logto_mock.requests)) == (0, 0)
    assert ask(logto_mock, "?page_size=100") == (200, logto_logs)
    logto_mock.logs.add("Unknown")
    logto_mock.faults.add("status:code=503")
    assert ask(logto_mock)[0] == 503
    seen.append((logto_mock.tenant, logto_mock.url.rpartition("/t/")[0], len(logto_logs)))

def test_after(logto_mock, logto_mock_session):
    (first, server, count), (second, same, again) = seen
    assert first != second
    assert (server, count) == (same, again)
    assert logto_mock_session.url.startswith(server + "/t/session-")
    assert logto_mock_session.tenant != logto_mock.tenant
"""
    run(pytester, tests).assert_outcomes(passed=3)


def test_a_test_that_has_ended_leaves_no_tenant_behind(pytester: pytest.Pytester) -> None:
    tests = """
import json
from urllib.request import urlopen

@pytest.mark.parametrize("turn", [1, 2])
def test_turns(logto_mock, turn):
    assert ask(logto_mock)[0] == 200
    with urlopen(logto_mock.url + "/__admin/settings") as answer:
        assert json.load(answer)["tenants"] == [logto_mock.tenant]
"""
    run(pytester, tests).assert_outcomes(passed=2)


def test_a_test_has_the_same_logs_in_every_run(pytester: pytest.Pytester) -> None:
    tests = """
@pytest.mark.logto(logs="faker:count=3", now="2026-11-01")
def test_logs(logto_logs):
    print("ids:", *(log["id"] for log in logto_logs))
"""
    runs = [run(pytester, tests, "-s") for _ in range(2)]
    lines = [[line for line in result.outlines if "ids:" in line] for result in runs]
    assert lines[0] == lines[1] != []


def test_marks_choose_the_settings_and_the_nearest_mark_decides(pytester: pytest.Pytester) -> None:
    tests = """
urls = {}

@pytest.mark.logto(logs="hypothesis:count=2", faults=["status:code=503"])
class TestMarks:
    def test_class(self, logto_mock, logto_logs):
        assert len(logto_logs) == 2
        assert ask(logto_mock)[0] == 503
        urls["class"] = logto_mock.url.partition("/t/")[0]

    @pytest.mark.logto(faults=[], profile="observed")
    def test_function(self, logto_mock):
        assert len(logto_mock.logs) == 0  # no drawn key is one that a real deployment lists
        assert ask(logto_mock, "?page_size=101")[0] == 400

    @pytest.mark.logto(faults=["status:code=500"], seed=3)
    def test_faults_need_no_other_server(self, logto_mock):
        assert ask(logto_mock)[0] == 500
        assert logto_mock.url.startswith(urls["class"])

@pytest.mark.logto(faults=["status:code=503,rate=0.5"], seed=1)
def test_seed(logto_mock):
    first = [ask(logto_mock)[0] for _ in range(12)]
    logto_mock.reset()
    assert [ask(logto_mock)[0] for _ in range(12)] == first
    assert len(set(first)) == 2
"""
    run(pytester, tests).assert_outcomes(passed=4)


def test_ini_options_choose_the_settings_of_all_tests(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nlogto_logs = faker:count=4\nlogto_profile = observed\nlogto_seed = 7\n")
    tests = """
def test_ini(logto_mock, logto_logs):
    assert len(logto_logs) == 4
    assert ask(logto_mock, "?page_size=101")[0] == 400

@pytest.mark.logto(profile="documented")
def test_mark(logto_mock, logto_mock_session):
    assert ask(logto_mock, "?page_size=101")[0] == 200
    assert ask(logto_mock_session, "?page_size=101")[0] == 400
"""
    run(pytester, tests).assert_outcomes(passed=2)


BAD = {
    "lugs=1": "logto mark argument: found 'lugs', expected one of *, logs, *; did you mean logs?",
    "port=1": "logto mark argument: found 'port', expected one of *",
    "'faker'": "logto mark: found a value without a name, expected name=value",
    "faults='empty'": "logto mark: faults: found 'empty', expected a list of rule texts",
    "faults=[503]": "503: found no text, expected KIND*",
    "faults=['emty']": "*found 'emty', expected one of *; did you mean empty?",
    "logs='fakir'": f"*found 'fakir', expected one of {', '.join(sorted(SOURCES))}; did you mean faker?",
    "logs='seeded:path=nowhere.jsonl'": "nowhere.jsonl: found no such file or directory, expected *",
    "profile='observd'": "*found 'observd', expected one of *; did you mean observed?",
    "growth='5'": "logto mark: growth: found '5', expected a number",
    "seed=True": "logto mark: seed: found True, expected a whole number",
    "growth=-1": "growth: found -1, expected a number of logs a second from 0",
}


@pytest.mark.parametrize("arguments", BAD)
def test_an_error_in_a_mark_is_reported_in_one_line(pytester: pytest.Pytester, arguments: str) -> None:
    result = run(pytester, f"@pytest.mark.logto({arguments})\ndef test_a(logto_mock): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([BAD[arguments].replace("[", "[[]")])
    result.stdout.no_fnmatch_line("*During handling*")
    result.stdout.no_fnmatch_line("*mockserver/*.py*")


def test_an_error_of_a_test_is_reported_at_its_line(pytester: pytest.Pytester) -> None:
    tests = """
from mockserver.contract.errors import MockserverError
def test_fault(logto_mock): logto_mock.faults.add("status:cod=503")
def test_log(logto_mock): logto_mock.logs.add(3)
def test_own(): raise MockserverError("place", "this", "that")
"""
    result = run(pytester, tests)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["E *found 'cod', expected one of *; did you mean code?", "E *log.key: *", "E *this*"])
    result.stdout.no_fnmatch_line("*mockserver/*.py*")
    run(pytester, tests, "--full-trace").stdout.fnmatch_lines(["*mockserver/faults/rule.py:*"])


def test_an_error_in_an_ini_option_is_reported_in_one_line(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nlogto_seed = x\n")
    result = run(pytester, "def test_a(logto_mock): pass\ndef test_b(logto_verdict): pass")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["logto_seed: found 'x', expected a whole number"])


def test_too_many_logs_for_a_list_are_reported_in_one_line(pytester: pytest.Pytester) -> None:
    result = run(pytester, "@pytest.mark.logto(logs='faker:count=20000')\ndef test_a(logto_logs): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["logto_logs: found 20,000 logs, expected at most 10,000; read a slice of logto_mock.logs"]
    )


def test_the_servers_are_stopped_and_no_thread_remains(pytester: pytest.Pytester) -> None:
    before = set(threading.enumerate())
    tests = """
def test_a(logto_mock): ask(logto_mock)
@pytest.mark.logto(profile="observed")
def test_b(logto_mock): ask(logto_mock)
"""
    run(pytester, tests).assert_outcomes(passed=2)
    assert set(threading.enumerate()) == before


def test_parallel_workers_have_servers_of_their_own(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs without other plugins: they take most of the time of three processes."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    tests = """
@pytest.mark.parametrize("turn", range(6))
def test_turns(logto_mock, worker_id, turn):
    logto_mock.faults.add("status:code=503,times=2")
    assert [ask(logto_mock)[0] for _ in range(3)] == [503, 503, 200]
    with open("ports.txt", "a") as file:
        print(worker_id, logto_mock.url.partition("/t/")[0], file=file)
"""
    pytester.makepyfile(conftest_ask=ASK)
    pytester.makepyfile("from conftest_ask import ask\nimport pytest\n" + tests)
    plugins = ("-p", "xdist", "-p", "mockserver.pytest_plugin", "-p", "no:cacheprovider")
    pytester.runpytest_subprocess(*plugins, "-n", "2").assert_outcomes(passed=6)
    pairs = {tuple(line.split()) for line in (pytester.path / "ports.txt").read_text().splitlines()}
    assert len(pairs) == len({worker for worker, _ in pairs}) == len({url for _, url in pairs}) > 0


def test_the_mark_the_fixtures_and_the_options_are_listed(pytester: pytest.Pytester) -> None:
    pytester.runpytest("--markers").stdout.fnmatch_lines(["@pytest.mark.logto(logs=*"])
    pytester.runpytest("--help").stdout.fnmatch_lines(["*--logto-target*", *(f"*{name}*" for name in INI)])
    fixtures = pytester.runpytest("--fixtures").stdout
    fixtures.fnmatch_lines_random(["logto_mock*", "logto_mock_session*", "logto_logs*", "logto_verdict*"])


def test_nothing_else_of_the_package_is_imported_with_the_plugin() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import mockserver.pytest_plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["mockserver", "mockserver.pytest_plugin"]
