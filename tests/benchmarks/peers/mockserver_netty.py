"""MockServer, the Java program: an expectation with a fixed body; it cannot search logs."""

from __future__ import annotations

from mockserver.contract.jsontext import encode
from tests.benchmarks.peers.peer import Place, Service


def serve(place: Place) -> Service:
    """Returns the service; it logs errors only, since by default it logs every request."""
    response = {
        "statusCode": 200,
        "headers": {"Content-Type": ["application/json"]},
        "body": place.corpus.page().decode(),
    }
    expectation = {"httpRequest": {"method": "GET", "path": "/api/logs"}, "httpResponse": response}
    expectations = place.file("expectations.json", encode([expectation]))
    name = f"mockserver-netty-{place.version}-jar-with-dependencies.jar"
    jar = place.program / "node_modules" / "mockserver-node" / name
    options = ["--port", str(place.port), "--init", expectations, "--log-level", "ERROR"]
    command = ["java", "-Dmockserver.localBoundIP=127.0.0.1", "-jar", str(jar), "run", *options]
    return place.service(command, {"MockServer, fixed page": place.corpus.fixed("/api/logs")})
