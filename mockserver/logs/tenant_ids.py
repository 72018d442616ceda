"""Spellings: rows that all tenants share under ids of each one's own, of the same length and as odd as they were."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import cycle, groupby

from mockserver.contract.jsontext import encode
from mockserver.logs.file import HOME, Row, SeededLogs, SeededSource, Shelf

# Each character turns within its ring. NUL, which no id has, stays alone.
RINGS = (string.digits + string.ascii_letters, string.punctuation + " ", "\0")
_RINGED = frozenset("".join(RINGS))
_STEPS = 15  # a character of no ring stays among its sixteen neighbours, and with them in its script


@dataclass(frozen=True, slots=True)
class Spelling:
    """Turns each character by the step of its place, from 1 to 15; invertible, so that a tenant's ids stay unique.

    Two tenants have different ids for a log, but for some hundred characters that have nowhere to turn. An id of few
    characters may be that of another log elsewhere: there are not enough of them.
    """

    steps: bytes

    @classmethod
    def of(cls, tenant: str) -> Spelling:
        """The spelling of a tenant."""
        return cls(bytes(1 + byte % _STEPS for byte in blake2b(tenant.encode(), digest_size=21).digest()))

    def spell(self, text: str) -> str:
        """The id that the tenant has for a common one."""
        return "".join(map(_turned, text, cycle(self.steps)))

    def read(self, text: str) -> str:
        """The common id that the tenant spells so."""
        return "".join(map(_turned, text, cycle(-step for step in self.steps)))


@lru_cache(maxsize=8192)
def _turned(character: str, step: int) -> str:
    for ring in RINGS:
        at = ring.find(character)
        if at >= 0:
            return ring[(at + step) % len(ring)]
    other = chr(ord(character) ^ abs(step))
    return character if other in _RINGED else other


class SpelledSource(SeededSource):
    """Rows of the tenant ``default``, which has their ids as they are; every other tenant spells them its own way."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the rows, newest first."""
        super().__init__(rows)
        self._rows = rows
        self._ties: list[slice] = []
        start = 0
        for _, tied in groupby(rows, key=lambda each: each.created_at):
            stop = start + len(list(tied))
            self._ties += [slice(start, stop)] if stop - start > 1 else []
            start = stop

    def logs(self, tenant: str) -> SeededLogs:
        """The logs of one tenant."""
        if tenant == HOME:
            return super().logs(tenant)
        spelling = Spelling.of(tenant)
        return SpelledLogs(tenant, self._ordered(spelling), self._digest, spelling)

    def _ordered(self, spelling: Spelling) -> Shelf:
        """The shelf that all share; one of the tenant's own where rows are tied, for its ids tell which is first."""
        if not self._ties:
            return self._shelves[HOME]
        rows = [*self._rows]
        for tie in self._ties:
            rows[tie] = sorted(rows[tie], key=lambda each: spelling.spell(each.id))
        return Shelf(rows)


class SpelledLogs(SeededLogs):
    """The shared logs under a tenant's own ids, spelled when they are asked for."""

    def __init__(self, tenant: str, shelf: Shelf, digest: str, spelling: Spelling) -> None:
        super().__init__(tenant, shelf, digest)
        self._spelling = spelling

    def find(self, log_id: str) -> bytes | None:
        """The JSON of the row that the tenant knows by this id."""
        return super().find(self._spelling.read(log_id))

    def _bytes(self, each: Row) -> bytes:
        own = encode(self._spelling.spell(each.id))
        return b"".join((self._head, b',"id":', own, each.tail[len(b',"id":') + len(encode(each.id)) :]))
