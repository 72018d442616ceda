"""Logs as a test reads and adds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from mockserver.contract.document import Log, contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode

if TYPE_CHECKING:
    from mockserver.testing.worlds import World

# More than this in one list is a mistake: a test that wants them all would wait for seconds.
MOST_WHOLE = 10_000
# Read at once when all are wanted: few turns of the server, and none that others would notice.
_PIECE = 100


class Logs(Sequence[Log]):
    """The logs of one test as parsed JSON, newest first, read when asked: of a billion, a slice costs what it holds."""

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
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._world.slice(places, places + 1)[0]
        if not places:
            return []
        low, high = min(places[0], places[-1]), max(places[0], places[-1])
        found = self._world.slice(low, high + 1)
        return [found[place - low] for place in places]

    def __iter__(self) -> Iterator[Log]:
        start = 0
        while piece := self._world.slice(start, start + _PIECE):
            yield from piece
            start += len(piece)

    def add(self, key: str, **values: Any) -> Log:
        """Add one log, by default just after the newest, and return it as it is served.

        ``id``, ``tenantId`` and ``createdAt`` (ms since 1970) are the log's own and filled in where absent; every
        other name goes into its payload, which gets ``key`` and ``result="Success"`` where absent. Raises
        MockserverError with the path of what breaks the contract; then nothing is added.
        """
        own = contract().log_schema["properties"].keys() - {"payload"}
        payload = {name: value for name, value in values.items() if name not in own}
        log = {name: value for name, value in values.items() if name in own}
        return self.add_all([{**log, "key": key, "payload": {"key": key, "result": "Success", **payload}}])[0]

    def add_all(self, logs: Iterable[Mapping[str, Any]]) -> list[Log]:
        """Add whole logs (parsed JSON), such as Hypothesis draws, and return them as they are served.

        Raises MockserverError with the place of the first that cannot be added; then none is.
        """
        return self._world.add([_as_json(log) for log in logs])


def _as_json(log: Mapping[str, Any]) -> Log:
    """The log as it is once it was sent as JSON; raises MockserverError for what JSON cannot say, such as a date."""
    try:
        sent: Log = decode(json.dumps(dict(log), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise MockserverError("log", str(error), "values that JSON can say") from None
    return sent


def whole(logs: Logs) -> list[Log]:
    """All of them in a list; raises MockserverError where that is no longer a list for a test."""
    if len(logs) > MOST_WHOLE:
        raise MockserverError("logto_logs", f"{len(logs):,} logs", f"at most {MOST_WHOLE:,}", "slice logto_mock.logs")
    return list(logs)
