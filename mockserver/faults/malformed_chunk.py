"""``malformed_chunk``: a good head, then a broken chunk."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.faults.fault import Case, Fault
from mockserver.http.message import Reply, Sending, Stream

# A chunk begins with its size in hexadecimal digits (RFC 9112, 7.1).
_BROKEN = b"not-a-size\r\n[\r\n"


@dataclass(frozen=True, slots=True)
class MalformedChunk(Fault):
    """A 200 head, then a broken chunk."""

    def disturb(self, case: Case) -> Reply:
        """The honest headers with status 200, without a length: the edge sends such a body in chunks."""
        headers = case.reply.with_header("Content-Length", None).headers
        return Reply(200, headers, Stream(tuple), Sending(raw=_BROKEN, end="close"))
