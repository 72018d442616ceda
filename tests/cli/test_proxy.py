"""``mockserver proxy`` and ``serve --upstream`` as a user runs them: what they print, write, and end with."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.benchmarks.servers import free_port
from tests.cli.conftest import Run
from tests.support.wire import request, until

pytestmark = pytest.mark.usefixtures("counted")

TOKEN = [("Authorization", "Bearer dev-token")]


@contextmanager
def started(*arguments: str, count: int = 3) -> Iterator[tuple[subprocess.Popen[str], int, list[str]]]:
    """A running command with its port and the lines that it prints first."""
    command = [sys.executable, "-m", "mockserver", *arguments, "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]  # the pipes are Popen's own arguments
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(count)]
        yield process, int(re.findall(r"127\.0\.0\.1:(\d+)/api/logs", lines[0])[0]), lines
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


@pytest.fixture(scope="module")
def real() -> Iterator[Server]:
    with Server(create_app(Settings())) as server:
        yield server


def test_it_says_where_it_is_and_ends_with_the_verdict_and_its_reports(real: Server, tmp_path: Path) -> None:
    options = ("--fault", "status:code=503,every=4", "--report", str(tmp_path / "reports"))
    with started("proxy", real.url, *options) as (process, port, lines):
        assert lines[0] == f"Serving {real.url} at http://127.0.0.1:{port}/api/logs\n"
        assert lines[2].startswith('curl -H "Authorization: Bearer $MOCKSERVER_TOKEN" ')
        statuses = [request(port, "/api/logs?page_size=5", TOKEN).status for _ in range(8)]
        assert statuses == [200, 200, 200, 503] * 2
        assert request(port, "/__admin/verdict").json()["requests"] == 6
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert re.fullmatch(
        r"Kept \(5 logs and 6 requests judged in .* s, other clients' requests\)", output.splitlines()[-1]
    )
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {"junit.xml", "report.html", "report.json"}
    assert json.loads((tmp_path / "reports" / "report.json").read_text())["depth"] == "traffic"


def test_a_deployment_that_breaks_the_contract_ends_it_with_1(real: Server) -> None:
    with started("proxy", real.url) as (process, port, _):
        answer = request(port, "/api/logs?page_size=5", [*TOKEN, ("Prefer", 'fault="violate:offence=envelope"')])
        assert answer.header("contract-breaks") is None
        request(real.port, "/__admin/faults", [("Content-Type", "application/json"), ("Content-Length", "39")], "POST",
                body=b'{"rule": "violate:offence=envelope"}   ')  # fmt: skip
        answer = request(port, "/api/logs?page_size=5", TOKEN)
        assert "schema" in (answer.header("contract-breaks") or "")
        request(real.port, "/__admin/faults", [], "DELETE")
        process.terminate()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output.splitlines()[-1].startswith("Broken: ")
    assert "dev-token" not in output


def test_a_mock_beside_a_deployment_says_whose_each_path_is(real: Server) -> None:
    with started("serve", "--logs", "seeded", "--upstream", real.url, count=4) as (process, port, lines):
        process.terminate()
        process.communicate(timeout=60)
    logs, console, others, curl = (line.rstrip("\n") for line in lines)
    assert re.fullmatch(rf"Serving \d+ logs at http://127\.0\.0\.1:{port}/api/logs", logs)
    assert console == f"Console: http://127.0.0.1:{port}/__admin/"
    assert others == f"Every other path is that of {real.url}."
    assert curl.startswith("curl ")


def test_nothing_that_passed_is_2_and_json_lines_stay_json(real: Server) -> None:
    with started("proxy", real.url, "--log", "json", count=1) as (process, _, lines):
        process.terminate()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert json.loads(output.splitlines()[-1])["exit_code"] == 2
    assert json.loads(lines[0])["upstream"] == real.url


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("proxy", "nonsense"), "target: found 'nonsense', expected a URL such as"),
        (("serve", "--upstream", "nonsense"), "target: found 'nonsense', expected a URL such as"),
        (("proxy",), "Missing argument 'UPSTREAM'."),
        (("proxy", "http://logto.example.com"), "found plain http beyond this machine, expected https; --insecure"),
        (("proxy", "https://logto.example.com", "--ca-file", "absent.pem"), "absent.pem: found no such file"),
        (("proxy", "https://logto.example.com", "--proxy", "ftp://127.0.0.1"), "proxy: found one of ftp, expected an"),
    ],
)
def test_what_is_no_deployment_is_an_error_in_one_line(run: Run, arguments: tuple[str, ...], error: str) -> None:
    code, out, errors = run(*arguments)
    assert (code, out) == (2, "")
    usage, _, line = errors.rpartition("Error: ")
    assert bool(usage) is (arguments == ("proxy",))
    assert error in line
    assert line.count("\n") == 1


def test_serve_with_an_upstream_says_whose_other_paths_are(real: Server) -> None:
    with started("serve", "--upstream", real.url, "--logs", "faker:count=3") as (_, port, lines):
        assert lines[0].startswith("Serving 3 logs at ")
        assert f"Every other path is that of {real.url}.\n" in lines
        assert request(port, "/api/logs", TOKEN).header("total-number") == "3"
        assert request(port, "/oidc/jwks").json()["keys"]


def test_a_quiet_one_prints_the_verdict_alone(real: Server) -> None:
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "proxy", real.url, "--port", f"{port}", "--quiet"]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE) as process:
        until(lambda: answers(port))
        assert request(port, "/api/logs", TOKEN).status == 200
        process.terminate()
        printed = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    assert re.match(rf"{real.url}/api/logs, judged on .*\nKept", printed)


def answers(port: int) -> bool:
    with suppress(OSError):
        return request(port, "/__admin/health").status == 200
    return False


@pytest.mark.parametrize("command", ["check", "proxy"])
def test_a_report_needs_a_folder(run: Run, command: str) -> None:
    code, out, error = run(command, "http://127.0.0.1:1", "--report", __file__)
    assert (code, out) == (2, "")
    assert error.endswith(f"'--report' (env var: 'MOCKSERVER_REPORT'): Directory '{__file__}' is a file.\n")


def test_a_folder_for_reports_that_cannot_be_made_is_told_before_anything_is_served(run: Run, real: Server) -> None:
    """The port is taken, which is told where the proxy comes so far."""
    place = f"{__file__}/reports"
    code, out, error = run("proxy", real.url, "--report", place, "--port", str(real.port))
    assert (code, out) == (2, "")
    assert error.startswith(f"Error: {place}: found not a directory, expected a folder to write reports into; ")
