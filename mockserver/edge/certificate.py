"""Certificates: what the server shows to clients of HTTPS.

*Why two certificates.* Some TLS libraries (rustls) refuse a server's certificate that is its own authority. So an
authority is made, it signs one certificate for the names of this machine, and its key is thrown away: whoever trusts
the authority trusts nothing but that certificate. Both stay in the user's cache folder until shortly before they
expire. The folder is made whole beside its place and then moved there, so that two servers that start together agree.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mockserver.contract.errors import MockserverError
from mockserver.logs.edges import folder

AUTHORITY, SERVER = "ca.pem", "server.pem"
# Browsers refuse certificates of more than 398 days; one is made anew when it has fewer days left than this.
_DAYS, _FEWEST = 397, 30
_NAMES = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
)


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
    return until - datetime.now(UTC) > timedelta(days=_FEWEST)


def _make(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=place.parent, prefix=".tls-"))
    try:
        authority, server = _pair()
        (part / AUTHORITY).write_bytes(authority)
        with open(os.open(part / SERVER, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(server)
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)
    except OSError:
        # Another server was faster.
        if not _is_fresh(place):
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _pair() -> tuple[bytes, bytes]:
    """An authority's certificate; and a server's key with its chain."""
    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mockserver of this machine (authority)")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    own = x509.SubjectKeyIdentifier.from_public_key(signer.public_key())
    authority = (
        _begun(issuer, issuer, signer)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(own, critical=False)
        .sign(signer, SHA256())
    )
    server = (
        _begun(subject, issuer, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_NAMES), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), critical=False)
        .sign(signer, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    trusted = authority.public_bytes(Encoding.PEM)
    return trusted, server.public_bytes(Encoding.PEM) + trusted + secret


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of containers may be behind.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
