"""Arrangement: a stored log as a real deployment writes it, documented keys first and numbers as JavaScript's."""

from __future__ import annotations

from typing import Any

from mockserver.contract.numbers import as_text

# Number.MAX_SAFE_INTEGER: above it a double no longer holds every integer.
_LARGEST_EXACT = 2**53 - 1
# The JSON library writes integers of 64 bits, signed or not; String(double) has an exponent only from 1e21.
_WRITABLE = range(-(2**63), 2**64)


def arrange(value: Any, schema: dict[str, Any]) -> Any:
    """``value`` (parsed JSON) with the keys that ``schema`` names first, in its order, and every number a double."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, list):
        return [arrange(each, {}) for each in value]
    if not isinstance(value, dict):
        return _as_printed(value)
    properties = schema.get("properties", {})
    arranged = {name: arrange(value[name], inner) for name, inner in properties.items() if name in value}
    for name, each in value.items():
        if name not in arranged:
            arranged[name] = each if isinstance(each, str) else arrange(each, {})
    return arranged


def _as_printed(number: float) -> float:
    """The number whose JSON text has the digits that JavaScript would write."""
    double = float(number)
    if abs(double) <= _LARGEST_EXACT:
        return int(double) if double.is_integer() else double
    text = as_text(double)
    return int(text) if "e" not in text and int(text) in _WRITABLE else double
