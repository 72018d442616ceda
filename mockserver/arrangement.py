"""Arrangement: a stored log as a real deployment writes it, documented keys first and numbers as JavaScript's."""

from __future__ import annotations

from typing import Any

from mockserver import numbers

# Number.MAX_SAFE_INTEGER: above it a double no longer holds every integer.
_LARGEST_EXACT = 2**53 - 1
# The JSON library writes integers of 64 bits, signed or not; String(double) has an exponent only from 1e21.
_WRITABLE = range(-(2**63), 2**64)


def arrange(value: Any, schema: dict[str, Any]) -> Any:
    """``value`` (parsed JSON) with the keys that ``schema`` names first, in its order, and every number a double."""
    if isinstance(value, list):
        return [arrange(each, {}) for each in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _as_printed(value)
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    names = [*(name for name in properties if name in value), *(name for name in value if name not in properties)]
    return {name: arrange(value[name], properties.get(name, {})) for name in names}


def _as_printed(number: float) -> float:
    """The number whose JSON text has the digits that JavaScript would write."""
    double = float(number)
    if abs(double) <= _LARGEST_EXACT:
        return int(double) if double.is_integer() else double
    text = numbers.show(double)
    return int(text) if "e" not in text and int(text) in _WRITABLE else double
