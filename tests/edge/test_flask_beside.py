"""Flask is imported in a thread beside the loop: nobody else waits for it, and a failure is not for ever."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from flask import Flask

from mockserver.edge import app as application
from mockserver.edge.app import create_app
from mockserver.edge.front import Front
from mockserver.edge.server import Server
from mockserver.http.message import Reply
from tests.support.echo import Echo, ask, echo_app


def test_a_request_for_logs_does_not_wait_for_flask():
    """Flask is imported in a thread; what needs it waits, and nobody else."""
    is_asked, may_load = threading.Event(), threading.Event()

    class Slow(Echo):
        @property
        def app(self) -> Any:
            is_asked.set()
            assert may_load.wait(30)
            return echo_app

        @app.setter
        def app(self, app: Any) -> None:
            pass

    with (
        Server(Slow(lambda request: Reply(200, (), b"logs") if request.path == "/api/logs" else None)) as running,
        socket.create_connection((running.host, running.port), timeout=30) as waiting,
    ):
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert is_asked.wait(30)
        assert ask(running, "/api/logs")[1] == b"logs"
        may_load.set()
        assert waiting.recv(12) == b"HTTP/1.1 200"


def test_an_interpreter_that_cannot_parse_in_two_threads_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython 3.11 raises SystemError when another thread parses while werkzeug does."""
    errors = [SystemError("AST constructor recursion depth mismatch (before=198, after=183)")]
    real = application.app_of

    def app_of(front: Front) -> Flask:
        if errors:
            raise errors.pop()
        return real(front)

    monkeypatch.setattr(application, "app_of", app_of)
    assert create_app().test_client().get("/__admin/settings").status_code == 200
    assert errors == []


def test_a_failure_to_make_the_app_is_not_remembered():
    errors = [ZeroDivisionError()]

    class Failing(Echo):
        @property
        def app(self) -> Any:
            if errors:
                raise errors.pop()
            return echo_app

        @app.setter
        def app(self, app: Any) -> None:
            pass

    with Server(Failing(lambda request: None)) as running:
        assert [ask(running, "/")[0].status for _ in range(2)] == [500, 200]
