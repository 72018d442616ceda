"""The certificate of this machine: what a client reads in it, where it is made, and what is said when it cannot be."""

from __future__ import annotations

import errno
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLContext

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from mockserver.contract.errors import MockserverError
from mockserver.edge.certificate import AUTHORITY, SERVER, own_certificate, tls_context


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a certificate that was made for this test; the system's folder of temporary files is elsewhere."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "another-disk"))
    return own_certificate()


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def names(name: x509.Name, kind: x509.ObjectIdentifier) -> list[str]:
    return [str(each.value) for each in name.get_attributes_for_oid(kind)]


def test_it_is_made_beside_its_place_since_only_there_a_folder_is_moved_at_once(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {"ca.pem", "server.pem"} == {AUTHORITY, SERVER}
    assert [path.name for path in made.parent.iterdir()] == ["tls"]


def test_a_client_reads_who_made_it_and_for_which_names(made: Path) -> None:
    authority, server = read(made / AUTHORITY), read(made / SERVER)
    assert names(authority.subject, NameOID.ORGANIZATION_NAME) == ["mockserver"]
    assert names(authority.subject, NameOID.ORGANIZATIONAL_UNIT_NAME) == ["of this machine"]
    assert server.issuer == authority.subject
    assert names(server.subject, NameOID.COMMON_NAME) == ["localhost"]
    told = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert told.get_values_for_type(x509.DNSName) == ["localhost"]
    assert told.get_values_for_type(x509.IPAddress) == [ip_address("127.0.0.1"), ip_address("::1")]


def test_no_certificate_below_it_may_sign(made: Path) -> None:
    limits = read(made / AUTHORITY).extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)
    assert not read(made / SERVER).extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_it_is_valid_since_a_day_ago_for_397_days_from_now(made: Path) -> None:
    server, now = read(made / SERVER), datetime.now(UTC)
    assert timedelta(days=1) <= now - server.not_valid_before_utc < timedelta(days=1, hours=1)
    assert timedelta(days=396, hours=23) < server.not_valid_after_utc - now <= timedelta(days=397)


def test_a_server_speaks_http_1_1_alone(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[list[str]] = []
    monkeypatch.setattr(SSLContext, "set_alpn_protocols", lambda context, protocols: offered.append(protocols))
    tls_context(made / SERVER, None)
    assert offered == [["http/1.1"]]


def test_each_error_says_what_to_do(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object, **__: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    other = tmp_path / "other"
    monkeypatch.setenv("XDG_CACHE_HOME", str(other))
    monkeypatch.setattr(tempfile, "mkdtemp", no_room)
    with pytest.raises(MockserverError) as full:
        own_certificate()
    place = next(other.rglob("*")) / "tls"
    assert str(full.value) == (
        f"{place}: found no space left on device, expected a folder that can be written to; "
        "set XDG_CACHE_HOME, or give --tls-cert and --tls-key"
    )
    with pytest.raises(MockserverError) as swapped:
        tls_context(made / SERVER, made / AUTHORITY)
    assert str(swapped.value).startswith(f"{made / SERVER} and {made / AUTHORITY}: found a file without one of them")
