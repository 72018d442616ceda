"""``mockserver token``: any variant of an access token, signed with the published test key."""

from __future__ import annotations

import time
from typing import Any, Literal, get_args

import click

from mockserver.cli.options import option
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode
from mockserver.mock import tokens


@click.command(
    epilog="""\b
Examples:
  curl -H "Authorization: Bearer $(mockserver token)" http://127.0.0.1:3001/api/logs
  mockserver token --scope ""                     no permission: 403
  mockserver token --expires-in -60               expired: 401
  mockserver token --claim 'aud="https://x.example"' --drop sub
"""
)
@option("--scope", default="all", show_default=True, help="The scope claim.")
@option("--issuer", default=tokens.ISSUER, show_default=True, help="The iss claim.")
@option(
    "--expires-in", type=int, default=tokens.LIFETIME, show_default=True, help="Seconds from now; negative: expired."
)
@option("--claim", multiple=True, metavar="NAME=JSON", help="Set a claim.")
@option("--drop", multiple=True, metavar="NAME", help="Leave a claim out.")
@option("--header", multiple=True, metavar="NAME=JSON", help="Set a member of the header; null leaves it out.")
@option("--sign", type=click.Choice(get_args(tokens.Signing)), default="es384", show_default=True, help="How to sign.")
@option("--tamper", type=click.Choice(["signature", "payload"]), default=None, help="Change a part after signing.")
def token(
    scope: str, issuer: str, expires_in: int, claim: tuple[str, ...], drop: tuple[str, ...], header: tuple[str, ...],
    sign: tokens.Signing, tamper: Literal["signature", "payload"] | None,
) -> None:  # fmt: skip
    """Print an access token, and nothing else."""
    set_claims, set_header = _named("claim", claim), _named("header", header)
    try:
        claims = tokens.claims("mock-app", scope, time.time(), tokens.audience("default"), issuer)
        claims |= {"exp": claims["iat"] + expires_in} | set_claims
        text = tokens.mint({name: value for name, value in claims.items() if name not in drop}, set_header, sign)
    except TypeError as error:
        raise MockserverError("token", str(error), "claims that JSON can say") from None
    click.echo(tokens.tamper(text, tamper) if tamper else text)


def _named(option_name: str, pairs: tuple[str, ...]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        try:
            named[name] = decode(text)
        except ValueError:
            raise MockserverError(
                f"--{option_name}",
                repr(pair),
                "NAME=JSON",
                f"a text is quoted in JSON: {name}='\"text\"'" if equals else "",
            ) from None
    return named
