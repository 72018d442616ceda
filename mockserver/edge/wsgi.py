"""Requests into and out of WSGI: raw where the server gives them so, else rebuilt as well as an environ allows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from mockserver.http.head import Head, origin_form
from mockserver.http.message import Headers, Request

# What RFC 3986 lets stand in a path, and the percent sign stays quoted: the nearest to what was sent.
PATH_SAFE = "/:@!$&'()*+,;=-._~"


@lru_cache(512)
def _environ_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key


def environ_of(head: Head) -> dict[str, Any]:
    """The part of a WSGI environ (PEP 3333) that one head decides, with ``mockserver.target`` and
    ``mockserver.headers``
    as they came."""
    authority, target = origin_form(head.target)
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1") if "%" in path else path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/" + head.version,
        "mockserver.target": head.target,
        "mockserver.headers": head.headers,
    }
    for name, value in head.headers:
        # A name with an underscore would pass for the one with a dash.
        if "_" not in name:
            key = _environ_key(name)
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    if authority is not None:
        # RFC 9112, 3.2.2: the authority of an absolute target replaces Host.
        environ["HTTP_HOST"] = authority
    return environ


def request_of(head: Head, authority: str) -> Request:
    """The request of one head; ``authority`` (host and port) stands in for a Host that it does not name."""
    named, target = origin_form(head.target)
    return Request(head.method, target, head.headers, _origin(named or head.host or authority), named is not None)


# Journals hold it once, then.
@lru_cache(256)
def _origin(host: str) -> str:
    return f"http://{host}"


def request_from(environ: dict[str, Any]) -> Request:
    """The request of one WSGI environ.

    The house's own server passes ``mockserver.target`` and ``mockserver.headers``; of another, RAW_URI (gunicorn,
    werkzeug) or REQUEST_URI is used, else PATH_INFO quoted again: then a percent-encoded letter can no longer be told
    from the letter, nor repeated headers from one with commas.
    """
    authority, target = origin_form(environ.get("mockserver.target") or _rebuilt_target(environ))
    headers: Headers | None = environ.get("mockserver.headers")
    host = authority or environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        environ["REQUEST_METHOD"],
        target,
        _rebuilt_headers(environ) if headers is None else headers,
        f"{environ['wsgi.url_scheme']}://{host}",
        authority is not None,
    )


def _rebuilt_target(environ: dict[str, Any]) -> str:
    raw: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if raw:
        return raw
    path = quote((environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1"), PATH_SAFE)
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _rebuilt_headers(environ: dict[str, Any]) -> Headers:
    named = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    named.update({key: environ[key] for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key)})
    return tuple((key.lower().replace("_", "-"), value) for key, value in named.items())
