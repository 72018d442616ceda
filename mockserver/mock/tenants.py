"""Tenants: isolated worlds on one server, each with its own logs, plan and journal, and how a request names one."""

from __future__ import annotations

import hashlib
import re
import string
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.profile import Profile, profile
from mockserver.contract.refusals import invalid_tenant
from mockserver.faults.plan import Armed, Plan, plan
from mockserver.http.message import Request
from mockserver.logs.source import Source
from mockserver.mock.journal import MOST_TOGETHER, Journal, Room
from mockserver.mock.settings import Settings
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
# How many sources the tenants have together: one of `faker` takes up to 20 MB.
MOST_SOURCES = 32
# How far the time of a tenant may be ahead, in seconds: some thirty years, so that every time remains a valid date.
FARTHEST = 1e9
_DEFAULTS = Settings()

SourceKey = tuple[str, float, bool, float]


class TenantPath(NamedTuple):
    """The tenant that a request is for, the prefix of its paths (``/t/NAME`` or empty), and the path behind it."""

    tenant: str
    prefix: str
    path: str


def tenant_path(request: Request) -> TenantPath:
    """Read the tenant: from the path, else from the host label before ``.localhost``, else from the header, else it is
    ``default``. Raises Refused 400 for a text that cannot be a name."""
    return _tenant_path(request.path, request.origin, request.header(HEADER) or DEFAULT)


# Clients ask for a few paths with many queries; journals hold each once.
@lru_cache(maxsize=256)
def _tenant_path(path: str, origin: str, otherwise: str) -> TenantPath:
    prefix = ""
    if path.startswith(PREFIX):
        name, slash, rest = path[len(PREFIX) :].partition("/")
        prefix, path = PREFIX + name, slash + rest
    else:
        label = _LABEL.fullmatch(origin.partition("://")[2].lower())
        name = label[1] if label else otherwise
    if not _NAME.fullmatch(name) or len(name) > contract().longest_tenant:
        raise invalid_tenant(name)
    return TenantPath(name, prefix, path)


