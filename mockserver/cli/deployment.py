"""The deployment that a command asks: its place and its credentials, by the command's options. It needs the extra
``check``."""

from __future__ import annotations

from typing import Any

import click

from mockserver.contract.document import LIST_PATH
from mockserver.contract.errors import MockserverError
from mockserver.judge.credentials import Client, resource_at
from mockserver.judge.route import Address, NetworkRoute, address, logs_address

# The options of a machine-to-machine application, which stands in for a token.
CLIENT = ("client_id", "client_secret")


def deployment(target: str, options: dict[str, Any]) -> tuple[Address, Client | None]:
    """Return where the logs of a target are, and the application that fetches tokens; None if a token is given.

    A token of the environment is passed over beside an application on the command line, and the other way round: it is
    taken out of the options. Raises MockserverError for what does not fit together, or if a token would cross a network
    in the clear.
    """
    source = click.get_current_context().get_parameter_source
    for origin in (click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT):
        if typed := {name for name in ("token", *CLIENT) if source(name) is origin}:
            options |= dict.fromkeys(CLIENT if typed == {"token"} else () if "token" in typed else ("token",))
            break
    where = logs_address(target, NetworkRoute(options["proxy"], options["ca_file"], options["client_cert"]))
    where.refuse_plain(options["insecure_http"])
    return where, _client(where, options)


def _client(target: Address, options: dict[str, Any]) -> Client | None:
    name, secret = options["client_id"], options["client_secret"]
    if name is None and secret is None:
        return None
    if not name or not secret or options["token"]:
        raise MockserverError(
            "credentials", "another combination", "--token alone, or --client-id and --client-secret",
            "give secrets by environment: MOCKSERVER_CLIENT_SECRET",
        )  # fmt: skip
    url = options["token_url"] or f"{target.url.removesuffix(LIST_PATH)}/oidc/token"
    where = address(url, target.route, "token-url")
    where.refuse_plain(options["insecure_http"])
    return Client(name, secret, where, options["resource"] or resource_at(target))
