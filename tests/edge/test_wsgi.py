"""A request out of an environ is the raw one, or the nearest to it."""

from __future__ import annotations

from wsgiref.util import setup_testing_defaults

import pytest

from mockserver.edge.wsgi import CARRIES, asker, environ_of, request_from
from mockserver.http.head import Head, read_head
from mockserver.http.message import Reply, Request
from mockserver.http.reader import Incoming

HEADERS = (("host", "example.com"), ("authorization", "a"), ("authorization", "b"), ("x_y", "c"), ("content-type", "d"))


def environ(**changes: object) -> dict[str, object]:
    made: dict[str, object] = {}
    setup_testing_defaults(made)
    return made | changes


def test_the_house_s_own_server_passes_target_and_headers_untouched():
    raw = environ() | environ_of(Head("GET", "/api/%6Cogs?\xff=%zz&+", "1.1", HEADERS))
    request = request_from(raw)
    assert (request.method, request.target, request.headers) == ("GET", "/api/%6Cogs?\xff=%zz&+", HEADERS)
    assert request.origin == "http://example.com"


def test_an_environ_joins_repeated_headers_and_drops_names_with_underscores():
    made = environ_of(Head("GET", "/a%20b?c=%20", "1.0", HEADERS))
    assert made["HTTP_AUTHORIZATION"] == "a,b"
    assert made["CONTENT_TYPE"] == "d"
    assert "HTTP_X_Y" not in made
    assert (made["PATH_INFO"], made["QUERY_STRING"], made["SERVER_PROTOCOL"]) == ("/a b", "c=%20", "HTTP/1.0")


@pytest.mark.parametrize(("lacking", "given"), [("SCRIPT_NAME", "PATH_INFO"), ("PATH_INFO", "SCRIPT_NAME")])
def test_an_environ_may_lack_what_is_empty(lacking: str, given: str):
    """PEP 3333 says so of these and of the query."""
    made = environ(**{given: "/api/logs"})
    for name in (lacking, "QUERY_STRING"):
        made.pop(name, None)
    assert request_from(made).target == "/api/logs"


def test_the_authority_of_an_absolute_target_replaces_host():
    made = environ() | environ_of(Head("GET", "http://other.example.com/api/logs", "1.1", HEADERS))
    assert made["HTTP_HOST"] == "other.example.com"
    request = request_from(made)
    assert (request.origin, request.target) == ("http://other.example.com", "/api/logs")


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({"RAW_URI": "/api/%6Cogs"}, "/api/%6Cogs"),
        ({"REQUEST_URI": "/api//logs?a", "QUERY_STRING": "a"}, "/api//logs?a"),
        ({"RAW_URI": "/api/logs", "QUERY_STRING": "page=2"}, "/api/logs?page=2"),
        ({"RAW_URI": "/api/logs?page=1", "QUERY_STRING": "page=2"}, "/api/logs?page=2"),
        ({"RAW_URI": "/api/logs?"}, "/api/logs?"),
        ({"PATH_INFO": "/api/a b\xff", "QUERY_STRING": "a=%20"}, "/api/a%20b%FF?a=%20"),
        ({"SCRIPT_NAME": "/mount", "PATH_INFO": "/x"}, "/mount/x"),
    ],
)
def test_under_another_server_the_target_is_rebuilt(changes, target):
    assert request_from(environ(**changes)).target == target


def test_under_another_server_the_headers_are_rebuilt():
    made = request_from(environ(HTTP_MOCK_TENANT="t", CONTENT_TYPE="text/plain", CONTENT_LENGTH=""))
    assert made.header("mock-tenant") == "t"
    assert made.header("content-type") == "text/plain"
    assert made.header("content-length") is None


def test_without_a_host_the_origin_is_the_server_s_own():
    made = environ(SERVER_PORT="3001")
    del made["HTTP_HOST"]
    assert request_from(made).origin == "http://127.0.0.1:3001"


def test_an_environ_may_leave_out_what_is_empty() -> None:
    """PEP 3333: SCRIPT_NAME, PATH_INFO and QUERY_STRING may be absent then."""
    environ = {"REQUEST_METHOD": "GET", "SERVER_NAME": "a", "SERVER_PORT": "1", "wsgi.url_scheme": "http"}
    assert request_from(environ) == Request("GET", "", (), "http://a:1")
    assert request_from({**environ, "PATH_INFO": "/api/logs"}).target == "/api/logs"
    assert request_from({**environ, "SCRIPT_NAME": "/api"}).target == "/api"


def test_flask_is_asked_with_an_environ_of_one_thread_and_one_process_as_the_client_sent_it() -> None:
    seen: dict[str, object] = {}

    def app(environ: dict[str, object], start_response: object) -> list[bytes]:
        seen.update(environ)
        start_response("201 Created", [("A", "b")])  # type: ignore[operator]  # as WSGI has it
        return [b"an", b"swer"]

    text = b"POST /a%20b?c=d HTTP/1.1\r\nHost: example.com\r\nContent-Length: 4\r\n\r\n"
    incoming = Incoming(read_head(text), b"body", text)
    reply = asker(app, "https", "127.0.0.1:3001")(incoming, ("192.0.2.7", 50_000))  # type: ignore[arg-type]  # any app
    assert reply == Reply(201, (("A", "b"),), b"answer")
    assert seen.pop("wsgi.input").read() == b"body"  # type: ignore[attr-defined]  # a file of bytes
    assert {name: value for name, value in seen.items() if name not in ("wsgi.errors", CARRIES)} == {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/a b", "QUERY_STRING": "c=d",
        "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "3001",
        "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "50000", "HTTP_HOST": "example.com", "CONTENT_LENGTH": "4",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "https", "wsgi.input_terminated": True,
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "mockserver.target": "/a%20b?c=d", "mockserver.headers": incoming.head.headers,
    }  # fmt: skip
