"""The Flask app: the API, the token endpoint, the documents and the control API, for any WSGI server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from mockserver.contract.document import ITEM_PATH, LIST_PATH, contract
from mockserver.contract.errors import unknown
from mockserver.contract.jsontext import encode
from mockserver.edge import oidc, page
from mockserver.edge.admin import routes as admin
from mockserver.edge.command import Command
from mockserver.edge.front import Front, behind_tenant, open_front
from mockserver.edge.sending import set_time
from mockserver.edge.wsgi import CARRIES, request_from, sendable
from mockserver.http.cors import CORS
from mockserver.http.forwarded import is_host
from mockserver.http.message import Reply
from mockserver.logs.source import Source
from mockserver.mock.exchange import Outcome
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import PREFIX

_log = logging.getLogger("mockserver")


def create_app(
    settings: Settings | None = None, source: Source | None = None, clock: Callable[[], float] = time.time
) -> Flask:
    """The whole mock as a Flask app, for any WSGI server and for ``app.test_client()``.

    ``source`` stands in for the one that the settings name; ``clock`` gives seconds since 1970. Raises MockserverError
    where the source cannot be opened.
    """
    return open_front(settings, source, clock).app


def app_of(front: Front) -> Flask:
    """The Flask app of one front."""
    app = _App("mockserver", static_folder=None)
    # A real deployment tells `//` from `/`: no redirect may mend a path.
    app.url_map.merge_slashes = False
    app.extensions["mockserver"] = front.mock
    app.extensions["mockserver.front"] = front
    for prefix in ("", f"{PREFIX}<tenant>"):
        mark = "tenant" if prefix else "default"
        app.register_blueprint(oidc.blueprint(front.mock, front.clock), url_prefix=prefix, name=f"oidc-{mark}")
        control = f"{prefix}/__admin"
        app.register_blueprint(admin.blueprint(front), url_prefix=control, name=f"admin-{mark}")
        app.register_blueprint(page.blueprint(front.mock), url_prefix=control, name=f"console-{mark}")
        _add_api(app, front, prefix, mark)
        for form in ("yaml", "json"):
            app.add_url_rule(
                f"{prefix}/openapi.{form}", view_func=partial(_document, front), endpoint=f"document-{form}-{mark}"
            )
    app.register_error_handler(HTTPException, partial(_http_error, front))
    app.register_error_handler(Exception, _defect)
    app.before_request(lambda: _answer(front) if _comes_first() else None)
    app.after_request(_open_to_browsers)
    return app


class _App(Flask):
    """Flask, whose views may return a reply of the house, or a command."""

    def make_response(self, rv: Any) -> Response:
        """The response; a command is carried out by the house's own server, and at once under any other."""
        if isinstance(rv, Command):
            carries = request.environ.get(CARRIES)
            if carries is not None:
                carries(rv)
                return Response()
            rv = rv.at_once()
        if isinstance(rv, Reply):
            return Response(rv.content(), rv.status, list(rv.headers))
        return super().make_response(rv)


def _add_api(app: Flask, front: Front, prefix: str, mark: str) -> None:
    """Route the paths of the API, for any method: the mock itself refuses those that it does not know."""

    def api(**parts: str) -> Response:
        return _answer(front) or abort(404)

    for name, path in (("logs", LIST_PATH), ("log", ITEM_PATH.replace("{id}", "<id>"))):
        app.url_map.add(Rule(prefix + path, endpoint=f"{name}-{mark}"))
        app.view_functions[f"{name}-{mark}"] = api


def _answer(front: Front) -> Response | None:
    """The answer of the API to the request at hand; None where Flask answers."""
    began, api_request = time.perf_counter(), request_from(request.environ)
    outcome = front.answer(api_request)
    if not isinstance(outcome, Outcome):
        return None
    status, headers, body = sendable(outcome.reply, api_request.method)
    response = Response(body, status, direct_passthrough=True)
    # The reply says all of it: Flask would add a type where a reply has none.
    response.headers = Headers(list(headers))
    set_time(outcome.entry, began)
    return response


def _comes_first() -> bool:
    """Whether the mock answers wherever the request asks: a preflight, or a Host that is no host."""
    return request.method == "OPTIONS" or not is_host(request.environ.get("HTTP_HOST") or "localhost")


def _document(front: Front, tenant: str = "") -> Response:
    """The document, with the server it comes from in front: what is generated from it then asks this mock."""
    asked = front.mock.placed(request_from(request.environ))
    url, name = asked.public + asked.path.rpartition("/openapi.")[0], "This mock."
    document = contract().document
    if request.path.endswith("yaml"):
        # A text of JSON is one of YAML.
        first = b"servers:\n  - url: %b\n    description: %b\n" % (encode(url), encode(name))
        return Response(contract().text.replace(b"servers:\n", first), mimetype="application/yaml")
    return jsonify({**document, "servers": [{"url": url, "description": name}, *document["servers"]]})


def _http_error(front: Front, error: HTTPException) -> ResponseReturnValue:
    """The API's answer to a path that no route has, else the error as JSON."""
    answer = _answer(front) if error.code in (404, 405) else None
    if answer is not None:
        return answer
    allow = [(name, value) for name, value in error.get_headers() if name == "Allow"]
    status = error.code or 500
    message = _unknown_path() if status == 404 else error.description
    return jsonify(code=f"request.{status}", message=message), status, allow


def _unknown_path() -> str:
    """What is said of a path that no route has: the routes there are, without a tenant."""
    known = {rule.rule for rule in current_app.url_map.iter_rules() if not rule.rule.startswith(PREFIX)}
    return str(unknown("path", behind_tenant(request.path), known))


def _defect(error: Exception) -> ResponseReturnValue:
    _log.error("a defect of the mock, please report it: %r", error, exc_info=_log.isEnabledFor(logging.DEBUG))
    return jsonify(code="request.500", message="A defect of the mock: please report it."), 500


def _open_to_browsers(response: Response) -> Response:
    # Replies of the API are open already.
    is_open = "Access-Control-Allow-Origin" in response.headers
    if not is_open and "Allow" in response.headers:
        # werkzeug has a set, whose order differs between processes.
        response.headers["Allow"] = ", ".join(sorted(response.allow))
    if not is_open and not behind_tenant(request.path).startswith("/__admin"):
        response.headers.extend(CORS)
    return response
