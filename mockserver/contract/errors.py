"""The two error trees: what the user must mend, and what the API itself answers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

# How many names are told of a registry that is too long to be listed in an error.
NEAREST = 5
# What the extra `check` brings, by import names.
CHECK_PACKAGES = ("schemathesis", "hypothesis", "requests")


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
        judgement = ", ".join(
            part
            for part in (
                f"found {self.found}" if self.found else "",
                f"expected {self.expected}" if self.expected else "",
            )
            if part
        )
        sentence = ": ".join(part for part in (self.place, judgement) if part)
        return "; ".join(part for part in (sentence, self.remedy) if part)


class Refused(Exception):
    """The API's own refusal: ``status`` 400 to 599, Logto's error ``code``, a ``message``, and ``data`` where it has
    any."""

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
        if (error.name or "").partition(".")[0] not in CHECK_PACKAGES:
            raise
        missing = f"no package {error.name}"
        raise MockserverError("check", missing, "the extra that judges", 'pip install "mockserver[check]"') from None


def unknown(kind: str, name: str, known: Iterable[str], listed_by: str = "") -> MockserverError:
    """The error for a name that is in no registry: lists the known ones, and says which is near.

    Where there are too many to read, ``listed_by`` is the command that lists them, and only the nearest are named.
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    guess = [f"did you mean {near[0]}?"] if near else []
    if listed_by:
        some = sorted(names, key=lambda each: difflib.SequenceMatcher(None, each, name).ratio(), reverse=True)[:NEAREST]
        expected = f"one of {len(names)}, such as {', '.join(some)}"
        return MockserverError(kind, repr(name), expected, " ".join([*guess, f"`{listed_by}` lists them"]))
    return MockserverError(kind, repr(name), f"one of {', '.join(names)}" if names else "none", " ".join(guess))
