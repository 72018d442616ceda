"""Flask is imported in a thread beside the loop: nobody else waits for it, and a failure is not for ever."""

from __future__ import annotations

import socket
import threading
from typing import Any

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


def failing_first(*errors: Exception) -> Echo:
    """A front whose app cannot be had at first."""
    left = list(errors)

    class Failing(Echo):
        @property
        def app(self) -> Any:
            if left:
                raise left.pop(0)
            return echo_app

        @app.setter
        def app(self, app: Any) -> None:
            pass

    return Failing(lambda request: None)


def test_an_interpreter_that_cannot_parse_in_two_threads_is_tried_again():
    """CPython 3.11 raises SystemError when another thread parses while werkzeug does."""
    with Server(failing_first(SystemError("AST constructor recursion depth mismatch"))) as running:
        assert ask(running, "/")[0].status == 200


def test_a_failure_to_make_the_app_is_not_remembered():
    with Server(failing_first(ZeroDivisionError())) as running:
        assert [ask(running, "/")[0].status for _ in range(2)] == [500, 200]
