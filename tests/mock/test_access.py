"""Who may read the logs: every row of the table of refusals, and everything that is let in."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.errors import Refused
from mockserver.mock import tokens
from mockserver.mock.access import authorize, bearer

NOW = 1_793_016_000.75
WHOLE = 1_793_016_000
HERE = "http://127.0.0.1:3001"
UNAUTHORIZED, CLAIM = "auth.unauthorized", "ERR_JWT_CLAIM_VALIDATION_FAILED"


def token(drop: tuple[str, ...] = (), **changed: Any) -> str:
    claims = tokens.claims("mock-app", "all", NOW, tokens.audience("default")) | changed
    return tokens.mint({name: value for name, value in claims.items() if name not in drop})


GOOD = token()


def judged(header: str | None, mode: Any = "tokens", tenant: str = "default", endpoint: str = HERE) -> tuple[Any, ...]:
    """Status, code and data.code of the refusal; empty where there is none."""
    try:
        authorize(header, mode, tenant, endpoint, NOW)
    except Refused as refusal:
        return refusal.status, refusal.code, (refusal.data or {}).get("code")
    return ()


MISSING = (401, "auth.authorization_header_missing", None)
SCHEME = (401, "auth.authorization_token_type_not_supported", None)
FORBIDDEN = (403, "auth.forbidden", None)
INVALID = (401, UNAUTHORIZED, "ERR_JWS_INVALID")
SIGNATURE = (401, UNAUTHORIZED, "ERR_JWS_SIGNATURE_VERIFICATION_FAILED")
EXPIRED = (401, UNAUTHORIZED, "ERR_JWT_EXPIRED")
CLAIMS = (401, UNAUTHORIZED, CLAIM)

HEADERS: dict[str | None, tuple[Any, ...]] = {
    None: MISSING,
    "": MISSING,
    " \t ": MISSING,
    "Basic bW9jazptb2Nr": SCHEME,
    f"DPoP {GOOD}": SCHEME,
    f"bearer {GOOD}": SCHEME,
    f"BEARER {GOOD}": SCHEME,
    f"Token {GOOD}": SCHEME,
    GOOD: SCHEME,
    f'"Bearer {GOOD}"': SCHEME,
    "Bearer": INVALID,
    "Bearer ": INVALID,
    "Bearer garbage": INVALID,
    "Bearer a.b.c": INVALID,
    f"Bearer {GOOD.rpartition('.')[0]}": INVALID,
    f"Bearer{GOOD}": INVALID,
    f'Bearer "{GOOD}"': SIGNATURE,
    f"Bearer {GOOD}, Bearer {GOOD}": INVALID,
    f"Bearer  {GOOD}": SIGNATURE,
    f"Bearer {tokens.tamper(GOOD, 'signature')}": SIGNATURE,
    f"Bearer {GOOD}": (),
    f"  Bearer {GOOD} \t": (),
    f"Bearer:{GOOD}": (),
    f"BearerX{GOOD}": (),
    f"Bearer\t{GOOD}": (),
    "Bearer dev-token": (),
    "Bearer forbidden-token": FORBIDDEN,
    "Bearer expired-token": EXPIRED,
    "Bearer dev-token2": INVALID,
    "Bearer  dev-token": INVALID,
}


@pytest.mark.parametrize(("header", "answer"), HEADERS.items(), ids=lambda value: ascii(value)[:40])
def test_a_header_is_read_as_a_real_deployment_reads_it(header: str | None, answer: tuple[Any, ...]) -> None:
    assert judged(header) == answer


TOKENS: list[tuple[str, str, tuple[Any, ...]]] = [
    ("expired", token(exp=WHOLE - 1), EXPIRED),
    ("expired this second", token(exp=WHOLE), EXPIRED),
    ("expired by a fraction", token(exp=WHOLE + 0.5), ()),
    ("expiring", token(exp=WHOLE + 1), ()),
    ("no exp", token(("exp",)), ()),
    ("exp a text", token(exp="soon"), CLAIMS),
    ("exp null", token(exp=None), CLAIMS),
    ("exp true", token(exp=True), CLAIMS),
    ("other aud", token(aud="https://other.example.com/api"), CLAIMS),
    ("no aud", token(("aud",)), CLAIMS),
    ("aud with a slash", token(aud="https://default.logto.app/api/"), CLAIMS),
    ("aud a list", token(aud=["https://x.example.com", "https://default.logto.app/api"]), ()),
    ("aud an empty list", token(aud=[]), CLAIMS),
    ("aud a list of others", token(aud=[5, None]), CLAIMS),
    ("aud a number", token(aud=5), CLAIMS),
    ("other iss", token(iss="https://other.example.com/oidc"), CLAIMS),
    ("no iss", token(("iss",)), CLAIMS),
    ("iss a list", token(iss=["https://default.logto.app/oidc"]), CLAIMS),
    ("iss with a slash", token(iss="https://default.logto.app/oidc/"), CLAIMS),
    ("no iss and no aud", token(("iss", "aud", "exp")), CLAIMS),
    ("nbf in the future", token(nbf=WHOLE + 1), CLAIMS),
    ("nbf now", token(nbf=WHOLE), ()),
    ("nbf a text", token(nbf="x"), CLAIMS),
    ("iat in the future", token(iat=WHOLE + 10**6), ()),
    ("no iat", token(("iat",)), ()),
    ("iat a text", token(iat="x"), CLAIMS),
    ("no sub", token(("sub",)), (401, "auth.jwt_sub_missing", None)),
    ("sub empty", token(sub=""), (401, "auth.jwt_sub_missing", None)),
    ("sub null", token(sub=None), (401, "auth.jwt_sub_missing", None)),
    ("no sub, expired", token(("sub",), exp=1), EXPIRED),
    ("no sub, no scope", token(("sub", "scope")), (401, "auth.jwt_sub_missing", None)),
    ("scope a list", token(scope=["all"]), (401, UNAUTHORIZED, None)),
    ("scope null", token(scope=None), (401, UNAUTHORIZED, None)),
    ("scope a number", token(scope=5), (401, UNAUTHORIZED, None)),
    ("no scope", token(("scope",)), FORBIDDEN),
    ("scope empty", token(scope=""), FORBIDDEN),
    ("scope allx", token(scope="allx"), FORBIDDEN),
    ("scope ALL", token(scope="ALL"), FORBIDDEN),
    ("scope a tab", token(scope="foo\tall"), FORBIDDEN),
    ("scope among others", token(scope="foo all bar"), ()),
    ("scope twice spaced", token(scope="  all"), ()),
    ("a user's", token(sub="user", client_id="app"), ()),
    ("no jti, no client", token(("jti", "client_id")), ()),
    ("unknown kid", tokens.mint({}, {"kid": "another"}), (401, UNAUTHORIZED, "ERR_JWKS_NO_MATCHING_KEY")),
    ("unsigned", tokens.mint({}, sign="none"), (401, UNAUTHORIZED, "ERR_JOSE_NOT_SUPPORTED")),
    ("secret", tokens.mint({}, sign="hs256"), (401, UNAUTHORIZED, "ERR_JOSE_NOT_SUPPORTED")),
]


@pytest.mark.parametrize(("token_text", "answer"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS])
def test_a_token_is_judged_as_a_real_deployment_judges_it(token_text: str, answer: tuple[Any, ...]) -> None:
    assert judged(f"Bearer {token_text}") == answer


@pytest.mark.parametrize(
    ("claim", "reason", "changed"),
    [
        ("iss", "missing", {"drop": ("iss", "aud")}),
        ("aud", "missing", {"drop": ("aud",), "iss": "https://other.example.com"}),
        ("iss", "check_failed", {"iss": "https://other.example.com", "aud": "x"}),
        ("aud", "check_failed", {"aud": "x", "exp": 1}),
        ("nbf", "check_failed", {"nbf": WHOLE + 9, "exp": 1}),
        ("iat", "invalid", {"iat": "x", "nbf": "x"}),
        ("exp", "check_failed", {"exp": 1}),
    ],
)
def test_the_first_claim_that_fails_is_named(claim: str, reason: str, changed: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        authorize(f"Bearer {token(**changed)}", "tokens", "default", HERE, NOW)
    name = "JWTExpired" if claim == "exp" else "JWTClaimValidationFailed"
    assert caught.value.data.items() >= {"claim": claim, "reason": reason, "name": name}.items()
    assert caught.value.data["payload"] == tokens.verified_claims(token(**changed))


def test_a_scope_that_is_no_text_is_told_as_the_real_validator_does() -> None:
    kinds: tuple[tuple[object, str], ...]
    kinds = ((["all"], "array"), ({}, "object"), (None, "null"), (True, "boolean"), (1.5, "number"), (5, "number"))
    for scope, received in kinds:
        with pytest.raises(Refused) as caught:
            authorize(f"Bearer {token(scope=scope)}", "tokens", "default", HERE, NOW)
        issue = {"code": "invalid_type", "expected": "string", "received": received, "path": []}
        data = caught.value.data
        text = data["issues"][0].pop("message")
        assert data == {"issues": [issue], "name": "ZodError"}
        assert text == f"a string is expected, this is of type {received}"


def test_a_tenant_takes_its_own_resource_and_issuer_and_the_published_ones() -> None:
    acme, endpoint = token(aud=tokens.audience("acme"), iss=f"{HERE}/t/acme/oidc"), f"{HERE}/t/acme"
    assert judged(f"Bearer {acme}", tenant="acme", endpoint=endpoint) == ()
    assert judged(f"Bearer {GOOD}", tenant="acme", endpoint=endpoint) == ()
    assert judged(f"Bearer {acme}") == CLAIMS
    assert judged(f"Bearer {token(aud=tokens.audience('acme'))}") == CLAIMS


@pytest.mark.parametrize(
    ("issuer", "endpoint", "same"),
    [
        ("http://localhost:3001/oidc", "http://127.0.0.1:3001", True),
        ("http://[::1]:3001/oidc", "http://LOCALHOST:3001", True),
        ("http://localhost:3002/oidc", "http://localhost:3001", False),
        ("https://localhost:3001/oidc", "http://localhost:3001", False),
        ("http://localhost.example.com/oidc", "http://127.0.0.1", False),
        ("http://acme.localhost:1/oidc", "http://acme.localhost:1", True),
    ],
)
def test_every_name_of_this_machine_is_one_issuer(issuer: str, endpoint: str, same: bool) -> None:
    assert judged(f"Bearer {token(iss=issuer)}", endpoint=endpoint) == (() if same else CLAIMS)


@pytest.mark.parametrize(
    ("header", "any_token", "off"),
    [
        (None, MISSING, ()),
        ("Basic x", SCHEME, ()),
        ("Bearer x", (), ()),
        ("Bearer", (), ()),
        ("Bearer expired-token", (), ()),
    ],
)
def test_any_takes_every_bearer_token_and_off_asks_for_none(
    header: str | None, any_token: tuple[Any, ...], off: tuple[Any, ...]
) -> None:
    assert (judged(header, "any"), judged(header, "off")) == (any_token, off)


def test_what_is_cut_off_the_header_is_seven_characters() -> None:
    assert [bearer(text) for text in ("Bearer abc", "BearerXabc", "Bearer", " Bearer a b ")] == [
        "abc",
        "abc",
        "",
        "a b",
    ]


def test_a_scheme_that_is_not_supported_is_told_which_are() -> None:
    with pytest.raises(Refused) as caught:
        bearer("Basic x")
    assert caught.value.data == {"supportedTypes": ["Bearer"]}
