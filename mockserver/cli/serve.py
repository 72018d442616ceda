"""``mockserver serve``: the mock on a port of this machine."""

from __future__ import annotations

import gc
import os
import signal
from typing import Any, get_args

import click

from mockserver.cli.options import option
from mockserver.cli.progress import bar
from mockserver.contract.profile import ProfileName
from mockserver.mock.settings import AuthMode, LinkBase, Settings

_DEFAULTS = Settings()


@click.command(
    epilog="""\b
Examples:
  mockserver serve
  mockserver serve -p 0 --logs seeded:path=my-logs.jsonl
  mockserver serve --profile observed --logs seeded
  mockserver serve --fault status:code=503,rate=0.1 --fault latency:seconds=0.2
"""
)
@option(
    "-p", "--port", type=click.IntRange(0, 65535), default=_DEFAULTS.port, show_default=True, help="0 picks a free one."
)
@option("-h", "--host", default=_DEFAULTS.host, show_default=True, help="The address to listen on.")
@option(
    "--logs",
    metavar="SOURCE",
    default=_DEFAULTS.logs,
    show_default=True,
    help="Where the logs come from: see `mockserver sources`.",
)
@option(
    "--profile",
    type=click.Choice(get_args(ProfileName)),
    default=_DEFAULTS.profile,
    show_default=True,
    help="The contract to the letter, or as a real deployment answers.",
)
@option(
    "--now",
    metavar="MOMENT",
    default="",
    help="When generated logs end: live, or ISO 8601. Default: the start of the current day (UTC).",
)
@option(
    "--growth",
    metavar="LOGS_PER_SECOND",
    type=float,
    default=_DEFAULTS.growth,
    help="New logs that appear at the head as time passes.",
)
@option(
    "--auth",
    type=click.Choice(get_args(AuthMode)),
    default=_DEFAULTS.auth,
    show_default=True,
    help="Judge tokens, take any bearer token, or ask for none.",
)
@option(
    "--link-base",
    type=click.Choice(get_args(LinkBase)),
    default=None,
    help="Link to the API, or as a real deployment does; default: as the profile.",
)
@option(
    "--allow-invalid",
    is_flag=True,
    help="Take stored logs that break the contract (observed profiles: their page is a 500).",
)
@option("--fault", "faults", metavar="RULE", multiple=True, help="Arm a fault from the start; see `mockserver faults`.")
@option("--seed", type=int, default=_DEFAULTS.seed, show_default=True, help="The seed of every draw of the faults.")
@option(
    "--admin-token",
    metavar="T",
    default=None,
    help="What the control API wants; needed off loopback to have it at all.",
)
@option("--quiet", is_flag=True, help="Print nothing when ready.")
def serve(quiet: bool, faults: tuple[str, ...], **values: Any) -> None:
    """Serve GET /api/logs."""
    # Until there is a server, there is nothing to close: a signal ends the process at once, and well.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    settings = Settings(**values, faults=faults)
    from mockserver.edge.front import open_front
    from mockserver.edge.server import Server

    front = open_front(settings, watch=bar)
    server = Server(front, settings.host, settings.port)
    # What is there now stays, and requests leave no garbage in cycles: to look for it would hold up others for some ms.
    gc.freeze()
    gc.set_threshold(20_000)

    def ready() -> None:
        if not quiet:
            # One write: whoever waits for the first line may close the pipe behind it.
            click.echo(
                f"Serving {front.mock.count()} logs at {server.url}/api/logs\n"
                f"curl -H 'Authorization: Bearer dev-token' '{server.url}/api/logs?page_size=3'"
            )

    server.serve_forever(ready)
