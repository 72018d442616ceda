"""How the page reads a query: a table, and what holds for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.judge.reading import LARGEST_COMMON, Reading, number_legality, read_query

INVALID = ["0", "-0", "-1", "00", "abc", "NaN", "Infinity", "-Infinity", "1,000", "1_000", "true", "null", "[1]", "1;2",
           "1.5", "1.05", "0.5", "１", "²", "\x00", " ", "--1", "1a"]  # fmt: skip
OPEN = ["", "01", "+1", " 1", "1 ", "1.", "1.0", "1e2", "0x10", "0b10", "0o17", str(LARGEST_COMMON + 1), "9" * 40]
VALID = ["1", "2", "20", "100", str(2**31), str(LARGEST_COMMON)]


@pytest.mark.parametrize("text", INVALID)
def test_what_no_reader_takes_for_an_integer_from_1_is_invalid(text: str) -> None:
    assert number_legality(text) == "invalid"
    assert read_query([("page", text)]) == Reading("invalid", None, 20, (), ("page",))


@pytest.mark.parametrize("text", OPEN)
def test_what_readers_may_disagree_about_is_open(text: str) -> None:
    assert number_legality(text) == "open"
    assert read_query([("page_size", text)]) == Reading("open", 1, None, ())


@pytest.mark.parametrize("text", VALID)
def test_plain_digits_from_1_are_valid(text: str) -> None:
    assert read_query([("page", text)]) == Reading("valid", int(text), 20, ())


@given(st.integers(1, LARGEST_COMMON), st.integers(1, LARGEST_COMMON))
def test_numbers_are_read_as_they_are_written(page: int, size: int) -> None:
    assert read_query([("page", str(page)), ("page_size", str(size))]) == Reading("valid", page, size, ())


@given(st.text())
def test_every_text_has_a_reading(text: str) -> None:
    assert number_legality(text) in ("valid", "invalid", "open")
    assert read_query([("page", text), ("userId", text)]).legality in ("valid", "invalid", "open")


def test_filters_are_what_is_given_once_and_is_not_empty() -> None:
    asked = read_query([("userId", "a"), ("applicationId", ""), ("logKey", "x"), ("logKey", "x")])
    assert (asked.legality, asked.filters) == ("open", (("userId", "a"),))


def test_a_repeated_or_unknown_parameter_leaves_the_matter_open() -> None:
    assert read_query([("page", "1"), ("page", "1")]) == Reading("open", None, 20, ())
    assert read_query([("limit", "1")]) == Reading("open", 1, 20, ())


def test_a_byte_that_is_no_utf_8_leaves_the_matter_open() -> None:
    assert read_query([("userId", "�")]).filters == ()


def test_what_is_invalid_beside_what_is_open_is_invalid() -> None:
    assert read_query([("page", "0"), ("limit", "1")]).legality == "invalid"
