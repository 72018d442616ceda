"""``mockserver health``: a probe for containers, which have no curl."""

from __future__ import annotations

import ssl
from http.client import HTTPException, InvalidURL
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import click

from mockserver.cli.options import command, option
from mockserver.contract.errors import MockserverError
from mockserver.mock.settings import Settings

PATIENCE = 5  # seconds


@command
@click.argument("url", required=False)
@option("-p", "--port", type=click.IntRange(0, 65535), default=Settings().port, help="The port, where there is no URL.")
@click.pass_context
def health(context: click.Context, url: str | None, port: int) -> None:
    """Ask whether a mock answers at URL, a base URL; without one, on a port of this machine, by HTTP or HTTPS.

    Examples:
      mockserver health
      mockserver health https://mock.example.com/t/acme

    Exit codes: 0 it answers; 1 it does not; 2 bad usage. A certificate is not checked.
    """
    bases = [url.rstrip("/")] if url else [f"{scheme}://127.0.0.1:{port}" for scheme in ("http", "https")]
    failure = ""
    for base in bases:
        try:
            _ask(base)
        except (InvalidURL, ValueError) as error:
            raise MockserverError("URL", str(error), "a base URL such as http://127.0.0.1:3001") from None
        except (OSError, HTTPException) as error:
            failure = failure or str(error)
        else:
            click.echo(f"{base} answers.")
            return
    click.echo(f"{bases[0]} does not answer: {failure}", err=True)
    context.exit(1)


def _ask(base: str) -> None:
    # No proxy: it would answer for itself.
    unchecked = ssl._create_unverified_context()  # noqa: S323  # nobody signed the mock's own certificate
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=unchecked))
    opener.open(f"{base}/__admin/health", timeout=PATIENCE).close()
