"""Numbers as JavaScript reads and prints them: a real deployment does this with page and page_size."""

from __future__ import annotations

import math
import re
from decimal import Decimal

# ECMA-262: white space and line terminators that StringToNumber strips.
_BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_DECIMAL = re.compile(r"[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", re.ASCII)
_RADIX = re.compile(r"0(?:[xX]([0-9a-fA-F]+)|[oO]([0-7]+)|[bB]([01]+))", re.ASCII)


def as_number(text: str) -> float:
    """What JavaScript's ``Number(text)`` gives: NaN for a text that is no number, 0 for blanks."""
    bare = text.strip(_BLANKS)
    if not bare:
        return 0.0
    radix = _RADIX.fullmatch(bare)
    if radix:
        digits, base = next((digits, base) for digits, base in zip(radix.groups(), (16, 8, 2), strict=True) if digits)
        return float(Decimal(int(digits, base)))
    return float(bare) if _DECIMAL.fullmatch(bare) else math.nan


def as_text(number: float) -> str:
    """What JavaScript's ``String(number)`` gives: shortest digits, an exponent from 1e21 and below 1e-6."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    # ECMA-262, Number::toString: the digits of k, and n, where the decimal point stands after them. Python's repr has
    # the shortest digits, too.
    exact = Decimal(repr(number)).normalize()
    digits = "".join(map(str, exact.as_tuple().digits))
    sign, point = "-" if number < 0 else "", exact.adjusted() + 1
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
