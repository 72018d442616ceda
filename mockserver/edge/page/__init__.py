"""The web page at ``/__admin/``: the files beside this one, and the routes that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from mockserver.edge.admin import guard
from mockserver.edge.admin.bodies import as_refused
from mockserver.edge.wsgi import request_from
from mockserver.mock.settings import Settings

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

# Nothing from another host, nothing inline, no frame around it, no form that leaves it; and no text becomes HTML or a
# script, whatever a log holds (Trusted Types).
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@cache
def files() -> Mapping[str, tuple[bytes, str]]:
    """The bytes and the media type of every file of the page, by its name; read once, when first asked for."""
    here = Path(__file__).parent
    return {path.name: (path.read_bytes(), TYPES[path.suffix]) for path in here.iterdir() if path.suffix in TYPES}


def blueprint(settings: Settings) -> Blueprint:
    """The routes of the page; mounted below ``/__admin``, at the root and under each tenant's prefix."""
    routes = Blueprint("page", __name__)

    @routes.before_request
    def keep_out() -> ResponseReturnValue | None:
        refusal = guard.shut(request_from(request.environ), request.remote_addr, settings)
        return None if refusal is None else as_refused(refusal)

    @routes.after_request
    def harden(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @routes.get("/")
    def page(tenant: str = "") -> ResponseReturnValue:
        return _file("index.html")

    @routes.get("/page/<name>")
    def file(name: str, tenant: str = "") -> ResponseReturnValue:
        return _file(name) if name in files() else abort(404)

    return routes


def _file(name: str) -> Response:
    body, media = files()[name]
    return Response(body, content_type=media)
