"""The Flask app: the API in front, the token endpoint, the documents and the control API behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from mockserver import sources
from mockserver.contract import contract
from mockserver.exchange import Mock
from mockserver.reply import Reply
from mockserver.settings import Settings
from mockserver.sources import Opening, Source, Watch, unwatched
from mockserver.tenants import PREFIX
from mockserver.web import moments
from mockserver.web.cors import CORS, PREFLIGHT
from mockserver.web.requests import request_from
from mockserver.web.sending import send

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What Flask answers, also under a tenant's prefix; every other path is the API's.
_FLASK = ("/oidc", "/openapi.", "/__admin")


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
    begun, shift = moments.begin(settings.now, started)
    if source is None:
        source = sources.read(settings.logs).open(Opening(begun, settings.growth, settings.allow_invalid, watch))
    mock = Mock(settings, source, shift)
    app = Flask("mockserver", static_folder=None)
    app.extensions["mockserver"] = mock
    _mount(app, mock, clock)
    app.wsgi_app = Front(mock, app.wsgi_app, clock)  # type: ignore[method-assign]  # Flask's own way to wrap itself
    return app


class Front:
    """The WSGI layer before Flask: the API's paths are answered by the mock, raw as they came.

    Flask would decode and normalise them (a doubled slash, a percent-encoded letter), and halve the requests a second.
    """

    def __init__(self, mock: Mock, behind: WSGIApplication, clock: Callable[[], float]) -> None:
        self._mock = mock
        self._behind = behind
        self._clock = clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = _behind_tenant(environ["PATH_INFO"])
        if not path.startswith("/__admin") and _is_preflight(environ):
            start_response("204 No Content", list(PREFLIGHT))
            return ()
        if path.startswith(_FLASK):
            return self._behind(environ, start_response)
        began = time.perf_counter()
        reply, entry = self._mock.exchange(request_from(environ), self._clock())
        try:
            return send(_opened(reply), environ, start_response)
        finally:
            if entry is not None:
                entry.milliseconds = (time.perf_counter() - began) * 1000


def _opened(reply: Reply) -> Reply:
    """The reply as browsers may read it; one that says itself who may (a fault) is left as it is."""
    return reply.with_more(CORS) if reply.header("access-control-allow-origin") is None else reply


def _behind_tenant(path: str) -> str:
    if not path.startswith(PREFIX):
        return path
    _, slash, rest = path[len(PREFIX) :].partition("/")
    return slash + rest


def _is_preflight(environ: dict[str, Any]) -> bool:
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def _mount(app: Flask, mock: Mock, clock: Callable[[], float]) -> None:
    from mockserver.web import admin, oidc, page

    for prefix in ("", f"{PREFIX}<tenant>"):
        app.register_blueprint(oidc.blueprint(mock, clock), url_prefix=prefix, name=f"oidc{len(prefix)}")
        app.register_blueprint(admin.blueprint(mock, clock), url_prefix=f"{prefix}/__admin", name=f"admin{len(prefix)}")
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
        return jsonify(code=f"request.{status}", message=error.description), status, allow

    @app.after_request
    def open_to_browsers(response: Response) -> Response:
        from flask import request

        if not _behind_tenant(request.path).startswith("/__admin"):
            response.headers.extend(CORS)
        return response
