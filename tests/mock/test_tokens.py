"""Tokens are minted and read with the published key; independent readers and writers agree."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from mockserver.contract.errors import Refused
from mockserver.mock import tokens

NOW = 1_793_016_000.75
KID = tokens.test_key()["kid"]
CLAIMS = tokens.claims("mock-app", "all", NOW, tokens.audience("default"))


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


# The classes of jose, the library of a real deployment, for each of its codes.
NAMES = {
    "ERR_JWS_INVALID": "JWSInvalid", "ERR_JOSE_NOT_SUPPORTED": "JOSENotSupported", "ERR_JWT_INVALID": "JWTInvalid",
    "ERR_JWKS_NO_MATCHING_KEY": "JWKSNoMatchingKey", "ERR_JWKS_MULTIPLE_MATCHING_KEYS": "JWKSMultipleMatchingKeys",
    "ERR_JWS_SIGNATURE_VERIFICATION_FAILED": "JWSSignatureVerificationFailed",
}  # fmt: skip


def refusal(token: str, strict: bool = False) -> str:
    with pytest.raises(Refused) as caught:
        tokens.verified_claims(token, strict)
    assert (caught.value.status, caught.value.code) == (401, "auth.unauthorized")
    assert caught.value.data["name"] == NAMES[caught.value.data["code"]]
    return str(caught.value.data["code"])


def test_the_claims_are_those_of_a_real_token() -> None:
    assert {
        "jti": CLAIMS["jti"],
        "sub": "mock-app",
        "iat": 1_793_016_000,
        "exp": 1_793_019_600,
        "scope": "all",
        "client_id": "mock-app",
        "iss": "https://default.logto.app/oidc",
        "aud": "https://default.logto.app/api",
    } == CLAIMS
    assert "scope" not in tokens.claims("mock-app", None, NOW, "https://api.example.com")


def test_equal_requests_at_one_moment_get_equal_claims_and_others_another_jti() -> None:
    again = tokens.claims("mock-app", "all", NOW, tokens.audience("default"))
    later = tokens.claims("mock-app", "all", NOW + 0.001, tokens.audience("default"))
    other = tokens.claims("other", "all", NOW, tokens.audience("default"))
    assert again == CLAIMS
    assert len({each["jti"] for each in (CLAIMS, later, other)}) == 3


def test_a_minted_token_is_read_by_an_independent_reader_with_the_published_keys() -> None:
    keys = KeySet.import_key_set(dict(tokens.public_keys()))  # type: ignore[arg-type]  # the library's own TypedDict
    read = jwt.decode(tokens.mint(CLAIMS), keys, algorithms=["ES384"])
    assert read.claims == CLAIMS
    assert read.header == {"alg": "ES384", "typ": "at+jwt", "kid": keys.keys[0].kid}


def test_the_published_keys_hold_nothing_private_and_are_named_by_their_thumbprint() -> None:
    (key,) = tokens.public_keys()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["use"], key["alg"]) == ("sig", "ES384")
    assert ECKey.import_key({name: key[name] for name in ("kty", "crv", "x", "y")}).thumbprint() == key["kid"]


@given(st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=5) | st.none(), max_size=4))
def test_reading_undoes_minting(claims: dict[str, Any]) -> None:
    assert tokens.verified_claims(tokens.mint(claims)) == claims


def test_a_token_of_an_independent_writer_is_read() -> None:
    key = ECKey.import_key(dict(tokens.test_key()))
    for header in ({"alg": "ES384", "kid": key.kid}, {"alg": "ES384", "kid": key.kid, "typ": "JWT"}):
        assert tokens.verified_claims(jwt.encode(header, {"sub": "x"}, key, algorithms=["ES384"])) == {"sub": "x"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token + " ",
        lambda token: token + "=",
        lambda token: token + "==",
        lambda token: token + "\t\u00e9",
        lambda token: token[:-4] + "\n" + token[-4:],
        lambda token: ".".join([*token.split(".")[:2], token.split(".")[2].replace("-", "+").replace("_", "/")]),
        lambda token: token + "=anything",
    ],
)
def test_the_signature_is_read_as_leniently_as_the_real_reader_does(spoil: Any) -> None:
    """Blanks and other characters are skipped, both alphabets read, and whatever follows an equals sign dropped."""
    assert tokens.verified_claims(spoil(tokens.mint(CLAIMS))) == CLAIMS


# Text, and what Node 20's Buffer.from(text, "base64url") gives in hexadecimal.
LENIENT = {
    "YQ": "61", "YQ==": "61", "YQ==YQ": "61", "Y Q": "61", "Y-Q_": "63e43f", "Y+Q/": "63e43f", "Y": "", "YWJ": "6162",
    "Y=Q": "", "=YQ": "", "YQ\u00e9": "61", "YWJjZA=x": "61626364", "!!!!": "", "YQ=\n=": "61", "": "",
}  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), [(b"\xff\xff\xff", "____"), (b"a", "YQ"), (b"\xfb\xef\xbe", "----")])
def test_base64_is_written_without_padding_and_with_every_letter(raw: bytes, text: str) -> None:
    assert tokens._base64url(raw) == text


@pytest.mark.parametrize(("text", "read"), LENIENT.items(), ids=ascii)
def test_base64_is_read_as_node_reads_it(text: str, read: str) -> None:
    header = part({"alg": "ES384", "kid": KID, "text": text})
    assert tokens._lenient(text).hex() == read
    assert refusal(f"{header}.{part({})}.{text}") == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "ERR_JWS_INVALID"),
        ("garbage", "ERR_JWS_INVALID"),
        ("a.b", "ERR_JWS_INVALID"),
        ("a.b.c", "ERR_JWS_INVALID"),
        ("a.b.c.d", "ERR_JWS_INVALID"),
        ("..", "ERR_JWS_INVALID"),
        (f"{part(b'x')}.e30.x", "ERR_JWS_INVALID"),
        (f"{part([])}.e30.x", "ERR_JWS_INVALID"),
        (f"{part({})}.e30.x", "ERR_JWS_INVALID"),
        (f"{part({'alg': ''})}.e30.x", "ERR_JWS_INVALID"),
        (f"{part({'alg': 5})}.e30.x", "ERR_JWS_INVALID"),
        (f"{part({'alg': 'none'})}.e30.", "ERR_JOSE_NOT_SUPPORTED"),
        (f"{part({'alg': 'HS256'})}.e30.x", "ERR_JOSE_NOT_SUPPORTED"),
        (f"{part({'alg': 'es384'})}.e30.x", "ERR_JOSE_NOT_SUPPORTED"),
        (f"{part({'alg': 'RS256'})}.e30.x", "ERR_JWKS_NO_MATCHING_KEY"),
        (f"{part({'alg': 'ES256'})}.e30.x", "ERR_JWKS_NO_MATCHING_KEY"),
        (f"{part({'alg': 'PS512'})}.e30.x", "ERR_JWKS_NO_MATCHING_KEY"),
        (f"{part({'alg': 'EdDSA'})}.e30.x", "ERR_JWKS_NO_MATCHING_KEY"),
        (f"{part({'alg': 'ES384', 'kid': 'x'})}.e30.x", "ERR_JWKS_NO_MATCHING_KEY"),
        (f"{part({'alg': 'ES384', 'kid': ''})}.e30.x", "ERR_JWKS_NO_MATCHING_KEY"),
        (f"{part({'alg': 'ES384', 'kid': 5})}.e30.x", "ERR_JWKS_MULTIPLE_MATCHING_KEYS"),
        (f"{part({'alg': 'ES384', 'kid': None})}.e30.x", "ERR_JWKS_MULTIPLE_MATCHING_KEYS"),
        (f"{part({'alg': 'ES384'})}.e30.x", "ERR_JWKS_MULTIPLE_MATCHING_KEYS"),
        (f"{part({'alg': 'ES384', 'kid': KID})}.e30.", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        (f"{part({'alg': 'ES384', 'kid': KID})}.e30.{part(bytes(96))}", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        (f"{part({'alg': 'ML-DSA-44'})}.e30.x", "ERR_JOSE_NOT_SUPPORTED"),
        (f"{part({'alg': 'ES384', 'crit': ['exp']})}.e30.x", "ERR_JOSE_NOT_SUPPORTED"),
        (f"{part({'alg': 'ES384', 'crit': []})}.e30.x", "ERR_JWS_INVALID"),
        (f"{part({'alg': 'ES384', 'crit': 'exp'})}.e30.x", "ERR_JWS_INVALID"),
        (f"{part({'alg': 'ES384', 'crit': ['']})}.e30.x", "ERR_JWS_INVALID"),
        (f"{part({'alg': 'none', 'crit': [5]})}.e30.x", "ERR_JWS_INVALID"),
        (f"{part(b'[' * 900 + b']' * 900)}.e30.x", "ERR_JWS_INVALID"),
        ("\u00e9.\u00e9.\u00e9", "ERR_JWS_INVALID"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_no_token_is_refused_with_the_code_of_the_real_reader(token: str, code: str) -> None:
    assert refusal(token) == code


def test_a_signed_text_that_is_no_object_is_no_token() -> None:
    signed = f"{part({'alg': 'ES384', 'kid': KID})}.{part([1])}"
    assert refusal(f"{signed}.{part(tokens._signature(signed.encode(), 'es384'))}") == "ERR_JWT_INVALID"


@pytest.mark.parametrize(
    ("sign", "code"),
    [
        ("hs256", "ERR_JOSE_NOT_SUPPORTED"),
        ("none", "ERR_JOSE_NOT_SUPPORTED"),
        ("other-key", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
    ],
)
def test_a_token_signed_otherwise_is_refused(sign: tokens.Signing, code: str) -> None:
    assert refusal(tokens.mint(CLAIMS, sign=sign)) == code


@pytest.mark.parametrize("which", ["signature", "payload"])
def test_a_tampered_token_is_refused_and_differs_in_that_part_alone(which: Any) -> None:
    token = tokens.mint(CLAIMS)
    tampered = tokens.tamper(token, which)
    assert refusal(tampered) == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    assert [a == b for a, b in zip(token.split("."), tampered.split("."), strict=True)] == [
        True,
        which != "payload",
        which != "signature",
    ]


def test_an_unsigned_token_is_tampered_with_by_signing_it() -> None:
    assert tokens.tamper(tokens.mint(CLAIMS, sign="none"), "signature").endswith(".AA")


def test_members_of_the_header_are_set_and_left_out() -> None:
    header = tokens.mint(CLAIMS, {"kid": None, "typ": "JWT"}).partition(".")[0]
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "ES384", "typ": "JWT"}


def test_an_opaque_token_is_no_jwt() -> None:
    assert refusal(tokens.opaque("mock-app", NOW)) == "ERR_JWS_INVALID"
    assert tokens.opaque("mock-app", NOW) != tokens.opaque("mock-app", NOW + 1)


def test_a_tenant_has_a_resource_of_its_own() -> None:
    assert tokens.audience("acme") == "https://acme.logto.app/api"


GOOD = tokens.mint(CLAIMS)
HEAD, BODY, SIGNATURE = GOOD.split(".")
INVALID, FORGED = "ERR_JWS_INVALID", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


@pytest.mark.parametrize(
    ("token", "older", "newer"),
    # What jose 5.9.6 and 6.2.3 said on Node 20 of tokens that a test key signed; "" is accepted.
    [
        (GOOD + " ", "", ""),
        (GOOD + " x", "", INVALID),
        (GOOD + " xyzw", FORGED, FORGED),
        (GOOD + ",", "", INVALID),
        (GOOD + "=", "", INVALID),
        (GOOD + "==", "", INVALID),
        (GOOD + "AA==", FORGED, FORGED),
        (GOOD + "AAA=", FORGED, FORGED),
        (f'"{GOOD}"', FORGED, INVALID),
        (f" {GOOD}", FORGED, FORGED),
        (f"{HEAD}.{BODY}.{SIGNATURE[:50]}\t{SIGNATURE[50:]}", "", ""),
        (f"{HEAD}.{BODY}.{SIGNATURE[:50]}\xa0{SIGNATURE[50:]}", "", INVALID),
        (f"{HEAD}.{BODY}.", FORGED, FORGED),
        (f"{HEAD}!.{BODY}.{SIGNATURE}", FORGED, INVALID),
        (f"{part({'alg': 'ML-DSA-44'})}.e30.x", "ERR_JOSE_NOT_SUPPORTED", "ERR_JWKS_NO_MATCHING_KEY"),
        (part(b'\xef\xbb\xbf{"alg": "ES384"}') + ".e30.x", *["ERR_JWKS_MULTIPLE_MATCHING_KEYS"] * 2),
        (part(b'{"alg": "ES384", "kid": "\xff"}') + ".e30.x", *["ERR_JWKS_NO_MATCHING_KEY"] * 2),
    ],
)
def test_two_versions_of_the_library_read_base64_in_their_own_ways(token: str, older: str, newer: str) -> None:
    for strict, code in ((False, older), (True, newer)):
        if code:
            assert refusal(token, strict) == code
        else:
            assert tokens.verified_claims(token, strict) == CLAIMS


def test_claims_beyond_ascii_are_a_defect_to_the_newer_library() -> None:
    token = f"{HEAD}.{BODY}\xe9.{SIGNATURE}"
    assert refusal(token) == FORGED
    with pytest.raises(Refused) as caught:
        tokens.verified_claims(token, True)
    assert (caught.value.status, caught.value.code) == (500, None)
