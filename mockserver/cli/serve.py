"""``mockserver serve``: the mock on a port of this machine."""

from __future__ import annotations

import gc
import logging
import os
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from mockserver.cli import completion
from mockserver.cli.options import Declared, command, now_option, option, route_options, several
from mockserver.cli.progress import bar
from mockserver.contract.errors import MockserverError
from mockserver.contract.profile import ProfileName
from mockserver.contract.published import ADMIN_TOKEN
from mockserver.mock.settings import AuthMode, LinkBase, Settings

if TYPE_CHECKING:
    import ssl

    from mockserver.edge.front import Front
    from mockserver.edge.server import Server
    from mockserver.edge.terminal import RequestLog, Writer
    from mockserver.edge.upstream import Upstream

Form = Literal["text", "json", "off"]
Secure = tuple["ssl.SSLContext | None", Path | None]


def setting(*names: str, **attributes: Any) -> Callable[[Declared], Declared]:
    """An option for the field of ``Settings`` that has its name. The default, and with it the type, is the field's."""
    field = names[-1].removeprefix("--").replace("-", "_")
    return option(*names, default=getattr(Settings(), field), **attributes)


# The options of each command that serves, in the order of help pages.
serving = several(
    setting("-p", "--port", type=click.IntRange(0, 65535), help="The port to listen on; 0 picks a free one."),
    setting("-h", "--host", help="The address to listen on."),
    setting("--profile", type=click.Choice(get_args(ProfileName)), help="The documented contract, or a deployment's."),
    setting("--base-url", metavar="URL", help="Where clients reach the server, such as https://mock.example.com/x."),
    setting("--trusted-proxy", is_flag=True, help="Believe X-Forwarded-Proto, -Host and -Prefix: a proxy sets them."),
    option(
        "--fault",
        "faults",
        metavar="RULE",
        multiple=True,
        shell_complete=completion.faults,
        help="Arm a fault from the start: see `mockserver faults`.",
    ),
    setting("--seed", help="The seed of the random choices that faults make."),
    setting("--admin-token", metavar="T", help="The token of the control API. Without one, loopback hosts have it."),
    option("--tls", is_flag=True, help="Serve HTTPS, with a certificate for localhost that is made and kept."),
    option(
        "--tls-cert", metavar="PEM", type=click.Path(path_type=Path), help="Serve HTTPS with this certificate chain."
    ),
    option("--tls-key", metavar="PEM", type=click.Path(path_type=Path), help="The key of --tls-cert."),
    option(
        "--log",
        type=click.Choice(get_args(Form)),
        show_default="text; off with --quiet",
        help="A line for each request.",
    ),
    option("--quiet", is_flag=True, help="Print errors and warnings only, and the lines that --log asks for."),
)


@command
@serving
@setting(
    "--logs",
    metavar="SOURCE",
    shell_complete=completion.sources,
    help="Where the logs come from: `mockserver sources` lists the sources.",
)
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
@option("--reload/--no-reload", default=True, help="Read the file of the logs again when it has changed.")
@option("--upstream", metavar="URL", help="A real deployment that answers every path but that of the logs.")
@route_options
def serve(upstream: str | None, **values: Any) -> None:
    """Serve GET /api/logs on a port of this machine.

    Examples:
      mockserver serve
      mockserver serve -p 0 --logs my-logs.jsonl
      mockserver serve --profile observed --logs seeded
      mockserver serve --fault status:code=503,rate=0.1 --fault latency:seconds=0.2
      mockserver serve --tls
      mockserver serve --upstream https://my-tenant.logto.app
    """
    settings, others = parted(values)
    deployment = None if upstream is None else reached(upstream, others)
    secure = secured(others)
    from mockserver.edge.front import open_front

    front = open_front(settings, watch=bar)
    if deployment is not None:
        from mockserver.edge.forwarding import Forwarding

        front.forwarding = Forwarding(front.mock, front.clock, deployment)
    run(front, secure, others)


def parted(values: dict[str, Any]) -> tuple[Settings, dict[str, Any]]:
    """The settings among the values of options, and the other values."""
    names = {field.name for field in fields(Settings)} & values.keys()
    return Settings(**{name: values.pop(name) for name in names}), values


def reached(url: str, options: dict[str, Any]) -> Upstream:
    """The deployment at a URL, and how it is reached; raises MockserverError."""
    from mockserver.edge.upstream import Upstream
    from mockserver.judge.route import NetworkRoute, logs_address

    address = logs_address(url, NetworkRoute(options["proxy"], options["ca_file"], options["client_cert"]))
    address.refuse_plain(options["insecure_http"])
    return Upstream(address)


