"""Link (RFC 8288): the pages around one page, as absolute URLs that keep all other parameters of the request."""

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
    """Where a page is: its ``number``, that of the ``last`` page (None: unknown), and all parameters as sent.

    ``number`` is an int, or a float when the profile reads numbers as JavaScript does.
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
    """The target of each relation in a Link header, whatever stands beside ``rel``; the last one of a repeated one."""
    targets: dict[str, str] = {}
    for value in _VALUE.finditer(header):
        # RFC 8288, 3.3: the first rel of a link counts.
        relations = [quoted or plain for name, quoted, plain in _PARAMETERS.findall(value[2]) if name.lower() == "rel"]
        targets.update(dict.fromkeys("".join(relations[:1]).lower().split(), value[1]))
    return targets


def without_logs(header: str) -> str:
    """A Link header of a list as one without logs has it: the last page is the first one, and no page is next.

    Empty where nothing is left.
    """
    kept = (value[0] for value in _VALUE.finditer(header) if "next" not in read_links(value[0]))
    return ", ".join(
        re.sub(rf"([?&]{PAGE}=)\d+", r"\g<1>1", text) if "last" in read_links(text) else text for text in kept
    )


def _text(number: float) -> str:
    return as_text(number) if isinstance(number, float) else f"{number}"


def _around_page(parameters: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The parameters as a form, before and after the number of the page, which stands where it was or at the end.

    The values of a repeated parameter are joined by commas in its first place.
    """
    joined: dict[str, str] = {}
    for name, value in parameters:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    pairs = [f"{_quoted(name)}={_quoted(value)}" for name, value in joined.items()]
    place = list(joined).index(PAGE) if PAGE in joined else len(pairs)
    return "&".join([*pairs[:place], f"{PAGE}="]), "".join([f"&{pair}" for pair in pairs[place + 1 :]])


def _quoted(text: str) -> str:
    # WHATWG URL, 5.2: a form leaves the asterisk as it is and encodes the tilde; Python does the opposite. Most texts
    # are plain, and to quote them would take a quarter of the time of a whole page.
    return text if _is_plain(text) else quote_plus(text, safe="*").replace("~", "%7E")
