"""Programs that some tests need and pip does not install, and the end of ``make test``: what was left out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Never

import pytest

# What the last run left out: how many tests for each reason. Git ignores it, and `make clean` removes it.
LEFT_OUT = Path(__file__).parent.parent.parent / ".left-out.json"


def tool(*names: str) -> str:
    """Returns the path of the first of these programs that is on the PATH; without one, the test is left out."""
    return next(filter(None, map(shutil.which, names)), None) or leave_out(f"without {names[0]}")


def leave_out(reason: str) -> Never:
    """Ends the test: it is skipped, and under CI it fails."""
    pytest.fail(f"{reason}: `make tools` installs it") if os.environ.get("CI") else pytest.skip(reason)


def note(reasons: Iterable[str]) -> None:
    """Keeps the reasons of all tests that a run skipped, beside those of the runs before it."""
    before = json.loads(LEFT_OUT.read_text()) if LEFT_OUT.exists() else {}
    LEFT_OUT.write_text(json.dumps(Counter(before) + Counter(reasons)))


def main() -> int:
    """Reports the coverage of a run, which must be complete if no test was left out; returns the exit code."""
    left_out: dict[str, int] = json.loads(LEFT_OUT.read_text())
    demand = ["--fail-under=0"] if left_out else []
    code = subprocess.run([sys.executable, "-m", "coverage", "report", *demand]).returncode
    if left_out:
        lines = "".join(f"{count:5} {reason}\n" for reason, count in sorted(left_out.items()))
        sys.stdout.write(
            f"\nAll other tests passed, {sum(left_out.values())} were left out:\n{lines}"
            "To add what is missing: make tools\nComplete coverage is demanded where nothing is left out.\n"
        )
    return code


if __name__ == "__main__":
    sys.exit(main())
