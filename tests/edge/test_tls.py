"""HTTPS: certificates, every fault over TLS, and clients that do not keep to it."""

from __future__ import annotations

import errno
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from mockserver.contract.errors import MockserverError
from mockserver.edge import certificate
from mockserver.edge.certificate import AUTHORITY, SERVER, own_certificate, tls_context
from mockserver.edge.front import open_front
from mockserver.edge.listening import Patience
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.wire import until

TOKEN = {"Authorization": "Bearer dev-token"}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a certificate that was made for this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return own_certificate()


@pytest.fixture
def trusting(made: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=made / AUTHORITY)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.fixture
def running(made: Path) -> Iterator[Server]:
    front = open_front(Settings(logs="seeded"))
    with Server(front, patience=Patience(request=0.2), tls=tls_context(made / SERVER, None)) as server:
        yield server


@pytest.fixture
def client(running: Server, trusting: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, verify=trusting, headers=TOKEN, timeout=10) as https:
        yield https


def test_a_strict_client_trusts_it_under_each_name_of_this_machine(running: Server, trusting: ssl.SSLContext) -> None:
    for name in ("127.0.0.1", "localhost", "::1"):
        plain = socket.create_connection(("127.0.0.1", running.port))
        with plain, trusting.wrap_socket(plain, server_hostname=name) as secure:
            assert secure.version() == "TLSv1.3"


def test_links_tokens_and_documents_say_https_and_no_reply_asks_for_https_for_ever(client: httpx.Client) -> None:
    """Strict-Transport-Security would keep a browser from every other http server of localhost."""
    root = str(client.base_url).rstrip("/")
    listing = client.get("/api/logs?page_size=2")
    assert f"<{root}/api/logs?" in listing.headers["link"]
    discovery = client.get("/oidc/.well-known/openid-configuration")
    assert discovery.json()["token_endpoint"] == f"{root}/oidc/token"
    console = client.get("/__admin/")
    same_origin = client.post("/__admin/reset", headers={"Origin": root})
    assert (console.status_code, same_origin.status_code) == (200, 204)
    for reply in (listing, discovery, console, client.get("/api/logs", headers={"Authorization": "no"})):
        assert "strict-transport-security" not in reply.headers
        assert reply.http_version == "HTTP/1.1"


def test_a_remembered_page_and_a_large_one_come_whole(client: httpx.Client) -> None:
    first, *others = [client.get("/api/logs?page_size=100") for _ in range(4)]
    assert len(first.json()) == 89
    assert all(other.content == first.content for other in others)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        # Python's ssl module takes a reset for an end.
        ("reset", httpx.RemoteProtocolError),
        ("reset:after=100", httpx.RemoteProtocolError),
        ("truncate:fraction=0.5", httpx.RemoteProtocolError),
        ("garbage:bytes=64", httpx.RemoteProtocolError),
        ("malformed_chunk", httpx.RemoteProtocolError),
        ("empty", httpx.RemoteProtocolError),
        ("hang:seconds=0.01", httpx.RemoteProtocolError),
    ],
)
def test_a_fault_of_the_connection_is_met_over_tls(client: httpx.Client, rule: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        client.get("/api/logs", headers={"Prefer": f'fault="{rule}"'})
    assert client.get("/api/logs").status_code == 200


def test_a_reset_is_a_reset_on_the_wire(running: Server, trusting: ssl.SSLContext) -> None:
    plain = socket.create_connection(("127.0.0.1", running.port), timeout=10)
    with plain, trusting.wrap_socket(plain, server_hostname="localhost") as secure:
        secure.sendall(b'GET /api/logs HTTP/1.1\r\nHost: a\r\nPrefer: fault="reset"\r\n\r\n')
        errors = iter(lambda: secure.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), None)
        assert next(filter(None, errors)) == errno.ECONNRESET


@pytest.mark.parametrize("rule", ["dribble:seconds=0.05,chunks=4", "latency:seconds=0.01", "status:code=503"])
def test_a_fault_of_time_or_status_is_met_over_tls(client: httpx.Client, rule: str) -> None:
    reply = client.get("/api/logs", headers={"Prefer": f'fault="{rule}"'})
    assert reply.headers["preference-applied"] == f'fault="{rule}"'
    assert reply.status_code == (503 if "status" in rule else 200)


