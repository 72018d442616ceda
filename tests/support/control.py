"""Schemathesis judges the control API by its description: in short in a test, at length by ``make night``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from mockserver.contract.document import beside
from mockserver.edge.admin import guard
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings

TOKEN = "control-token"
# Texts with a grammar (rules, sources, moments), and what no schema says: a sum of seconds that is too large, an id
# that another log has, two ways of counting at once.
GRAMMAR = ("PATCH /settings", "POST /faults", "POST /advance", "POST /logs", "POST /requests/count")
CONFIGURATION = """
seed = 17
warnings = false
[generation]
database = "none"
[phases]
examples.enabled = false
stateful.enabled = false
[[operations]]
include-name = [{grammar}]
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 403]
[[operations]]
include-name = "POST /requests/verify"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 406]
"""


def judge(folder: Path, token: str | None, examples: int) -> subprocess.CompletedProcess[str]:
    """Runs the coverage and fuzzing phases, every built-in check on, on a tenant of a mock of its own."""
    file = folder / "schemathesis.toml"
    file.write_text(CONFIGURATION.format(grammar=", ".join(f'"{name}"' for name in GRAMMAR)))
    with Server(create_app(Settings(logs=str(beside("fixtures") / "logs.jsonl"), admin_token=token))) as server:
        command = [
            str(Path(sys.executable).with_name("st")), "--config-file", str(file), "run",
            f"{server.url}/t/judged/__admin/openapi.json", "--phases", "coverage,fuzzing", "--checks", "all",
            "--max-examples", str(examples), *(["-H", f"Authorization: Bearer {token}"] if token else []),
        ]  # fmt: skip
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3600)


if __name__ == "__main__":
    # More examples than a test has time for, without and with a token.
    guard.WRONG_TOKEN = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        runs = [judge(Path(scratch), token, 1000) for token in (None, TOKEN)]
    sys.stdout.writelines(run.stdout for run in runs)
    sys.exit(max(run.returncode for run in runs))
