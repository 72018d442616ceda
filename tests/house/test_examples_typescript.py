"""The examples in TypeScript run in a folder of their own, as a user who copies them would run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.house.test_examples import SCRIPTS
from tests.support.browser import NAMES
from tests.support.examples import FOLDER
from tests.support.node import CLIENTS, installed
from tests.support.tools import tool
from tests.support.wire import request

FILES = (
    "logto-mock.ts", "logto-mock.test.ts", "logto-mock.spec.ts", "logto-msw.test.ts", "vitest.config.ts",
    "playwright.config.ts",
)  # fmt: skip
WORKERS = 8
# What the tests give to their tenants: the server has it open already, since a busy machine opens slowly.
LOGS = "faker:count=50,seed=3"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The examples beside the packages that they import."""
    for name in FILES:
        shutil.copy(FOLDER / name, tmp_path)
    shutil.copytree(FOLDER / "frontend", tmp_path / "frontend")
    installed("vitest")
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    return tmp_path


def node(folder: Path, program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program that npm installed; ``mockserver`` is on its PATH."""
    env = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", **environment}
    command = [installed(program), *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=240)


def test_the_helper_is_short_and_needs_no_package() -> None:
    text = (FOLDER / "logto-mock.ts").read_text()
    assert len(text.splitlines()) <= 120
    assert all(name.startswith(("node:", "./")) for name in re.findall(r'from "([^"]+)"', text))


def test_all_of_them_have_the_types_of_the_description(folder: Path) -> None:
    """The command is the one that the helper names."""
    command = re.search(r"npx (openapi-typescript) (\S+) -o (\S+)", (FOLDER / "logto-mock.ts").read_text())
    assert command is not None
    with Server(create_app(Settings(logs="seeded"))) as server:
        address = command[2].replace("http://127.0.0.1:3001", server.url)
        assert node(folder, command[1], address, "-o", command[3]).returncode == 0
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--lib", "es2022,dom"]
    for more in (["--module", "nodenext"], ["--module", "esnext", "--moduleResolution", "bundler"]):
        done = node(folder, "tsc", *options, *more, *FILES)
        assert done.returncode == 0, done.stdout


def test_eight_workers_of_vitest_share_one_server(folder: Path) -> None:
    """Each expires a token, passes a window, reads an empty list and verifies, in tenants that do not meet."""
    tests = (folder / "logto-mock.test.ts").read_text()
    for number in range(1, WORKERS):
        (folder / f"worker{number}.test.ts").write_text(tests)
    with Server(create_app(Settings(logs=LOGS))) as server:
        done = node(
            folder, "vitest", "run", f"--maxWorkers={WORKERS}", f"--minWorkers={WORKERS}", LOGTO_MOCK_URL=server.url
        )
        tenants = json.loads(request(server.port, "/__admin/settings").body)["tenants"]
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"Tests\s+{4 * WORKERS + 1} passed", done.stdout), done.stdout
    assert len(tenants) == 4 * WORKERS + 2
    assert "setTimeout" not in tests + (folder / "logto-mock.ts").read_text()


def test_msw_hands_requests_for_logs_on_to_a_mock_that_the_run_starts(folder: Path) -> None:
    done = node(folder, "vitest", "run", "logto-msw.test.ts")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Tests\s+1 passed", done.stdout), done.stdout


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PATH": ""}, "There is no program `mockserver` on the PATH. Install it (pip install logto-mockserver)"),
        ({"LOGTO_MOCK_URL": "http://127.0.0.1:1"}, "No mock answers at http://127.0.0.1:1. Is LOGTO_MOCK_URL right?"),
        ({"MOCKSERVER_LOGS": "fakir"}, "mockserver does not serve: "),
    ],
)
def test_a_run_without_a_mock_says_so_at_once(folder: Path, environment: dict[str, str], message: str) -> None:
    if "PATH" in environment:
        (folder / "bin").mkdir()
        (folder / "bin" / "node").symlink_to(tool("node"))
        environment = {"PATH": str(folder / "bin")}
    done = node(folder, "vitest", "run", "logto-msw.test.ts", **environment)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr


def played(suite: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of every test of a suite of Playwright's report."""
    own = [result for spec in suite.get("specs", ()) for test in spec["tests"] for result in test["results"]]
    return own + [result for inner in suite.get("suites", ()) for result in played(inner)]


def test_eight_workers_of_playwright_share_one_server(folder: Path) -> None:
    """They start it themselves. A test that fails leaves what the browser said and what the mock was asked."""
    spec = (folder / "logto-mock.spec.ts").read_text()
    broken = spec.replace("times: 1 }", "times: 2 }")
    assert broken != spec
    (folder / "broken.spec.ts").write_text(
        re.sub(r'\ntest\("(?!the page asks once).*?\n}\);\n', "", broken, flags=re.DOTALL)
    )
    done = node(
        folder, "playwright", "test", f"--workers={WORKERS}", "--repeat-each=2", "--reporter=json", "--timeout=180000",
        CHROMIUM=tool(*NAMES), MOCKSERVER_LOGS=LOGS,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["config"]["workers"] == WORKERS
    results = [result for suite in report["suites"] for result in played(suite)]
    assert len({result["workerIndex"] for result in results}) >= WORKERS
    failed = [result for result in results if result["status"] != "passed"]
    assert (len(results), len(failed)) == (10, 2), [result["error"]["message"] for result in failed]
    for result in failed:
        assert "Expected exactly 2 requests" in result["error"]["message"]
        attached = {each["name"]: each for each in result["attachments"]}
        assert {"browser console", "requests to the mock"} <= attached.keys()