def test_plain_http_is_let_go_and_told_once(
    client: httpx.Client, running: Server, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as plain:
            plain.sendall(b"GET /api/logs HTTP/1.1\r\nHost: a\r\n\r\n")
            assert plain.recv(99) == b""
    assert [record.getMessage() for record in caplog.records] == [
        "a client spoke plain http, and was let go: this server speaks https"
    ]
    assert client.get("/api/logs").status_code == 200


def test_handshakes_that_do_not_end_harm_nobody_and_are_ended(client: httpx.Client, running: Server) -> None:
    hello = b"\x16\x03\x01\x02\x00\x01\x00"
    silent = [socket.create_connection(("127.0.0.1", running.port), timeout=10) for _ in range(50)]
    for half in silent[:25]:
        half.sendall(hello)
    assert client.get("/api/logs").status_code == 200
    for half in silent:
        assert half.recv(99) == b""
        half.close()


def test_the_server_stops_while_handshakes_are_under_way(made: Path) -> None:
    with Server(open_front(Settings(logs="seeded")), tls=tls_context(made / SERVER, None)) as server:
        half = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        # It is accepted before the answer to another client of the loop.
        server.call(lambda: None)
    with half:
        assert half.recv(99) == b""


def test_a_client_that_ends_its_side_or_sends_junk_gets_its_refusal(running: Server, trusting: ssl.SSLContext) -> None:
    for sent in (b"GET /api/logs HTTP/1.1\r\n", b"junk\r\n\r\n"):
        plain = socket.create_connection(("127.0.0.1", running.port), timeout=10)
        with plain, trusting.wrap_socket(plain, server_hostname="localhost") as secure:
            secure.sendall(sent)
            assert secure.recv(999).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 408 "))


def test_a_client_that_leaves_during_its_answer_is_no_warning(
    running: Server, trusting: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    """asyncio warns where a connection over TLS is to stay open on one side."""
    plain = socket.create_connection(("127.0.0.1", running.port), timeout=10)
    with plain, trusting.wrap_socket(plain, server_hostname="localhost") as secure:
        secure.sendall(b'GET /api/logs HTTP/1.1\r\nHost: a\r\nPrefer: fault="dribble:seconds=60,chunks=9"\r\n\r\n')
        assert secure.recv(5) == b"HTTP/"
        with suppress(OSError):
            secure.unwrap()
    until(lambda: not running.call(lambda: running._serving is not None and running._serving.connections))
    assert not caplog.records


def test_the_certificate_is_kept_and_its_key_is_its_owners(made: Path) -> None:
    before = (made / SERVER).read_bytes()
    assert own_certificate() == made
    assert (made / SERVER).read_bytes() == before
    assert stat.S_IMODE((made / SERVER).stat().st_mode) == 0o600
    assert sorted(path.name for path in made.parent.iterdir()) == ["tls"]


def test_a_certificate_that_expires_within_a_month_or_is_damaged_is_made_anew(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (made / SERVER).read_bytes()

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # always UTC here
            return datetime(2000, 1, 1, tzinfo=UTC) + (real - datetime(2000, 1, 1, tzinfo=UTC)) + timedelta(days=370)

    real = datetime.now(UTC)
    with monkeypatch.context() as patched:
        patched.setattr(certificate, "datetime", Later)
        own_certificate()
    after = (made / SERVER).read_bytes()
    assert after != before
    (made / SERVER).write_text("damaged")
    own_certificate()
    assert (made / SERVER).read_bytes() not in (after, b"damaged")


@pytest.mark.parametrize(("hours", "is_kept"), [(-1, True), (1, False)])
def test_a_certificate_is_used_until_it_has_thirty_days_left_and_no_browser_refuses_it(
    made: Path, monkeypatch: pytest.MonkeyPatch, hours: int, is_kept: bool
) -> None:
    """Browsers refuse one of more than 398 days."""
    before = (made / SERVER).read_bytes()
    read = x509.load_pem_x509_certificate(before)
    assert timedelta(days=397) < read.not_valid_after_utc - read.not_valid_before_utc <= timedelta(days=398)
    moment = read.not_valid_after_utc - timedelta(days=30) + timedelta(hours=hours)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # always UTC here
            return moment

    with monkeypatch.context() as patched:
        patched.setattr(certificate, "datetime", Later)
        own_certificate()
    assert ((made / SERVER).read_bytes() == before) is is_kept


def test_of_two_servers_that_make_one_at_once_both_use_the_first(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other server's appears in the moment in which this one moves its own there."""
    kept = (made / SERVER).read_bytes()
    monkeypatch.setattr(certificate.shutil, "rmtree", lambda *_, **__: None)
    certificate._make(made)
    assert (made / SERVER).read_bytes() == kept


def test_a_cache_folder_that_cannot_be_written_to_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(MockserverError, match=r"not a directory, expected a folder .* --tls-cert and --tls-key"):
        own_certificate()


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(MockserverError, match="no space left on device"):
        own_certificate()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_that_are_no_certificate_and_key_are_errors(made: Path, tmp_path: Path) -> None:
    with pytest.raises(MockserverError, match=r"none\.pem: found no such file or directory, expected a file in PEM"):
        tls_context(tmp_path / "none.pem", made / SERVER)
    with pytest.raises(MockserverError, match=r"server\.pem: found a key of another certificate, expected the key of"):
        tls_context(made / AUTHORITY, made / SERVER)
    with pytest.raises(MockserverError, match="expected a certificate and its key in PEM format"):
        tls_context(made / SERVER, made / AUTHORITY)


def test_a_key_with_a_password_is_an_error_and_asks_nobody(made: Path, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as pem

    text = (made / SERVER).read_bytes()
    key = pem.load_pem_private_key(text[text.index(b"-----BEGIN EC PRIVATE") :], None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.BestAvailableEncryption(b"secret"))
    )
    with pytest.raises(MockserverError, match="tls-key: found an encrypted key") as caught:
        tls_context(made / SERVER, locked)
    assert "; `openssl pkey -in KEY -out PLAIN` decrypts it" in str(caught.value)
