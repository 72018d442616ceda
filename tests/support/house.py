"""The house as CONTRIBUTING draws it: which module stands on which floor, and how its imports are read."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "mockserver"

# Which layer a module belongs to: the first pattern that fits its name below ``mockserver``.
LAYERS: dict[str, int] = {
    "": 0,
    "errors": 0,
    "reply": 0,
    "grammar": 0,
    "jsontext": 0,
    "numbers": 0,
    "files": 0,
    "contract": 1,
    "settings": 1,
    "profiles": 1,
    "arrangement": 1,
    "query": 2,
    "access": 2,
    "tokens": 2,
    "sources": 2,
    "sources.*": 2,
    "traffic": 2,
    "traffic.*": 2,
    "strategies": 2,
    "fault": 2,
    "faults": 2,
    "faults.*": 2,
    "rules": 2,
    "preference": 2,
    "plan": 2,
    "presets": 2,
    "suggestions": 2,
    "offences": 2,
    "offences.*": 2,
    "logs": 3,
    "tenants": 3,
    "links": 3,
    "paths": 3,
    "masking": 2,
    "encodings": 3,
    "journal": 3,
    "expectations": 3,
    "replies": 4,
    "exchange": 4,
    "web": 5,
    "web.*": 5,
    "check": 5,
    "check.*": 5,
    "hooks": 5,
    "harness": 5,
    "harness.*": 5,
    "cli": 6,
    "cli.*": 6,
    "pytest_plugin": 6,
    "pytest_plugin.*": 6,
    "__main__": 6,
}
EDGE = 5

# What only the edge may import: sockets, clocks, the environment, processes, frameworks.
EFFECTS = {
    "asyncio", "click", "flask", "gevent", "http", "httpx", "logging", "os", "pytest", "requests",
    "schemathesis", "select", "selectors", "signal", "socket", "ssl", "subprocess", "threading", "time",
    "urllib.request", "werkzeug",
}  # fmt: skip

# A core module that may import one of them, and why.
ALLOWED_EFFECTS: dict[tuple[str, str], str] = {
    ("faults.status", "http"): "the names of statuses, which have no effects",
    ("files", "os"): "files are put in place whole, when a source is opened or a command writes one",
    ("sources.hypothesis", "os"): "where drawn logs are kept, asked when the source is opened",
}

# What the judged is made of: the judge imports none of it, and shares the contract alone.
JUDGED = (
    "query",
    "access",
    "logs",
    "sources",
    "exchange",
    "faults",
    "offences",
    "tenants",
    "profiles",
    "links",
    "plan",
)

# Third-party packages that more than one module imports, and why.
SHARED = {
    "click": "each command is a module of its own",
    "flask": "the app and each blueprint behind it are modules of their own",
    "gevent": "the server, and the connections that it serves",
    "hypothesis": "the public strategies and the source that draws from them",
    "faker": "the provider for Faker's users, and the source",
    "pytest": "the plugin has several modules",
    "schemathesis": "the judge's validator, its fuzzing, and its checks as hooks",
    "werkzeug": "Flask's own errors, caught where its answers are made",
}

# Distributions whose import name is not their own, and those that come with another: werkzeug with Flask.
IMPORT_NAMES = {
    "pyyaml": "yaml", "fake-useragent": "fake_useragent", "ua-parser": "ua_parser", "jsonschema-rs": "jsonschema_rs",
    "ua-parser-builtins": "ua_parser_builtins",
}  # fmt: skip
COMES_WITH = {"werkzeug": "flask", "requests": "schemathesis", "jinja2": "flask", "markupsafe": "flask"}
# Declared, and found otherwise than by an import.
PLUGINS = {
    "ua-parser-builtins": "ua-parser loads its regular expressions from here",
    "fake-useragent": "the tests and the script of user agents read its data file",
}
TOOLS = {"coverage", "mypy", "pytest-xdist", "ruff", "types-pyyaml"}


def modules() -> dict[str, Path]:
    """Every module of the package by its name below ``mockserver``."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def layer(module: str) -> int:
    """The layer of a module; the test that asks fails for one that has none."""
    for pattern, number in LAYERS.items():
        if fnmatchcase(module, pattern):
            return number
    return pytest.fail(f"mockserver.{module} is in no layer: add it to LAYERS in tests/support/house.py")


@cache
def imports(path: Path, only_at_import: bool = False) -> frozenset[str]:
    """The full names that a module imports, lazily too unless only those that its own import brings; none for types."""
    return frozenset(_imports(ast.parse(path.read_text()).body, only_at_import))


def _imports(body: list[ast.stmt], only_at_import: bool) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = str(node.module)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif not (only_at_import and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))):
            for name in ("body", "orelse", "finalbody"):
                yield from _imports(getattr(node, name, []), only_at_import)
            for handler in getattr(node, "handlers", []):
                yield from _imports(handler.body, only_at_import)
            for case in getattr(node, "cases", []):
                yield from _imports(case.body, only_at_import)


def own(path: Path, only_at_import: bool = False) -> set[str]:
    """The modules of this house that a module imports, by their names below ``mockserver``."""
    known = modules()
    names = {name.removeprefix("mockserver").lstrip(".") for name in imports(path, only_at_import) if _is_own(name)}
    return {name for name in names if name in known} - {""}


def _is_own(name: str) -> bool:
    return name.partition(".")[0] == "mockserver"


def foreign(path: Path) -> set[str]:
    """The packages from elsewhere that a module imports."""
    tops = {name.partition(".")[0] for name in imports(path) if not _is_own(name)}
    return tops - sys.stdlib_module_names
