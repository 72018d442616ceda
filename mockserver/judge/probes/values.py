"""Odd values: strings that are valid filters, numbers that are not, unknown parameters, and generated requests."""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract.document import contract
from mockserver.judge import comparisons
from mockserver.judge.checks.listing import unknown_parameter
from mockserver.judge.inventory import Inventory, filterable, unmatched
from mockserver.judge.probe import PLAIN, asking
from mockserver.judge.probes.filtering import of_log
from mockserver.judge.reading import LARGEST_COMMON
from mockserver.judge.session import Session

# Every string is a valid filter; these have broken servers.
STRINGS_QUICK = ("null", "é\U0001f600'\"(\\", "a" * 300)
STRINGS = (
    "' OR '1'='1", "'; --", "*", "_", "?", "\\", '"', "`", "$", "'", "undefined", "true", "0", "-1",
    "[]", "{}", '{"$ne":""}', "%", 'a+b c&d=e;f#"\\', "../../etc/passwd", "<script>", "${7*7}", "{{7*7}}", "%00", "%2e",
    "\n", "\r\n", "\t", " ", "\x00", "\x1f", "\x7f",
    "\u202eabc", "\u200b", "\ufeff", "ｆｕｌｌ", "e\u0301", "𝔘", "ﬁ", "İ", "ß", "a" * 129, "b" * 1000, "ü" * 500,
)  # fmt: skip

# Those that break most, asked in all filters at once.
HARD = ("'", "%", "é", "a" * 300, "x ", "a+b", "\\", "[", "\x00", "null", "0")
MARKUP = "<script>alert(1)</script>"
NUMBERS_QUICK = ("0", "-1", "1.5")
NUMBERS = (
    "abc", "-0", "-20", "0.5", "1.05", "00", "NaN", "Infinity", "-Infinity", "null", "undefined", "true", "false",
    "1,000", "1_000", "1 000", "1;2", "[1]", "{}", "1a", "a1", "--1", "１", "%", "'", "\x00", "\u00bd", "1/2", "²",
)  # fmt: skip
# The document leaves open whether these are numbers. Any documented answer is right.
OPEN = (
    "", "01", "+1", " 1", "1 ", "1.", "1.0", "1e0", "1e2", "0x10", "0b10", "9" * 20, str(2**63), str(2**64), "1e308",
)  # fmt: skip
# Sent with a filter that matches nothing.
LARGE_PAGES = (2**31 - 1, 2**31, 2**32, LARGEST_COMMON)
RAW = (
    "page=1&page=2", "page_size=5&page_size=5", "userId=a&userId=b", "logKey=a&logKey=a", "&&", "=", "?", "page", "%zz",
    "userId=%ff", "userId=%C3%28", "userId", "a=%00", "page=1&" + "x=1&" * 200,
)  # fmt: skip
# Generated requests take this share of the time left; the rest is for the last probes.
SHARE = 0.9
UNDOCUMENTED_QUICK = ("limit", "callback", "order")
# Some frameworks read names in any case: another case is no other name.
UNDOCUMENTED = (
    "jsonp", "offset", "pageSize", "per_page", "page[]", "cursor", "sort", "user_id", "q", "id", "_",
)  # fmt: skip


def strings(session: Session, inventory: Inventory) -> None:
    """Odd strings as filters."""
    names = tuple(contract().filters)
    for number, text in enumerate(session.by_depth(STRINGS_QUICK, STRINGS)):
        for name in names if session.depth != "quick" and text in STRINGS_QUICK else (names[number % len(names)],):
            session.ask(asking(**{name: text}))
    for number in range(0 if session.depth == "quick" else len(HARD)):
        texts = {name: HARD[(number + place) % len(HARD)] for place, name in enumerate(names)}
        session.ask(asking(**texts).but(page=1, page_size=5))
    for name in session.by_depth((), names):
        # Whoever reads null as no value lists a log that has none.
        for number, log in [entry for entry in enumerate(inventory.logs) if not filterable(entry[1], name)][:1]:
            probe = asking(**of_log(inventory.top, number, log, name)).but(**{name: "null"})
            session.ask(probe.but(page=1, page_size=inventory.size))


def invalid_numbers(session: Session, inventory: Inventory) -> None:
    """Texts that are no integer from 1, alone and beside valid parameters."""
    for number, text in enumerate(session.by_depth(NUMBERS_QUICK, NUMBERS)):
        for name in ("page", "page_size") if text in NUMBERS_QUICK else (("page", "page_size")[number % 2],):
            session.ask(asking(**{name: text}))
    known = [(name, inventory.common(name)) for name in contract().filters]
    filters = [asking(**{name: value.value}) for name, value in known if value is not None]
    sizes = [probe.but(page_size=0) for probe in filters]
    both = [asking(page=page, page_size=size) for page, size in ((2, 0), (-1, 10), (0, 5), (0, 0), (1, -10), (-2, 5))]
    filtered = (inventory.filtered.but(page=0), inventory.filtered.but(page="x", page_size=5))
    quick = (asking(page=MARKUP), *both[:2], *filtered, *sizes)
    more = [probe.but(page=-1) for probe in filters] + [probe.but(page=0, page_size=2) for probe in filters]
    # Beside all else, so that whatever one parameter excuses shows there.
    odd = [pair for text in (*NUMBERS_QUICK, "abc") for pair in ((2, text), (text, 5))]
    more += [inventory.filtered.but(page=page, page_size=size) for page, size in odd]
    for probe in session.by_depth(quick, (*both[2:], *more)):
        session.ask(probe)


def open_numbers(session: Session, inventory: Inventory) -> None:
    """Spellings of numbers that the document leaves open, and pages after the end of any deployment."""
    for text in OPEN:
        session.ask(asking(**unmatched(), page=text))
        session.ask(asking(**unmatched(), page_size=text))
    for number in LARGE_PAGES:
        session.ask(asking(**unmatched(), page=number))


def undocumented(session: Session, inventory: Inventory) -> None:
    """Parameters that the document does not know."""
    compare = comparisons.part(unknown_parameter)
    # Some servers read an operator in brackets.
    newest = of_log(inventory.top, 0, inventory.logs[0], "") if inventory.logs else {}
    operators = {f"{name}[$ne]": value for name, value in [*newest.items()][:1]}
    if session.depth == "quick":
        probes = [asking(**dict.fromkeys(UNDOCUMENTED_QUICK, 3), **operators)]
    else:
        probes = [asking(**{name: 3}) for name in (*UNDOCUMENTED_QUICK, *UNDOCUMENTED)] + [asking(**operators)]
    for probe in probes:
        session.relate(PLAIN, probe, (unknown_parameter,), compare)


def repeated(session: Session, inventory: Inventory) -> None:
    """Parameters given twice, and queries that are hardly queries. Any documented answer is right."""
    for raw in RAW:
        session.ask(replace(PLAIN, raw=raw))


def generated(session: Session, inventory: Inventory) -> None:
    """Requests that Schemathesis generates from the document, for most of the time that is left."""
    from mockserver.judge.generator import generate

    generate(session.ask, session.seed, (session.target.limits.seconds - session.target.seconds) * SHARE)
