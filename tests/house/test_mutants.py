"""``make mutants`` makes small changes, one of each drawn line, and lists those that no test notices."""

from __future__ import annotations

import ast
import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from coverage import CoverageData

from tests.mutants import __main__ as mutants
from tests.mutants.changes import Change, changes

ROOT = Path(__file__).parent.parent.parent
TABLE = {
    "x = a < b": {"x = (a <= b)", "x = (a >= b)"},
    "x = a is not b": {"x = (a is b)"},
    "x = a in b": {"x = (a not in b)"},
    "x = a and b or c": {"x = ((a and b) and c)", "x = (a or b) or c"},
    "x = not a": {"x = (a)"},
    "x = a + b * c": {"x = (a - b * c)", "x = a + (b + c)"},
    "x = 5": {"x = 6"},
    "x = 0.5": {"x = 1.5"},
    "x = True": {"x = False"},
    "x = 'name'": {"x = 'name_'"},
    "x = b'name'": {"x = b'name_'"},
    "x = 'some prose', None, f'{a}'": set(),
    "x: 'int' = None": set(),
    "x = cast('int', a)": {"x = (cast('int'))"},
    "x = a.pause(40, 400)": {"x = (a.pause(40))"},
    "x = f(a, b, c=d)": {"x = (f(a, c=d))", "x = (f(a, b))"},
    "f()": {"pass"},
    "self.a = b": {"pass"},
    "a += b": {"pass"},
    "del a": {"pass"},
    "raise a": {"pass"},
    "assert a == b": set(),
    "import a": set(),
    "'''Says something.'''": set(),
    "if a: x": {"if (not (a)): x", "if a: pass"},
    "x = [a for a in b if c]": {"x = [a for a in b if (not (c))]"},
    "while a: break": {"while (not (a)): break", "while a: pass"},
    "def f(): return a": {"def f(): return None"},
    "def f() -> 'int': return None": set(),
    "if TYPE_CHECKING: f()": set(),
    "class A(Protocol): x = 1": set(),
    "class A(Protocol[T]): x = 1": set(),
    "class A(asyncio.BufferedProtocol): x = 1": {"class A(asyncio.BufferedProtocol): x = 2"},
    "@overload\ndef f(): f()": set(),
}


@pytest.mark.parametrize("text", TABLE)
def test_a_change_is_small_and_of_what_a_run_could_show(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mockserver" / "room" / "file.py"
    file.parent.mkdir(parents=True)
    file.write_text(text + "\n")
    found = {
        change.apply(file.read_bytes()).decode().removesuffix("\n") for change in changes(tmp_path, "room/file.py")
    }
    assert found == TABLE[text]


@pytest.fixture(scope="module")
def every() -> list[Change]:
    return list(changes(ROOT))


def test_every_change_is_python_and_changes_something(every: list[Change]) -> None:
    for change in every[::150]:
        source = (ROOT / change.file).read_bytes()
        changed = change.apply(source)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source)), change.what
        assert change.line in change.lines


def test_a_seed_draws_the_same_lines_each_of_them_once(every: list[Change]) -> None:
    drawn = mutants.sample(every, 200, 5)
    assert drawn == mutants.sample(every, 200, 5) != mutants.sample(every, 200, 6)
    assert len({(change.file, change.line) for change in drawn}) == 200
    judge = sum(mutants.room(change) == "judge" for change in drawn)
    assert 30 < judge < 80
    assert {change.file for change in mutants.sample(list(changes(ROOT, "http")), 20, 1)} <= {c.file for c in every}


def test_every_change_that_is_known_to_change_nothing_can_still_be_made(every: list[Change]) -> None:
    lines = {change.file: (ROOT / change.file).read_text("utf-8").splitlines() for change in every}
    known = tomllib.loads(mutants.EQUIVALENTS.read_text("utf-8"))["equivalent"]
    for entry in known:
        fitting = [
            change
            for change in every
            if change.what == entry["change"] and entry.get("file", change.file) == change.file
            and entry.get("line", "") in lines[change.file][change.line - 1]
        ]  # fmt: skip
        assert fitting, entry
        assert mutants.equivalent(fitting[0], lines[fitting[0].file][fitting[0].line - 1].strip()) == entry["reason"]


