"""A chance depends on seed, rule and k alone; a case computes answers only when they are used."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.faults.fault import Case, Chance, Fault, Tally
from mockserver.http.message import Reply, Request

LIST = Request("GET", "/api/logs", (("accept-encoding", "gzip"), ("if-none-match", "*"), ("x", "y")))


def test_a_chance_is_the_same_on_every_machine_and_in_every_version() -> None:
    """Pinned: whoever changes the hash changes the runs of every user."""
    assert Chance(0, "status:code=503,rate=0.5", 1).uniform("rate") == 0.01868191280961129
    assert Chance(0, "garbage", 1).bytes(4).hex() == "6d81b025"


@given(st.integers(), st.text(), st.integers(1), st.text())
def test_a_chance_lies_between_0_and_1(seed: int, rule: str, k: int, what: str) -> None:
    assert 0 <= Chance(seed, rule, k).uniform(what) < 1


@pytest.mark.parametrize("other", [Chance(8, "a", 1), Chance(7, "b", 1), Chance(7, "a", 2)])
def test_seed_rule_and_k_each_change_the_chance(other: Chance) -> None:
    assert other.uniform("rate") != Chance(7, "a", 1).uniform("rate")
    assert other.bytes(20) != Chance(7, "a", 1).bytes(20)


def test_ten_thousand_draws_are_right_in_the_mean_and_spread_and_not_correlated() -> None:
    """Five standard errors of 10,000 uniform draws: 0.0144 for the mean; likewise for the tenths."""
    draws = [Chance(1, "status:code=503,rate=0.5", k).uniform("rate") for k in range(1, 10_001)]
    assert sum(draws) / len(draws) == pytest.approx(0.5, abs=0.0145)
    for tenth in range(10):
        assert sum(tenth <= draw * 10 < tenth + 1 for draw in draws) == pytest.approx(1000, abs=150)
    lagged = sum((a - 0.5) * (b - 0.5) for a, b in itertools.pairwise(draws)) * 12 / len(draws)
    assert lagged == pytest.approx(0, abs=0.05)


def test_an_answer_is_computed_once_and_only_when_it_is_used() -> None:
    asked: list[Request] = []

    def ask(request: Request) -> Reply:
        asked.append(request)
        return Reply(200)

    case = Case(LIST, 0.0, ask, Chance(0, "", 1))
    assert asked == []
    assert case.reply is case.reply
    assert asked == [LIST]
    assert case.plain.status == 200
    assert asked[1].headers == (("x", "y"),)


def test_the_answer_of_another_fault_comes_before_the_honest_one() -> None:
    made = Reply(503)
    assert Case(LIST, 0.0, lambda request: Reply(200), Chance(0, "", 1), made).reply is made


class Plain(Fault):
    def disturb(self, case: Case) -> Reply:
        return case.reply


def test_a_fault_must_say_what_it_does_and_strikes_at_any_time_by_default() -> None:
    fault = Plain()
    assert fault.strikes(0.0, Tally())
    assert fault.disturb(Case(LIST, 0.0, lambda request: Reply(200), Chance(0, "", 1))).status == 200
    with pytest.raises(TypeError):
        Fault()  # type: ignore[abstract]  # that is what is shown
