"""The guard of the control API: no stranger and no web page of another origin controls a mock."""

from __future__ import annotations

import hmac
import ipaddress

from mockserver.contract.errors import Refused
from mockserver.http.message import Request
from mockserver.mock.settings import Settings

# A proxy on this machine makes every stranger come from a loopback address; these headers give it away.
_FORWARDING = ("forwarded", "x-forwarded-for")


def refusal(request: Request, peer: str | None, settings: Settings) -> Refused | None:
    """Why the request is kept out, or None.

    A web page gives itself away by Origin or Sec-Fetch-Site; a name that was rebound to this machine by Host; a form
    by its Content-Type. With an admin token everybody needs it; without one, only this machine is served.
    """
    if settings.admin_token is not None:
        if not _has_token(request, settings.admin_token):
            return Refused(401, "admin.token_required", "The control API wants `Authorization: Bearer ADMIN_TOKEN`.")
    elif any(request.header(name) is not None for name in _FORWARDING):
        return Refused(403, "admin.forwarded", "The control API is not open through a proxy without --admin-token.")
    elif (closed := shut(request, peer, settings)) is not None:
        return closed
    if _is_foreign(request):
        return Refused(403, "admin.foreign_origin", "The control API is not open to web pages of other origins.")
    if request.method == "POST" and not _is_json(request):
        return Refused(415, "admin.not_json", "The control API takes JSON: send `Content-Type: application/json`.")
    return None


def shut(request: Request, peer: str | None, settings: Settings) -> Refused | None:
    """Why there is nothing here but health for whoever asks, or None: all that guards the page's own files, which hold
    no secret and may be linked to from anywhere."""
    if settings.admin_token is not None:
        return None
    if not is_loopback(settings.host) or (peer and not is_loopback(peer)):
        return Refused(403, "admin.off", "The control API is off: not on a loopback host, and without --admin-token.")
    if not is_loopback(_host(request)):
        return Refused(403, "admin.foreign_host", f"The Host {_host(request)!r} is no name of this machine.")
    return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own: 127.0.0.0/8, ::1, localhost and what is below it (RFC
    6761, 6.3)."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _host(request: Request) -> str:
    authority = request.origin.partition("://")[2]
    name, colon, port = authority.rpartition(":")
    return name if colon and port.isdecimal() else authority


def _has_token(request: Request, token: str) -> bool:
    sent = request.header("authorization") or ""
    scheme, _, value = sent.partition(" ")
    same = hmac.compare_digest(value.strip(" \t").encode("latin-1", "replace"), token.encode())
    return scheme.lower() == "bearer" and same


def _is_foreign(request: Request) -> bool:
    origin, site = request.header("origin"), request.header("sec-fetch-site")
    if origin is not None and origin.lower() != request.origin.lower():
        return True
    # Fetch metadata: `none` is a person who typed the address.
    return site is not None and site not in ("same-origin", "none")


def _is_json(request: Request) -> bool:
    """Whether a POST brings JSON or nothing: a page may make any browser send a form or a text without asking first."""
    is_empty = request.header("content-length") in (None, "0") and request.header("transfer-encoding") is None
    media = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if is_empty and not media:
        return True
    return media == "application/json" or media.endswith("+json")
