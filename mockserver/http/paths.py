"""Paths: what each one names in the API."""

from __future__ import annotations

import re
from urllib.parse import unquote

from mockserver.contract.document import LIST_PATH
from mockserver.contract.profile import Profile

# What names the list of logs, where another text is the id of a log; no id is empty.
LIST = ""

_MOUNT, _, _NAME = LIST_PATH.rpartition("/")
_STRICT = re.compile(rf"{_MOUNT}/{_NAME}(?:/([^/]+))?")
# What stands behind /api may be in any case, and end in a slash.
_LOOSE = re.compile(rf"{_MOUNT}/(?i:{_NAME})(?:/([^/]+))?/?", re.ASCII)


def proper(raw: str) -> str:
    """The target or path up to a raw ``#``; what follows is a fragment, even with a question mark in it."""
    return raw.partition("#")[0]


def resource(path: str, how: Profile) -> str | None:
    """What a proper path names: ``LIST``, the id of one log, or None for a path outside the API."""
    match = (_LOOSE if how.loose_path else _STRICT).fullmatch(path)
    if match is None:
        return None
    return LIST if match[1] is None else unquote(match[1])
