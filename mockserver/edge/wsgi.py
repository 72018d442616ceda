"""WSGI (PEP 3333), both ways: how the server asks Flask, and how Flask answers for the API under any other server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

from werkzeug.test import run_wsgi_app

from mockserver.edge.command import Command
from mockserver.edge.sending import is_sent, paced, status_line
from mockserver.http.cors import opened
from mockserver.http.head import Head, origin_form
from mockserver.http.message import Headers, Reply, Request, headers_of, json_reply
from mockserver.http.reader import Incoming

if TYPE_CHECKING:
    from flask import Flask

# What RFC 3986 lets stand in a path; the percent sign stays quoted: the nearest to what was sent.
_PATH_SAFE = "/:@!$&'()*+,;=-._~"
# Where the server leaves word that it carries out commands itself.
CARRIES = "mockserver.carries"


def asker(app: Flask, scheme: str, authority: str) -> Callable[[Incoming, tuple[str, int]], Reply | Command]:
    """The function that asks Flask, in this process; it gives the reply, or the command that the route returned."""
    host, _, port = authority.rpartition(":")
    own = {
        "SERVER_NAME": host, "SERVER_PORT": port, "wsgi.version": (1, 0), "wsgi.url_scheme": scheme,
        "wsgi.input_terminated": True, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip

    def ask(incoming: Incoming, peer: tuple[str, int]) -> Reply | Command:
        commands: list[Command] = []
        environ = environ_of(incoming.head) | own | {
            "REMOTE_ADDR": str(peer[0]), "REMOTE_PORT": str(peer[1]),
            "wsgi.input": BytesIO(incoming.body), CARRIES: commands.append,
        }  # fmt: skip
        pieces, status, headers = run_wsgi_app(app, environ, buffered=True)
        if commands:
            lengths = ("content-length", "content-type")
            return replace(commands[0], headers=tuple(pair for pair in headers if pair[0].lower() not in lengths))
        return Reply(int(status[:3]), tuple(headers), b"".join(pieces))

    return ask


@lru_cache(maxsize=1024)
def _environ_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key


def environ_of(head: Head) -> dict[str, Any]:
    """The part of an environ that one head decides, with ``mockserver.target`` and ``mockserver.headers`` as sent."""
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


def request_from(environ: dict[str, Any]) -> Request:
    """The request of one environ.

    The house's own server passes it as it came. Of another server RAW_URI (gunicorn, werkzeug) or REQUEST_URI gives the
    path, else PATH_INFO quoted again: then a percent-encoded letter can no longer be told from the letter, nor repeated
    headers from one with commas. The query is always QUERY_STRING's.
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
    path = raw.partition("?")[0]
    if not path:
        path = quote((environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1"), _PATH_SAFE)
    query = environ.get("QUERY_STRING", "")
    # What no parameter says is not lost: `?` alone is a query without a character.
    return f"{path}?{query}" if query or raw.endswith("?") else path


def _rebuilt_headers(environ: dict[str, Any]) -> Headers:
    named = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    named.update({key: environ[key] for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key)})
    return tuple((key.lower().replace("_", "-"), value) for key, value in named.items())


def sendable(reply: Reply, method: str) -> tuple[str, Headers, Iterator[bytes]]:
    """Status, headers and body of a reply as any WSGI server can send it, opened to browsers.

    Waits and dribbles hold that server's thread. What ends a connection, or is no HTTP, needs the socket, which WSGI
    does not give: it is answered with 501.
    """
    sending = reply.sending
    if sending.end != "keep" or sending.raw is not None or sending.stray:
        reply = json_reply(501, {
            "code": "request.fault_needs_socket",
            "message": "This fault ends the connection or sends bytes that are no HTTP, which no other server than "
            "`mockserver serve` can do: start the mock with it.",
        })  # fmt: skip
    reply = opened(reply)

    def body() -> Iterator[bytes]:
        time.sleep(reply.sending.wait)
        for seconds, piece in paced(reply) if is_sent(reply, method) else ():
            time.sleep(seconds)
            yield piece

    return status_line(reply.status), headers_of(reply), body()
