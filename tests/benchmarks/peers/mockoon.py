"""Mockoon: a route with a fixed body; a CRUD route over a data bucket, with its ``page``, ``limit`` and ``key_eq``."""

from __future__ import annotations

from typing import Any

from mockserver.contract.jsontext import encode
from tests.benchmarks.peers.corpus import FIXED, SIZE
from tests.benchmarks.peers.peer import Place, Service


def serve(place: Place) -> Service:
    """Returns the service; ``--repair`` adds the settings that its desktop program would write."""
    corpus = place.corpus
    fixed = {"bodyType": "INLINE", "body": corpus.page().decode(), "disableTemplating": True}
    search = {"bodyType": "DATABUCKET", "databucketID": "logs", "crudKey": "id"}
    environment = {
        "uuid": "environment",
        "lastMigration": 33,
        "name": "logs",
        "routes": [_route("http", "get", FIXED, fixed), _route("crud", "", "/api/logs", search)],
        "data": [{"uuid": "bucket", "id": "logs", "name": "logs", "value": corpus.array().decode()}],
    }
    options = ["--hostname", "127.0.0.1", "--port", str(place.port), "--repair", "--disable-admin-api"]
    data = place.file("mockoon.json", encode(environment))
    command = [place.bin("mockoon-cli"), "start", *options, "--disable-log-to-file", "--data", data]
    page = f"/api/logs?limit={SIZE}&page="
    ways = {
        "Mockoon, fixed page": corpus.fixed(FIXED),
        "Mockoon, pages and filters": corpus.searches(page + "{}", page + "1&key_eq={}"),
    }
    return place.service(command, ways)


def _route(kind: str, method: str, path: str, response: dict[str, Any]) -> dict[str, Any]:
    headers = [{"key": "Content-Type", "value": "application/json"}]
    response = {"uuid": f"{kind}-response", "statusCode": 200, "headers": headers, "default": True, **response}
    return {"uuid": kind, "type": kind, "method": method, "endpoint": path.lstrip("/"), "responses": [response]}
