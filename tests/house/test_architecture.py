"""What CONTRIBUTING says of the code, as far as no tool checks it.

``make lint`` runs the tools: import-linter checks which room imports from which (the contracts are in pyproject.toml),
deptry finds packages that are imported and not declared or declared and not used, ruff limits what the core may do.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support import sizes

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
PACKAGE = ROOT / "mockserver"
FILES = {str(path.relative_to(ROOT)): path for path in sorted(PACKAGE.rglob("*.py"))}
TEST_FILES = {
    str(path.relative_to(ROOT)): path for path in sorted(TESTS.rglob("*.py")) if "node_modules" not in path.parts
}

ROOMS = {"contract", "http", "logs", "faults", "mock", "judge", "record", "edge", "testing", "cli"}
# Files beside the rooms: users and tools import them by these names.
PROMISED = {"__init__.py", "__main__.py", "hooks.py", "py.typed", "pytest_plugin.py", "strategies.py"}
# Folders of tests that belong to no single room.
OTHER_TESTS = {"benchmarks", "clients", "examples", "house", "mutants", "page", "pictures", "recorded", "strangers",
               "support", "typing"}  # fmt: skip

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50
# As strict as `sizes` counts; blank lines within docstrings are not taken off twice.
MOST_PYTHON = 14_400
MOST_JAVASCRIPT = 2_000

# Third-party packages that several modules import, and why.
SHARED = {
    "click": "each command is in a module of its own",
    "flask": "the app and each of its blueprints are in modules of their own",
    "h11": "answers that a thread of the judge reads, and answers that the server's loop hands on",
    "hypothesis": "the strategies, and the source that draws logs from them",
    "requests": "Schemathesis takes its responses, and it reads which proxies the environment names",
    "schemathesis": "the judge's validator, its generator of requests, and the checks for users of Schemathesis",
    "werkzeug": "comes with Flask: errors of HTTP, HTTP Basic, and an app that is asked in this process",
}


@cache
def tree(name: str) -> ast.Module:
    """Returns the syntax tree of one file of the package."""
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


def test_the_top_of_the_package_lists_the_rooms_and_the_promised_names() -> None:
    assert {path.name for path in PACKAGE.iterdir()} - {"__pycache__"} == ROOMS | PROMISED


def test_the_contract_of_import_linter_lists_the_same_rooms() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = {name for layer in settings["contracts"][0]["layers"] for name in re.split(r" \| ", layer)}
    required = {name for name in layers if not name.startswith("(")}
    assert required == ROOMS | {"hooks", "pytest_plugin", "strategies"}


def test_tests_are_in_folders_named_like_the_rooms() -> None:
    """Beside them are folders of tests that belong to no single room."""
    folders = {path.name for path in TESTS.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == ROOMS | OTHER_TESTS
    assert not list(TESTS.glob("test_*.py"))


def definitions(module: ast.Module) -> Iterator[str]:
    """Yields the names of classes, protocols, named tuples, type variables and aliases of types in a module."""
    yield from (node.name for node in ast.walk(module) if isinstance(node, ast.ClassDef))
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        yield from (name for name in names if re.fullmatch(r"_?[A-Z]([a-z]\w*)?", name))


def test_a_definition_is_a_class_or_a_name_in_capitalised_words() -> None:
    classes = "class Outer:\n    class Inner: ...\n"
    assignments = "Pairs = tuple[int]\nT = TypeVar('T')\nAlias: TypeAlias = int\nLIMIT = 3\nname = 4\n"
    assert list(definitions(ast.parse(classes + assignments))) == ["Outer", "Inner", "Pairs", "T", "Alias"]


def test_no_class_or_type_is_defined_twice() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for name in FILES:
        for definition in definitions(tree(name)):
            places[definition].append(name)
    assert {definition: names for definition, names in places.items() if len(names) > 1} == {}


def test_files_are_short() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in (FILES | TEST_FILES).items()}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES_OF_A_FILE} == {}


def test_functions_are_short() -> None:
    functions = [
        (f"{name}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for name in FILES
        for node in ast.walk(tree(name))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert [(name, length) for name, length in functions if length > MOST_LINES_OF_A_FUNCTION] == []


def test_the_package_keeps_to_its_size() -> None:
    """CONTRIBUTING shows the table that ``python -m tests.support.sizes`` prints."""
    assert sizes.rooms().total() <= MOST_PYTHON
    assert 0 < sizes.javascript() <= MOST_JAVASCRIPT
    assert "| Python, all |" in sizes.report()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 0),
        ('"""A docstring\n\nof three lines."""\n\n# A comment.\nx = 1  # Another.\n', 1),
        ('def f():\n    """Says what it does."""\n    return """a\n\nb"""\n', 3),
        ("x = (\n    # A comment.\n    1,\n)\n", 3),
    ],
)
def test_code_lines_are_neither_blank_nor_comment_nor_docstring(text: str, lines: int) -> None:
    assert sizes.python_lines(text) == lines


def test_code_lines_of_javascript_are_neither_blank_nor_comment() -> None:
    text = '// A comment.\n/* Of two\n   lines. */\n\nconst a = "// no comment"; // one\n  /** One. */\nf(a);\n'
    assert sizes.javascript_lines(text) == 2


def imported_packages(module: ast.Module) -> set[str]:
    """Returns the third-party packages that a module imports, at its top or in a function."""
    names = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    # `_typeshed` is no package: it exists for checkers of types alone.
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"mockserver", "_typeshed"}


def test_each_third_party_package_is_imported_by_one_module() -> None:
    importers: defaultdict[str, list[str]] = defaultdict(list)
    for name in FILES:
        for package in imported_packages(tree(name)):
            importers[package].append(name)
    several = {package: names for package, names in importers.items() if len(names) > 1}
    assert {package: names for package, names in several.items() if package not in SHARED} == {}
    assert set(SHARED) <= set(several), "SHARED excuses a package that has one importer"


def test_whatever_a_checker_skips_has_a_reason() -> None:
    """A second comment behind ``type: ignore``, ``noqa`` and ``pragma`` gives the reason."""
    without_reason = re.compile(r"#\s*(?:type: ignore|noqa|pragma)\b(?!.*  # \S)")
    places = [
        f"{name}:{number}"
        for name, path in (FILES | TEST_FILES).items()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if without_reason.search(line)
    ]
    assert places == []


def test_the_contract_alone_reads_the_document() -> None:
    readers = [name for name, path in FILES.items() if '"openapi.yaml"' in path.read_text(encoding="utf-8")]
    assert readers == ["mockserver/contract/document.py"]