def run(front: Front, secure: Secure, options: dict[str, Any]) -> None:
    """Serve a front until SIGINT or SIGTERM; without ``quiet``, it prints where it is found."""
    from mockserver.edge.server import Server, unheard
    from mockserver.edge.terminal import Warnings, Writer, json_line

    output, errors = Writer(sys.stdout), Writer(sys.stderr)
    is_quiet, log, settings = options["quiet"], options["log"], front.mock.settings
    requests = _request_log(log or ("off" if is_quiet else "text"), output)
    note = requests.note if requests else unheard
    server = Server(front, settings.host, settings.port, note=note, tls=secure[0])
    logging.getLogger("mockserver").addHandler(Warnings(errors))
    gc.set_threshold(20_000)

    def ready() -> None:
        values = _places(server, settings, secure[1], front) | {"time": time.time()}
        if not is_quiet:
            output.offer(json_line(values) if log == "json" else _start(values))

    def tell(text: str) -> None:
        errors.offer(f"{text}\n")

    # The objects that exist then stay, and requests leave no cycles: a search for garbage would only delay replies.
    server.serve_forever(ready, gc.freeze, lambda stop: front.reload.follow(stop, tell, options.get("reload", False)))
    if requests is not None:
        requests.flush()
    output.close()
    errors.close()


def secured(options: dict[str, Any]) -> Secure:
    """What HTTPS needs, and the certificate that clients must trust, where one was made; None without HTTPS."""
    made, certificate, key = options["tls"], options["tls_cert"], options["tls_key"]
    if (certificate is None) != (key is None):
        given, missing = ("--tls-cert", "--tls-key") if key is None else ("--tls-key", "--tls-cert")
        raise MockserverError("tls", f"{given} alone", f"{missing} with it")
    if certificate is None and not made:
        return None, None
    from mockserver.edge.certificate import AUTHORITY, SERVER, own_certificate, tls_context

    if certificate is not None:
        return tls_context(certificate, key), None
    folder = own_certificate()
    return tls_context(folder / SERVER, None), folder / AUTHORITY


def _start(values: dict[str, Any]) -> str:
    """The places as lines; in one text, since a reader that waits for the first may then close the pipe."""
    what = f"{values['logs']} logs" if "logs" in values else values["upstream"]
    lines = [f"Serving {what} at {values['url']}/api/logs", f"Console: {values['console']}"]
    if "logs" in values and "upstream" in values:
        lines.append(f"Every other path is that of {values['upstream']}.")
    if "trust" in values:
        lines.append(
            f"Trust the certificate: curl --cacert FILE, NODE_EXTRA_CA_CERTS=FILE or REQUESTS_CA_BUNDLE=FILE, "
            f"with FILE {values['trust']}"
        )
    if "token" in values:
        lines.append(f"The control API and the console take the token {values['token']}, which is published.")
    return "\n".join([*lines, values["curl"], ""])


def _places(server: Server, settings: Settings, trust: Path | None, front: Front) -> dict[str, Any]:
    """Where the server is found: its URL, that of its console, and a line for a shell that asks it."""
    from mockserver.contract.published import DEV_TOKEN
    from mockserver.http.forwarded import is_loopback

    trusting = "" if trust is None else f" --cacert {shlex.quote(str(trust))}"
    judges, to = front.verdict is not None, front.forwarding
    token = '"Authorization: Bearer $MOCKSERVER_TOKEN"' if judges else f"'Authorization: Bearer {DEV_TOKEN}'"
    is_open = settings.admin_token is not None or is_loopback(settings.host)
    return {
        "url": server.url,
        "console": f"{server.url}/__admin/" if is_open else "off; --admin-token opens it on this host",
        "curl": f"curl{trusting} -H {token} '{server.url}/api/logs?page_size=3'",
        **({} if judges else {"logs": front.mock.count()}),
        **({} if to is None else {"upstream": to.upstream.base.url}),
        **({} if trust is None else {"trust": str(trust)}),
        **({"token": ADMIN_TOKEN} if settings.admin_token == ADMIN_TOKEN else {}),
    }


def _request_log(form: Form, output: Writer) -> RequestLog | None:
    """The log of requests on standard output: in colours on a terminal, unless NO_COLOR (no-color.org) forbids them."""
    from mockserver.edge.terminal import RequestLog, coloured_line, json_line, text_line

    if form == "off":
        return None
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    has_colours = sys.stdout is not None and sys.stdout.isatty() and not is_plain
    return RequestLog(output, json_line if form == "json" else coloured_line if has_colours else text_line)
