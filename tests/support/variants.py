"""The tokens that the recorded exchanges name, each with the arguments of ``mockserver token`` that mint it."""

from __future__ import annotations

import time
from functools import cache

from click.testing import CliRunner

from mockserver.cli.token import token

_FUTURE = str(int(time.time()) + 100_000)

VARIANTS: dict[str, tuple[str, ...]] = {
    "TOKEN_ALL": (),
    "TOKEN_NO_SCOPE": ("--scope", ""),
    "TOKEN_EXPIRED": ("--expires-in", "-60"),
    "TOKEN_OTHER_AUDIENCE": ("--claim", 'aud="https://other.example.com/api"'),
    "TOKEN_ADMIN_TENANT_M_DEFAULT": ("--claim", 'client_id="m-default"', "--claim", 'sub="m-default"'),
    "CRAFT_NO_SCOPE_CLAIM": ("--drop", "scope"),
    "CRAFT_SCOPE_FOO_ALL": ("--scope", "foo all"),
    "CRAFT_SCOPE_ALLX": ("--scope", "allx"),
    "CRAFT_SCOPE_UPPER": ("--scope", "ALL"),
    "CRAFT_SCOPE_ARRAY": ("--claim", 'scope=["all"]'),
    "CRAFT_NO_SUB": ("--drop", "sub"),
    "CRAFT_NO_EXP": ("--drop", "exp"),
    "CRAFT_NBF_FUTURE": ("--claim", f"nbf={_FUTURE}"),
    "CRAFT_IAT_FUTURE": ("--claim", f"iat={_FUTURE}"),
    "CRAFT_WRONG_ISS": ("--issuer", "https://other.example.com/oidc"),
    "CRAFT_NO_ISS": ("--drop", "iss"),
    "CRAFT_NO_AUD": ("--drop", "aud"),
    "CRAFT_AUD_ARRAY": ("--claim", 'aud=["https://x.example","https://default.logto.app/api"]'),
    "CRAFT_EXP_STRING": ("--claim", 'exp="soon"'),
    "CRAFT_UNKNOWN_KID": ("--header", 'kid="another"'),
    "CRAFT_OTHER_KEY_SAME_KID": ("--sign", "other-key"),
    "CRAFT_HS256": ("--sign", "hs256"),
    "CRAFT_ALG_NONE": ("--sign", "none"),
    "CRAFT_TYP_JWT": ("--header", 'typ="JWT"'),
    "TAMPERED_SIGNATURE": ("--tamper", "signature"),
    "TAMPERED_PAYLOAD": ("--tamper", "payload"),
}


@cache
def mint(name: str) -> str:
    """Returns the token of a name, minted by the command that a user would type.

    ``TWO_PART_JWT`` is a complete token without its signature.
    """
    if name == "TWO_PART_JWT":
        return mint("TOKEN_ALL").rpartition(".")[0]
    return str(CliRunner().invoke(token, VARIANTS[name], catch_exceptions=False).output).strip()
