"""What forms need beside the control API: the contract, presets, suggestions, and trials that change nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.published import TOKENS
from mockserver.edge.admin.bodies import as_json, body, problem, rule_of, tenant_of
from mockserver.mock.exchange import Mock
from mockserver.mock.store import FILLED


def add(routes: Blueprint, mock: Mock, clock: Callable[[], float]) -> None:
    """Add these routes to those of the control API."""

    @routes.get("/contract")
    def the_contract(tenant: str = "") -> ResponseReturnValue:
        parameters = [dataclasses.asdict(each) for each in contract().parameters.values()]
        return as_json(
            {"parameters": parameters, "log": contract().log_schema, "filled": list(FILLED), "tokens": TOKENS}
        )

    @routes.get("/presets")
    def all_presets(tenant: str = "") -> ResponseReturnValue:
        # As below: read when first asked for, since a server must be ready soon and most never see the page.
        from mockserver.faults.presets import PRESETS

        return as_json([dataclasses.asdict(each) for each in PRESETS.values()])

    @routes.get("/offences")
    def offences(tenant: str = "") -> ResponseReturnValue:
        from mockserver.faults.offences import catalogue

        names = ("name", "severity", "sentence")
        return as_json([{name: getattr(each, name) for name in names} for each in catalogue().values()])

    @routes.get("/suggestions")
    def suggested(tenant: str = "") -> ResponseReturnValue:
        return as_json(tenant_of(mock).store.suggestions(clock() + mock.shift))

    @routes.post("/faults/trial")
    def try_rule(tenant: str = "") -> ResponseReturnValue:
        sent = body()
        try:
            return as_json({"text": rule_of(sent).text, "problems": []})
        except MockserverError as error:
            return as_json({"text": None, "problems": [problem(error)]})

    @routes.post("/logs/trial")
    def try_log(tenant: str = "") -> ResponseReturnValue:
        log = body()
        if not isinstance(log, dict):
            raise MockserverError("log", "no object", "an object")
        found = tenant_of(mock).store.problems(log, clock() + mock.shift)
        problems = [problem(MockserverError(f"log.{each.path}", each.found, each.expected)) for each in found]
        return as_json({"problems": problems})
