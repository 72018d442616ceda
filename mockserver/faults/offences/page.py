"""``HonestPage``: the request and its honest answer, as an offence reads them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from mockserver.contract.document import LIST_PATH, Log, contract
from mockserver.contract.jsontext import decode
from mockserver.contract.numbers import as_number
from mockserver.faults.fault import Case
from mockserver.http.message import Reply, Stream

# An offence holds the logs that it changes, so the bytes of a page are bounded.
_MOST_BYTES = 16 * 1024 * 1024


class TooLargeError(Exception):
    """The body of an honest page has more bytes than an offence may hold."""


class HonestPage:
    """A case, with the facts of its request and of its honest answer; each is computed when it is first used.

    Everything that is said of a page (``number`` to ``slice``) has a meaning only when ``is_good``.
    """

    def __init__(self, case: Case) -> None:
        self.case = case

    @property
    def plain(self) -> Reply:
        """The honest answer, neither compressed nor conditional."""
        return self.case.plain

    @property
    def status(self) -> int:
        """The status of the honest answer."""
        return self.plain.status

    @cached_property
    def is_list(self) -> bool:
        """Whether the request is for a list, not for one log."""
        return self.case.request.path.rstrip("/").lower().endswith(LIST_PATH)

    @property
    def is_good(self) -> bool:
        """Whether the honest answer is a list of logs."""
        return self.is_list and self.status == 200

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.case.request.query, keep_blank_values=True)

    @cached_property
    def query(self) -> dict[str, str]:
        """The first value of every parameter in the query, by name."""
        return dict(reversed(self._pairs))

    @cached_property
    def filters(self) -> dict[str, str]:
        """The filters of the request that are not empty, in documented order."""
        return {name: self.query[name] for name in contract().filters if self.query.get(name)}

    @property
    def has_unknown_parameter(self) -> bool:
        """Whether the query has a parameter that is not documented."""
        return bool(self.query.keys() - contract().parameters.keys())

    @cached_property
    def number(self) -> int:
        """The number of the page, from 1."""
        return self._integer("page")

    @cached_property
    def size(self) -> int:
        """The page_size."""
        return self._integer("page_size")

    def _integer(self, name: str) -> int:
        value = self.query.get(name) or str(contract().parameters[name].default)
        return int(value) if value.isdecimal() else int(as_number(value))

    @property
    def start(self) -> int:
        """The position of its first log among all that match, from 0."""
        return (self.number - 1) * self.size

    @cached_property
    def total(self) -> int:
        """How many logs match on all pages."""
        return int(self.plain.header("Total-Number") or 0)

    @property
    def last(self) -> int:
        """The number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @cached_property
    def logs(self) -> list[Log]:
        """Its logs; raises TooLargeError."""
        return _logs(self.plain)

    def ask(self, changes: Mapping[str, object]) -> Reply:
        """The honest answer to the same request with parameters set, or taken out (None)."""
        pairs = [pair for pair in self._pairs if pair[0] not in changes]
        pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
        request = self.case.plain_request
        return self.case.ask(request._replace(target=request.path + ("?" + urlencode(pairs) if pairs else "")))

    def ask_logs(self, changes: Mapping[str, object]) -> list[Log]:
        """The honest logs for such a request; none when it is refused. Raises TooLargeError."""
        reply = self.ask(changes)
        return _logs(reply) if reply.status == 200 else []

    def slice(self, start: int, stop: int) -> list[Log]:
        """The honest logs at positions ``start`` to ``stop`` (excluded) of all that match.

        They lie on at most two pages of that length. Raises TooLargeError.
        """
        start, size = max(0, start), max(1, stop - max(0, start))
        before, skipped = divmod(start, size)
        logs = [log for page in (1, 2) for log in self.ask_logs({"page": before + page, "page_size": size})]
        return logs[skipped : skipped + size]

    def with_body(self, body: bytes) -> Reply:
        """The honest answer with another body, and without the entity tag that no longer belongs to it."""
        return self.plain.with_header("ETag", None)._replace(body=body)


def _logs(reply: Reply) -> list[Log]:
    body = reply.body
    if isinstance(body, Stream):
        pieces = bytearray()
        for piece in body:
            pieces += piece
            if len(pieces) > _MOST_BYTES:
                raise TooLargeError
        body = bytes(pieces)
    logs: list[Log] = decode(body)
    return logs
