"""Certificates: what the server shows to clients of HTTPS.

*Why two certificates.* Some TLS libraries (rustls) refuse a server's certificate that is its own authority. So an
authority is made, it signs one certificate for the names of this machine, and its key is thrown away: whoever trusts
the authority trusts nothing but that certificate. Both stay in the user's cache folder until shortly before they
expire. The folder is made whole beside its place and then moved there, so that two servers that start together agree.
"""

from __future__ import annotations

import shutil
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import trustme
from cryptography import x509

from mockserver.contract.errors import MockserverError
from mockserver.logs.edges import folder

AUTHORITY, SERVER = "ca.pem", "server.pem"
# Browsers refuse certificates of more than 398 days; one is made anew when it has less time left than the second.
_LIFETIME, _LEAST = timedelta(days=397), timedelta(days=30)
# Clocks of containers may be behind.
_BEHIND = timedelta(days=1)


def own_certificate() -> Path:
    """The folder of a certificate for this machine: ``ca.pem`` to trust, ``server.pem`` with the key, for its owner
    alone.

    Made where there is none, or none that is valid for a month. Raises MockserverError where it cannot be kept.
    """
    place = folder() / "tls"
    try:
        if not _is_fresh(place):
            _make(place)
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        remedy = "set XDG_CACHE_HOME, or give --tls-cert and --tls-key"
        raise MockserverError(f"{place}", problem, "a folder that can be written to", remedy) from None
    return place


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """What a server needs for HTTPS; ``key`` None: the key is in the file of the certificate.

    Raises MockserverError for a file that cannot be read, holds no certificate or key, or a key of another certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    for file in (certificate, key or certificate):
        try:
            file.read_bytes()
        except OSError as error:
            raise MockserverError(f"{file}", (error.strerror or str(error)).lower(), "a file in PEM format") from None
    try:
        context.load_cert_chain(certificate, key, _no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise MockserverError(
                f"{key or certificate}", "a key of another certificate", f"the key of {certificate}"
            ) from None
        raise MockserverError(
            f"{certificate} and {key}", "a file without one of them", "a certificate and its key in PEM format"
        ) from None
    return context


def _no_password() -> NoReturn:
    remedy = "`openssl pkey -in KEY -out PLAIN` decrypts it"
    raise MockserverError("tls-key", "an encrypted key", "a key without a password", remedy)


def _is_fresh(place: Path) -> bool:
    try:
        until = x509.load_pem_x509_certificate((place / SERVER).read_bytes()).not_valid_after_utc
    except (FileNotFoundError, ValueError):
        return False
    return until - datetime.now(UTC) > _LEAST


def _make(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=place.parent, prefix=".tls-"))
    try:
        _sign(part)
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)
    except OSError:
        # Another server was faster.
        if not _is_fresh(place):
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _sign(part: Path) -> None:
    """Write an authority's certificate; and a server's key with its certificate, for its owner alone."""
    # No certificate below this one may sign.
    authority = trustme.CA(path_length=0, organization_name="mockserver", organization_unit_name="of this machine")
    now = datetime.now(UTC)
    server = authority.issue_cert(
        "localhost", "127.0.0.1", "::1", common_name="localhost", not_before=now - _BEHIND, not_after=now + _LIFETIME
    )
    authority.cert_pem.write_to_path(part / AUTHORITY)
    (part / SERVER).touch(0o600)
    server.private_key_and_cert_chain_pem.write_to_path(part / SERVER)
