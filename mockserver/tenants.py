"""Tenants: isolated worlds on one server, each with its own logs, and how a request names one."""

from __future__ import annotations

import re
from typing import NamedTuple

from mockserver.contract import contract
from mockserver.errors import Refused
from mockserver.logs import Store
from mockserver.reply import Request
from mockserver.sources import Source

DEFAULT = "default"
PREFIX = "/t/"
HEADER = "mock-tenant"


class Address(NamedTuple):
    """Whom a request is for: the tenant's name, the prefix of its paths (``/t/NAME`` or empty), and the path behind
    it."""

    tenant: str
    prefix: str
    path: str


def address(request: Request) -> Address:
    """Read the tenant from the path, else the label before ``.localhost``, else the header; else it is ``default``.

    Raises Refused 400 for a name that is none.
    """
    path = request.path
    if path.startswith(PREFIX):
        name, slash, rest = path[len(PREFIX) :].partition("/")
        return Address(_checked(name), PREFIX + name, slash + rest)
    host = request.origin.partition("://")[2].partition(":")[0].lower()
    label, dot, domain = host.rpartition(".")
    if dot and domain == "localhost" and "." not in label:
        return Address(_checked(label), "", path)
    return Address(_checked(request.header(HEADER) or DEFAULT), "", path)


def _checked(name: str) -> str:
    longest = contract().longest_tenant
    if not re.fullmatch(r"[a-z0-9-]+", name) or len(name) > longest:
        message = f"The tenant {name[:40]!r} is no name: expected 1 to {longest} of a-z, 0-9 and -."
        raise Refused(400, "tenant.invalid_name", message)
    return name


class Tenant:
    """One isolated world."""

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self.store = Store(name, source.logs(name))


class Tenants:
    """The tenants of a server, made on first use."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._tenants: dict[str, Tenant] = {}

    def get(self, name: str) -> Tenant:
        """The tenant of that name."""
        if name not in self._tenants:
            self._tenants[name] = Tenant(name, self._source)
        return self._tenants[name]
