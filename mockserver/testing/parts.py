"""The parts of ``logto_mock``: the faults that a test arms, the logs that it reads and adds, the requests it received.

Each part reaches the logs through a ``World``: a tenant of the mock, or a deployment.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import parse_qsl

from mockserver.contract.document import Log, contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode
from mockserver.faults.plan import ArmedRule
from mockserver.faults.rule import read_rule
from mockserver.mock.expectations import read_expectation
from mockserver.mock.journal import Entry

if TYPE_CHECKING:
    from mockserver.testing.deployment import World

# A longer list of logs in a test is a mistake: reading it would take seconds.
LONGEST_LIST = 10_000
# How many logs an iteration reads at once: few calls of the server's thread, each too short to delay other tests.
_BATCH = 100


class ArmedFault:
    """A fault that waits for requests. Its counts grow while the test runs."""

    def __init__(self, world: World, armed: ArmedRule) -> None:
        self._world = world
        self._armed = armed

    def __repr__(self) -> str:
        return f"ArmedFault({self.text!r}, fired={self.fired}, matched={self.matched})"

    @property
    def text(self) -> str:
        """The rule as it is written, such as ``status:code=503,times=2``."""
        return self._armed.rule.text

    @property
    def fired(self) -> int:
        """How many requests it has disturbed."""
        return self._armed.tally.fired

    @property
    def matched(self) -> int:
        """How many requests met its conditions on page, page_size and filters, disturbed or not."""
        return self._armed.tally.matched

    def remove(self) -> None:
        """Disarm the fault; raises MockserverError if it is not armed any more."""
        self._world.inside("for its faults", lambda tenant: tenant.armed.disarm(self._armed.id))


class Faults:
    """The armed faults of one test, in the order in which they are tried; iteration yields each fault."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __repr__(self) -> str:
        return f"Faults({[fault.text for fault in self]!r})"

    def add(self, rule: str) -> ArmedFault:
        """Arm the fault of a rule text, ``KIND[:name=value,...]``, after the faults that are armed already.

        Raises MockserverError for an unknown kind, parameter or value and lists the known ones; then nothing is armed.
        """
        parsed = read_rule(rule)
        return ArmedFault(self._world, self._world.inside("for its faults", lambda tenant: tenant.armed.arm(parsed)))

    def clear(self) -> None:
        """Disarm every fault, those of the mark too."""
        self._world.inside("for its faults", lambda tenant: tenant.armed.clear())

    def __iter__(self) -> Iterator[ArmedFault]:
        armed = self._world.inside("for its faults", lambda tenant: tuple(tenant.armed.rules))
        return (ArmedFault(self._world, rule) for rule in armed)

    def __len__(self) -> int:
        return self._world.inside("for its faults", lambda tenant: len(tenant.armed.rules))


