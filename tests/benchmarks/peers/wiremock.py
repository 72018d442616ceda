"""WireMock: a file; a response template that searches logs in the stub's own parameters by JSONPath."""

from __future__ import annotations

from typing import Any

from mockserver.contract.jsontext import decode, encode
from tests.benchmarks.peers.corpus import FIXED, SIZE
from tests.benchmarks.peers.peer import Place, Service

# Parameters of a stub are parsed once; logs inside the template would be parsed for each request.
_TEMPLATE = (
    "{{#assign 'wanted'}}{{#if request.query.logKey}}?(@.key == '{{request.query.logKey}}'){{else}}*{{/if}}{{/assign}}"
    "{{#assign 'found'}}$[{{wanted}}]{{/assign}}"
    "{{#assign 'end'}}{{math request.query.page '*' SIZE}}{{/assign}}"
    "{{#assign 'page'}}$[{{math end '-' SIZE}}:{{end}}]{{/assign}}"
    "{{jsonPath (jsonPath parameters.logs found) page}}"
).replace("SIZE", str(SIZE))


def serve(place: Place) -> Service:
    """Returns the service, without its journal, which would keep every request."""
    corpus = place.corpus
    place.file(f"__files{FIXED}", corpus.page())
    search = {"body": _TEMPLATE, "transformers": ["response-template"]}
    logs = {"transformerParameters": {"logs": decode(corpus.array())}}
    stubs = [_stub(FIXED, {"bodyFileName": FIXED.lstrip("/")}), _stub("/api/logs", search | logs)]
    place.file("mappings/stubs.json", encode({"mappings": stubs}))
    jar = place.program / "node_modules" / "wiremock" / "build" / f"wiremock-standalone-{place.version}.jar"
    options = ["--bind-address", "127.0.0.1", "--port", str(place.port), "--root-dir", str(place.folder)]
    command = ["java", "-jar", str(jar), *options, "--no-request-journal", "--disable-gzip"]
    ways = {
        "WireMock, fixed page": corpus.fixed(FIXED),
        "WireMock, pages and filters": corpus.searches("/api/logs?page={}", "/api/logs?page=1&logKey={}"),
    }
    return place.service(command, ways)


def _stub(path: str, response: dict[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"request": {"method": "GET", "urlPath": path}, "response": {"status": 200, "headers": headers, **response}}
