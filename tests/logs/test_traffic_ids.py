"""Ids: a permutation, and its inverse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.logs.traffic.ids import DIGITS, LENGTH, LOGS, Ids

IDS = Ids(7, "default")
SEEDS = st.integers(0, 2**63 - 1)
NUMBERS = st.integers(0, LOGS - 1)


def texts(ids: Ids, numbers: Sequence[int]) -> tuple[bytes, ...]:
    """Returns the ids of some numbers."""
    return ids.texts(ids.places(numbers))


@given(SEEDS, st.text("abcxyz09-", min_size=1, max_size=21), NUMBERS)
def test_an_id_leads_back_to_its_number(seed: int, tenant: str, number: int) -> None:
    ids = Ids(seed, tenant)
    text = texts(ids, [number])[0].decode()
    assert re.fullmatch(f"[0-9a-z]{{{LENGTH}}}", text)
    assert ids.number(text) == number


@given(st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=LENGTH, max_size=LENGTH))
def test_any_text_is_the_id_of_one_number_or_of_none(text: str) -> None:
    number = IDS.number(text)
    assert number is None or texts(IDS, [number])[0].decode() == text


@pytest.mark.parametrize(
    "text", ["", "a" * 20, "a" * 22, "A" * 21, "é" * 21, "a" * 20 + "\n", "-" + "a" * 20, "١" * 21]
)
def test_a_text_of_another_shape_is_the_id_of_no_number(text: str) -> None:
    assert IDS.number(text) is None


def test_the_last_number_has_an_id_and_what_would_be_the_next_has_none() -> None:
    ids = Ids(3, "acme")
    last, beyond = texts(ids, [LOGS - 1, LOGS])
    assert (ids.number(last.decode()), ids.number(beyond.decode())) == (LOGS - 1, None)


def test_a_million_ids_are_unique() -> None:
    ids = {log_id for start in range(0, 10**6, 50) for log_id in texts(IDS, range(start, start + 50))}
    assert len(ids) == 10**6


@given(st.lists(NUMBERS, max_size=64))
def test_ids_made_together_equal_ids_made_alone(numbers: list[int]) -> None:
    assert texts(IDS, numbers) == tuple(texts(IDS, [number])[0] for number in numbers)


def test_every_character_occurs_and_about_equally_often_at_its_places() -> None:
    """Sixteen letters are possible at each place, and none is rare: ids look random, also those of neighbours."""
    letters = [text.decode() for text in texts(IDS, range(16_000))]
    assert set("".join(letters)) == set(DIGITS)
    for place in range(LENGTH):
        counts = Counter(text[place] for text in letters)
        assert len(counts) == 16
        assert 800 < min(counts.values()) <= max(counts.values()) < 1200


@given(NUMBERS, st.integers(0, 59))
def test_numbers_that_differ_in_one_bit_have_ids_that_look_unrelated(number: int, bit: int) -> None:
    first, second = texts(IDS, [number, number ^ 1 << bit])
    assert sum(a != b for a, b in zip(first, second, strict=True)) >= 9


def test_each_tenant_and_each_seed_has_its_own_ids() -> None:
    different = {texts(Ids(seed, tenant), [0])[0] for seed in (0, 1) for tenant in ("default", "other")}
    assert len(different) == 4
    assert Ids(7, "other").number(texts(IDS, [12])[0].decode()) is None