SIZES = """def is_large(number):
    return number > 10


def wait(number):
    while number > 5:
        number -= 1
"""
TESTS = """
from mockserver.room.sizes import is_large, wait


def test_numbers():
    assert is_large(50) and not is_large(1)


def test_wait():
    wait(20)
"""
NUMBERS, WAIT = (f"tests/room/test_sizes.py::test_{name}" for name in ("numbers", "wait"))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one file, and a test of it; its runs need no plugin of pytest."""
    empty = ("mockserver/__init__.py", "mockserver/pytest_plugin.py", "tests/__init__.py", "pyproject.toml")
    texts = {"mockserver/room/sizes.py": SIZES, "tests/room/test_sizes.py": TESTS} | dict.fromkeys(empty, "")
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shutil.copytree(ROOT / "tests" / "mutants", tmp_path / "tests" / "mutants")
    (tmp_path / "tests" / "clients" / "node_modules").mkdir(parents=True)
    (tmp_path / "equivalents.toml").write_text('[[equivalent]]\nchange = "10 becomes 11"\nreason = "As it is."\n')
    monkeypatch.setattr(mutants, "EQUIVALENTS", tmp_path / "equivalents.toml")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return tmp_path


def write_map(root: Path, arguments: tuple[str, ...], seconds: str) -> None:
    """Writes what a complete run under coverage leaves."""
    data = CoverageData(next(text.partition("=")[2] for text in arguments if text.startswith("--data-file=")))
    data.set_context(NUMBERS)
    data.add_lines({str(root / "mockserver" / "room" / "sizes.py"): [2]})
    data.set_context(WAIT)
    data.add_lines({str(root / "mockserver" / "room" / "sizes.py"): [6, 7]})
    data.write()
    Path(seconds).write_text(json.dumps({NUMBERS: 0.01, WAIT: 0.01}), "utf-8")


def test_what_no_test_notices_is_listed_with_its_line(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, maps = mutants.Tree.run, 0

    def drawing(tree: mutants.Tree, *arguments: str, **environment: str) -> tuple[int | None, str]:
        nonlocal maps
        if "MUTANTS_SECONDS" in environment:
            maps += 1
            write_map(root, arguments, environment["MUTANTS_SECONDS"])
            return 0, "2 passed"
        return (0, "") if "combine" in arguments else run(tree, *arguments, **environment)  # type: ignore[arg-type]  # seconds are among them

    def drawn(found: list[Change], count: int, seed: int) -> list[Change]:
        wanted = ("return None", "11", "number >= 5")
        return [change for text in wanted for change in found if change.what.endswith(f"becomes {text}")]

    monkeypatch.setattr(mutants.Tree, "run", drawing)
    monkeypatch.setattr(mutants, "sample", drawn)
    assert mutants.main(["--seed", "3", "--room", "room", "--seconds", "9"], root) == 1
    place = "mockserver/room/sizes.py"
    assert capsys.readouterr().out.splitlines() == [
        "2 passed",
        f"noticed    {place}:2: return number > 10 becomes return None (FAILED {NUMBERS})",
        f"equivalent {place}:2: 10 becomes 11 (As it is.)",
        f"SURVIVED   {place}:6: number > 5 becomes number >= 5",
        "           while number > 5:",
        "Seed 3: noticed 1 of 2 changes of behaviour",
        "  room: 1 of 2",
    ]
    assert (root / place).read_text() == SIZES
    monkeypatch.setattr(mutants, "sample", lambda found, count, seed: found[:0])
    assert mutants.main([], root) == 0
    assert maps == 1


def test_a_change_that_makes_a_test_hang_is_noticed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    tree = mutants.Tree(root, tmp_path_factory.mktemp("copy"))
    (change,) = [each for each in changes(root, "room") if each.what == "number -= 1 becomes pass"]
    assert tree.noticed(change, [WAIT], 1) == "a hang"
    assert tree.noticed(change, [], 1) == ""


def test_the_tests_of_a_change_are_those_that_run_its_lines_first_and_no_more_than_time_allows(root: Path) -> None:
    program, other = "tests/cli/test_a.py::test_a", "tests/mock/test_a.py::test_a"
    whole, room = "tests/judge/test_whole_reports.py::test_a", "tests/room/test_a.py::test_a"
    seconds = {NUMBERS: 1.0, WAIT: 2.0, program: 1.0, other: 1.0, whole: 1.0, room: 1.0}
    write_map(root, (f"--data-file={root / 'lines'}",), str(root / "seconds"))
    data = CoverageData(root / "lines")
    data.read()
    known = mutants.Map(root, data, {"mockserver/room/sizes.py": str(root / "mockserver/room/sizes.py")}, seconds)
    of_line = {change.line: change for change in changes(root, "room")}
    assert known.of_change(of_line[2], 100) == [NUMBERS, WAIT, room, program]
    # A file that is named after the changed one comes before others, if its tests do not run the line either.
    assert known.of_change(of_line[7], 100) == [WAIT, NUMBERS, room, program]
    # Each kind has its own time.
    assert known.of_change(of_line[7], 2) == [NUMBERS, room]
    # What runs when the file is imported is shown to all that run the file, and to those that compare whole reports.
    once = replace(of_line[7], lines=range(8))
    assert known.of_change(once, 100) == [NUMBERS, WAIT, whole, room, program]
    assert mutants.room(replace(of_line[2], file="mockserver/hooks.py")) == "top"
    assert known.of_change(replace(of_line[2], file="mockserver/hooks.py"), 100) == [program]


def test_a_file_that_no_test_runs_is_seen_by_the_tests_of_what_imports_it(root: Path) -> None:
    seconds = {NUMBERS: 1.0, WAIT: 2.0}
    write_map(root, (f"--data-file={root / 'lines'}",), str(root / "seconds"))
    data = CoverageData(root / "lines")
    data.read()
    user = root / "mockserver" / "room" / "sizes.py"
    known = mutants.Map(root, data, {"mockserver/room/sizes.py": str(user)}, seconds)
    (change, *_) = changes(root, "room")
    constants = replace(change, file="mockserver/other/limits.py", lines=range(2))
    assert known.of_change(constants, 100) == []
    for line in ("from mockserver.other import limits", "from mockserver.other.limits import MOST"):
        user.write_text(f"{line}\n{SIZES}")
        assert known.of_change(constants, 100) == [NUMBERS, WAIT]


def test_a_change_of_what_runs_once_is_one_of_the_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "mockserver" / "file.py"
    file.parent.mkdir()
    file.write_text("MOST = 1\n\nclass Bounds:\n    least = 2\n\n    def size(self):\n        return 3\n")
    lines = {change.what: change.lines for change in changes(tmp_path)}
    assert lines["1 becomes 2"] == lines["2 becomes 3"] == range(8)
    assert lines["3 becomes 4"] == range(7, 8)
