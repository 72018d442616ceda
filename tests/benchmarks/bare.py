"""The yardstick: a WSGI function that sends prepared bytes, on the house's own server.

``python -m tests.benchmarks.bare FOLDER PORT`` sends FOLDER's ``page.json`` with the headers of its ``headers.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.edge.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def sending(headers: list[tuple[str, str]], body: bytes) -> WSGIApplication:
    """Returns a function that sends the same answer to every request."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", list(headers))
        return (body,)

    return application


def main(folder: Path, port: int) -> None:
    """Serves until it is stopped."""
    headers = [(name, value) for name, value in json.loads((folder / "headers.json").read_text())]
    Server(sending(headers, (folder / "page.json").read_bytes()), port=port).serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
