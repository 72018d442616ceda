"""Numbers as JavaScript reads and prints them: what a real deployment does with page and page_size."""

from __future__ import annotations

import math
import re

# ECMA-262: white space and line terminators that StringToNumber strips.
_BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_DECIMAL = re.compile(r"[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)
_RADIX = re.compile(r"0(?:[xX]([0-9a-fA-F]+)|[oO]([0-7]+)|[bB]([01]+))", re.ASCII)


def as_number(text: str) -> float:
    """What JavaScript's ``Number(text)`` gives; NaN for what is no number, 0 for blanks."""
    bare = text.strip(_BLANKS)
    if not bare:
        return 0.0
    radix = _RADIX.fullmatch(bare)
    if radix:
        digits, base = next((digits, base) for digits, base in zip(radix.groups(), (16, 8, 2), strict=True) if digits)
        return _as_double(int(digits, base))
    return float(bare) if _DECIMAL.fullmatch(bare) else math.nan


def _as_double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def as_text(number: float) -> str:
    """What JavaScript's ``String(number)`` gives: shortest digits, an exponent from 1e21 and below 1e-6."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    sign, digits, point = _digits(number)
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _digits(number: float) -> tuple[str, str, int]:
    """Sign, shortest digits, and where the decimal point stands after them (ECMA-262's k digits and n)."""
    if number == 0:
        return "", "0", 1
    mantissa, _, exponent = f"{abs(number)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len((whole + fraction).lstrip("0")))
    return "-" if number < 0 else "", digits.rstrip("0") or "0", point
