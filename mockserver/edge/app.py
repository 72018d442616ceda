"""The Flask app: the API in front, the token endpoint, the documents and the control API behind it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from mockserver.contract.document import contract
from mockserver.contract.errors import unknown
from mockserver.edge.front import Front, behind_tenant
from mockserver.http.cors import CORS
from mockserver.logs.source import Opening, Source, Watch, read_source, unwatched
from mockserver.mock.clock import start_of
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import PREFIX

_log = logging.getLogger("mockserver")


def create_app(
    settings: Settings | None = None,
    source: Source | None = None,
    clock: Callable[[], float] = time.time,
    watch: Watch = unwatched,
) -> Flask:
    """The whole server as a Flask app, for any WSGI server and for ``app.test_client()``.

    ``source`` stands in for the one that the settings name; ``clock`` gives seconds since 1970; ``watch`` is told how
    far the opening of the source is. Raises MockserverError where it cannot be opened.
    """
    settings = settings or Settings()
    started = clock()
    begun, shift = start_of(settings.now, started)
    if source is None:
        source = read_source(settings.logs).open(Opening(begun, settings.growth, settings.allow_invalid, watch))
    mock = Mock(settings, source, shift)
    app = Flask("mockserver", static_folder=None)
    app.extensions["mockserver"] = mock
    _mount(app, mock, clock)
    app.wsgi_app = Front(mock, app.wsgi_app, clock)  # type: ignore[method-assign]  # Flask's own way to wrap itself
    return app


def _mount(app: Flask, mock: Mock, clock: Callable[[], float]) -> None:
    from mockserver.edge import oidc, page
    from mockserver.edge.admin import routes

    for prefix in ("", f"{PREFIX}<tenant>"):
        app.register_blueprint(oidc.blueprint(mock, clock), url_prefix=prefix, name=f"oidc{len(prefix)}")
        app.register_blueprint(
            routes.blueprint(mock, clock), url_prefix=f"{prefix}/__admin", name=f"admin{len(prefix)}"
        )
        app.register_blueprint(page.blueprint(mock.settings), url_prefix=f"{prefix}/__admin", name=f"page{len(prefix)}")

    @app.get("/openapi.yaml")
    @app.get("/openapi.json")
    def document() -> Response:
        from flask import request

        if request.path.endswith("yaml"):
            return Response(contract().text, mimetype="application/yaml")
        return jsonify(contract().document)

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[Response, int, list[tuple[str, str]]]:
        allow = [(name, value) for name, value in error.get_headers() if name == "Allow"]
        status = error.code or 500
        message = _unknown_path(app) if status == 404 else error.description
        return jsonify(code=f"request.{status}", message=message), status, allow

    @app.errorhandler(Exception)
    def broke(error: Exception) -> tuple[Response, int]:
        _log.error("a defect of the mock, please report it: %r", error, exc_info=_log.isEnabledFor(logging.DEBUG))
        return jsonify(code="request.500", message="A defect of the mock: please report it."), 500

    @app.after_request
    def open_to_browsers(response: Response) -> Response:
        from flask import request

        if not behind_tenant(request.path).startswith("/__admin"):
            response.headers.extend(CORS)
        return response


def _unknown_path(app: Flask) -> str:
    """What is said of a path that no route has: the routes there are, as written without a tenant."""
    from flask import request

    known = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(PREFIX)}
    return str(unknown("path", behind_tenant(request.path), known))
