"""How the document reads a query: which parameters are valid, which are invalid, and which it leaves open.

This is an independent reading of the contract. The mock has its own, and they share no code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mockserver.contract.document import contract

Legality = Literal["valid", "invalid", "open"]

# Common integer types cannot hold larger numbers, so a deployment may well refuse them.
LARGEST_COMMON = 2**53 - 1
_DIGITS = re.compile(r"[1-9][0-9]*")
# Some readers take these for an integer from 1, though the document means digits: 0x10, 1e2, +1, " 1", 01, 1.0.
_LENIENT = re.compile(r"\s*[+]?(0*[1-9][0-9]*\.?0*|[0-9]*\.?[0-9]+e[+]?[0-9]+|0[xob][0-9a-f]+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query asks for. ``page`` and ``page_size`` are None if the document does not say what they are.

    ``blamed`` are the names of the invalid parameters.
    """

    legality: Legality
    page: int | None
    page_size: int | None
    filters: tuple[tuple[str, str], ...]
    blamed: tuple[str, ...] = ()


def number_legality(text: str) -> Legality:
    """Whether ``text`` is an integer from 1: open if a lenient reader may take it for one, or if it is 2^53 or more."""
    if _DIGITS.fullmatch(text):
        return "valid" if int(text[:20]) <= LARGEST_COMMON else "open"
    return "open" if text == "" or _LENIENT.fullmatch(text) else "invalid"


def read_query(parameters: list[tuple[str, str]]) -> Reading:
    """The reading of decoded query parameters. The document leaves open what a repeated or an unknown one means."""
    known = contract().parameters
    given: dict[str, list[str]] = {}
    for name, text in parameters:
        given.setdefault(name, []).append(text)
    legalities: dict[str, Legality] = {name: _legality(name, texts) for name, texts in given.items()}
    blamed = tuple(name for name, legality in legalities.items() if legality == "invalid")
    is_open = any(legality == "open" for legality in legalities.values())
    filters = tuple((name, given[name][0]) for name in contract().filters if legalities.get(name) == "valid")
    page, page_size = (
        _number(given.get(name), legalities.get(name), known[name].default) for name in ("page", "page_size")
    )
    return Reading("invalid" if blamed else "open" if is_open else "valid", page, page_size, filters, blamed)


def _legality(name: str, texts: list[str]) -> Legality:
    parameter = contract().parameters.get(name)
    if parameter is None or len(texts) > 1:
        return "open"
    if parameter.type == "integer":
        return number_legality(texts[0])
    # An empty filter may match all logs or none; U+FFFD stands for bytes that are not UTF-8.
    return "valid" if texts[0] and "�" not in texts[0] else "open"


def _number(texts: list[str] | None, legality: Legality | None, default: int | None) -> int | None:
    if texts is None:
        return default
    return int(texts[0]) if legality == "valid" else None
