"""Inventory: what the target was found to hold, from which the plan is built."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from mockserver.contract.document import contract
from mockserver.contract.filters import value_at
from mockserver.judge.probe import Probe, asking
from mockserver.judge.secrets import PERSONAL
from mockserver.judge.session import Logs, Session
from mockserver.judge.value import Value, Variable

# Real deployments cap page_size at 100, so no reference is larger; a target that refuses that is asked for less.
REFERENCE_SIZES = (100, 50, 20)
# So many reference pages are walked at full depth: a thousand logs.
WALK = 10
# So many values of a filter are known by name: the keys of a common deployment, or nearly.
VALUES = 12
# A value that no deployment holds, and its like.
NOWHERE = Value("no-such-value-3f9c")


@dataclass(frozen=True, slots=True)
class Known:
    """A value seen at a filter's member, in ``window``, and ``count`` times in all windows together."""

    name: str
    value: Value
    window: Probe
    count: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What was learned: ``windows`` are references in order, the first from the top; ``total`` may be unknown."""

    size: int
    windows: tuple[tuple[Probe, Logs], ...]
    total: int | None
    values: dict[str, tuple[Known, ...]]

    @property
    def top(self) -> Probe:
        """The reference for the newest logs."""
        return self.windows[0][0]

    @property
    def logs(self) -> Logs:
        """The logs at the top as first seen."""
        return self.windows[0][1]

    @property
    def walked(self) -> Logs:
        """The logs of all windows, as first seen."""
        return [log for _, logs in self.windows for log in logs]

    def common(self, name: str) -> Known | None:
        """The value most often seen at a filter's member."""
        return next(iter(self.values[name]), None)

    @property
    def commonest(self) -> Known | None:
        """Of the values most often seen, that of the filter which most logs share; None where no log has any."""
        values = [known for name in self.values if (known := self.common(name))]
        return max(values, key=lambda known: known.count, default=None)

    @property
    def filtered(self) -> Probe:
        """A probe under a filter that matches the most logs, or none where no value is known."""
        known = self.commonest
        return asking(**unmatched()) if known is None else asking(**{known.name: known.value})


def unmatched() -> dict[str, Value]:
    """A filter that matches no log: what keeps an honest deployment from sending a whole table."""
    return {next(iter(contract().filters)): NOWHERE}


def survey(session: Session) -> Inventory | None:
    """Look at what the target holds; None where it lists nothing that could be looked at."""
    for size in REFERENCE_SIZES:
        top = session.reference(asking(page_size=size))
        if top is not None:
            return _beyond(session, size, top)
    return None


def _beyond(session: Session, size: int, top: Logs) -> Inventory:
    windows = [(asking(page_size=size), top)]
    while session.depth != "quick" and len(windows) < WALK and len(windows[-1][1]) == size:
        probe = asking(page_size=size, page=len(windows) + 1)
        logs = session.reference(probe)
        if not logs:
            break
        windows.append((probe, logs))
    values = {name: _values(name, windows) for name in contract().filters}
    return Inventory(size, tuple(windows), _total(session, top, size), values)


def _total(session: Session, top: Logs, size: int) -> int | None:
    total = session.ask(asking(page_size=1)).total
    # A total below what was listed is wrong, and another rule's business.
    if total is not None and total >= len(top):
        return total
    return len(top) if len(top) < size else None


def _values(name: str, windows: list[tuple[Probe, Logs]]) -> tuple[Known, ...]:
    """The most common, the rarest, the median and the longest value, then others, commonest first; each once."""
    counts: Counter[str] = Counter()
    places: dict[str, tuple[Probe, int]] = {}
    for probe, logs in windows:
        for number, log in enumerate(logs):
            text = value_at(log, name)
            if isinstance(text, str) and text:
                counts[text] += 1
                places.setdefault(text, (probe, number))
    ranked = [text for text, _ in counts.most_common()]
    chosen = [ranked[0], ranked[-1], ranked[len(ranked) // 2], max(ranked, key=len)] if ranked else []
    some = list(dict.fromkeys([*chosen, *ranked]))[:VALUES]
    return tuple(_known(name, text, *places[text], counts[text]) for text in some)


def _known(name: str, text: str, probe: Probe, number: int, count: int) -> Known:
    return Known(name, value_in(probe, number, name, text), probe, count)


def value_in(window: Probe, number: int, name: str, text: str) -> Value:
    """The value that a filter looks at in log ``number`` of a window, discreet where it is personal."""
    if name not in PERSONAL:
        return Value(text)
    # The variable is numbered by place, so that two values of one curl line do not meet.
    source = Variable(f"{PERSONAL[name]}_{number}", window.query, (number, *contract().filters[name]))
    return Value(text, source, f"${source.variable}")
