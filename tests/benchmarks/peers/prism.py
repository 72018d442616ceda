"""Prism: the document itself, with a page of logs as its example; it cannot search logs."""

from __future__ import annotations

from copy import deepcopy

from mockserver.contract.document import contract
from mockserver.contract.jsontext import decode, encode
from tests.benchmarks.peers.peer import Place, Service


def serve(place: Place) -> Service:
    """Returns the service; it checks each request against the document, then sends the example."""
    document = deepcopy(contract().document)
    media = document["paths"]["/api/logs"]["get"]["responses"]["200"]["content"]["application/json"]
    media.pop("examples", None)
    media["example"] = decode(place.corpus.page())
    options = ["--host", "127.0.0.1", "--port", str(place.port), "--multiprocess", "false", "--verboseLevel", "silent"]
    command = [place.bin("prism"), "mock", *options, place.file("openapi.json", encode(document))]
    return place.service(command, {"Prism, fixed page": place.corpus.fixed("/api/logs")})
