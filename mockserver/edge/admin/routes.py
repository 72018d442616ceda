"""The control API in Flask: keeps strangers out, gives each action what the client sent, and writes its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import encode
from mockserver.edge.admin import guard
from mockserver.edge.admin.actions import ROUTES, Control, Route, Sent, health, problem_json
from mockserver.edge.wsgi import request_from
from mockserver.http.message import Request
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

Guard = Callable[[Request, str | None, Settings], Refused | None]


def blueprint(mock: Mock, clock: Callable[[], float]) -> Blueprint:
    """The routes below ``/__admin``; mounted at the root and under each tenant's prefix."""
    routes = Blueprint("admin", __name__)

    protect(routes, guard.control_refusal, mock.settings, HEADERS)
    routes.register_error_handler(Refused, refused_response)

    @routes.errorhandler(MockserverError)
    def invalid_input(error: MockserverError) -> ResponseReturnValue:
        return refused_response(Refused(400, "admin.invalid_input", str(error), problem_json(error)))

    def view_of(route: Route) -> Callable[..., ResponseReturnValue]:
        def view(**parameters: str) -> Response:
            control = Control(mock, request_from(request.environ), clock() + mock.shift)
            if route.read is None:
                return json_response(route.act(control), route.status)
            sent = Sent(request.args.to_dict() | parameters, request.get_data())
            return json_response(route.act(control, route.read(sent)), route.status)

        return view

    for route in ROUTES:
        routes.add_url_rule(route.path, route.act.__name__, view_of(route), methods=[route.method])
    return routes


def protect(routes: Blueprint, refusal_of: Guard, settings: Settings, headers: Mapping[str, str]) -> None:
    """Let a guard see each request before its route does, except that for health; add headers to each response."""

    @routes.before_request
    def keep_out() -> Response | None:
        is_health = (request.endpoint or "").endswith(f".{health.__name__}")
        refusal = None if is_health else refusal_of(request_from(request.environ), request.remote_addr, settings)
        return None if refusal is None else refused_response(refusal)

    @routes.after_request
    def harden(response: Response) -> Response:
        response.headers.update(headers)
        return response


def json_response(answer: Any, status: int) -> Response:
    """The response to an action's answer: None is 204 without a body, and bytes are JSON text already."""
    if answer is None:
        return Response(status=204)
    return Response(answer if isinstance(answer, bytes) else encode(answer), status, mimetype="application/json")


def refused_response(refusal: Refused) -> Response:
    """The response to a refused request."""
    parts = {"code": refusal.code, "message": refusal.message, "data": refusal.data}
    return json_response({name: value for name, value in parts.items() if value is not None}, refusal.status)
