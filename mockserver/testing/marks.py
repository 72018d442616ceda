"""Marks: what a test asks of its mock, read into settings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError, unknown
from mockserver.mock.settings import Settings

# Small, curated, the same on every day, and read in some milliseconds: what a test wants unless it says otherwise.
LOGS = "seeded"

# Where a server listens, on what, and who may control it is no test's business.
_SERVERS_OWN = ("host", "port", "admin_token")
ARGUMENTS = tuple(field.name for field in fields(Settings) if field.name not in _SERVERS_OWN)
_TYPES: dict[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"), int: ((int,), "a whole number"), float: ((int, float), "a number"),
    bool: ((bool,), "True or False"), tuple: ((list, tuple), "a list of rule texts"), type(None): ((str,), "a text"),
}  # fmt: skip


def settings(given: Iterable[Mapping[str, Any]]) -> Settings:
    """The settings that these arguments make, the first that names one deciding; the rest are those of ``serve``.

    Raises MockserverError that lists the known arguments, or says what one must be.
    """
    chosen: dict[str, Any] = {"logs": LOGS}
    for arguments in reversed(list(given)):
        chosen.update((name, _checked(name, value)) for name, value in arguments.items())
    return Settings(port=0, **chosen)


def _checked(name: str, value: Any) -> Any:
    if name not in ARGUMENTS:
        raise unknown("logto mark argument", name, ARGUMENTS)
    default = next(field.default for field in fields(Settings) if field.name == name)
    types, expected = _TYPES[type(default)]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise MockserverError(f"logto mark: {name}", repr(value), expected)
    return tuple(value) if isinstance(value, list) else value


def tenant(test: str) -> str:
    """The name of a test's tenant, from its node id: the same on every run and machine, and so are its logs' ids."""
    function = re.sub(r"[^a-z0-9]+", "-", test.rpartition("::")[2].lower().removeprefix("test_")).strip("-")
    digest = hashlib.blake2b(test.encode(), digest_size=4).hexdigest()
    return f"{function[: contract().longest_tenant - len(digest) - 1].rstrip('-')}-{digest}".lstrip("-")
