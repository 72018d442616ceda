"""The registry of faults: one class a kind, one line a kind in the table below."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.faults.bodies import Dribble, EmptyList, MalformedChunk, MalformedJson, Truncate, WrongType
from mockserver.faults.connection import Empty, Garbage, Hang, MalformedHead, Reset
from mockserver.faults.fault import Fault
from mockserver.faults.latency import Latency
from mockserver.faults.status import Outage, RateLimit, Status
from mockserver.faults.violate import Violate

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
    "empty_list": EmptyList,
    "malformed_head": MalformedHead,
    "violate": Violate,
}
