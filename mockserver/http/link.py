"""Link (RFC 8288): the pages around one page, as absolute URLs that keep every other parameter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote_plus

from mockserver.contract.numbers import as_text

PAGE = "page"

_is_plain = re.compile(r"[\w.*-]*", re.ASCII).fullmatch
# RFC 8288, 3: a target in angle brackets, then parameters, whose value is a token or a quoted string with any commas.
_PARAMETER = r"""\s*+;\s*+([\w!#$&+.^`|~*-]++)(?:\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"=<>]*+)))?"""
_PARAMETERS = re.compile(_PARAMETER)
_VALUE = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*+)")


class Place(NamedTuple):
    """Where a page is: its ``number``, that of the ``last`` page (None: nobody counted), and all parameters as sent.

    ``number`` is an int, or a float where a deployment reads numbers as JavaScript does.
    """

    number: float
    last: int | None
    parameters: Sequence[tuple[str, str]]


def links(place: Place, base: str) -> list[str]:
    """The values of Link: first, last, previous and next; ``base`` is the URL of the list without its query."""
    number, last, parameters = place
    before, after = _around_page(parameters)
    before, after = f"<{base}?{before}", f'{after}>; rel="'
    values = [f'{before}1{after}first"']
    if last is not None:
        values.append(f'{before}{last}{after}last"')
    if number > 1:
        values.append(f'{before}{_text(number - 1)}{after}prev"')
    if last is not None and number < last:
        values.append(f'{before}{_text(number + 1)}{after}next"')
    return values


def read_links(header: str) -> dict[str, str]:
    """The target of each relation in a Link header, whatever stands beside ``rel``; of a repeated one the last."""
    found: dict[str, str] = {}
    for value in _VALUE.finditer(header):
        # RFC 8288, 3.3: of several rel, the first counts.
        relations = [quoted or plain for name, quoted, plain in _PARAMETERS.findall(value[2]) if name.lower() == "rel"]
        found.update(dict.fromkeys("".join(relations[:1]).lower().split(), value[1]))
    return found


def _text(number: float) -> str:
    return as_text(number) if isinstance(number, float) else f"{number}"


def _around_page(parameters: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The parameters as a form, before and after the number of the page, which stands where it was or at the end.

    A repeated one is joined by commas in its first place.
    """
    joined = dict(parameters)
    if len(joined) < len(parameters):
        joined.clear()
        for name, value in parameters:
            joined[name] = f"{joined[name]},{value}" if name in joined else value
    before, after = "", ""
    for name, value in joined.items():
        if name == PAGE:
            before, after = f"{after}{PAGE}=", ""
        elif before:
            after += f"&{_quoted(name)}={_quoted(value)}"
        else:
            after += f"{_quoted(name)}={_quoted(value)}&"
    return (before, after) if before else (f"{after}{PAGE}=", "")


def _quoted(text: str) -> str:
    # The WHATWG form set: the asterisk stays, the tilde does not. Most texts are plain, and quoting is slow.
    return text if _is_plain(text) else quote_plus(text, safe="*").replace("~", "%7E")
