"""The examples that pytest does not collect run as a reader would run them."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.document import read_yaml
from tests.support import examples
from tests.support.client_errors import PROXIED
from tests.support.node import CLIENTS, installed, run
from tests.support.tools import tool

EXAMPLES = examples.FOLDER
SCRIPTS = Path(sys.executable).parent


def environment(**more: str) -> dict[str, str]:
    """Returns an environment in which the commands of this interpreter come first."""
    return {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", **more}


def test_the_tests_in_javascript_pass() -> None:
    """``audit-logs.test.mjs`` is written for Vitest."""
    command = [installed("vitest"), "run", "--config", str(CLIENTS / "vitest.config.mjs")]
    process = subprocess.run(command, cwd=CLIENTS, env=environment(), capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stdout + process.stderr
    assert re.search(r"Tests\s+7 passed", re.sub(r"\x1b\[\d+m", "", process.stdout))


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module")
def steps() -> dict[str, dict[str, Any]]:
    """The steps of the job by their names."""
    job = read_yaml((EXAMPLES / "github-actions.yml").read_bytes())["jobs"]["test"]
    return {step["name"]: step for step in job["steps"] if "name" in step}


def test_the_example_job_for_github_actions_works(steps: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """The steps that serve, break and judge run in one shell, on a free port."""
    assert list(steps) == ["Install", "Test", "Serve", "Break", "Judge"]
    port = free_port()
    tool("curl")
    lines = [f'export {name}="{value}"' for name, value in steps["Judge"]["env"].items()]
    lines += ["set -e", "trap 'kill $(jobs -p)' EXIT", *(steps[name]["run"] for name in ("Serve", "Break", "Judge"))]
    script = "\n".join(lines).replace("3001", port)
    process = subprocess.run(
        [tool("bash"), "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "Kept" in process.stdout
    assert (tmp_path / "reports" / "junit.xml").exists()
    assert (tmp_path / "logs.json").read_bytes().startswith(b"[{")


def test_the_job_installs_what_its_steps_need(steps: dict[str, dict[str, Any]]) -> None:
    assert "logto-mockserver[check]" in steps["Install"]["run"]
    assert steps["Test"]["run"].startswith("pytest -n ")
    assert "pytest-xdist" in steps["Install"]["run"]


def test_the_example_job_for_gitlab_works(documented_port: int, tmp_path: Path) -> None:
    job = read_yaml((EXAMPLES / "gitlab-ci.yml").read_bytes())["contract"]
    install, judge = job["script"]
    assert install.startswith("pip install 'logto-mockserver[check] @ git+https://")
    command = judge.replace("https://my-tenant.logto.app", f"http://127.0.0.1:{documented_port}/t/gitlab")
    account = {"MOCKSERVER_CLIENT_ID": "mock-app", "MOCKSERVER_CLIENT_SECRET": "mock-secret"}
    process = subprocess.run(
        [tool("bash"), "-c", f"{command} --depth quick"], cwd=tmp_path, env=environment(**account), capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).exists()


def test_vite_hands_the_api_on_as_the_documents_say(documented_port: int) -> None:
    """``vite.config.mjs`` keeps links on the page's own origin; the short form leads past the proxy."""
    mock = f"http://127.0.0.1:{documented_port}"
    seen = run("vite.mjs", mock, json.dumps(list(PROXIED)))
    assert seen["link"].startswith(f"<{seen['origin']}/api/logs?")
    assert seen["short"].startswith(f"<{mock}/api/logs?")
    assert seen["seen"] == PROXIED


@pytest.mark.parametrize("path", examples.files(), ids=lambda path: path.name)
def test_every_example_begins_with_a_sentence_that_the_index_shows(path: Path) -> None:
    sentence = examples.sentence(path)
    assert sentence.endswith(".")
    assert f"(../tests/examples/{path.name}) | {sentence} |" in examples.index()


def test_every_example_is_run_by_the_suite() -> None:
    """An example that is no test is used by a test."""
    tests = "".join(file.read_text() for file in Path(__file__).parent.parent.rglob("test_*.py"))
    clients = "".join(file.read_text() for file in (Path(__file__).parent.parent / "clients").glob("*.mjs"))
    for path in examples.files():
        is_test = path.name.startswith("test_")
        assert is_test or f"examples.{path.stem} " in tests or path.name in tests + clients, path.name
