"""The control API below ``/__admin``: faults, logs, requests and settings of one tenant, as JSON."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from mockserver import __version__
from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError, Refused
from mockserver.edge.admin import forms, guard
from mockserver.edge.admin.bodies import as_json, as_refused, body, nothing, problem, rule_of, tenant_of
from mockserver.edge.wsgi import request_from
from mockserver.faults.kinds import KINDS
from mockserver.faults.plan import ArmedRule
from mockserver.faults.rule import Conditions
from mockserver.mock.exchange import Mock
from mockserver.mock.expectations import read_expectation


def blueprint(mock: Mock, clock: Callable[[], float]) -> Blueprint:
    """The routes below ``/__admin``; mounted at the root and under each tenant's prefix."""
    routes = Blueprint("admin", __name__)

    @routes.before_request
    def keep_out() -> ResponseReturnValue | None:
        refusal = guard.refusal(request_from(request.environ), request.remote_addr, mock.settings)
        return None if refusal is None or _is_health() else as_refused(refusal)

    @routes.after_request
    def harden(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    @routes.errorhandler(MockserverError)
    def unmended(error: MockserverError) -> ResponseReturnValue:
        return as_json({"code": "admin.invalid_input", "message": str(error), "data": problem(error)}, 400)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return as_refused(error)

    @routes.get("/health")
    def health(tenant: str = "") -> ResponseReturnValue:
        return as_json({"status": "ok", "version": __version__})

    @routes.get("/settings")
    def settings(tenant: str = "") -> ResponseReturnValue:
        shown = {name: value for name, value in dataclasses.asdict(mock.settings).items() if name != "admin_token"}
        own = tenant_of(mock)
        here = {"tenant": own.name, "tenants": sorted(mock.tenants.names), "count": mock.count(own.name)}
        return as_json({**shown, **here, "version": __version__})

    @routes.post("/reset")
    def reset(tenant: str = "") -> ResponseReturnValue:
        tenant_of(mock).reset()
        return nothing()

    _add_faults(routes, mock)
    _add_logs(routes, mock, clock)
    _add_requests(routes, mock)
    forms.add(routes, mock, clock)
    return routes


def _is_health() -> bool:
    return (request.endpoint or "").rpartition(".")[2] == "health"


def _add_faults(routes: Blueprint, mock: Mock) -> None:
    @routes.get("/faults")
    def listed(tenant: str = "") -> ResponseReturnValue:
        armed = [_armed(each) for each in tenant_of(mock).armed.rules]
        return as_json({"armed": armed, "kinds": kinds(), "conditions": _parameters(Conditions) + _matches()})

    @routes.post("/faults")
    def arm(tenant: str = "") -> ResponseReturnValue:
        return as_json(_armed(tenant_of(mock).armed.arm(rule_of(body()))), 201)

    @routes.delete("/faults")
    def disarm_all(tenant: str = "") -> ResponseReturnValue:
        tenant_of(mock).armed.clear()
        return nothing()

    @routes.delete("/faults/<number>")
    def disarm(number: str, tenant: str = "") -> ResponseReturnValue:
        try:
            tenant_of(mock).armed.disarm(number)
        except MockserverError as error:
            raise Refused(404, "admin.not_found", str(error)) from None
        return nothing()


def _armed(each: ArmedRule) -> dict[str, Any]:
    rule = each.rule
    counts = {"matched": each.tally.matched, "fired": each.tally.fired}
    return {"id": each.id, "text": rule.text, "kind": rule.kind, "fields": rule.fields, **counts}


def kinds() -> list[dict[str, Any]]:
    """Every kind of fault as its form needs it: name, sentence, parameters with their bounds."""
    return [
        {"kind": name, "sentence": inspect.getdoc(record), "parameters": _parameters(record)}
        for name, record in KINDS.items()
    ]


def _parameters(record: type[Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name, "type": str(field.type).partition(" ")[0],
            "required": field.default is dataclasses.MISSING,
            "default": None if field.default is dataclasses.MISSING else field.default, **field.metadata,
        }
        for field in dataclasses.fields(record)
    ]  # fmt: skip


def _matches() -> list[dict[str, Any]]:
    return [
        {
            "name": each.name, "type": "int" if each.type == "integer" else "str", "required": False, "default": None,
            "help": f"only requests with this {each.name}", "at_least": each.minimum, "at_most": None, "unit": "",
            "choices": (),
        }
        for each in contract().parameters.values()
    ]  # fmt: skip


def _add_logs(routes: Blueprint, mock: Mock, clock: Callable[[], float]) -> None:
    @routes.get("/logs")
    def added(tenant: str = "") -> ResponseReturnValue:
        return Response(b"[" + b",".join(tenant_of(mock).store.added) + b"]", mimetype="application/json")

    @routes.post("/logs")
    def add(tenant: str = "") -> ResponseReturnValue:
        sent = body()
        logs = sent if isinstance(sent, list) else [sent]
        made = tenant_of(mock).add_logs(logs, clock() + mock.shift)
        return Response(b"[" + b",".join(made) + b"]" if sent is logs else made[0], 201, mimetype="application/json")

    @routes.delete("/logs")
    def drop_added(tenant: str = "") -> ResponseReturnValue:
        tenant_of(mock).store.clear()
        return nothing()


def _add_requests(routes: Blueprint, mock: Mock) -> None:
    @routes.get("/requests")
    def recorded(tenant: str = "") -> ResponseReturnValue:
        text = request.args.get("after", "0")
        if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
            raise MockserverError("after", repr(text), "the id of an entry: a whole number from 0")
        journal = tenant_of(mock).journal
        shown = [entry.shown() for entry in journal.entries(int(text))]
        return as_json({"requests": shown, "last": journal.last})

    @routes.delete("/requests")
    def forget(tenant: str = "") -> ResponseReturnValue:
        tenant_of(mock).journal.clear()
        return nothing()

    @routes.post("/requests/count")
    def count(tenant: str = "") -> ResponseReturnValue:
        wanted = read_expectation(body())
        return as_json({"count": len(wanted.matching(tenant_of(mock).journal.entries()))})

    @routes.post("/requests/verify")
    def verify(tenant: str = "") -> ResponseReturnValue:
        wanted, entries = read_expectation(body()), tuple(tenant_of(mock).journal.entries())
        sentence = wanted.verdict(entries)
        if sentence is not None:
            raise Refused(406, "admin.expectation_not_met", sentence)
        return as_json({"count": len(wanted.matching(entries))})
