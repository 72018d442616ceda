"""One station of the walk with a fourth filter: prints as JSON what the package beside the changed document answers.

``python -m tests.house.fourth_filter STATION [ARGUMENT...]``, with the copy of the package first on PYTHONPATH.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from click.testing import CliRunner
from hypothesis import find, settings

import mockserver
from mockserver import strategies
from mockserver.cli import group
from mockserver.cli.self_test import LOGS, kills
from mockserver.contract.document import contract
from mockserver.contract.profile import ProfileName
from mockserver.contract.published import DEV_TOKEN, FORBIDDEN_TOKEN
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.faults.offences import catalogue, find_offence
from mockserver.judge.limits import Depth
from mockserver.mock.settings import Settings
from tests.support import offence_docs, records
from tests.support.wire import Answer, request

PROFILES: tuple[ProfileName, ...] = ("documented", "observed")
FIXED, GENERATED, EDGES = "seeded", "faker:count=300,seed=3", "hypothesis:count=60,seed=5"
# No key of the third source begins as the keys do that the observed profile lists.
SOURCES = (*product((FIXED, GENERATED), PROFILES), (EDGES, PROFILES[0]))
SIZE = 7


def ask(port: int, query: str) -> Answer:
    return request(port, f"/api/logs?{query}", [("Authorization", "Bearer dev-token")])


def walk(port: int, query: str) -> dict[str, Any]:
    """Reads every page of a query; the queries of the links are those of page 2."""
    logs: list[Any] = []
    totals: list[str | None] = []
    links: dict[str, list[tuple[str, str]]] = {}
    while True:
        number = len(totals) + 1
        answer = ask(port, f"{query}&page={number}&page_size={SIZE}")
        page = answer.json()
        totals.append(answer.header("total-number"))
        if number == 2:
            links = {rel: parse_qsl(urlsplit(url).query) for rel, url in answer.links().items()}
        logs += page
        if len(page) < SIZE:
            return {"logs": logs, "totals": totals, "links": links}


def answers() -> Any:
    """The logs of every source in every profile: all of them, and those of three queries with the new filter."""
    walks = {}
    for source, profile in SOURCES:
        with Server(create_app(Settings(logs=source, profile=profile))) as server:
            everything = walk(server.port, "")
            key = next(log["key"] for log in everything["logs"] if log["payload"]["result"] == "Error")
            walks[f"{source} {profile}"] = {
                "all": everything,
                "key": key,
                "error": walk(server.port, "result=Error"),
                "both": walk(server.port, urlencode({"logKey": key, "result": "Error"})),
                "nothing": walk(server.port, "result=error"),
            }
    return walks


def repeats() -> Any:
    """The status and the code of the answer to a repeated filter, the new one and an old one, in every profile."""
    answers_by_name = {}
    for profile in PROFILES:
        with Server(create_app(Settings(profile=profile))) as server:
            for name in ("result", "userId"):
                answer = ask(server.port, f"{name}=a&{name}=b")
                answers_by_name[f"{profile} {name}"] = [
                    answer.status,
                    answer.json()["code"] if answer.status != 200 else None,
                ]
    return answers_by_name


def console() -> Any:
    """What the console reads to build its form."""
    with Server(create_app(Settings())) as server:
        return {path: request(server.port, f"/__admin/{path}").json() for path in ("contract", "suggestions")}


def judge(depth: Depth, *names: str) -> Any:
    """Whether the judge finds an honest mock honest, whether it catches each offence, and the checks that failed."""
    return {kill.offence: [kill.caught, kill.checks] for kill in kills([find_offence(name) for name in names], depth)}


def check(depth: Depth, folder: str) -> Any:
    """The exit code and the report of ``mockserver check`` on an honest mock of the copy."""
    with Server(create_app(Settings(logs=LOGS.format(400)))) as server:
        options = ["--depth", depth, "--token", DEV_TOKEN, "--forbidden-token", FORBIDDEN_TOKEN, "--report", folder]
        result = CliRunner().invoke(group, ["check", server.url, *options], catch_exceptions=False)
    return {"exit_code": result.exit_code, "report": json.loads((Path(folder) / "report.json").read_bytes())}


def drawn() -> Any:
    """The smallest queries with the new filter that the strategy draws: of any value, and of a value of given logs."""
    quick = settings(database=None, max_examples=1000, derandomize=True)
    logs = [{"payload": {"result": "Mostly"}}]
    return {
        "any": find(strategies.queries(), lambda query: "result" in query, settings=quick),
        "known": find(strategies.queries(logs), lambda query: query.get("result") == "Mostly", settings=quick),
    }


def tables() -> Any:
    """The tables of the documents that show filters or their offences."""
    return {"faults": records.fault_kinds(), "offences": offence_docs.offence_counts(), "names": list(catalogue())}


def home() -> Any:
    """Where the package and its document come from."""
    return {"package": str(Path(mockserver.__file__).parent), "filters": list(contract().filters)}


STATIONS: dict[str, Callable[[], Any]] = {
    station.__name__: station for station in (home, answers, repeats, console, judge, check, drawn, tables)
}

if __name__ == "__main__":
    json.dump(STATIONS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
