"""CORS: any web page may read the replies, also the headers that paging needs."""

from __future__ import annotations

from mockserver.contract.document import LIST_PATH, contract
from mockserver.http.message import Headers, Reply

# Browsers hide all headers from scripts, except the few that the Fetch standard lists, unless a reply exposes them.
_OK = contract().document["paths"][LIST_PATH]["get"]["responses"]["200"]
EXPOSED = (*_OK["headers"], "Total-Number-Is-Capped", "ETag", "Preference-Applied", "Retry-After", "Allow")
ALLOWED = ("Authorization", "Prefer", "Mock-Tenant", "If-None-Match", "Content-Type")
METHODS = ("GET", "HEAD", "OPTIONS")

CORS: Headers = (
    # A browser must not take a log for a page or a program.
    ("X-Content-Type-Options", "nosniff"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", ", ".join(EXPOSED)),
)

# 86,400 s is the longest that Firefox remembers a preflight; Chromium caps it at 7,200.
PREFLIGHT: Headers = (
    ("Access-Control-Allow-Methods", ", ".join(METHODS)),
    ("Access-Control-Allow-Headers", ", ".join(ALLOWED)),
    ("Access-Control-Max-Age", "86400"),
)


def opened(reply: Reply) -> Reply:
    """The reply as browsers may read it; one that says itself who may read it (a fault) is left as it is."""
    return reply.with_more(CORS) if reply.header("access-control-allow-origin") is None else reply
