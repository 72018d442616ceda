"""The index answers as counting through all days would."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from mockserver.logs.traffic.index import Index, Traits

WHO = st.sampled_from([None, "u", "v"])
DAYS = st.lists(st.builds(Traits, WHO, WHO, st.sampled_from(["a.x", "a.y", "b"])), min_size=1, max_size=12)
WANTED = st.builds(Traits, WHO, WHO, st.sampled_from([None, "a.x", "b", "c"]))


@given(DAYS, WANTED, st.none() | st.sampled_from([("a",), ("a.x", "b"), ("c",), ()]), st.integers(0, 40))
def test_ranks_and_numbers_are_as_counted(
    day: list[Traits], wanted: Traits, prefixes: tuple[str, ...] | None, number: int
) -> None:
    def matches(one: Traits) -> bool:
        listed = prefixes is None or one.logKey.startswith(prefixes)
        return listed and all(want in (None, have) for want, have in zip(wanted, one, strict=True))

    positions = Index(day, prefixes)[wanted]
    before = [at for at in range(number) if matches(day[at % len(day)])]
    assert positions.rank(number) == len(before)
    assert positions.numbers(0, len(before)) == before


def test_a_log_without_a_user_is_found_by_no_user() -> None:
    index = Index([Traits(None, "app", "key")])
    found = {wanted: index[wanted].rank(1) for wanted in product((None, "u"), (None, "app"), (None, "key"))}
    assert found == {wanted: int(wanted[0] is None) for wanted in found}
