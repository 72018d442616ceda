"""Paths: which of them reach the API, and the log that one names."""

from __future__ import annotations

from urllib.parse import unquote

from mockserver.contract.document import LIST_PATH
from mockserver.contract.profile import Profile


def proper(raw: str) -> str:
    """The target or path proper: nothing from a raw ``#`` on, a question mark behind it included."""
    return raw.partition("#")[0]


def is_list(path: str, how: Profile) -> bool:
    """Whether this is the path of the list."""
    return path == LIST_PATH or (how.loose_path and _loose(path) == LIST_PATH)


def item(path: str, how: Profile) -> str | None:
    """The id in the path of one log, None where it is no such path."""
    head, slash, raw = path[: len(LIST_PATH)], path[len(LIST_PATH) : len(LIST_PATH) + 1], path[len(LIST_PATH) + 1 :]
    if how.loose_path:
        head, raw = _loose(head), raw.removesuffix("/")
    if head != LIST_PATH or slash != "/" or not raw or "/" in raw:
        return None
    return unquote(raw)


def _loose(path: str) -> str:
    """The path in the case of the document, without one trailing slash; only what stands behind /api may vary."""
    mount, _, rest = LIST_PATH.rpartition("/")
    bare = path.removesuffix("/")
    return LIST_PATH if bare.startswith(mount + "/") and bare[len(mount) + 1 :].lower() == rest else path
