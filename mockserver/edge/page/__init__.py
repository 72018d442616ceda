"""The console, the web page at ``/__admin/``: the files beside this one, and the routes that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from mockserver.edge.admin import guard, routes
from mockserver.mock.exchange import Mock

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

# The browser loads nothing from another host and nothing inline, shows the console in no frame, and sends no form.
# Trusted Types: no text becomes HTML or a script, whatever a log holds.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

HEADERS = {
    **routes.HEADERS,
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


@cache
def files() -> Mapping[str, tuple[bytes, str]]:
    """The bytes and the media type of every file of the console, by its name; read once, on first use."""
    here = Path(__file__).parent
    return {path.name: (path.read_bytes(), TYPES[path.suffix]) for path in here.iterdir() if path.suffix in TYPES}


def blueprint(mock: Mock) -> Blueprint:
    """The routes of the console; mounted below ``/__admin``, at the root and under each tenant's prefix."""
    console = Blueprint("page", __name__)

    routes.protect(console, guard.console_refusal, mock, HEADERS)

    @console.get("/")
    @console.get("/page/<name>")
    def file(name: str = "index.html", tenant: str = "") -> ResponseReturnValue:
        if name not in files():
            abort(404)
        body, media = files()[name]
        return Response(body, content_type=media)

    return console
