"""Inventory: the logs and values that a target holds, from which probes are made."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.filters import value_at
from mockserver.judge.answer import Listing
from mockserver.judge.probe import Probe, Value, Variable, asking
from mockserver.judge.secrets import PERSONAL
from mockserver.judge.session import LARGEST_PAGE, Session

# Real deployments cap page_size at 100, so no reference is larger. If a target refuses that, smaller ones are tried.
REFERENCE_SIZES = (100, 50, 20)
# One request for the first logs in a page that is larger than those. A cap that cuts it without a word shows there.
WIDE = LARGEST_PAGE
# Full depth walks so many pages, a thousand logs.
WALK = 10
# So many values of each filter are kept: about as many as a common deployment has log keys.
VALUES = 14
# What gets lost on the way, or is compared otherwise: a value of each kind is kept, if any log holds one.
KINDS = (r"\d+", r"0\d+", r".*[^\x00-\x7f].*", r".*\+.*", ".*&.*", ".*,.*", ".*%.*", ".* ")
# Longer values make no filter: some servers read no longer request line.
LONGEST_VALUE = 500
# A value that no deployment holds.
NOWHERE = Value("no-such-value-3f9c")


@dataclass(frozen=True, slots=True)
class Known:
    """A value that the filter ``name`` finds in ``window``, and ``count`` times in all windows together."""

    name: str
    value: Value
    window: Probe
    count: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """The target's logs and values.

    ``windows`` are references of ``size`` logs and what they listed, newest logs first. ``wide`` is a reference of more
    logs, and None if the target refuses that or has no more. ``total`` is None if nothing counts the logs. ``values``
    are the values that each filter finds, the commonest first.
    """

    size: int
    windows: tuple[tuple[Probe, Listing], ...]
    total: int | None
    wide: Probe | None
    values: dict[str, tuple[Known, ...]]

    @property
    def top(self) -> Probe:
        """The reference for the newest logs."""
        return self.windows[0][0]

    @property
    def logs(self) -> Listing:
        """The newest logs, as first seen."""
        return self.windows[0][1]

    @property
    def walked(self) -> Listing:
        """The logs of all windows, as first seen."""
        return [log for _, logs in self.windows for log in logs]

    def common(self, name: str) -> Known | None:
        """The value that a filter finds most often."""
        return next(iter(self.values[name]), None)

    @property
    def commonest(self) -> Known | None:
        """The value that any filter finds most often; None if no filter finds any."""
        values = [known for name in self.values if (known := self.common(name))]
        return max(values, key=lambda known: known.count, default=None)

    @property
    def filtered(self) -> Probe:
        """A probe with the filter that matches the most logs; with one that matches none if no value is known."""
        known = self.commonest
        return asking(**unmatched()) if known is None else asking(**{known.name: known.value})


def unmatched() -> dict[str, Value]:
    """A filter that matches no log, so that an honest deployment does not send a whole table."""
    return {next(iter(contract().filters)): NOWHERE}


def survey(session: Session) -> Inventory | None:
    """The inventory of a target; None if it lists nothing."""
    for size in REFERENCE_SIZES:
        top = session.reference(asking(page_size=size))
        if top is not None:
            return _beyond(session, size, top)
    return None


def _beyond(session: Session, size: int, top: Listing) -> Inventory:
    windows = [(asking(page_size=size), top)]
    while session.depth != "quick" and len(windows) < WALK and len(windows[-1][1]) == size:
        probe = asking(page_size=size, page=len(windows) + 1)
        logs = session.reference(probe)
        if not logs:
            break
        windows.append((probe, logs))
    values = {name: _values(name, windows) for name in contract().filters}
    wide = asking(page_size=WIDE) if len(top) == size and session.reference(asking(page_size=WIDE)) else None
    # A second look at so many logs shows whether their order stays.
    widest = session.refresh(wide) if wide else top
    return Inventory(size, tuple(windows), _total(session, widest or top, WIDE if wide else size), wide, values)


def _total(session: Session, top: Listing, size: int) -> int | None:
    total = session.ask(asking(page_size=1)).total
    # A total below the number of listed logs is wrong; a check of its own finds that.
    if total is not None and total >= len(top):
        return total
    return len(top) if len(top) < size else None


def _values(name: str, windows: list[tuple[Probe, Listing]]) -> tuple[Known, ...]:
    """The commonest, the oddest, one of each kind, the rarest, the median and the longest value, then the others; each
    once.

    The oddest has the most characters that are neither letters nor digits, such as a plus: they get lost on the way.
    """
    counts: Counter[str] = Counter()
    places: dict[str, tuple[Probe, int]] = {}
    for probe, logs in windows:
        for number, log in enumerate(logs):
            if text := filterable(log, name):
                counts[text] += 1
                places.setdefault(text, (probe, number))
    ranked = [text for text, _ in counts.most_common()]
    if not ranked:
        return ()
    of_kinds = [text for kind in KINDS for text in [each for each in ranked if re.fullmatch(kind, each)][:1]]
    chosen = [ranked[0], max(ranked, key=_oddness), *of_kinds, ranked[-1], ranked[len(ranked) // 2]]
    first = list(dict.fromkeys([*chosen, max(ranked, key=len), *ranked]))[:VALUES]
    return tuple(Known(name, value_in(*places[text], name, text), places[text][0], counts[text]) for text in first)


def filterable(log: Any, name: str) -> str:
    """The value by which a filter finds a log; empty if there is none of a length that every server reads."""
    text = value_at(log, name)
    return text if isinstance(text, str) and len(text) <= LONGEST_VALUE else ""


def _oddness(text: str) -> tuple[int, int]:
    return text.count("+"), sum(c in "%&=# " or not c.isascii() for c in text)


def value_in(window: Probe, number: int, name: str, text: str) -> Value:
    """The value that a filter finds in log ``number`` of a window; it has a source if it is personal."""
    if name not in PERSONAL:
        return Value(text)
    # The place makes the variable unique, since one curl line may need two of them.
    source = Variable(f"{PERSONAL[name]}_{number}", window.query, (number, *contract().filters[name]))
    return Value(text, source, f"${source.variable}")
