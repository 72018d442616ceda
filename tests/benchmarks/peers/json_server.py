"""json-server: a file of its static folder; its own ``_page``, ``_limit`` and equality filters."""

from __future__ import annotations

from tests.benchmarks.peers.corpus import FIXED, SIZE
from tests.benchmarks.peers.peer import Place, Service


def serve(place: Place) -> Service:
    """Returns the service; its routes rewrite the path of the API to its own."""
    data = place.file("db.json", b'{"logs":' + place.corpus.array() + b"}")
    routes = place.file("routes.json", b'{"/api/*": "/$1"}')
    place.file(f"public{FIXED}", place.corpus.page())
    listening = ["--host", "127.0.0.1", "--port", str(place.port)]
    options = ["--quiet", "--routes", routes, "--static", "public"]
    page = f"/api/logs?_limit={SIZE}&_page="
    ways = {
        "json-server, fixed page": place.corpus.fixed(FIXED),
        "json-server, pages and filters": place.corpus.searches(page + "{}", page + "1&key={}"),
    }
    return place.service([place.bin("json-server"), *listening, *options, data], ways)
