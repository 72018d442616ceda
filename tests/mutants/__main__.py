"""Changes the package in small ways, one at a time, and lists those changes that no test notices: ``make mutants``.

The lines to change are drawn with a seed, so that each room has its share. A map says which tests run a line. One
complete run under coverage draws it, and it is kept until the package or its tests change. Coverage knows nothing of
programs that a test starts, and little of what runs once in a process; so tests in files that are named after the
changed one come next, and the other tests of the room and those that start programs come last. The first test that
fails, or hangs, has noticed the change. All this happens in a copy of the tree.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from coverage import CoverageData

from tests.mutants.changes import Change, changes

ROOT = Path(__file__).parent.parent.parent
EQUIVALENTS = Path(__file__).with_name("equivalents.toml")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.mutants.plugin")
# They drive a browser, and coverage cannot tell them apart.
LEFT_OUT = ("--ignore=tests/page", "--ignore=tests/examples/test_frontend.py", "--ignore=tests/examples/test_proxy.py")
# So many tests are collected and run before the others: mostly one of them notices a change.
FIRST = 60
# Seconds, beside five times what the tests should take. Then they hang.
PATIENCE = 60
# Many of these start programs.
PROGRAMS = ("tests/cli/", "tests/edge/", "tests/testing/")
# These compare documents, reports and requests with what a person has read: constants show there that no test names.
WHOLES = ("tests/house/test_docs", "tests/judge/test_whole_reports.py", "tests/judge/test_full_depth.py")


def sample(found: list[Change], count: int, seed: int) -> list[Change]:
    """Draws lines, each as likely as any other, and one change of each."""
    by_line: dict[tuple[str, int], list[Change]] = {}
    for change in found:
        by_line.setdefault((change.file, change.line), []).append(change)
    chance = random.Random(seed)
    return [chance.choice(by_line[line]) for line in chance.sample(sorted(by_line), min(count, len(by_line)))]


def room(change: Change) -> str:
    """The room of a change; the files beside the rooms are one."""
    parts = Path(change.file).parts
    return parts[1] if len(parts) > 2 else "top"


def equivalent(change: Change, line: str) -> str:
    """Why a change changes no behaviour, if somebody has found that."""
    facts = {"change": change.what, "file": change.file, "line": line}
    entries = tomllib.loads(EQUIVALENTS.read_text("utf-8"))["equivalent"]
    return next(
        (each["reason"] for each in entries if each.items() - {("reason", each["reason"])} <= facts.items()), ""
    )


class Tree:
    """A copy of the tree, whose programs import the copied package."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        left = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "build", "dist")
        shutil.copytree(root, folder, ignore=left, dirs_exist_ok=True)
        for modules in root.glob("tests/clients/node_modules"):
            (folder / modules.relative_to(root)).symlink_to(modules)

    def run(self, *arguments: str, seconds: float | None = None, **environment: str) -> tuple[int | None, str]:
        """Runs Python in the copy; returns its exit code (None: it took too many seconds) and what it printed."""
        own = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                (sys.executable, *arguments), cwd=self.folder, env=os.environ | own | environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            try:
                code: int | None = process.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
            if code is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            output.seek(0)
            return code, output.read()

    def noticed(self, change: Change, tests: list[str], seconds: float) -> str:
        """Returns which test notices a change, or nothing."""
        path = self.folder / change.file
        honest = path.read_bytes()
        path.write_bytes(change.apply(honest))
        found = self._failing(tests[:FIRST], seconds) or self._failing(tests[FIRST:], seconds)
        path.write_bytes(honest)
        return found

    def _failing(self, tests: list[str], seconds: float) -> str:
        if not tests:
            return ""
        listed = self.folder / "listed.json"
        listed.write_text(json.dumps(tests), "utf-8")
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        code, output = self.run(*PYTEST, "-x", "--tb=no", *files, seconds=seconds, MUTANTS_TESTS=str(listed))
        failed = [line.partition(" - ")[0] for line in output.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        return "" if code == 0 else "a hang" if code is None else [*failed, f"exit {code}"][0]


@dataclass(frozen=True)
class Map:
    """Which tests run which lines, and how many seconds each test takes."""

    root: Path
    data: CoverageData
    files: dict[str, str]
    seconds: dict[str, float]

    @classmethod
    def of(cls, root: Path) -> Map:
        """Reads the map of the last run, or draws it."""
        digest = hashlib.sha256()
        for path in sorted((*root.glob("mockserver/**/*.py"), *root.glob("tests/**/*.py"))):
            digest.update(path.read_bytes())
        folder = root / ".mutants" / digest.hexdigest()[:16]
        lines, seconds = folder / "lines", folder / "seconds.json"
        if not seconds.exists():
            shutil.rmtree(folder.parent, ignore_errors=True)
            folder.mkdir(parents=True)
            with tempfile.TemporaryDirectory() as copy:
                tree = Tree(root, Path(copy))
                run = ("-m", "coverage", "run", f"--data-file={lines}", *PYTEST, "-n", "2", *LEFT_OUT)
                sys.stdout.write(tree.run(*run, MUTANTS_SECONDS=str(seconds))[1].splitlines()[-1] + "\n")
                tree.run("-m", "coverage", "combine", "-q", f"--data-file={lines}")
        data = CoverageData(lines)
        data.read()
        files = {file[file.rindex("mockserver/") :]: file for file in data.measured_files() if "/mockserver/" in file}
        return cls(root, data, files, json.loads(seconds.read_text("utf-8")))

    def of_change(self, change: Change, seconds: float) -> list[str]:
        """The tests that may notice a change, each kind as far as the seconds go.

        First come those that run its lines (or its file, or what imports that), then those of files named after
        its file and of WHOLES, then the rest of its room and what starts programs.
        """
        contexts = self.data.contexts_by_lineno(self.files.get(change.file, ""))
        near = {test for line in change.lines for test in contexts.get(line, ()) if test}
        near = near or {test for tests in contexts.values() for test in tests if test} or self._of_importers(change)
        own = f"tests/{'testing' if room(change) == 'top' else room(change)}/"
        named = f"{own}test_{Path(change.file).stem}"
        files = defaultdict[tuple[int, int, str], list[str]](list)
        for test in self.seconds:
            is_whole = test.startswith(WHOLES) and (test in near or not change.lines.start)
            is_named, is_own = test.startswith(named), test.startswith(own)
            if is_whole or test in near or is_own or test.startswith(PROGRAMS):
                part = 1 if is_whole else 0 if test in near else 1 if is_named else 2
                files[part, 2 - is_own - is_named, test.partition("::")[0]].append(test)
        # Within each rank, the files that take the least time come first.
        order = sorted(files, key=lambda file: (*file[:2], sum(self.seconds[test] for test in files[file])))
        chosen = []
        for part in range(3):
            tests = [test for file in order if file[0] == part for test in files[file]]
            spent = accumulate(self.seconds[test] for test in tests)
            chosen += [test for test, until in zip(tests, spent, strict=True) if until < seconds]
        return chosen

    def _of_importers(self, change: Change) -> set[str]:
        """The tests that run a file which imports the changed one: nothing of that runs in a test itself."""
        package, _, name = change.file.removesuffix(".py").replace("/", ".").rpartition(".")
        imports = re.compile(rf"from {package}(\.{name} import | import .*\b{name}\b)")
        users = [file for name, file in self.files.items() if imports.search((self.root / name).read_text("utf-8"))]
        contexts = [context for user in users for context in self.data.contexts_by_lineno(user).values()]
        return {test for tests in contexts for test in tests if test}


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(f"{datetime.datetime.now():%Y%m%d}"), help="default: the date")
    parser.add_argument("--count", type=int, default=50, help="how many lines are changed (50)")
    parser.add_argument("--room", default="", help="change this folder or file of the package alone")
    parser.add_argument("--seconds", type=float, default=60, help="how much of each kind of tests is shown (60)")
    given = parser.parse_args(arguments)
    drawn = sample(list(changes(root, given.room)), given.count, given.seed)
    known = Map.of(root)
    changed, noticed = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as copy:
        tree = Tree(root, Path(copy))
        for change in drawn:
            line = (root / change.file).read_text("utf-8").splitlines()[change.line - 1].strip()
            told = f"{change.file}:{change.line}: {change.what}"
            if reason := equivalent(change, line):
                sys.stdout.write(f"equivalent {told} ({reason})\n")
                continue
            test = tree.noticed(change, known.of_change(change, given.seconds), PATIENCE + 5 * given.seconds)
            changed[room(change)] += 1
            noticed[room(change)] += bool(test)
            sys.stdout.write(f"noticed    {told} ({test})\n" if test else f"SURVIVED   {told}\n           {line}\n")
            sys.stdout.flush()
    sys.stdout.write(f"Seed {given.seed}: noticed {noticed.total()} of {changed.total()} changes of behaviour\n")
    sys.stdout.writelines(f"  {name}: {noticed[name]} of {count}\n" for name, count in sorted(changed.items()))
    return int(noticed != changed)


if __name__ == "__main__":
    sys.exit(main())
