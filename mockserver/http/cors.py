"""CORS: any web page may read the replies, also the headers that paging needs."""

from __future__ import annotations

import re

from mockserver.contract.document import LIST_PATH, contract
from mockserver.http.message import Headers, Reply, Request

# Browsers hide all headers from scripts, except the few that the Fetch standard lists, unless a reply exposes them.
_OK = contract().document["paths"][LIST_PATH]["get"]["responses"]["200"]
EXPOSED = (*_OK["headers"], "Preference-Applied", "Retry-After", "Allow", "Contract-Breaks")
ALLOWED = ("Authorization", "Prefer", "Mock-Tenant", "If-None-Match", "Content-Type")
METHODS = ("GET", "HEAD", "OPTIONS")
ALL_METHODS = (*METHODS, "POST", "PUT", "PATCH", "DELETE")
# Names the checks that the answer of a real deployment broke, behind `mockserver proxy`.
BREAKS = "Contract-Breaks"

CORS: Headers = (
    # A browser must not take a log for a page or a program.
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", ", ".join(EXPOSED)),
)

# Names of headers between commas: at most 100, which a page never needs, and each a token (RFC 9110, 5.6.2).
_NAME = r"[\w!#$%&'*+.^`|~-]{1,100}+"
_NAMES = re.compile(rf"{_NAME}(?:[ \t]*+,[ \t]*+{_NAME}){{0,99}}+", re.ASCII)


def permission(request: Request, methods: tuple[str, ...] = METHODS) -> Headers:
    """The headers that answer a preflight: they allow the headers that are asked for, as a real deployment does.

    Where the request asks for none, for more than 100, or for what is no name of a header, the usual ones are allowed.
    """
    asked = request.header("access-control-request-headers") or ""
    return (
        ("Access-Control-Allow-Methods", ", ".join(methods)),
        ("Access-Control-Allow-Headers", asked if _NAMES.fullmatch(asked) else ", ".join(ALLOWED)),
        # 86,400 s is the longest that Firefox remembers a preflight; Chromium caps it at 7,200.
        ("Access-Control-Max-Age", "86400"),
    )


def opened(reply: Reply) -> Reply:
    """The reply as browsers may read it; one that says itself who may read it (a fault) is left as it is."""
    return reply.with_more(CORS) if reply.header("access-control-allow-origin") is None else reply
