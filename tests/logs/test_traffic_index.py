"""The index gives the same answers as counting through all days."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.filters import Pairs
from mockserver.logs.traffic.index import Index, Traits
from tests.support.filters import by


def traits(user: str | None, application: str | None, key: str) -> Traits:
    return Traits(key, by(userId=user, applicationId=application, logKey=key).values)


WHO = st.sampled_from([None, "u", "v"])
DAYS = st.lists(st.builds(traits, WHO, WHO, st.sampled_from(["a.x", "a.y", "b"])), min_size=1, max_size=12)
WANTED = st.builds(by, userId=WHO, applicationId=WHO, logKey=st.sampled_from([None, "a.x", "b", "c"]))


@given(DAYS, WANTED, st.none() | st.sampled_from([("a",), ("a.x", "b"), ("c",), ()]), st.integers(0, 40))
def test_ranks_and_numbers_equal_a_count_over_all_logs(
    day: list[Traits], wanted: tuple[Pairs, None], prefixes: tuple[str, ...] | None, number: int
) -> None:
    def matches(log: Traits) -> bool:
        return (prefixes is None or log.key.startswith(prefixes)) and set(wanted[0]) <= set(log.pairs)

    positions = Index(day, prefixes)[wanted[0]]
    before = [at for at in range(number) if matches(day[at % len(day)])]
    assert positions.rank(number) == len(before)
    assert positions.numbers(0, len(before)) == before


def test_no_filter_by_user_finds_a_log_without_one() -> None:
    index = Index([traits(None, "app", "key")])
    for user, application, key in product((None, "u"), (None, "app"), (None, "key")):
        wanted = by(userId=user, applicationId=application, logKey=key).values
        assert index[wanted].rank(1) == int(user is None)
