"""What faults draw is the same in every version: whoever changes a draw changes the runs of every user."""

from __future__ import annotations

import pytest

from mockserver.contract.jsontext import decode
from mockserver.faults.fault import Chance, Tally
from mockserver.faults.latency import Latency
from mockserver.faults.offences.rare import _is_chosen
from mockserver.faults.rule import read_rule
from mockserver.http.message import Reply
from tests.support.cases import ALL, asked, changed, ids


def made(name: str, query: str = "", k: int = 1) -> Reply:
    reply = changed(name, asked(query), k)
    assert reply is not None
    return reply


@pytest.mark.parametrize(
    ("latency", "waits"),
    [
        (Latency(seconds=2.5), [2.5, 2.5, 2.5]),
        (Latency(distribution="uniform", min=1, max=3), [2.890118, 1.167931, 1.054967]),
        (Latency(distribution="lognormal", median=2, sigma=0.5), [0.624457, 1.927659, 2.244906]),
        (Latency(distribution="lognormal", median=2, sigma=0), [2, 2, 2]),
        (Latency(distribution="lognormal", median=0, sigma=1), [0, 0, 0]),
        (Latency(distribution="uniform", min=2, max=2), [2, 2, 2]),
    ],
)
def test_the_waits_of_a_latency_are_drawn_so(latency: Latency, waits: list[float]) -> None:
    assert [latency.draw(Chance(0, "a", k)) for k in (1, 2, 3)] == pytest.approx(waits, abs=1e-6)


def test_the_lists_that_an_offence_strikes_now_and_then_are_drawn_so() -> None:
    struck = [k for k in range(1, 41) if changed("status-500-sometimes", asked(""), k) is not None]
    assert struck == [2, 7, 9, 14, 16, 25, 27, 29]
    assert [k for k in range(1, 9) if b"\n" in made("etag-outlives", k=k).content()] == [2, 4, 5]


def test_the_numbers_orders_and_logs_of_offences_are_drawn_so() -> None:
    addresses = [decode(made("payload-changes", k=k).content())[0]["payload"]["ip"] for k in (1, 2)]
    assert addresses == ["203.0.113.156", "203.0.113.242"]
    assert [ALL.index(each) for each in ids(made("unstable-order", "?page_size=5"))] == [0, 2, 4, 1, 3]
    assert [number for number in range(200) if _is_chosen({"id": f"log-{number}"})] == [72, 81, 89, 154, 163]


@pytest.mark.parametrize("began", [0.0, 10.0, 20.0, 1_780_000_000.0])
def test_every_window_of_a_rate_limit_lets_its_number_pass(began: float) -> None:
    """The first of them began in 1970."""
    limit, tally = read_rule("rate_limit:limit=2,window=10").fault, Tally()
    assert [limit.strikes(began + second, tally) for second in (0, 1, 2, 9.5, 10)] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("rule", "struck"),
    [
        ("empty:rate=1", 8), ("empty:rate=0", 0), ("empty:rate=1,times=3", 3), ("empty:skip=3", 5),
        ("empty:every=3", 2), ("empty:skip=1,every=3,times=1", 1), ("empty:skip=8", 0), ("empty:every=8", 1),
    ],
)  # fmt: skip
def test_a_rule_strikes_so_many_of_eight_requests(rule: str, struck: int) -> None:
    tally, read = Tally(), read_rule(rule)
    found = [read.strikes(0, 0.0, tally) is not None for _ in range(8)]
    assert (sum(found), tally.fired, tally.matched) == (struck, struck, 8)