def tenant_name(title: str, end: str) -> str:
    """A name for a tenant: what fits of a title, then ``end``, which tells it from those of equal titles."""
    start = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[: contract().longest_tenant - len(end) - 1]
    return f"{start.rstrip('-')}-{end}".lstrip("-")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a tenant begins with: the source of its logs, and its settings (not those of the server).

    ``end``: when generated logs ended as the source was opened (seconds since 1970); ``shift``: the seconds that the
    time of the logs is ahead of the time of the requests. ``plan`` and ``profile`` follow from the settings.
    """

    source: Source
    settings: Settings = _DEFAULTS
    end: float = 0.0
    shift: float = 0.0
    plan: Plan = field(init=False)
    profile: Profile = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "plan", plan(self.settings.faults, self.settings.seed))
        object.__setattr__(self, "profile", profile(self.settings.profile))


def source_key(settings: Settings, end: float) -> SourceKey:
    """What tells one open source from another: its settings, and when its logs ended (seconds since 1970)."""
    return settings.logs, settings.growth, settings.allow_invalid, end


class Tenant:
    """One isolated world: its logs, its plan, its journal, its time.

    ``ahead``: the seconds that its time is ahead of that of the server.
    """

    def __init__(self, name: str, setup: Setup, room: Room | None = None) -> None:
        self.name = name
        self.setup = self._beginning = setup
        self.ahead = 0.0
        self.store = Store(name, setup.source.logs(name))
        self.armed = Armed(setup.plan)
        self.journal = Journal(room)
        self._added = 0

    def change(self, setup: Setup) -> None:
        """Go on with another setup. Another source, or another time of the logs, brings its own logs and removes the
        added ones; other rules take the place of the armed ones."""
        if setup.source is not self.setup.source or setup.shift != self.setup.shift:
            self.store = Store(self.name, setup.source.logs(self.name))
        self.armed.change(setup.plan)
        self.setup = setup

    def renew(self, old: Source, new: Source) -> None:
        """Put a source in the place of another, for the logs of now and of the beginning; added logs stay."""
        if self._beginning.source is old:
            self._beginning = replace(self._beginning, source=new)
        if self.setup.source is old:
            self.setup = replace(self.setup, source=new)
            self.store.renew(new.logs(self.name))

    def advance(self, seconds: float) -> None:
        """Move the time of this tenant forward; raises MockserverError for seconds below 0, or too far."""
        if not 0 <= seconds <= FARTHEST - self.ahead:
            left = FARTHEST - self.ahead
            raise MockserverError("advance", f"{seconds}", f"seconds from 0 to {left:.12g}")
        self.ahead += seconds

    def moment(self, now: float) -> float:
        """The time of the tenant's logs when it is ``now`` on the server's clock; both in seconds since 1970."""
        return now + self.ahead + self.setup.shift

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
        """Return to the beginning: the first settings, logs and plan, the present time, and an empty journal."""
        self.change(self._beginning)
        self.ahead = 0.0
        self.store.clear()
        self.armed.reset()
        self.journal.clear()


class Tenants:
    """The tenants of a server, made on first use with ``setup``, that of the server; when there are more than ``most``,
    the least recently used is forgotten.

    The default tenant always stays: many servers have no other. When the journals take more than ``most_journaled``
    bytes together, those of the least recently used tenants are emptied.
    """

    def __init__(self, setup: Setup, most: int = MOST, most_journaled: int = MOST_TOGETHER) -> None:
        self.setup = setup
        self._most = most
        self._most_journaled = most_journaled
        self._room = Room()
        self._tenants: OrderedDict[str, Tenant] = OrderedDict()

    def get(self, name: str) -> Tenant:
        """The tenant of that name."""
        tenant = self._tenants.get(name)
        if tenant is None:
            return self.begin(name, self.setup)
        self._tenants.move_to_end(name)
        if self._room.taken > self._most_journaled:
            self._forget()
        return tenant

    def begin(self, name: str, setup: Setup) -> Tenant:
        """A fresh tenant of that name, in place of any other, with a setup of its own."""
        self.drop(name)
        tenant = self._tenants[name] = Tenant(name, setup, self._room)
        self._forget()
        return tenant

    def renew(self, source: Source) -> Iterator[None]:
        """Give every tenant that has the server's source another one, a tenant a step, and every new tenant too."""
        old, self.setup = self.setup.source, replace(self.setup, source=source)
        for tenant in list(self._tenants.values()):
            tenant.renew(old, source)
            yield

    def drop(self, name: str) -> None:
        """Forget one tenant and free its memory; the next request for it makes it anew, with the server's plan."""
        if tenant := self._tenants.pop(name, None):
            tenant.journal.clear()

    def change(self, tenant: Tenant, setup: Setup) -> None:
        """Let a tenant go on with another setup."""
        tenant.change(setup)
        self._forget()

    def opened(self, wanted: SourceKey) -> Source | None:
        """The source that a tenant or the server has open under this key."""
        for setup in (self.setup, *(tenant.setup for tenant in self._tenants.values())):
            if source_key(setup.settings, setup.end) == wanted:
                return setup.source
        return None

    @property
    def names(self) -> list[str]:
        """The names of the tenants in use, the most recently used last."""
        return list(self._tenants)

    def _forget(self) -> None:
        if len(self._tenants) > self._most:
            self.drop(next(name for name in self._tenants if name != DEFAULT))
        while len({id(tenant.setup.source) for tenant in self._tenants.values()}) > MOST_SOURCES:
            self.drop(
                next(
                    name
                    for name, tenant in self._tenants.items()
                    if name != DEFAULT and tenant.setup.source is not self.setup.source
                )
            )
        idle = iter(self._tenants.values())
        while self._room.taken > self._most_journaled:
            next(idle).journal.clear()
