"""Paths: what each one names in the API."""

from __future__ import annotations

from urllib.parse import unquote

from mockserver.contract.document import LIST_PATH
from mockserver.contract.profile import Profile

# What names the list of logs, where another text is the id of a log; no id is empty.
LIST = ""


def proper(raw: str) -> str:
    """The target or path up to a raw ``#``; what follows is a fragment, even with a question mark in it."""
    return raw.partition("#")[0]


def resource(path: str, how: Profile) -> str | None:
    """What a proper path names: ``LIST``, the id of one log, or None for a path outside the API."""
    if path == LIST_PATH or (how.loose_path and _loose(path) == LIST_PATH):
        return LIST
    head, slash, log_id = path[: len(LIST_PATH)], path[len(LIST_PATH) :][:1], path[len(LIST_PATH) + 1 :]
    if how.loose_path:
        head, log_id = _loose(head), log_id.removesuffix("/")
    if head != LIST_PATH or slash != "/" or not log_id or "/" in log_id:
        return None
    return unquote(log_id)


def _loose(path: str) -> str:
    """The path in the case of the document and without a trailing slash; only what stands behind /api may vary."""
    mount, _, rest = LIST_PATH.rpartition("/")
    bare = path.removesuffix("/")
    return LIST_PATH if bare.startswith(mount + "/") and bare[len(mount) + 1 :].lower() == rest else path