class Logs(Sequence[Log]):
    """The logs of one test as parsed JSON, newest first. They are read on access: a slice reads only its own logs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __repr__(self) -> str:
        return f"<{len(self)} logs>"

    def __len__(self) -> int:
        return self._world.count()

    @overload
    def __getitem__(self, index: int) -> Log: ...
    @overload
    def __getitem__(self, index: slice) -> list[Log]: ...
    def __getitem__(self, index: int | slice) -> Log | list[Log]:
        positions = range(len(self))[index]
        if isinstance(positions, int):
            return self._world.slice(positions, positions + 1)[0]
        if not positions:
            return []
        first, last = sorted((positions[0], positions[-1]))
        return self._world.slice(first, last + 1)[:: positions.step]

    def __iter__(self) -> Iterator[Log]:
        start = 0
        while batch := self._world.slice(start, start + _BATCH):
            yield from batch
            start += len(batch)

    def add(self, key: str, **values: Any) -> Log:
        """Add one log, by default just after the newest, and return it as the API serves it.

        ``id``, ``tenantId`` and ``createdAt`` (ms since 1970) belong to the log and are filled in when absent. Every
        other name goes into its payload, which gets ``key``, and ``result="Success"`` when absent. Raises
        MockserverError with the path of the value that breaks the contract; then nothing is added.
        """
        members = contract().log_schema["properties"].keys() - {"payload"}
        payload = {n: value for n, value in values.items() if n not in members}
        log = {n: value for n, value in values.items() if n in members}
        return self.add_all([{**log, "key": key, "payload": payload}])[0]

    def add_all(self, logs: Iterable[Mapping[str, Any]]) -> list[Log]:
        """Add whole logs (parsed JSON), such as Hypothesis draws, and return them as the API serves them.

        Raises MockserverError with the place of the first log that cannot be added; then none is added.
        """
        sent = [_as_json(log) for log in logs]
        added = self._world.inside("to add logs", lambda tenant: tenant.add_logs(sent, tenant.moment(time.time())))
        return [decode(log) for log in added]


def _as_json(log: Mapping[str, Any]) -> Log:
    """Return the log as JSON would carry it; raises MockserverError for a value that JSON has not, such as a date."""
    try:
        sent: Log = decode(json.dumps(dict(log), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise MockserverError("log", str(error), "values that JSON can represent") from None
    return sent


def whole_list(logs: Logs) -> list[Log]:
    """Return all logs in a list; raises MockserverError if there are more than 10,000."""
    if len(logs) > LONGEST_LIST:
        remedy = "read a slice of logto_mock.logs"
        raise MockserverError("logto_logs", f"{len(logs):,} logs", f"at most {LONGEST_LIST:,}", remedy)
    return list(logs)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply.

    ``time`` is in seconds since 1970; ``method`` is as sent; ``path`` is without the tenant's prefix; ``query`` and
    ``headers`` (lower-case names) are as sent, with the first value of a repeated name; ``status`` is None if no status
    line was sent; ``faults`` are the texts of the rules that fired; ``line`` is a summary with credentials masked.
    """

    time: float
    method: str
    path: str
    query: Mapping[str, str] = field(hash=False)
    headers: Mapping[str, str] = field(hash=False)
    status: int | None
    faults: tuple[str, ...]
    line: str
    _entry: Entry = field(compare=False)

    def __repr__(self) -> str:
        return f"<{self.line}>"


class Requests(tuple[Exchange, ...]):
    """The requests until now, oldest first. It does not grow: read ``logto_mock.requests`` again for later requests."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Requests({list(self)!r})"

    def __str__(self) -> str:
        return "\n".join(exchange.line for exchange in self)

    def matching(self, **expected: Any) -> list[Exchange]:
        """Return the exchanges that match an expectation: method, path, query, headers, status, fault.

        Raises MockserverError for an unknown field and lists the known ones.
        """
        expectation = read_expectation(expected)
        return [request for request in self if not expectation.misses(request._entry)]

    def verify(self, **expected: Any) -> None:
        """Raise AssertionError with the differences unless as many exchanges match as expected.

        ``times`` is the exact number; or ``at_least`` (1 if absent) and ``at_most`` are its bounds.
        """
        __tracebackhide__ = True
        expectation = read_expectation(expected)
        difference = expectation.verdict([(request._entry, expectation.misses(request._entry)) for request in self])
        if difference is not None:
            raise AssertionError(difference)


def exchange(entry: Entry) -> Exchange:
    """Return an entry of the journal as a test sees it."""
    request, masked = entry.request, entry.shown()
    # Reversed, so that the first value of a repeated name is the last to be set.
    query = dict(reversed(parse_qsl(request.query, keep_blank_values=True)))
    headers = dict(reversed(request.headers))
    target = masked["path"] + (f"?{masked['query']}" if masked["query"] else "")
    status = "no status line" if entry.status is None else entry.status
    faults = f" by {' and '.join(entry.faults)}" if entry.faults else ""
    line = f"{entry.id}. {request.method} {target} -> {status}{faults}"
    return Exchange(entry.time, request.method, entry.path, query, headers, entry.status, entry.faults, line, entry)
