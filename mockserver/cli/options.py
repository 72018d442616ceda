"""How commands and their options are declared."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

import click

from mockserver.cli.config import config_option

Declared = TypeVar("Declared", bound=Callable[..., Any])
# https://kubernetes.io/docs/tutorials/services/connect-applications-service: the variables of a Service.
_SERVICE = re.compile(r"(tcp|udp|sctp)://")


def command(function: Callable[..., Any]) -> click.Command:
    """A click command with the name and the docstring of a function.

    A command with options also reads them from the file of ``--config``.

    The help page shows the part from the line ``Examples:`` on below the options, and keeps its lines as they are.
    """
    text, heading, examples = inspect.cleandoc(function.__doc__ or "").partition("Examples:")
    # To click, a line with a backspace says that the lines of a paragraph are not to be filled.
    epilog = "\n\n".join(f"\b\n{paragraph}" for paragraph in (heading + examples).split("\n\n"))
    made = click.command(help=text, epilog=epilog)
    declared = getattr(function, "__click_params__", ())
    return made(config_option(function) if any(isinstance(each, click.Option) for each in declared) else function)


class _Line(click.types.StringParamType):
    """A text that may contain blanks: an environment variable holds one value a line."""

    envvar_list_splitter = "\n"


class _Option(click.Option):
    """An option that passes over what Kubernetes sets for a Service called mockserver."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The value of the option's variable, unless it is the address of a Service."""
        value = super().resolve_envvar_value(ctx)
        if value is None or not _SERVICE.match(value) or not str(self.envvar).endswith("_PORT"):
            return value
        click.echo(f"{self.envvar}={value} is passed over: Kubernetes sets it for a Service of this name", err=True)
        return None


def option(*names: str, **attributes: Any) -> Callable[[Declared], Declared]:
    """A click option that is also read from the environment, and whose default stands in the help page.

    The variable is ``MOCKSERVER_`` and the long name: MOCKSERVER_MAX_REQUESTS for ``--max-requests``. An option that
    may be repeated reads one value from each line of its variable.
    """
    long = next(name for name in names if name.startswith("--"))
    variable = "MOCKSERVER_" + long.removeprefix("--").partition("/")[0].upper().replace("-", "_")
    if attributes.get("multiple"):
        attributes.setdefault("type", _Line())
    return click.option(*names, cls=_Option, envvar=variable, show_envvar=True, **{"show_default": True, **attributes})


now_option = option(
    "--now",
    metavar="MOMENT",
    default="",
    show_default="the start of the current day, UTC",
    help="The moment at which generated logs end: live (the present), or a date and time as in ISO 8601.",
)


def several(*options: Callable[[Any], Any]) -> Callable[[Declared], Declared]:
    """Declare several options, which the help page then has in this order."""
    return lambda function: reduce(lambda declared, declare: declare(declared), reversed(options), function)


# How requests leave this machine: the fields of a ``NetworkRoute``, and what may cross a network.
route_options = several(
    option("--proxy", metavar="URL", show_default="HTTPS_PROXY, HTTP_PROXY", help="The HTTP proxy; empty for none."),
    option("--ca-file", metavar="PEM", show_default="SSL_CERT_FILE, REQUESTS_CA_BUNDLE", help="Whom to trust."),
    option("--client-cert", metavar="PEM", help="The certificate and key that the deployment asks for."),
    option("--insecure-http", is_flag=True, help="Allow sending the token over plain http beyond this machine."),
)
# How to reach a deployment with a token of one's own.
deployment_options = several(
    option("--token", metavar="T", help="The bearer token to send."),
    option("--client-id", metavar="ID", help="The id of a machine-to-machine application, to fetch and renew a token."),
    option("--client-secret", metavar="S", help="The secret of that application."),
    option("--token-url", metavar="URL", show_default="TARGET/oidc/token", help="The URL that issues tokens."),
    option("--resource", metavar="URI", show_default="https://TENANT.logto.app/api", help="The resource of the token."),
    route_options,
)
