"""Odd values: strings that are valid filters, numbers that are no pages, and parameters that nobody documented."""

from __future__ import annotations

from dataclasses import replace

from mockserver.check import fits
from mockserver.check.court import Court
from mockserver.check.holdings import NOWHERE, Holdings
from mockserver.check.probe import PLAIN, asking
from mockserver.check.reading import LARGEST_COMMON
from mockserver.check.value import Value
from mockserver.contract import contract

# Every string is a valid filter; these are the ones that have broken servers.
STRINGS_QUICK = ("'", "%", "é\U0001f600", 'a+b c&d=e;f#"\\', "a" * 300)
STRINGS = (
    "' OR '1'='1", "'; --", "*", "_", "?", "\\", '"', "`", "$", "null", "undefined", "true", "0", "-1",
    "[]", "{}", '{"$ne":""}',
    "../../etc/passwd", "<script>", "${7*7}", "{{7*7}}", "%00", "%2e", "\n", "\r\n", "\t", " ", "\x00", "\x1f", "\x7f",
    "\u202eabc", "\u200b", "\ufeff", "ｆｕｌｌ", "e\u0301", "𝔘", "ﬁ", "İ", "ß", "a" * 129, "b" * 1000, "ü" * 500,
)  # fmt: skip

NUMBERS_QUICK = ("0", "-1", "abc", "1.5")
NUMBERS = (
    "-0", "-20", "0.5", "1.05", "00", "NaN", "Infinity", "-Infinity", "null", "undefined", "true", "false",
    "1,000", "1_000",
    "1 000", "1;2", "[1]", "{}", "1a", "a1", "--1", "１", "%", "'", "\x00", "\u00bd", "1/2", "²",
)  # fmt: skip
# Spellings and sizes where the page leaves the matter open: whatever is answered must be an answer.
OPEN = (
    "",
    "01",
    "+1",
    " 1",
    "1 ",
    "1.",
    "1.0",
    "1e0",
    "1e2",
    "0x10",
    "0b10",
    "9" * 20,
    str(2**63),
    str(2**64),
    "1e308",
)
# Sent beside a filter that matches nothing.
LARGE_PAGES = (2**31 - 1, 2**31, 2**32, LARGEST_COMMON)
RAW = (
    "page=1&page=2", "page_size=5&page_size=5", "userId=a&userId=b", "logKey=a&logKey=a", "&&", "=", "?", "page", "%zz",
    "userId=%ff", "userId=%C3%28", "userId", "a=%00", "page=1&" + "x=1&" * 200,
)  # fmt: skip
UNDOCUMENTED_QUICK = ("limit", "Page")
UNDOCUMENTED = (
    "offset",
    "pageSize",
    "per_page",
    "PAGE_SIZE",
    "page[]",
    "cursor",
    "sort",
    "order",
    "userid",
    "user_id",
    "q",
    "id",
    "_",
)


def strings(court: Court, held: Holdings) -> None:
    """Odd strings as filters."""
    names = contract().filters
    for number, text in enumerate(court.some(STRINGS_QUICK, STRINGS)):
        for name in names if court.depth != "quick" else (names[number % len(names)],):
            court.ask(asking(**{name: text}))


def invalid_numbers(court: Court, held: Holdings) -> None:
    """What is no integer from 1, alone and beside what is valid."""
    for text in court.some(NUMBERS_QUICK, NUMBERS):
        court.ask(asking(page=text))
        court.ask(asking(page_size=text))
    known = held.common(contract().filters[-1])
    beside = Value("x") if known is None else known.value
    for probe in court.some((asking(page=2, page_size=0),), (asking(page=0, page_size=5), asking(page=0, page_size=0))):
        court.ask(probe)
    for probe in court.some(
        (asking(logKey=beside, page=0),), (asking(logKey=beside, page_size="x"), asking(page=-1, userId=NOWHERE))
    ):
        court.ask(probe)


def open_numbers(court: Court, held: Holdings) -> None:
    """Spellings of numbers that the page leaves open, and pages beyond any deployment."""
    for text in OPEN:
        court.ask(asking(logKey=NOWHERE, page=text))
        court.ask(asking(logKey=NOWHERE, page_size=text))
    for number in LARGE_PAGES:
        court.ask(asking(logKey=NOWHERE, page=number))


def undocumented(court: Court, held: Holdings) -> None:
    """Parameters that the page does not know: refused, or without effect."""
    fit = fits.unchanged("unknown-parameter")
    for name in court.some(UNDOCUMENTED_QUICK, UNDOCUMENTED):
        court.relate(PLAIN, asking(**{name: 3}), ("unknown-parameter",), fit)


def repeated(court: Court, held: Holdings) -> None:
    """Parameters given twice, and queries that are hardly any: whatever is answered must be an answer."""
    for raw in RAW:
        court.ask(replace(PLAIN, raw=raw))
