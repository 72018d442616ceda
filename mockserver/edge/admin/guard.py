"""The guard of the control API: no stranger and no web page of another origin controls a mock.

A mock usually runs on a developer's machine, and so does the developer's browser. A web page that the browser shows
can send requests to any address, also to this mock. Four kinds of callers are therefore kept out:

- **Strangers**: another machine, when the server listens beyond loopback; or anybody behind a proxy on this machine,
  who seems to come from a loopback address. Any header that a proxy adds shows it.
- **Web pages of another origin**: browsers say so in Origin and Sec-Fetch-Site.
- **Rebound names**: a stranger's name that resolves to 127.0.0.1 makes the stranger's page look like the same origin.
  The Host header still holds that name.
- **Forms**: a page may send a form or a text to any origin, and the browser asks no permission first (no preflight).
  For JSON it asks. So a POST or PATCH must bring JSON, or nothing.

With an admin token everybody needs the token, and may then come from any machine under any name. A token does not let
a web page of another origin in. The answer to a wrong token is held back for ``WRONG_TOKEN`` seconds, so that nobody
tries many; the right one is never held back, whatever others try.
"""

from __future__ import annotations

import hmac
import re

from mockserver.contract.errors import Refused
from mockserver.http.forwarded import is_loopback
from mockserver.http.message import Request
from mockserver.mock.settings import Settings

# The seconds for which the answer to a wrong token waits.
WRONG_TOKEN = 1.0
# RFC 7239, RFC 9110 (Via), RFC 8586 (CDN-Loop), and what proxies, clouds and content networks add of their own.
_PROXY_HEADER = re.compile(
    r"forwarded|via|cdn-loop|proxy-.*|.*client-ip|.*real-ip|x-forwarded.*|x-original-.*|x-proxy.*|x-envoy-.*|x-amzn?-.*"
    r"|cf-.*|cloudfront-.*|fastly-.*|akamai-.*|fly-.*|x-vercel-.*|x-azure-.*|x-arr-.*|x-appengine-.*|x-cloud-trace-context"
)


def control_refusal(request: Request, peer: str | None, settings: Settings) -> Refused | None:
    """Why a request to the control API is refused, or None; ``peer`` is the client's address, where it is known."""
    if settings.admin_token is not None:
        if not _has_token(request, settings.admin_token):
            return Refused(401, "admin.token_required", "The control API needs `Authorization: Bearer ADMIN_TOKEN`.")
    elif any(_PROXY_HEADER.fullmatch(name) for name, _ in request.headers):
        return Refused(403, "admin.forwarded", "The control API is not open through a proxy without --admin-token.")
    elif (refusal := console_refusal(request, peer, settings)) is not None:
        return refusal
    if _is_cross_origin(request):
        return Refused(403, "admin.foreign_origin", "The control API is not open to web pages of other origins.")
    if request.method in ("POST", "PATCH") and not _is_json(request):
        return Refused(415, "admin.not_json", "The control API takes JSON: send `Content-Type: application/json`.")
    return None


def console_refusal(request: Request, peer: str | None, settings: Settings) -> Refused | None:
    """Why a request for a file of the console is refused, or None.

    The files hold no secret, and any site may link to them. So they need no token, and no check of the origin.
    """
    if settings.admin_token is not None:
        return None
    if not is_loopback(settings.host) or (peer and not is_loopback(peer)):
        return Refused(403, "admin.off", "The control API is off: not on a loopback host, and without --admin-token.")
    host = host_of(request)
    if not is_loopback(host):
        return Refused(403, "admin.foreign_host", f"The Host {host!r} is not a name of this machine.")
    return None


def host_of(request: Request) -> str:
    """The host that a request names, without its port."""
    authority = request.origin.partition("://")[2]
    name, colon, port = authority.rpartition(":")
    return name if colon and port.isdecimal() else authority


def _has_token(request: Request, token: str) -> bool:
    scheme, _, value = (request.header("authorization") or "").partition(" ")
    # Headers are latin-1 text (PEP 3333): this gives back the bytes that were sent.
    is_same = hmac.compare_digest(value.strip(" \t").encode("latin-1", "replace"), token.encode())
    return scheme.lower() == "bearer" and is_same


def _is_cross_origin(request: Request) -> bool:
    origin, site = request.header("origin"), request.header("sec-fetch-site")
    # Behind a proxy, the browser knows the origin of the base URL.
    own = {text.lower() for text in (request.origin, "/".join(request.public.split("/", 3)[:3]))}
    if origin is not None and origin.lower() not in own:
        return True
    # Fetch Metadata: `none` means that a person typed the address or opened a bookmark.
    return site not in (None, "same-origin", "none")


def _is_json(request: Request) -> bool:
    is_empty = request.header("content-length") in (None, "0") and request.header("transfer-encoding") is None
    media = (request.header("content-type") or "").partition(";")[0].strip().lower()
    return (is_empty and not media) or media == "application/json" or media.endswith("+json")
