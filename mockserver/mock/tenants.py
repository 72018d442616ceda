"""Tenants: isolated worlds on one server, each with its own logs, plan and journal, and how a request names one."""

from __future__ import annotations

import hashlib
import re
import string
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mockserver.contract.document import contract
from mockserver.contract.refusals import invalid_tenant
from mockserver.faults.plan import Armed, Plan
from mockserver.http.message import Request
from mockserver.logs.source import Source
from mockserver.mock.journal import MOST_TOGETHER, Journal, Room
from mockserver.mock.store import Store

DEFAULT = "default"
PREFIX = "/t/"
HEADER = "mock-tenant"

_NAME = re.compile(r"[a-z0-9-]+")
_LABEL = re.compile(r"([^.:]*)\.localhost(?::.*)?", re.DOTALL)
# Real ids of logs are made of 36 characters; two at a time are written twice as fast.
_ID_CHARACTERS = string.digits + string.ascii_lowercase
_ID_PAIRS = [first + second for second in _ID_CHARACTERS for first in _ID_CHARACTERS]

# Each test may have a tenant of its own. One that was idle while so many others were used is not needed any more.
MOST = 1000


class TenantPath(NamedTuple):
    """The tenant that a request is for, the prefix of its paths (``/t/NAME`` or empty), and the path behind it."""

    tenant: str
    prefix: str
    path: str


def tenant_path(request: Request) -> TenantPath:
    """Read the tenant: from the path, else from the host label before ``.localhost``, else from the header, else it is
    ``default``. Raises Refused 400 for a text that cannot be a name."""
    prefix, path = "", request.path
    if path.startswith(PREFIX):
        name, slash, rest = path[len(PREFIX) :].partition("/")
        prefix, path = PREFIX + name, slash + rest
    else:
        label = _LABEL.fullmatch(request.origin.partition("://")[2].lower())
        name = label[1] if label else request.header(HEADER) or DEFAULT
    if not _NAME.fullmatch(name) or len(name) > contract().longest_tenant:
        raise invalid_tenant(name)
    return TenantPath(name, prefix, path)


class Tenant:
    """One isolated world: its logs, its plan, its journal."""

    def __init__(self, name: str, source: Source, plan: Plan, room: Room | None = None) -> None:
        self.name = name
        self.store = Store(name, source.logs(name))
        self.armed = Armed(plan)
        self.journal = Journal(room)
        self._added = 0

    def add_logs(self, logs: Sequence[Any], now: float) -> list[bytes]:
        """Add logs and return their JSON, with what they leave out filled in.

        Raises MockserverError for the first that cannot be added, with its place in the list; then none is added.
        """
        return self.store.add_all(logs, self._fresh_id, now)

    def add_in_steps(self, logs: Sequence[Any], now: float) -> Iterator[list[bytes]]:
        """The same in steps of a few milliseconds, for a server that answers other requests between them; see
        ``Store.add_in_steps``."""
        return self.store.add_in_steps(logs, self._fresh_id, now)

    def _fresh_id(self) -> str:
        """An id for an added log: the same ones in the same order for a tenant of this name."""
        self._added += 1
        digest = hashlib.blake2b(f"{self.name}/{self._added}".encode(), digest_size=16).digest()
        number, length, text = int.from_bytes(digest), contract().longest_id, ""
        while len(text) < length:
            number, pair = divmod(number, len(_ID_PAIRS))
            text += _ID_PAIRS[pair]
        return text[:length]

    def reset(self) -> None:
        """Return to the beginning: the server's logs and plan, and an empty journal."""
        self.store.clear()
        self.armed.reset()
        self.journal.clear()


class Tenants:
    """The tenants of a server, made on first use; when there are more than ``most``, the least recently used is
    forgotten.

    The default tenant always stays: many servers have no other. When the journals take more than ``most_journaled``
    bytes together, those of the least recently used tenants are emptied.
    """

    def __init__(self, source: Source, plan: Plan, most: int = MOST, most_journaled: int = MOST_TOGETHER) -> None:
        self._source = source
        self._plan = plan
        self._most = most
        self._most_journaled = most_journaled
        self._room = Room()
        self._tenants: OrderedDict[str, Tenant] = OrderedDict()

    def get(self, name: str) -> Tenant:
        """The tenant of that name."""
        tenant = self._tenants.get(name)
        if tenant is None:
            return self.begin(name, self._plan)
        self._tenants.move_to_end(name)
        if self._room.taken > self._most_journaled:
            self._forget()
        return tenant

    def begin(self, name: str, plan: Plan) -> Tenant:
        """A fresh tenant of that name, in place of any other, with a plan of its own."""
        self.drop(name)
        tenant = self._tenants[name] = Tenant(name, self._source, plan, self._room)
        self._forget()
        return tenant

    def renew(self, source: Source) -> Iterator[None]:
        """Give every tenant the logs of another source, one tenant a step; a tenant that begins meanwhile has them."""
        self._source = source
        for name, tenant in list(self._tenants.items()):
            tenant.store.renew(source.logs(name))
            yield

    def drop(self, name: str) -> None:
        """Forget one tenant and free its memory; the next request for it makes it anew, with the server's plan."""
        if tenant := self._tenants.pop(name, None):
            tenant.journal.clear()

    @property
    def names(self) -> list[str]:
        """The names of the tenants in use, the most recently used last."""
        return list(self._tenants)

    def _forget(self) -> None:
        if len(self._tenants) > self._most:
            self.drop(next(name for name in self._tenants if name != DEFAULT))
        idle = iter(self._tenants.values())
        while self._room.taken > self._most_journaled:
            next(idle).journal.clear()
