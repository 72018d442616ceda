"""What clients raise or return when they meet a fault: README shows this table, and a test keeps it true."""

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


def error_table() -> str:
    """Returns the table for README: one row is one fault, one column is one client."""
    rows = ([f"`{fault}`", *(RAISED[client][fault] for client in RAISED)] for fault in RULES)
    return table(("fault", *(f"`{client}`" for client in RAISED)), rows)
