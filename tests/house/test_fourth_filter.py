"""A fourth filter is one parameter in the document: the whole house knows it from there.

A copy of the package gets a document in which ``result`` filters by ``payload.result``. Nothing else is changed. Each
test starts a process that imports the copy, and looks at one room: ``tests/house/fourth_filter.py`` has what it does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.document import contract, read_yaml
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.offences import catalogue
from mockserver.mock.settings import Settings
from tests.house.fourth_filter import SIZE, SOURCES
from tests.support import records

ROOT = Path(__file__).parent.parent.parent
BEFORE = "        - name: page\n"
PARAMETER = """\
        - name: result
          in: query
          required: false
          description: Filter logs by result
          schema: {type: string}
          x-looks-at: payload.result
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a copy of the package, beside a document with the fourth filter."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("mockserver", "fixtures"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    document = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    assert document.count(BEFORE) == 1
    changed = document.replace(BEFORE, PARAMETER + BEFORE)
    parameters = read_yaml(changed.encode())["paths"]["/api/logs"]["get"]["parameters"]
    assert parameters[len(contract().filters)]["name"] == "result"
    (folder / "openapi.yaml").write_text(changed, encoding="utf-8")
    return folder


def run(copy: Path, *arguments: str, expected: int = 0, **variables: str) -> str:
    """Returns what a module of the copy, or of the tests over it, prints."""
    environment = os.environ | {"PYTHONPATH": f"{copy}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1", **variables}
    elsewhere = copy.parent
    process = subprocess.run(
        [sys.executable, "-m", *arguments], env=environment, cwd=elsewhere, capture_output=True, text=True, timeout=120
    )
    assert process.returncode == expected, process.stdout + process.stderr
    return process.stdout


def station(copy: Path, *arguments: str) -> Any:
    """Returns what one station of the walk found."""
    return json.loads(run(copy, "tests.house.fourth_filter", *arguments))


def test_the_copy_is_what_is_imported(copy: Path) -> None:
    assert station(copy, "home") == {
        "package": str(copy / "mockserver"),
        "filters": [*contract().filters, "result"],
    }


@pytest.fixture(scope="module")
def answers(copy: Path) -> dict[str, Any]:
    queries: dict[str, Any] = station(copy, "answers")
    return queries


@pytest.mark.parametrize("served", [f"{source} {profile}" for source, profile in SOURCES])
def test_every_source_answers_it_with_exactly_the_logs_that_match(answers: dict[str, Any], served: str) -> None:
    """On several pages, with the right total on each, alone and beside another filter."""
    answer = answers[served]
    everything = answer["all"]["logs"]
    errors = [log for log in everything if log["payload"]["result"] == "Error"]
    both = [log for log in errors if log["key"] == answer["key"]]
    assert SIZE < len(errors) < len(everything)
    for name, expected in (("error", errors), ("both", both), ("nothing", [])):
        assert answer[name]["logs"] == expected
        assert set(answer[name]["totals"]) == {str(len(expected))}


@pytest.mark.parametrize("served", [f"{source} {profile}" for source, profile in SOURCES])
def test_every_link_keeps_it(answers: dict[str, Any], served: str) -> None:
    links = answers[served]["error"]["links"]
    assert {"first", "prev"} <= links.keys()
    assert all(["result", "Error"] in pairs for pairs in links.values())


def test_a_repeated_one_is_refused_as_the_other_filters_are(copy: Path) -> None:
    refusals = station(copy, "repeats")
    assert refusals["observed result"] == [400, "guard.invalid_input"]
    assert refusals["documented result"] == refusals["documented userId"]


@pytest.mark.parametrize(
    ("depth", "offences"),
    [("quick", ["filter-ignored-result"]), ("full", ["filter-ignored-result", "filter-loses-result"])],
)
def test_an_offence_breaks_it_and_the_judge_catches_that(copy: Path, depth: str, offences: list[str]) -> None:
    verdicts = station(copy, "judge", depth, *offences)
    assert [name for name, (caught, _) in verdicts.items() if not caught] == []
    assert verdicts["(none)"] == [True, []]
    assert verdicts["filter-ignored-result"][1] == ["filter-ignored"]


def test_each_offence_against_a_filter_has_one_against_it(copy: Path) -> None:
    """The catalogue of the copy has for ``result`` what it has for ``userId``, whose place is in the payload too."""
    names = set(station(copy, "tables")["names"])
    of_user = {name for name in catalogue() if name.endswith("-userId") and "payload" not in name}
    assert len(of_user) >= 5
    assert {name.replace("userId", "result") for name in of_user} <= names


@pytest.mark.parametrize("depth", ["quick", "full"])
def test_the_budget_of_the_judge_reaches_every_probe(copy: Path, tmp_path: Path, depth: str) -> None:
    """What is left out is left out for an option that was not given or for want of logs, not of requests or seconds."""
    outcome = station(copy, "check", depth, str(tmp_path))
    assert outcome["exit_code"] == 0
    reasons = {entry["why"] for entry in outcome["report"]["unjudged"]}
    allowed = ("--depth", "--unsafe", "no value that more than 20 of the logs seen hold", "has no such part")
    assert [reason for reason in reasons if not any(part in reason for part in allowed)] == []


def test_the_judge_demands_it_of_a_deployment_without_it(copy: Path) -> None:
    tokens = {"MOCKSERVER_TOKEN": "dev-token", "MOCKSERVER_FORBIDDEN_TOKEN": "forbidden-token"}
    with Server(create_app(Settings(logs="faker:count=400,seed=3"))) as server:
        output = run(copy, "mockserver", "check", server.url, "--depth", "quick", expected=1, **tokens)
    assert "filter-ignored" in output


def test_the_console_offers_it_with_values(copy: Path) -> None:
    console = station(copy, "console")
    parameter = next(parameter for parameter in console["contract"]["parameters"] if parameter["name"] == "result")
    assert (parameter["type"], parameter["looks_at"]) == ("string", "payload.result")
    assert sorted(console["suggestions"]["result"]) == ["Error", "Success"]


def test_the_strategy_of_queries_draws_it(copy: Path) -> None:
    """Of any value, and of values that occur in given logs."""
    assert station(copy, "drawn") == {"any": {"result": ""}, "known": {"result": "Mostly"}}


def test_the_generated_tables_show_it(copy: Path) -> None:
    tables = station(copy, "tables")
    assert "| `result` | only requests whose result is this |" in tables["faults"]
    assert "`result`" not in records.fault_kinds()
    assert int(tables["offences"].split()[0]) > len(catalogue())
