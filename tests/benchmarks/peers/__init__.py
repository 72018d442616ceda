"""Other mocks that npm can install, with the same logs: each in its fastest way, and with its own paging if it has any.

A peer that cannot be installed, does not start or answers with other logs is left out; a line says why.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from tests.benchmarks import servers
from tests.benchmarks.load import press
from tests.benchmarks.peers import json_server, mockoon, mockserver_netty, prism, wiremock
from tests.benchmarks.peers.corpus import Corpus, Question, check
from tests.benchmarks.peers.packages import folder_of, install, require_java
from tests.benchmarks.peers.peer import Peer, Place, Service
from tests.benchmarks.servers import Process

Subject = TypeVar("Subject")

# Exact versions, so that two runs compare the same programs.
PEERS = (
    Peer("json-server", "0.17.4", json_server.serve),
    Peer("@stoplight/prism-cli", "5.14.2", prism.serve),  # the last that runs on Node.js 20
    Peer("@mockoon/cli", "9.9.0", mockoon.serve),
    Peer("wiremock", "3.13.2", wiremock.serve, java=True),
    Peer("mockserver-node", "8.0.0", mockserver_netty.serve, java=True),
)
# Seconds of load before a peer in Java is measured: its virtual machine compiles only code that ran often enough.
_WARM = 5


def subjects(stack: ExitStack, line: Callable[[str, Process, list[str]], Subject], only: str) -> Iterator[Subject]:
    """Yields a line for each way of each peer whose name contains ``only``; other peers are not installed."""
    corpus = Corpus.drawn()
    for peer in PEERS:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        service = peer.serve(Place(folder_of(peer), peer.version, folder, servers.free_port(), corpus))
        ways = {name: asked for name, asked in service.ways.items() if only in name}
        if not ways:
            continue
        try:
            server = _started(stack, peer, service, ways)
        except (SystemExit, OSError) as error:
            sys.stderr.write(f"{peer.package}@{peer.version} is left out: {error}\n")
        else:
            yield from (line(name, server, [path for path, _ in asked]) for name, asked in ways.items())


def _started(stack: ExitStack, peer: Peer, service: Service, ways: dict[str, list[Question]]) -> Process:
    """Returns the server of a peer, checked and warm; raises SystemExit and stops it if it cannot be used."""
    if peer.java:
        require_java()
    install(peer)
    with ExitStack() as own:
        server = own.enter_context(servers.started(service.command, service.port, service.folder))
        for name, asked in ways.items():
            check(server, name, asked)
            if peer.java:
                press(server, [path for path, _ in asked], 16, _WARM)
        stack.enter_context(own.pop_all())
        return server
