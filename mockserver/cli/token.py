"""``mockserver token``: an access token for the mock, or one that is wrong in a chosen way."""

from __future__ import annotations

import time
from typing import Any, get_args

import click

from mockserver.cli.options import command, option
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode
from mockserver.mock import tokens


@command
@option("--scope", default="all", help="The scope claim.")
@option("--issuer", default=tokens.ISSUER, help="The iss claim.")
@option(
    "--expires-in",
    metavar="SECONDS",
    default=tokens.LIFETIME,
    help="Seconds until the token expires; a negative number makes an expired one.",
)
@option("--claim", multiple=True, metavar="NAME=JSON", help="Set a claim to a JSON value.")
@option("--drop", multiple=True, metavar="NAME", help="Leave a claim out.")
@option("--header", multiple=True, metavar="NAME=JSON", help="Set a member of the header; null removes it.")
@option("--sign", type=click.Choice(get_args(tokens.Signing)), default="es384", help="How the token is signed.")
@option("--tamper", type=click.Choice(get_args(tokens.Part)), help="The part to change after signing.")
def token(
    scope: str, issuer: str, expires_in: int, claim: tuple[str, ...], drop: tuple[str, ...], header: tuple[str, ...],
    sign: tokens.Signing, tamper: tokens.Part | None,
) -> None:  # fmt: skip
    """Print an access token, and nothing else.

    Examples:
      curl -H "Authorization: Bearer $(mockserver token)" http://127.0.0.1:3001/api/logs
      mockserver token --scope ""                     no permission: 403
      mockserver token --expires-in -60               expired: 401
      mockserver token --claim 'aud="https://x.example"' --drop sub
    """
    set_claims, set_header = _members("--claim", claim), _members("--header", header)
    try:
        claims = tokens.claims("mock-app", scope, time.time(), tokens.audience("default"), issuer)
        claims |= {"exp": claims["iat"] + expires_in} | set_claims
        text = tokens.mint({name: value for name, value in claims.items() if name not in drop}, set_header, sign)
    except TypeError as error:
        raise MockserverError("token", str(error), "claims that JSON can represent") from None
    click.echo(tokens.tamper(text, tamper) if tamper else text)


def _members(place: str, pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read ``NAME=JSON`` pairs. ``place`` is the option that an error names."""
    members: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        try:
            members[name] = decode(text)
        except ValueError:
            remedy = f"quote a text as in JSON: {name}='\"text\"'" if equals else ""
            raise MockserverError(place, repr(pair), "NAME=JSON", remedy) from None
    return members
