"""What clients make of a fault, and what Vite's proxy makes of it: tables in the documents, kept true by tests."""

from __future__ import annotations

from tests.support.tables import table

# The rule of each fault; each client sends two requests under it.
RULES = {
    "reset": "reset",
    "empty": "empty",
    "truncate": "truncate",
    "hang": "hang:seconds=60",
    "malformed_json": "malformed_json",
    "malformed_head": "malformed_head",
    "401, then success": "status:code=401,times=1",
}

# For each client and fault: what the first request raised or returned, and what the second returned if it differs.
RAISED: dict[str, dict[str, str]] = {
    "requests": {
        "reset": "raises requests.ConnectionError (cause ConnectionResetError)",
        "empty": "raises requests.ConnectionError",
        "truncate": "raises requests.ChunkedEncodingError",
        "hang": "raises requests.ReadTimeout",
        "malformed_json": "raises requests.JSONDecodeError",
        "malformed_head": "returns 20 logs",
        "401, then success": "returns status 401; then returns 20 logs",
    },
    "httpx": {
        "reset": "raises httpx.ReadError (cause ConnectionResetError)",
        "empty": "raises httpx.RemoteProtocolError",
        "truncate": "raises httpx.RemoteProtocolError",
        "hang": "raises httpx.ReadTimeout",
        "malformed_json": "raises json.JSONDecodeError",
        "malformed_head": "raises httpx.RemoteProtocolError",
        "401, then success": "returns status 401; then returns 20 logs",
    },
    "@logto/api": {
        "reset": "raises TypeError: fetch failed (cause ECONNRESET)",
        "empty": "raises TypeError: fetch failed (cause UND_ERR_SOCKET)",
        "truncate": "raises TypeError: terminated (cause UND_ERR_SOCKET)",
        "hang": "raises TimeoutError",
        "malformed_json": "raises SyntaxError",
        "malformed_head": "raises TypeError: fetch failed (cause HPE_INVALID_HEADER_TOKEN)",
        "401, then success": "returns error, status 401; then returns 20 logs",
    },
    "fetch (Node)": {
        "reset": "raises TypeError: fetch failed (cause ECONNRESET)",
        "empty": "raises TypeError: fetch failed (cause UND_ERR_SOCKET)",
        "truncate": "raises TypeError: terminated (cause UND_ERR_SOCKET)",
        "hang": "raises TimeoutError",
        "malformed_json": "raises SyntaxError",
        "malformed_head": "raises TypeError: fetch failed (cause HPE_INVALID_HEADER_TOKEN)",
        "401, then success": "returns status 401; then returns 20 logs",
    },
}


# What a page gets through the proxy of Vite's development server. "never ends": the page waits until it gives up.
PROXIED = {
    "reset": "502, no body",
    "empty": "502, no body",
    "garbage": "502, no body",
    "malformed_chunk": "502, no body",
    "hang:seconds=0.2": "502, no body",
    "truncate": "200, never ends",
    "reset:after=100": "200, never ends",
    "status:code=503": "503, whole",
    "malformed_json": "200, whole",
    "wrong_type": "200, whole",
    "latency:seconds=0.2": "200, whole",
    "dribble:seconds=0.2": "200, whole",
}


def proxied_table() -> str:
    """Returns a row for each fault that was sent through the proxy."""
    return table(("fault", "behind Vite's proxy"), ((f"`{fault}`", seen) for fault, seen in PROXIED.items()))


def error_table() -> str:
    """Returns a row for each fault, with a column for each client."""
    rows = ([f"`{fault}`", *(RAISED[client][fault] for client in RAISED)] for fault in RULES)
    return table(("fault", *(f"`{client}`" for client in RAISED)), rows)
