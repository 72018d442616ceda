"""Origins: how a Host begins the URLs in Link, as a real deployment reads it.

Koa takes the Host up to its first comma, puts the scheme before it and the request target behind it, and has Node's
``URL`` read the whole. So a target with a scheme of its own (``http://...``) makes the Host ``localhost:80http:``,
which is no host; and an empty Host takes the first step of the path for its name. Node's reader of URLs is Ada, and so
is the one used here.
"""

from __future__ import annotations

from mockserver.contract.profile import Profile
from mockserver.http.message import Request


def link_origin(request: Request, how: Profile) -> str | None:
    """What begins a URL in Link; None where the request makes no URL and the deployment breaks."""
    if how.origin == "sent" or request.base:
        return request.public
    scheme, _, authority = request.origin.partition("://")
    host = request.header("host")
    sent = read = (authority if host is None else host).partition(",")[0].rstrip()
    if how.origin == "parsed" and "@" in sent:
        # Koa 3 reads such a Host by itself first, and takes it for empty where it cannot.
        read = (_origin(f"{scheme}://{sent}") or "").partition("://")[2]
    parsed = _origin(f"{scheme}://{read}" + (f"{scheme}:" if request.absolute else "") + request.target)
    return f"{scheme}://{sent}" if parsed is not None and how.origin == "checked" else parsed


def _origin(url: str) -> str | None:
    """The origin of a URL; None for a text that is none."""
    # Imported on first use: the documented profile never needs it.
    from ada_url import URL

    try:
        return URL(url).origin
    except ValueError:
        return None
