"""``action.yml``: its steps run in a shell as GitHub runs them, with the inputs as environment variables."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli.check import check
from mockserver.contract.document import read_yaml
from tests.support.examples import FOLDER
from tests.support.tools import tool

ROOT = Path(__file__).parent.parent.parent
ACTION = read_yaml((ROOT / "action.yml").read_bytes())
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"] if "name" in step}
INPUTS: dict[str, dict[str, Any]] = ACTION["inputs"]
# A command that would be run if a shell read it.
COMMAND = "\"; touch ran; $(touch ran) `touch ran` '\n"


def run(name: str, temporary: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Runs a step with the inputs, ``client_id`` for ``client-id``, in the folder ``temporary``."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    values = {f"inputs.{key}": given.get(key, declared.get("default", "")) for key, declared in INPUTS.items()}
    values |= {"runner.temp": str(temporary), "github.action_path": str(ROOT)}
    variables = {
        key: re.sub(r"\$\{\{ (.+?) \}\}", lambda match: values[match[1]], text)
        for key, text in STEPS[name]["env"].items()
    }
    # What GitHub runs where a step says `shell: bash`.
    command = [tool("bash"), "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
    # Offline: pip takes the build backend and all dependencies from the environment of the tests.
    packages = {"PYTHONPATH": sysconfig.get_path("purelib"), "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    environment = os.environ | packages | variables
    # GitHub's machines have `python`; many others have `python3` alone.
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment["GITHUB_STEP_SUMMARY"] = str(temporary / "summary.md")
    return subprocess.run(command, cwd=temporary, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the step Install has run."""
    folder = tmp_path_factory.mktemp("runner")
    process = run("Install", folder)
    assert process.returncode == 0, process.stdout + process.stderr
    return folder


def test_a_deployment_that_keeps_the_contract_passes_and_has_reports(installed: Path, documented_port: int) -> None:
    process = run(
        "Judge", installed, target=f"http://127.0.0.1:{documented_port}", token="dev-token", depth="quick",
        report="my reports", max_requests="150", arguments="--skip\nhead\n--seed=3", forbidden_token="forbidden-token",
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    assert "Kept" in process.stdout
    assert "Kept" in (installed / "summary.md").read_text()
    assert {path.name for path in (installed / "my reports").iterdir()} == {"junit.xml", "report.json", "report.html"}


def test_a_deployment_that_breaks_the_contract_fails(installed: Path, observed_port: int) -> None:
    given = {"target": f"http://127.0.0.1:{observed_port}", "token": "dev-token", "depth": "quick"}
    process = run("Judge", installed, **given)
    assert process.returncode == 1
    assert "::error" in process.stdout


@pytest.mark.parametrize("name", sorted({name.replace("-", "_") for name in INPUTS} - {"python_version", "report"}))
def test_no_input_is_run_as_a_command(installed: Path, name: str) -> None:
    process = run("Judge", installed, **{"target": "http://127.0.0.1:1", "report": "reports", name: COMMAND})
    assert process.returncode == 2, process.stdout + process.stderr
    assert not list(installed.rglob("ran"))


def test_no_script_holds_an_expression_and_every_input_reaches_a_step() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step["run"]] == []
    used = {text for step in ACTION["runs"]["steps"] for text in (step.get("env") or step["with"]).values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in INPUTS} <= used


def test_every_variable_of_the_judge_is_that_of_an_option() -> None:
    options = {option.envvar for option in check.params if hasattr(option, "show_envvar")}
    assert {name for name in STEPS["Judge"]["env"] if name.startswith("MOCKSERVER_")} <= options


def test_the_example_gives_inputs_that_exist() -> None:
    job = read_yaml((FOLDER / "github-judge.yml").read_bytes())["jobs"]["judge"]
    given = next(step["with"] for step in job["steps"] if "logto-mockserver@" in step["uses"])
    assert set(given) <= set(INPUTS)
    assert {name for name, declared in INPUTS.items() if declared.get("required")} <= set(given)
