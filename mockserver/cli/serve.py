"""``mockserver serve``: the mock on a port of this machine."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import click

from mockserver.cli.options import Declared, command, now_option, option
from mockserver.cli.progress import bar
from mockserver.contract.profile import ProfileName
from mockserver.mock.settings import AuthMode, LinkBase, Settings


def setting(*names: str, **attributes: Any) -> Callable[[Declared], Declared]:
    """An option for the field of ``Settings`` that has its name. The default, and with it the type, is the field's."""
    field = names[-1].removeprefix("--").replace("-", "_")
    return option(*names, default=getattr(Settings(), field), **attributes)


@command
@setting("-p", "--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 picks a free one.")
@setting("-h", "--host", help="The address to listen on.")
@setting("--logs", metavar="SOURCE", help="Where the logs come from: `mockserver sources` lists the sources.")
@setting("--profile", type=click.Choice(get_args(ProfileName)), help="The documented contract, or a real deployment's.")
@now_option
@setting("--growth", metavar="LOGS_PER_SECOND", help="How many new logs appear each second.")
@setting("--auth", type=click.Choice(get_args(AuthMode)), help="Check tokens, accept any, or ask for none.")
@setting(
    "--link-base",
    type=click.Choice(get_args(LinkBase)),
    show_default="that of the profile",
    help="The URLs in Link headers: of the API, or as observed.",
)
@setting(
    "--allow-invalid", is_flag=True, help="Accept stored logs that break the contract; a page with one is answered 500."
)
@option("--fault", "faults", metavar="RULE", multiple=True, help="Arm a fault from the start: see `mockserver faults`.")
@setting("--seed", help="The seed of the random choices that faults make.")
@setting("--admin-token", metavar="T", help="The token of the control API; without one, only loopback hosts have it.")
@option("--reload/--no-reload", default=True, help="Read the file of the logs again when it has changed.")
@option("--quiet", is_flag=True, help="Print nothing when the server is ready.")
def serve(quiet: bool, reload: bool, faults: tuple[str, ...], **values: Any) -> None:
    """Serve GET /api/logs on a port of this machine.

    Examples:
      mockserver serve
      mockserver serve -p 0 --logs my-logs.jsonl
      mockserver serve --profile observed --logs seeded
      mockserver serve --fault status:code=503,rate=0.1 --fault latency:seconds=0.2
    """
    settings = Settings(**values, faults=faults)
    from mockserver.edge.front import open_front
    from mockserver.edge.server import Server

    front = open_front(settings, watch=bar)
    server = Server(front, settings.host, settings.port)
    gc.set_threshold(20_000)

    def ready() -> None:
        if not quiet:
            # One write: a reader that waits for the first line may then close the pipe.
            click.echo(
                f"Serving {front.mock.count()} logs at {server.url}/api/logs\n"
                f"curl -H 'Authorization: Bearer dev-token' '{server.url}/api/logs?page_size=3'"
            )

    tell = partial(click.echo, err=True)
    # The objects that exist then stay, and requests leave no cycles: a search for garbage would only delay replies.
    server.serve_forever(ready, gc.freeze, lambda stop: front.reload.follow(stop, tell, reload))
