"""The two trees of errors: what the user must mend, and what the API itself refuses."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

Registered = TypeVar("Registered")

# How many names an error lists of a registry that is too long to be listed whole.
_NEAREST = 5
# The packages of the extra `check`, by import names.
_CHECK_PACKAGES = ("schemathesis", "hypothesis", "jinja2")


class MockserverError(Exception):
    """Something the user must mend; printed as one block of lines, never as a traceback.

    ``place`` says where, ``found`` and ``expected`` what is wrong, ``remedy`` what to do; any may be empty.
    """

    def __init__(self, place: str = "", found: str = "", expected: str = "", remedy: str = "") -> None:
        super().__init__(place, found, expected, remedy)
        self.place = place
        self.found = found
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        found, expected = self.found and f"found {self.found}", self.expected and f"expected {self.expected}"
        difference = ", ".join(filter(None, (found, expected)))
        return "; ".join(filter(None, (": ".join(filter(None, (self.place, difference))), self.remedy)))


class Refused(Exception):
    """The API's own refusal: ``status`` 400 to 599, Logto's error ``code`` (None: the body has none), a ``message`` and
    its ``data`` (None: none)."""

    def __init__(self, status: int, code: str | None, message: str, data: Any = None) -> None:
        super().__init__(status, code, message, data)
        self.status = status
        self.code = code
        self.message = message
        self.data = data


class StoredBreak(Exception):
    """A stored log that breaks the contract was about to be served; a real deployment answers 500."""


@contextmanager
def needs_check() -> Iterator[None]:
    """Turn a missing package of the extra ``check`` into a MockserverError that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _CHECK_PACKAGES:
            raise
        missing = f"no package {error.name}"
        raise MockserverError(
            "check", missing, "the packages that judge", "in a clone of the mock: pip install '.[check]'"
        ) from None


def lookup(kind: str, name: str, registry: Mapping[str, Registered], listed_by: str = "") -> Registered:
    """The entry of a registry that has this name; raises the error of ``unknown`` when there is none."""
    if name not in registry:
        raise unknown(kind, name, registry, listed_by)
    return registry[name]


def unknown(kind: str, name: str, known: Iterable[str], listed_by: str = "") -> MockserverError:
    """The error for a name that is in no registry: lists the known ones, and says which is near.

    When they are too many to read, ``listed_by`` is the command that lists them, and only the nearest are named.
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names)
    guess = [f"did you mean {near[0]}?"] if near else []
    if listed_by:
        names.sort(key=lambda known_name: difflib.SequenceMatcher(None, known_name, name).ratio(), reverse=True)
        expected = f"one of {len(names)}, such as {', '.join(names[:_NEAREST])}"
        return MockserverError(kind, repr(name), expected, " ".join([*guess, f"`{listed_by}` lists them"]))
    return MockserverError(kind, repr(name), f"one of {', '.join(names)}" if names else "none", " ".join(guess))


def named(value: Any) -> str:
    """A JSON value (or another one) as errors name it: what kind it is, or itself, cut at 60 characters."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    text = {"None": "null", "True": "true", "False": "false"}.get(repr(value), repr(value))
    return text if len(text) <= 60 else text[:57] + "..."
