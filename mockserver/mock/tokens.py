"""Tokens: JSON Web Tokens made and read with the published test key; the only importer of the JOSE library.

A token is checked in the order of the library that a real deployment uses, jose. Up to its version 5, characters
outside the base64url alphabet are skipped, so that a token with a comma behind it is accepted. Version 6 reads base64
as ``atob`` does (WHATWG Infra, forgiving base64): it skips blanks, and refuses the rest.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from mockserver.contract.document import contract
from mockserver.contract.errors import Refused
from mockserver.contract.jsontext import decode, encode
from mockserver.contract.refusals import broken, refused_token

ALGORITHM = "ES384"
TYPE = "at+jwt"
ISSUER = "https://default.logto.app/oidc"
LIFETIME = 3600

Signing = Literal["es384", "hs256", "none", "other-key"]
Part = Literal["signature", "payload"]

# The algorithms that a set of public keys can serve at all, by the first two letters of their names; version 6 knows
# one more.
_ASYMMETRIC, _NEWER = ("RS", "PS", "ES", "Ed"), "ML"


def audience(tenant: str) -> str:
    """The resource that names a tenant's Management API."""
    return contract().resource(tenant)


@cache
def test_key() -> Mapping[str, str]:
    """The published private key, as a JWK."""
    key: dict[str, str] = decode((Path(__file__).parent / "test-key.json").read_bytes())["key"]
    return key


@cache
def public_keys() -> Mapping[str, Any]:
    """The JWKS document: the public half of the test key."""
    public = {name: value for name, value in test_key().items() if name != "d"}
    return {"keys": [{**public, "use": "sig", "alg": ALGORITHM}]}


def claims(client: str, scope: str | None, now: float, resource: str, issuer: str = ISSUER) -> dict[str, Any]:
    """The claims of an access token as a real deployment writes them; ``now`` in seconds since 1970.

    ``jti`` is derived from all of them, so that the same request at the same moment gives the same claims.
    """
    moment = int(now)
    body = {"sub": client, "iat": moment, "exp": moment + LIFETIME, "scope": scope, "client_id": client}
    body |= {"iss": issuer, "aud": resource}
    unique = hashlib.blake2b(encode([*body.values(), now]), digest_size=15).digest()
    return {"jti": _base64url(unique), **{name: value for name, value in body.items() if value is not None}}


def mint(body: Mapping[str, Any], header: Mapping[str, Any] | None = None, sign: Signing = "es384") -> str:
    """A compact token of these claims; ``header`` adds to or (value None) takes from the usual protected header."""
    usual = {"alg": {"hs256": "HS256", "none": "none"}.get(sign, ALGORITHM), "typ": TYPE, "kid": test_key()["kid"]}
    protected = {name: value for name, value in {**usual, **(header or {})}.items() if value is not None}
    signed = f"{_base64url(encode(protected))}.{_base64url(encode(dict(body)))}"
    return f"{signed}.{_base64url(_signature(signed.encode(), sign))}"


def _signature(message: bytes, sign: Signing) -> bytes:
    if sign == "none":
        return b""
    from joserfc.jwk import ECKey, OctKey

    if sign == "hs256":
        # The attack that a server must not fall for: the public key taken for a shared secret.
        return bytes(_library()["HS256"].sign(message, OctKey.import_key(encode(public_keys()["keys"][0]))))
    key = _private_key() if sign == "es384" else ECKey.generate_key(test_key()["crv"])
    return bytes(_library()[ALGORITHM].sign(message, key))


@cache
def _library() -> Any:
    """The algorithms by name; the library is loaded when it is first needed, since most servers see no token."""
    from joserfc.jws import JWSRegistry

    return JWSRegistry.algorithms


@cache
def _private_key() -> Any:
    from joserfc.jwk import ECKey

    return ECKey.import_key(dict(test_key()))


@dataclass(frozen=True, eq=False)
class Issuer:
    """A deployment whose tokens count: its name in ``iss``, the audience of its API, and its public keys by id."""

    name: str
    audience: str
    keys: Mapping[str, Any]


# The algorithm of each type of key that a deployment signs with.
_SIGNS = {"EC": ALGORITHM, "RSA": "RS256"}


def issuer(name: str, resource: str, keys: Iterable[Mapping[str, Any]]) -> Issuer:
    """The issuer of a JWKS document's keys; raises ValueError for one that is none."""
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    curve = test_key()["crv"]
    try:
        fitting = [key for key in keys if key["kty"] in _SIGNS and key.get("crv", curve) == curve]
        return Issuer(name, resource, {str(key["kid"]): import_key(dict(key)) for key in fitting})
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError(f"{error!r}") from None


