"""Goals: the speed that the project promises, as ratios within one run, and whether a run meets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks import startup
from tests.benchmarks.figures import Figures
from tests.support.tables import table

# For each command: the most time until ready, as a multiple of the time of `import flask, gevent.pywsgi`.
STARTS = {"serve, seeded": 2.0, "serve, faker": 3.0, "serve, faker, 10^12 logs": 3.0, "--help": 0.7}


@dataclass(frozen=True, slots=True)
class Goal:
    """A sentence, a bound, whether the bound is a least or a most, and the figure to compare with it."""

    sentence: str
    bound: float
    at_least: bool
    figure: Callable[[Figures], float]

    def is_kept(self, figures: Figures) -> bool:
        """Returns whether the figure meets the bound."""
        figure = self.figure(figures)
        return figure >= self.bound if self.at_least else figure <= self.bound


def _rate(name: str) -> Callable[[Figures], float]:
    return lambda figures: figures.lines[name].rate


def _tail(name: str) -> Callable[[Figures], float]:
    return lambda figures: figures.lines[name].tail


def _against(name: str, field: str, other: str) -> Callable[[Figures], float]:
    return lambda figures: figures.lines[name].middle(field) / figures.lines[other].middle(field)


def _peers(name: str, way: str) -> Callable[[Figures], float]:
    """Compares with the fastest peer that was measured in that way; raises KeyError if none was."""

    def compared(figures: Figures) -> float:
        peers = [line.rate for peer, line in figures.lines.items() if peer.endswith(way)]
        if not peers:
            raise KeyError(way)
        return figures.lines[name].rate / max(peers)

    return compared


def _start(name: str) -> Callable[[Figures], float]:
    return lambda figures: startup.ratio(figures.starts, name)


def _memory(figures: Figures) -> float:
    return max(run.get("megabytes", 0.0) for runs in figures.starts.values() for run in runs)


GOALS = (
    *[
        Goal(f"a query that was never asked, {count} logs: times the bare function", 0.5, True,
             _rate(f"gevent, never repeated, {count} logs"))
        for count in ("10^3", "10^9")
    ],
    Goal("a repeated page: times the bare function", 0.95, True, _rate("gevent, repeated, 16 connections")),
    Goal("granian, a repeated page: times nginx", 0.25, True,
         lambda figures: figures.lines["granian, repeated, 16 connections"].rate
         / figures.lines["nginx, 16 connections"].rate),
    # When goals were set, the fastest peer with pages did a tenth of a bare function; half of one is five times that.
    Goal("a query that was never asked: times the fastest peer that pages", 5, True,
         _peers("gevent, never repeated, 10^3 logs", ", pages and filters")),
    Goal("a repeated page: times the fastest peer that sends a fixed one", 1, True,
         _peers("gevent, repeated, 16 connections", ", fixed page")),
    *[
        goal
        for engine in ("gevent", "granian")
        for goal in (
            Goal(f"{engine}, 64 connections: p99 by p50", 5, False, _tail(f"{engine}, repeated, 64 connections")),
            Goal(f"{engine}, 200 more hang: p99 by p99 without them", 2, False,
                 _against(f"{engine}, repeated, 200 more hang", "p99", f"{engine}, repeated, 16 connections")),
        )
    ],
    *[Goal(f"{name}: times the imports", bound, False, _start(name)) for name, bound in STARTS.items()],
    Goal("the most memory when ready, at any count: MB", 60, False, _memory),
)  # fmt: skip


def verdict(figures: Figures) -> str:
    """Returns a table; one row is one goal. A goal whose lines were not measured is left out."""
    rows = []
    for goal in GOALS:
        try:
            figure = goal.figure(figures)
        except KeyError:
            continue
        bound = f"at {'least' if goal.at_least else 'most'} {goal.bound:g}"
        rows.append((goal.sentence, bound, f"{figure:.2f}", "kept" if goal.is_kept(figures) else "**missed**"))
    return table(("goal", "bound", "found", ""), rows)
