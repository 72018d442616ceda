"""What other threads ask of the thread that serves."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.edge.server import Server
from tests.support.echo import echo

app: Any = echo


def test_a_call_runs_in_the_servers_thread_and_gives_what_it_gives() -> None:
    with Server(app) as server:
        assert server.call(lambda: threading.current_thread().name) == "mockserver"
        assert threading.current_thread().name != "mockserver"


def test_a_call_raises_what_it_raises_and_the_server_goes_on() -> None:
    def fail() -> None:
        raise KeyboardInterrupt("not the server's affair")

    with Server(app) as server:
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt, match="not the server's affair"):
                server.call(fail)
        assert server.call(lambda: 1) == 1


def test_calls_of_many_threads_run_one_after_another() -> None:
    counted = {"count": 0}

    def count() -> None:
        before = counted["count"]
        counted["count"] = before + 1

    with Server(app) as server:
        threads = [threading.Thread(target=lambda: [server.call(count) for _ in range(50)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counted["count"] == 400


def test_without_a_serving_thread_there_is_no_call() -> None:
    server = Server(app)
    with pytest.raises(MockserverError, match="no thread that serves"):
        server.call(lambda: 1)
    server.start().stop()
    with pytest.raises(MockserverError, match="no thread that serves"):
        server.call(lambda: 1)
