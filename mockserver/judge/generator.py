"""Generated requests: Schemathesis' coverage and fuzzing phases, sent through the session like every probe.

The engine of Schemathesis talks to a WSGI application. The application below forwards each request to the session, so
that the budget, the redaction and the checks hold for generated requests too. The stateful phase is off: it follows
links between operations, and there is only one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis.engine import from_schema
from schemathesis.engine.events import Interrupted, ScenarioFinished

from mockserver.contract.document import contract, promised
from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Answer
from mockserver.judge.inventory import unmatched
from mockserver.judge.probe import Probe, Value, asking
from mockserver.judge.reading import read_query
from mockserver.judge.target import Gone, Spent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DOCUMENT = "/openapi.json"
# A larger page_size is sent only with a filter that matches nothing.
LARGE = 100
HEAVY = 4 * 1024 * 1024
# A day. Schemathesis takes an integer of seconds, but the time of a run may be infinite.
LONGEST = 86_400.0
# The built-in checks that tell Schemathesis what to shrink. The session's own checks find the breaks.
BUILT_IN_CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
)  # fmt: skip
# Headers of the connection, which the session sets itself.
CONNECTION = (
    "host", "connection", "content-length", "user-agent", "accept-encoding", "authorization",
    "x-schemathesis-testcaseid",
)  # fmt: skip


def generate(ask: Callable[[Probe], Answer], seed: int, seconds: float) -> None:
    """Send the requests that Schemathesis generates from a seed, for so many seconds.

    Raises Spent or Gone if ``ask`` does. Raises KeyboardInterrupt if the user interrupts the run: Schemathesis only
    reports an event for that, and the run would go on.
    """
    bridge = Bridge(ask)
    config = schemathesis.Config.from_dict(settings(seed, seconds))
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, bridge, config=config)
    stream = from_schema(schema).execute()
    for event in stream:
        if bridge.end is not None and isinstance(event, ScenarioFinished):
            stream.stop()
        if isinstance(event, Interrupted):
            raise KeyboardInterrupt
    if bridge.end is not None:
        raise bridge.end


def settings(seed: int, seconds: float) -> dict[str, Any]:
    """The configuration of Schemathesis: GET alone, nothing kept, the named checks."""
    return {
        "seed": seed,
        "max-time": max(1, int(min(seconds, LONGEST))),
        "cache": {"enabled": False},
        "generation": {"database": "none", "mode": "all"},
        "checks": {"enabled": False, **{name: {"enabled": True} for name in BUILT_IN_CHECKS}},
        "phases": {
            "examples": {"enabled": False},
            "coverage": {"unexpected-methods": [], "generate-duplicate-query-parameters": True},
            "stateful": {"enabled": False},
        },
    }


class Bridge:
    """The target as a WSGI application. When the budget has ended (``end``), it answers 503 without a request."""

    def __init__(self, ask: Callable[[Probe], Answer]) -> None:
        self._ask = ask
        self.end: Spent | Gone | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request of Schemathesis."""
        if environ["PATH_INFO"] == DOCUMENT:
            return _start(start_response, Answer(200, (("Content-Type", "application/json"),), document()))
        try:
            answer = Answer(503) if self.end else self._ask(probe_of(environ))
        except (Spent, Gone) as end:
            self.end, answer = end, Answer(503)
        return _start(start_response, answer)


def document() -> bytes:
    """What the documented page promises, as JSON."""
    return encode(promised(contract().document))


def probe_of(environ: WSGIEnvironment) -> Probe:
    """The probe of a generated request: its query as sent, and its headers except those of the connection."""
    names = {name: name[5:].replace("_", "-").title() for name in environ if name.startswith("HTTP_")}
    headers = tuple(
        (name, Value(environ[key]))
        for key, name in names.items()
        if name.lower() not in CONNECTION and environ[key].isascii() and environ[key].isprintable()
    )
    probe = Probe(raw=environ["QUERY_STRING"], headers=headers)
    reading = read_query(probe.parameters)
    if (reading.page_size or 0) > LARGE and not reading.filters:
        # The target must not send a whole table.
        return asking(page_size=reading.page_size or 0, **unmatched())
    return probe


def _start(start_response: StartResponse, answer: Answer) -> Iterable[bytes]:
    headers = [(name, value) for name, value in answer.headers if name.lower() in ("content-type", "retry-after")]
    start_response(f"{answer.status or 502} -", headers)
    # Schemathesis keeps every break of a body; the session has judged a heavy one already.
    return [answer.body if answer.weight <= HEAVY else b"[]"]
