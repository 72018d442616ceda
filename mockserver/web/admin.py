"""The control API below ``/__admin``: faults, logs, requests and settings of one tenant, as JSON."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from mockserver import __version__, expectations, faults, rules
from mockserver.contract import contract
from mockserver.errors import MockserverError, Refused
from mockserver.exchange import Mock
from mockserver.jsontext import decode, encode
from mockserver.plan import Armed
from mockserver.rules import Conditions, Rule
from mockserver.tenants import Tenant, address
from mockserver.web import guard
from mockserver.web.requests import request_from


def blueprint(mock: Mock, clock: Callable[[], float]) -> Blueprint:
    """The routes below ``/__admin``; mounted at the root and under each tenant's prefix."""
    routes = Blueprint("admin", __name__)

    @routes.before_request
    def keep_out() -> ResponseReturnValue | None:
        refusal = guard.refusal(request_from(request.environ), request.remote_addr, mock.settings)
        return None if refusal is None or _is_health() else _refused(refusal)

    @routes.after_request
    def harden(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    @routes.errorhandler(MockserverError)
    def unmended(error: MockserverError) -> ResponseReturnValue:
        data = {"place": error.place, "found": error.found, "expected": error.expected, "remedy": error.remedy}
        return _json({"code": "admin.invalid_input", "message": str(error), "data": data}, 400)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return _refused(error)

    @routes.get("/health")
    def health(tenant: str = "") -> ResponseReturnValue:
        return _json({"status": "ok", "version": __version__})

    @routes.get("/settings")
    def settings(tenant: str = "") -> ResponseReturnValue:
        shown = {name: value for name, value in dataclasses.asdict(mock.settings).items() if name != "admin_token"}
        own = _tenant(mock)
        here = {"tenant": own.name, "tenants": sorted(mock.tenants.names), "count": own.store.count()}
        return _json({**shown, **here, "version": __version__})

    @routes.post("/reset")
    def reset(tenant: str = "") -> ResponseReturnValue:
        _tenant(mock).reset()
        return _nothing()

    _add_faults(routes, mock)
    _add_logs(routes, mock, clock)
    _add_requests(routes, mock)
    return routes


def _tenant(mock: Mock) -> Tenant:
    return mock.tenants.get(address(request_from(request.environ)).tenant)


def _is_health() -> bool:
    return (request.endpoint or "").rpartition(".")[2] == "health"


def _json(value: Any, status: int = 200) -> Response:
    return Response(encode(value), status, mimetype="application/json")


def _nothing() -> Response:
    return Response(status=204)


def _refused(error: Refused) -> Response:
    body = {"code": error.code, "message": error.message, "data": error.data}
    return _json({name: value for name, value in body.items() if value is not None}, error.status)


def _body() -> Any:
    """The JSON body; raises MockserverError where it is none."""
    try:
        return decode(request.get_data())
    except ValueError as error:
        raise MockserverError("body", f"no JSON ({error})", "one JSON value") from None


def _add_faults(routes: Blueprint, mock: Mock) -> None:
    @routes.get("/faults")
    def listed(tenant: str = "") -> ResponseReturnValue:
        armed = [_armed(each) for each in _tenant(mock).course.armed]
        return _json({"armed": armed, "kinds": kinds(), "conditions": _parameters(Conditions) + _matches()})

    @routes.post("/faults")
    def arm(tenant: str = "") -> ResponseReturnValue:
        return _json(_armed(_tenant(mock).course.arm(_rule(_body()))), 201)

    @routes.delete("/faults")
    def disarm_all(tenant: str = "") -> ResponseReturnValue:
        _tenant(mock).course.clear()
        return _nothing()

    @routes.delete("/faults/<number>")
    def disarm(number: str, tenant: str = "") -> ResponseReturnValue:
        try:
            _tenant(mock).course.disarm(number)
        except MockserverError as error:
            raise Refused(404, "admin.not_found", str(error)) from None
        return _nothing()

    @routes.get("/offences")
    def offences(tenant: str = "") -> ResponseReturnValue:
        from mockserver.offences import catalogue

        names = ("name", "severity", "sentence")
        return _json([{name: getattr(each, name) for name in names} for each in catalogue().values()])


def _rule(body: Any) -> Rule:
    if not isinstance(body, dict) or not isinstance(body.get("rule", body.get("kind")), str):
        raise MockserverError("body", "no rule", 'an object with "rule" (a text), or "kind" and its fields')
    if "rule" not in body:
        return rules.build(body["kind"], {name: value for name, value in body.items() if name != "kind"})
    if len(body) > 1:
        raise MockserverError("body", '"rule" with other fields', 'either "rule" alone, or "kind" and its fields')
    return rules.read(body["rule"])


def _armed(each: Armed) -> dict[str, Any]:
    rule = each.rule
    counts = {"matched": each.tally.matched, "fired": each.tally.fired}
    return {"id": each.id, "text": rule.text, "kind": rule.kind, "fields": rule.fields, **counts}


def kinds() -> list[dict[str, Any]]:
    """Every kind of fault as its form needs it: name, sentence, parameters with their bounds."""
    return [
        {"kind": name, "sentence": inspect.getdoc(record), "parameters": _parameters(record)}
        for name, record in faults.KINDS.items()
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
        return Response(b"[" + b",".join(_tenant(mock).store.added) + b"]", mimetype="application/json")

    @routes.post("/logs")
    def add(tenant: str = "") -> ResponseReturnValue:
        body = _body()
        logs = body if isinstance(body, list) else [body]
        made = _tenant(mock).add_logs(logs, clock() + mock.shift)
        return Response(b"[" + b",".join(made) + b"]" if body is logs else made[0], 201, mimetype="application/json")

    @routes.delete("/logs")
    def drop_added(tenant: str = "") -> ResponseReturnValue:
        _tenant(mock).store.clear()
        return _nothing()


def _add_requests(routes: Blueprint, mock: Mock) -> None:
    @routes.get("/requests")
    def recorded(tenant: str = "") -> ResponseReturnValue:
        text = request.args.get("after", "0")
        if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
            raise MockserverError("after", repr(text), "the id of an entry: a whole number from 0")
        journal = _tenant(mock).journal
        shown = [entry.shown() for entry in journal.entries(int(text))]
        return _json({"requests": shown, "last": journal.last})

    @routes.delete("/requests")
    def forget(tenant: str = "") -> ResponseReturnValue:
        _tenant(mock).journal.clear()
        return _nothing()

    @routes.post("/requests/count")
    def count(tenant: str = "") -> ResponseReturnValue:
        wanted = expectations.read(_body())
        return _json({"count": len(wanted.matching(_tenant(mock).journal.entries()))})

    @routes.post("/requests/verify")
    def verify(tenant: str = "") -> ResponseReturnValue:
        wanted, entries = expectations.read(_body()), tuple(_tenant(mock).journal.entries())
        sentence = wanted.verdict(entries)
        if sentence is not None:
            raise Refused(406, "admin.expectation_not_met", sentence)
        return _json({"count": len(wanted.matching(entries))})
