"""The registry of faults: one file a kind, one line a kind in the table below."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract.errors import lookup
from mockserver.faults.dribble import Dribble
from mockserver.faults.empty import Empty
from mockserver.faults.fault import Fault
from mockserver.faults.garbage import Garbage
from mockserver.faults.hang import Hang
from mockserver.faults.latency import Latency
from mockserver.faults.malformed_chunk import MalformedChunk
from mockserver.faults.malformed_json import MalformedJson
from mockserver.faults.outage import Outage
from mockserver.faults.rate_limit import RateLimit
from mockserver.faults.reset import Reset
from mockserver.faults.status import Status
from mockserver.faults.truncate import Truncate
from mockserver.faults.violate import Violate
from mockserver.faults.wrong_type import WrongType

KINDS: Mapping[str, type[Fault]] = {
    "status": Status,
    "latency": Latency,
    "hang": Hang,
    "reset": Reset,
    "empty": Empty,
    "truncate": Truncate,
    "garbage": Garbage,
    "malformed_chunk": MalformedChunk,
    "dribble": Dribble,
    "malformed_json": MalformedJson,
    "wrong_type": WrongType,
    "rate_limit": RateLimit,
    "outage": Outage,
    "violate": Violate,
}

_NAMES = {fault: name for name, fault in KINDS.items()}


def fault_kind(name: str) -> type[Fault]:
    """The class of a kind of fault; raises MockserverError that lists the known kinds."""
    return lookup("fault", name, KINDS)


def name_of(fault: Fault) -> str:
    """The kind of a fault, as rules write it."""
    return _NAMES[type(fault)]
