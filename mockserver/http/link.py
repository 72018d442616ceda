"""Link: the first, previous, next and last page of a list, as absolute URLs that keep every other parameter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_plus

from mockserver.contract.numbers import as_text
from mockserver.contract.profile import Profile
from mockserver.http.message import Request
from mockserver.mock.query import PAGE, broken
from mockserver.mock.store import Page

# WHATWG URL: what no host may hold, and the port behind it.
_AUTHORITY = re.compile(
    r"(?:[^\x00-\x20#/<>?@\\^|]*@)?(?:\[[0-9a-fA-F:.]+\]|[^\x00-\x20#/:<>?@\[\\\]^|%]+)(?::(\d{0,5}))?", re.ASCII
)


_is_plain = re.compile(r"[\w.*-]*", re.ASCII).fullmatch


def links(page: Page, base: str, profile: Profile) -> tuple[str, ...]:
    """The values of the Link header, first, last, previous and next; ``base`` is the URL of the list without its
    query."""
    number = page.query.page
    last = max(1, -(-page.total // page.query.limit))
    before, after = _around_page(page.query.parameters)
    before, after = f"<{base}?{before}", f'{after}>; rel="'
    values = [f'{before}1{after}first"']
    if not page.capped:
        values.append(f'{before}{last}{after}last"')
    if number > 1:
        values.append(f'{before}{_text(number - 1)}{after}prev"')
    if not page.capped and number < last:
        values.append(f'{before}{_text(number + 1)}{after}next"')
    return tuple(values) if profile.link_lines else (", ".join(values),)


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


def require_origin(request: Request) -> None:
    """Refuse with 500 what a real deployment makes no Link of: a target with a host in it, or a Host that no URL can
    hold."""
    authority = _AUTHORITY.fullmatch(request.origin.partition("://")[2])
    if request.absolute or authority is None or int(authority[1] or 0) > 65535:
        broken()
