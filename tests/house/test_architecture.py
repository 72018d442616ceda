"""The house stands as CONTRIBUTING draws it: imports point downward, the core is pure, the judge is independent."""

from __future__ import annotations

import ast
import re
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support import house
from tests.support.house import EDGE, ROOT, foreign, imports, layer, modules, own

MODULES = modules()


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_only_downward(module: str) -> None:
    upward = {name for name in own(MODULES[module]) if layer(name) > layer(module)}
    assert not upward, f"mockserver.{module} (layer {layer(module)}) imports from above: {upward}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    """No cycle among what modules import when they are imported, packages counted apart from their members."""
    graph = {name: own(path, only_at_import=True) - {name} for name, path in MODULES.items()}
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", [name for name in MODULES if layer(name) < EDGE])
def test_the_core_has_no_effects(module: str) -> None:
    """No clock, socket, environment, process or framework below layer 5; nothing printed or slept."""
    names = imports(MODULES[module])
    found = {
        effect
        for effect in house.EFFECTS
        if any(name == effect or name.startswith(f"{effect}.") for name in names)
        and (module, effect) not in house.ALLOWED_EFFECTS
    }
    assert not found, f"mockserver.{module} is core and imports {found}"
    tree = ast.parse(MODULES[module].read_text())
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not called & {"print", "input", "datetime.now", "datetime.today", "datetime.utcnow", "date.today"}


def test_the_judge_shares_nothing_with_the_judged_but_the_contract() -> None:
    judges = {module: own(path) for module, path in MODULES.items() if module.partition(".")[0] == "check"}
    shared = {
        module: {name for name in names if name.partition(".")[0] in house.JUDGED} for module, names in judges.items()
    }
    assert not any(shared.values()), shared


def test_each_package_from_elsewhere_is_imported_in_one_place() -> None:
    importers: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        for package in foreign(path):
            importers.setdefault(package, set()).add(module)
    spread = {package: found for package, found in importers.items() if len(found) > 1 and package not in house.SHARED}
    assert not spread, "import it in one module, or give the reason in house.SHARED"


def _declared() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [str(re.split(r"[\s\[<>=~!]", each)[0]).lower() for each in them] for extra, them in wanted.items()}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    """The base install by the package, an extra by the package or the tests."""
    base, extras = set(_declared()[""]), set().union(*_declared().values()) - {"mockserver"}
    imported = set().union(*map(foreign, MODULES.values()))
    tested = set().union(*map(foreign, _tests())) - {"tests"}

    def named(distributions: set[str]) -> set[str]:
        return {house.IMPORT_NAMES.get(name, name) for name in distributions}

    undeclared = {house.COMES_WITH.get(name, name) for name in imported | tested} - named(extras)
    assert not undeclared, f"imported and not declared: {undeclared}"
    unused = (
        named(base - set(house.PLUGINS)) - imported
        | named(extras - base - house.TOOLS - set(house.PLUGINS)) - imported - tested
    )
    assert not unused, f"declared and not imported: {unused}"


def _tests() -> list[Path]:
    return [path for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts]


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_files_are_short() -> None:
    """None over 250 lines, tests included, and half of the package's under 100."""
    everywhere = [*MODULES.values(), *_tests()]
    long = {str(path.relative_to(ROOT)): _lines(path) for path in everywhere if _lines(path) > 250}
    assert not long
    short = [path for path in MODULES.values() if _lines(path) < 100]
    assert len(short) * 2 >= len(MODULES)


def test_whatever_is_left_unchecked_says_why() -> None:
    """Behind each comment that keeps a checker from its work stands another with the reason."""
    silent = re.compile(r"#\s*(?:type: ignore|noqa|pragma)\b(?!.*  # \S)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*MODULES.values(), *_tests()]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if silent.search(line)
    ]
    assert not found


@pytest.mark.parametrize("module", MODULES)
def test_functions_are_short(module: str) -> None:
    """None over 50 lines."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(MODULES[module].read_text())
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, functions) and int(node.end_lineno or 0) - node.lineno >= 50
    ]
    assert not long


def test_the_document_is_read_by_the_contract_alone() -> None:
    readers = {name for name, path in MODULES.items() if '"openapi.yaml"' in path.read_text()}
    assert readers == {"contract"}


def test_an_unknown_module_is_told_where_to_add_it() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"mockserver\.attic is in no layer: add it to LAYERS"):
        layer("attic")


def test_contributing_draws_the_house_that_is_enforced() -> None:
    drawing = re.search(r"```text\n(6  .*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    assert drawing
    floors = re.split(r"^(\d)  ", drawing[1], flags=re.MULTILINE)[1:]
    drawn = {
        name.rstrip("/"): int(floor)
        for floor, names in zip(floors[::2], floors[1::2], strict=True)
        for name in names.split()
    }
    enforced = {name: floor for name, floor in house.LAYERS.items() if name.isidentifier() and not name.startswith("_")}
    assert drawn == enforced
