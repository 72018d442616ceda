"""The bounds of the mock as ``docs/design.md`` tells them: what a client may ask for, how long the server waits."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract import document, errors, jsontext
from mockserver.edge import (
    certificate,
    connection,
    forwarding,
    front,
    listening,
    outgoing,
    reload,
    sending,
    serving,
    terminal,
    upstream,
)
from mockserver.edge.admin import actions
from mockserver.faults.fault import MOST_SECONDS
from mockserver.http import masking
from mockserver.http.head import BODY_LIMIT
from mockserver.logs.reading import MOST_BAD_LINES, MOST_BYTES_A_LINE
from mockserver.mock import journal, store, tenants
from tests.support.tables import table

PATIENCE = listening.Patience()
BOUNDS = {
    "tenants; beyond, the one used longest ago is dropped with its faults and added logs": tenants.MOST,
    "sources that all tenants have together; beyond, a tenant used longest ago is dropped": tenants.MOST_SOURCES,
    "characters of a tenant's name": document.contract().longest_tenant,
    "logs added to a tenant; for more, serve a file": store.MOST_ADDED,
    "bytes of logs added to a tenant": store.MOST_ADDED_BYTES,
    "exchanges in a tenant's journal": journal.MOST,
    "bytes of a tenant's journal": journal.MOST_BYTES,
    "bytes of all journals; beyond, those of tenants used longest ago are emptied": journal.MOST_TOGETHER,
    "bytes of a request's body": BODY_LIMIT,
    "replies to several clients that are held back, at most to the end of a turn": serving._TOGETHER,
    "bytes of a rule or an expectation": actions.MOST_SMALL,
    "commas and opening brackets of a JSON body": actions.MOST_MARKS,
    "levels of JSON within each other": jsontext.DEEPEST,
    "bytes of a YAML file": document.LARGEST_YAML,
    "levels of YAML within each other": document.DEEPEST_YAML,
    "seconds that a source of logs may take to open, while the server answers": reload.LONGEST,
    "seconds of whatever a fault does": MOST_SECONDS,
    "bytes of a line in a file of logs": MOST_BYTES_A_LINE,
    "bad lines of a file that are told": MOST_BAD_LINES,
    "near names that an error tells of a long list": errors._NEAREST,
    "times that a credential may be percent-encoded and is still masked": masking._LAYERS,
}
# No test waits so long, or sends so much: what happens at each of these is tested with a smaller number.
WAITING = {
    "seconds that a connection may be idle": PATIENCE.idle,
    "seconds that a client may take to send a request": PATIENCE.request,
    "seconds that a client may take for a piece of an answer": PATIENCE.reply,
    "seconds that a client may talk on after a refusal": PATIENCE.linger,
    "bytes that a client may talk on after a refusal": connection._DRAINED,
    "bytes that are read of one client before others have a turn": serving._READ,
    "requests of one client that are answered before others have a turn": connection._TURN,
    "bytes of a body that are sent before others have a turn": sending.PIECE,
    "clients that are accepted before others have a turn": listening._TURN,
    "seconds until a client is accepted once no descriptor was left": listening._PAUSE,
    "finished replies that are kept": front._MOST,
    "requests that are known to have come once": front._MOST_SEEN,
    "seconds between two looks at a file that is watched": reload._EVERY,
    "seconds between two writes of lines about requests": terminal.TICK,
    "lines about requests in one write": terminal.MOST_LINES,
    "such lines that one skipped write adds to the next": terminal._SHARE,
    "milliseconds of work on such lines for one write": terminal._MOST_WORK * 1000,
    "characters of a target in such a line": terminal._MOST_TARGET,
    "texts that wait for a terminal that is slow": terminal._MOST_TEXTS,
    "seconds that the end of the server waits for such a terminal": terminal._PARTING,
    "days of an own certificate": certificate._LIFETIME.days,
    "days that are left when it is made anew": certificate._LEAST.days,
    "days that the clock of a client may be behind it": certificate._BEHIND.days,
    "seconds until a deployment behind the mock has accepted a connection": outgoing._CONNECT,
    "seconds of silence of such a deployment": outgoing._SILENT,
    "interim answers of such a deployment to one request": outgoing._MOST_INTERIM,
    "bytes of its answer that are read at a time": outgoing._READ,
    "seconds that a connection to it is kept unused": upstream._IDLE,
    "bytes of its public keys": upstream._MOST_KEYS,
    "seconds until its keys may be fetched again": forwarding._KEYS_AGAIN,
    "seconds until the next piece of a body for it has come": forwarding._STALLED,
    "bytes that are read at a time of a body for it": forwarding._FULL,
}


def bounds(rows: Mapping[str, float]) -> str:
    """Returns one of these tables."""
    return table(("what", "at most"), ((what, f"{most:,}".removesuffix(".0")) for what, most in rows.items()))
