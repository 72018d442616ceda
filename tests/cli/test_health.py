"""``mockserver health``: the exit code says whether a mock answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import group
from mockserver.contract.errors import MockserverError


def health(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(group, ["health", *arguments], env=environment)


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """A server that answers one connection with these bytes; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as client:
                client.recv(1000)
                client.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_a_mock_is_found_on_the_port_of_the_environment_and_no_proxy_is_asked(documented_port: int) -> None:
    result = health(MOCKSERVER_PORT=str(documented_port), http_proxy="http://127.0.0.1:1")
    assert (result.exit_code, result.output) == (0, f"http://127.0.0.1:{documented_port} answers.\n")


@pytest.mark.parametrize("path", ["", "/", "/t/acme"])
def test_a_mock_is_found_by_its_base_url(documented_port: int, path: str) -> None:
    assert health(f"http://localhost:{documented_port}{path}").exit_code == 0


@pytest.mark.parametrize(
    ("reply", "message"),
    [(b"", "closed"), (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404"), (b"garbage\r\n\r\n", "garbage")],
)
def test_a_server_that_is_no_mock_is_told_with_exit_code_1(reply: bytes, message: str) -> None:
    with answering(reply) as port:
        result = health("--port", str(port))
    assert result.exit_code == 1
    assert result.output.startswith(f"http://127.0.0.1:{port} does not answer: ")
    assert message in result.output


def test_where_nobody_listens_the_exit_code_is_1() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        assert health("-p", str(reserved.getsockname()[1])).exit_code == 1


@pytest.mark.parametrize("url", ["nonsense", "http://h:port", "ftp//"])
def test_what_is_no_url_is_bad_usage(url: str) -> None:
    assert isinstance(health(url).exception, MockserverError)
