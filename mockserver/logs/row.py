"""Rows: logs in memory, with what filters and orders them, and with the JSON that a real deployment would write.

A real deployment keeps logs in PostgreSQL and writes them with JavaScript. Its documented keys come first, in the
document's order, and every number has the digits that JavaScript prints for a double. A row's JSON is made once, from
the id on; the tenant is put in front of it when a request asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import NoneType
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.filters import Filters, Pairs, pairs_of
from mockserver.contract.jsontext import encode
from mockserver.contract.numbers import as_text

HOME = "default"  # the tenant of logs that name none

# Number.MAX_SAFE_INTEGER: above it a double no longer holds every integer.
_LARGEST_EXACT = 2**53 - 1
# The JSON library writes integers of 64 bits, signed or not; String(double) has an exponent only from 1e21.
_WRITABLE = range(-(2**63), 2**64)


@dataclass(frozen=True, slots=True)
class Row:
    """One log: its time (ms since 1970), id, key, filter values and tenant, and its JSON from the id on."""

    created_at: float
    id: str
    key: str
    pairs: Pairs
    tenant: str
    tail: bytes
    valid: bool

    @classmethod
    def of(cls, log: dict[str, Any], valid: bool = True) -> Row:
        """Return the row of a log with a text for its id and a number for createdAt; ``valid``: it keeps the
        contract."""
        ordered = in_document_order(log, contract().log_schema)
        tail = encode({name: value for name, value in ordered.items() if name != "tenantId"})
        key, tenant = str(log.get("key")), str(log.get("tenantId", HOME))
        return cls(log["createdAt"], log["id"], key, pairs_of(log), tenant, b"," + tail[1:], valid)

    def matches(self, filters: Filters) -> bool:
        """Whether the log has exactly the value of every filter, and a key with one of the prefixes."""
        has_prefix = filters.prefixes is None or self.key.startswith(filters.prefixes)
        return has_prefix and all(pair in self.pairs for pair in filters.values)


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """Return the rows in the order of a list: by createdAt, newest first; rows of one moment keep their order.

    A real deployment also lists logs of one moment in no order of their own, so a file of its logs keeps its order.
    """
    return sorted(rows, key=lambda row: -row.created_at)


def in_document_order(value: Any, schema: dict[str, Any]) -> Any:
    """Return parsed JSON with the keys that ``schema`` names first, in its order, and every number as a double."""
    if isinstance(value, (str, bool, NoneType)):
        return value
    if isinstance(value, list):
        return [in_document_order(item, {}) for item in value]
    if not isinstance(value, dict):
        return _as_printed(value)
    properties = schema.get("properties", {})
    ordered = {name: value[name] for name in properties if name in value} | value if properties else value
    # Most members are texts: a call for each would take half of the time that a file takes to be read.
    return {
        name: item if type(item) is str else in_document_order(item, properties.get(name, {}))
        for name, item in ordered.items()
    }


def _as_printed(number: float) -> float:
    """Return the number whose JSON text has the digits that JavaScript would write."""
    if type(number) is int and -_LARGEST_EXACT <= number <= _LARGEST_EXACT:
        return number
    double = float(number)
    if abs(double) <= _LARGEST_EXACT:
        return int(double) if double.is_integer() else double
    text = as_text(double)
    return int(text) if "e" not in text and int(text) in _WRITABLE else double
