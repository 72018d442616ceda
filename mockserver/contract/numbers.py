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
# Python reads these as JavaScript does.
_RADIX = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")


def as_number(text: str) -> float:
    """What JavaScript's ``Number(text)`` gives: NaN for a text that is no number, 0 for blanks."""
    bare = text.strip(_BLANKS)
    if not bare:
        return 0.0
    if _RADIX.fullmatch(bare):
        return float(Decimal(int(bare, 0)))
    return float(bare) if _DECIMAL.fullmatch(bare) else math.nan


def as_text(number: float) -> str:
    """What JavaScript's ``String(number)`` gives: shortest digits, an exponent from 1e21 and below 1e-6."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    # ECMA-262, Number::toString. Python's repr has the shortest digits, too, but an exponent at other sizes.
    if 1e-6 <= abs(number) < 1e21:
        return f"{Decimal(repr(number)):f}".removesuffix(".0")
    return re.sub(r"e([+-])0*", r"e\1", repr(number)) if number else "0"
