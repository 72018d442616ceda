"""``malformed_json``: JSON that does not parse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Stream


@dataclass(frozen=True, slots=True)
class MalformedJson(Fault):
    """200 with JSON that does not parse."""

    def disturb(self, case: Case) -> Reply:
        """The honest body after a bracket that is never closed; a stream stays a stream."""
        plain = case.plain
        body = plain.body
        broken = b"[" + body if isinstance(body, bytes) else Stream(lambda: _after_bracket(body))
        return plain.with_header("ETag", None)._replace(status=200, body=broken)


def _after_bracket(body: Stream) -> Iterator[bytes]:
    yield b"["
    yield from body
