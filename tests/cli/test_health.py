"""``mockserver health``: the exit code says whether a mock answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import group
from mockserver.contract.errors import MockserverError
from mockserver.edge.certificate import SERVER, own_certificate, tls_context
from mockserver.edge.front import open_front
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings


def health(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(group, ["health", *arguments], env=environment)


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """A server that answers a connection with these bytes, and closes a second; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for answer in (reply, b""):
                with listener.accept()[0] as client:
                    client.recv(1000)
                    client.sendall(answer)

        thread = threading.Thread(target=answer)
        thread.start()
        port = listener.getsockname()[1]
        yield port
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
        thread.join()


def test_a_mock_is_found_on_the_port_of_the_environment_and_no_proxy_is_asked(documented_port: int) -> None:
    result = health(MOCKSERVER_PORT=str(documented_port), http_proxy="http://127.0.0.1:1")
    assert (result.exit_code, result.output) == (0, f"http://127.0.0.1:{documented_port} answers.\n")


def test_a_mock_that_serves_https_is_found_by_its_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    context = tls_context(own_certificate() / SERVER, None)
    with Server(open_front(Settings(logs="seeded")), tls=context) as server:
        result = health("--port", str(server.port))
    assert (result.exit_code, result.output) == (0, f"https://127.0.0.1:{server.port} answers.\n")


@pytest.mark.parametrize("path", ["", "/", "/t/acme"])
def test_a_mock_is_found_by_its_base_url(documented_port: int, path: str) -> None:
    assert health(f"http://localhost:{documented_port}{path}").exit_code == 0


def test_a_base_url_is_told_without_the_slash_at_its_end() -> None:
    assert health("http://127.0.0.1:1/a_/").output.startswith("http://127.0.0.1:1/a_ does not answer: ")


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
        port = str(reserved.getsockname()[1])
        result = health("-p", port)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith(f"http://127.0.0.1:{port} does not answer: ")


@pytest.mark.parametrize("url", ["nonsense", "http://h:port", "ftp//"])
def test_what_is_no_url_is_bad_usage(url: str) -> None:
    result = health(url)
    assert isinstance(result.exception, MockserverError)
    assert result.exception.expected.startswith("a base URL such as http://")
