"""Link (RFC 8288): the pages around one page, as absolute URLs that keep all other parameters of the request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote_plus

from mockserver.contract.numbers import as_text
from mockserver.contract.profile import DOCUMENTED, Profile

PAGE = "page"

_is_plain = re.compile(r"[\w.*-]*", re.ASCII).fullmatch
# ECMAScript, 6.1.7: the names that an object lists first, in rising order, are the integers up to 2**53 - 1; V8 does so
# with those below 2**32 - 1.
_is_digits = re.compile(r"0|[1-9][0-9]{0,9}").fullmatch
# RFC 8288, 3: a target in angle brackets, then parameters, whose value is a token or a quoted string with any commas.
_PARAMETER = r"""\s*+;\s*+([\w!#$&+.^`|~*-]++)(?:\s*+=\s*+(?:"((?>(?:[^"\\]|\\.)*))"|([^\s;,"=<>]*+)))?"""
_PARAMETERS = re.compile(_PARAMETER)
_VALUE = re.compile(rf"<([^<>]*)>((?>(?:{_PARAMETER})*))")


class Place(NamedTuple):
    """Where a page is: its ``number``, that of the ``last`` page (None: unknown), and all parameters as sent.

    ``number`` is an int, or a float when the profile reads numbers as JavaScript does.
    """

    number: float
    last: int | None
    parameters: Sequence[tuple[str, str]]


def links(place: Place, base: str, how: Profile = DOCUMENTED) -> list[str]:
    """The values of Link in the order of the profile; ``base`` is the URL of the list without its query."""
    number, last, parameters = place
    before, after = _around_page(parameters, how)
    before, after = f"<{base}?{before}", f'{after}>; rel="'
    pages = {"first": "1"}
    if last is not None:
        pages["last"] = f"{last}"
    if number > 1:
        pages["prev"] = _text(number - 1)
    if last is not None and number < last:
        pages["next"] = _text(number + 1)
    return [f'{before}{pages[rel]}{after}{rel}"' for rel in how.link_order if rel in pages]


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


def _around_page(parameters: Sequence[tuple[str, str]], how: Profile) -> tuple[str, str]:
    """The parameters as a form, before and after the number of the page, which stands where it was or at the end.

    The values of a repeated parameter are joined by commas in its first place.
    """
    joined = dict(parameters)
    if len(joined) < len(parameters):
        joined = {name: ",".join([value for other, value in parameters if other == name]) for name in joined}
    for name in how.link_drops:
        joined.pop(name, None)
    joined[PAGE] = ""
    if how.link_indices_first:
        indices = sorted(filter(_is_index, joined), key=int)
        joined = {name: joined[name] for name in (*indices, *joined)}
    # Most texts are plain, and to quote them would take a quarter of the time of a whole page.
    is_plain = _is_plain("".join([*joined, *joined.values()]))
    pairs = joined.items() if is_plain else (map(_quoted, pair) for pair in joined.items())
    before, _, after = "&".join(["", *map("=".join, pairs)]).partition(f"&{PAGE}=")
    return f"{before}&{PAGE}="[1:], after


def _is_index(name: str) -> bool:
    return _is_digits(name) is not None and int(name) < 2**32 - 1


def _quoted(text: str) -> str:
    # WHATWG URL, 5.2: a form leaves the asterisk as it is and encodes the tilde; Python does the opposite.
    return text if _is_plain(text) else quote_plus(text, safe="*").replace("~", "%7E")
