"""Link: the first, previous, next and last page of a list, as absolute URLs that keep every other parameter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote_plus

from mockserver.logs import Page
from mockserver.numbers import show
from mockserver.profiles import Profile
from mockserver.query import PAGE, broken
from mockserver.reply import Request

# WHATWG URL: what no host may hold, and the port behind it.
_AUTHORITY = re.compile(
    r"(?:[^\x00-\x20#/<>?@\\^|]*@)?(?:\[[0-9a-fA-F:.]+\]|[^\x00-\x20#/:<>?@\[\\\]^|%]+)(?::(\d{0,5}))?", re.ASCII
)


_PLAIN = re.compile(r"[\w.*-]*", re.ASCII)


def links(page: Page, base: str, profile: Profile) -> tuple[str, ...]:
    """The values of the Link header, first, last, previous and next; ``base`` is the URL of the list without its
    query."""
    number = page.query.page
    last = max(1, -(-page.total // page.query.limit))
    pages: list[tuple[str, float]] = [("first", 1)]
    if not page.capped:
        pages.append(("last", last))
    if number > 1:
        pages.append(("prev", number - 1))
    if not page.capped and number < last:
        pages.append(("next", number + 1))
    before, after = _around_page(page.query.parameters)
    values = [f'<{base}?{before}{_text(there)}{after}>; rel="{rel}"' for rel, there in pages]
    return tuple(values) if profile.link_lines else (", ".join(values),)


def _text(number: float) -> str:
    return show(number) if isinstance(number, float) else str(number)


def _around_page(parameters: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The parameters as a form, before and after the number of the page, which stands where it was or at the end.

    A repeated one is joined by commas in its first place.
    """
    joined: dict[str, str] = {}
    for name, value in parameters:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    names = list(joined) if PAGE in joined else [*joined, PAGE]
    place = names.index(PAGE)
    pairs = [f"{_quoted(name)}={_quoted(joined[name])}" for name in names if name != PAGE]
    return "&".join([*pairs[:place], f"{PAGE}="]), "".join(f"&{pair}" for pair in pairs[place:])


def _quoted(text: str) -> str:
    # The WHATWG form set: the asterisk stays, the tilde does not. Most texts are plain, and quoting is slow.
    return text if _PLAIN.fullmatch(text) else quote_plus(text, safe="*").replace("~", "%7E")


def require_origin(request: Request) -> None:
    """Refuse with 500 what a real deployment makes no Link of: a target with a host in it, or a Host that no URL can
    hold."""
    authority = _AUTHORITY.fullmatch(request.origin.partition("://")[2])
    if request.absolute or authority is None or int(authority[1] or 0) > 65535:
        broken()