def signer(authorization: str | None) -> tuple[str | None, object]:
    """The key's id and the issuer that the token of an Authorization header names, each None without one.

    Nothing of the token is verified.
    """
    parts = (authorization or "").rpartition(" ")[2].split(".")
    header, body = (_object(part, _lenient) or {} for part in parts[:2]) if len(parts) == 3 else ({}, {})
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None, body.get("iss")


def opaque(client: str, now: float) -> str:
    """A token that is no JWT: a token endpoint gives it to a client that names no resource."""
    return _base64url(hashlib.blake2b(encode([client, now]), digest_size=32).digest())


def tamper(token: str, part: Part) -> str:
    """The token with one part changed after signing: a bit of the signature, or the scope of the claims."""
    header, body, signature = token.split(".")
    if part == "signature":
        raw = bytearray(_lenient(signature))
        return ".".join((header, body, _base64url(bytes([raw[0] ^ 1]) + raw[1:]) if raw else "AA"))
    return ".".join((header, _base64url(encode({**decode(_lenient(body)), "scope": "all tampered"})), signature))


@lru_cache(maxsize=1024)
def verified_claims(token: str, strict: bool = False, issuer: Issuer | None = None) -> Mapping[str, Any]:
    """The claims of a token whose signature is right; they are not checked yet. Raises Refused 401.

    ``strict`` reads base64 as version 6 of the library does; ``issuer`` is one more whose keys count.
    """
    read, parts = _strict if strict else _lenient, token.split(".")
    header = (_object(parts[0], read) if len(parts) == 3 else None) or {}
    algorithm = header.get("alg")
    if not _may_be_critical(header) or not isinstance(algorithm, str) or not algorithm:
        raise unauthorized("ERR_JWS_INVALID", "JWSInvalid")
    if "crit" in header or algorithm[:2] not in (*_ASYMMETRIC, *([_NEWER] if strict else ())):
        raise unauthorized("ERR_JOSE_NOT_SUPPORTED", "JOSENotSupported")
    kid = header.get("kid")
    key = issuer.keys.get(kid) if issuer is not None and isinstance(kid, str) else None
    known = ALGORITHM if key is None else _SIGNS[key.key_type]
    if algorithm != known or (key is None and isinstance(kid, str) and kid != test_key()["kid"]):
        raise unauthorized("ERR_JWKS_NO_MATCHING_KEY", "JWKSNoMatchingKey")
    if not isinstance(kid, str):
        # A deployment has two keys, its own and that of its admin tenant, and without an id both fit.
        raise unauthorized("ERR_JWKS_MULTIPLE_MATCHING_KEYS", "JWKSMultipleMatchingKeys")
    if strict and not parts[1].isascii():
        # The library throws a TypeError here, which the application takes for a defect of its own.
        raise broken()
    try:
        signature = read(parts[2])
    except ValueError:
        raise unauthorized("ERR_JWS_INVALID", "JWSInvalid") from None
    if not _library()[known].verify(f"{parts[0]}.{parts[1]}".encode(), signature, key or _private_key()):
        raise unauthorized("ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "JWSSignatureVerificationFailed")
    body = _object(parts[1], read)
    if body is None:
        raise unauthorized("ERR_JWT_INVALID", "JWTInvalid")
    return body


def _may_be_critical(header: Mapping[str, Any]) -> bool:
    """Whether ``crit`` is missing or a list of names (RFC 7515, 4.1.11); this reader supports none of them."""
    names = header.get("crit", ["absent"])
    return isinstance(names, list) and names != [] and all(isinstance(name, str) and name for name in names)


def unauthorized(code: str, name: str, **more: Any) -> Refused:
    """The refusal of a token: 401 with the code and name of the library's error; ``more`` says which claim is wrong."""
    detail = f"{code} ({more['claim']})" if "claim" in more else code
    return refused_token(detail, {"code": code, "name": name, **more})


def _object(part: str, read: Callable[[str], bytes]) -> dict[str, Any] | None:
    try:
        # JavaScript's TextDecoder takes off a mark at the beginning, and puts U+FFFD for bytes that are no UTF-8.
        value = decode(read(part).decode("utf-8-sig", "replace").encode())
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _lenient(part: str) -> bytes:
    """The bytes of base64 text of either alphabet, up to the first ``=``; other characters are skipped."""
    kept = re.sub(r"[^A-Za-z0-9+/]", "", part.partition("=")[0].replace("-", "+").replace("_", "/"))
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + "=" * (-len(kept) % 4))


def _strict(part: str) -> bytes:
    """The bytes of base64 text of either alphabet as ``atob`` reads it; raises ValueError."""
    kept = re.sub(r"[\t\n\f\r ]", "", part.replace("-", "+").replace("_", "/"))
    if len(kept) % 4 == 0:
        kept = kept[:-2] if kept.endswith("==") else kept.removesuffix("=")
    if len(kept) % 4 == 1 or re.search(r"[^A-Za-z0-9+/]", kept):
        raise ValueError(part)
    return _lenient(kept)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
