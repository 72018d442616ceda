"""The control API in Flask: keeps strangers out, gives each action what the client sent, and writes its answer."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request

from mockserver.contract.errors import MockserverError, Refused
from mockserver.edge.admin import (
    guard,
    tenants,  # noqa: F401  # it registers its routes beside those of actions
)
from mockserver.edge.admin.actions import ROUTES, Control, Route, health
from mockserver.edge.admin.document import show_description
from mockserver.edge.command import Command, Steps, answer_reply, refusal_reply
from mockserver.edge.front import Front
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


def blueprint(front: Front) -> Blueprint:
    """The routes below ``/__admin``; mounted at the root and under each tenant's prefix."""
    routes, mock = Blueprint("admin", __name__), front.mock

    protect(routes, guard.control_refusal, mock, HEADERS)
    for mended in (Refused, MockserverError):
        routes.register_error_handler(mended, lambda error: respond(refusal_reply(error)))

    def view_of(route: Route) -> Callable[..., Response]:
        def view(**parameters: str) -> Response:
            placed, sent = mock.placed(request_from(request.environ)), request.args.to_dict() | parameters
            control = Control(mock, placed, sent, front.clock(), front.reload, front.verdict)
            answer = route.act(control) if route.read is None else route.act(control, route.read(request.get_data()))
            is_command = isinstance(answer, Generator)
            return respond(Command(answer, route.status) if is_command else answer_reply(answer, route.status))

        return view

    for route in ROUTES:
        routes.add_url_rule(route.path, route.act.__name__, view_of(route), methods=[route.method])
    return routes


def protect(routes: Blueprint, refusal_of: Guard, mock: Mock, headers: Mapping[str, str]) -> None:
    """Let a guard see each request before its route does, except that for health; add headers to each response."""

    @routes.before_request
    def keep_out() -> Response | None:
        name = (request.endpoint or "").rpartition(".")[2]
        if name == health.__name__:
            return None
        # The description holds no secret: whoever may see the console may read it.
        judge = guard.console_refusal if name == show_description.__name__ else refusal_of
        refusal = judge(mock.placed(request_from(request.environ)), request.remote_addr, mock.settings)
        if refusal is None:
            return None
        # A client without a token, such as the console at first, is told at once.
        is_wrong = refusal.status == 401 and "Authorization" in request.headers
        return respond(Command(_refused(refusal), wait=guard.WRONG_TOKEN) if is_wrong else refusal_reply(refusal))

    @routes.after_request
    def harden(response: Response) -> Response:
        response.headers.update(headers)
        return response


def _refused(refusal: Refused) -> Steps[None]:
    yield 0
    raise refusal


def respond(answer: Any) -> Response:
    """The response to a reply or a command, as the app makes it."""
    return current_app.make_response(answer)
