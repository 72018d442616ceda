"""Drawn logs under each tenant's own ids: rows that all tenants share, and a translation of their ids.

Ids that Hypothesis draws have hard characters and lengths from 1 to 21, and a tenant's ids must be as hard. So each
tenant has a translation that keeps the length of an id and the kind of each character:

- letters and digits, punctuation with the space, and control characters each stand in an order that the tenant's name
  decides; every character becomes the next in that order, the last becomes the first, so none stays as it is;
- a character beyond ASCII changes its last four bits by a number from 1 to 15, and so keeps its script.

Both steps have an inverse, so the ids of a tenant stay unique and lead back to their rows. Two tenants can share an id
of few characters, since there are few of those. NUL, which no log has, stays.
"""

from __future__ import annotations

import string
from hashlib import blake2b

from mockserver.contract.jsontext import encode
from mockserver.logs.file import SeededLogs, SeededSource, Shelf
from mockserver.logs.row import HOME, Row

KINDS = (string.digits + string.ascii_letters, string.punctuation + " ", "".join(map(chr, (*range(1, 32), 127))))


class Translation(dict[int, int]):
    """A table for ``str.translate``; characters that are not in it change by ``bits``."""

    bits = 0

    def __missing__(self, character: int) -> int:
        return character ^ self.bits if character > 127 else character


def translations(tenant: str) -> tuple[Translation, Translation]:
    """Return the table from shared ids to those of a tenant, and the table back."""
    own = Translation()
    for kind in KINDS:
        order = sorted(kind, key=lambda character: blake2b(f"{tenant}/{character}".encode()).digest())
        own |= str.maketrans("".join(order), "".join((*order[1:], order[0])))
    shared = Translation({after: before for before, after in own.items()})
    own.bits = shared.bits = 1 + blake2b(tenant.encode()).digest()[0] % 15
    return own, shared


class DrawnSource(SeededSource):
    """Rows of the tenant ``default``, newest first; every other tenant has them under its own ids."""

    def logs(self, tenant: str) -> SeededLogs:
        """Return the logs of one tenant."""
        if tenant == HOME:
            return super().logs(tenant)
        return DrawnLogs(tenant, self._shelves[HOME], self._digest)


class DrawnLogs(SeededLogs):
    """The shared logs under a tenant's own ids, which are made when a request asks for them."""

    def __init__(self, tenant: str, shelf: Shelf, digest: str) -> None:
        super().__init__(tenant, shelf, digest)
        self._own, self._shared = translations(tenant)

    def find(self, log_id: str) -> bytes | None:
        """Return the JSON of the row that the tenant knows by this id, or None."""
        return super().find(log_id.translate(self._shared))

    def _json(self, row: Row) -> bytes:
        shared, own = (b',"id":' + encode(log_id) for log_id in (row.id, row.id.translate(self._own)))
        return self._head + own + row.tail.removeprefix(shared)
