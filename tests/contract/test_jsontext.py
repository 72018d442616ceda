"""JSON is read strictly, written compactly, and what is read can be written again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.jsontext import DEEPEST, decode, encode, encode_pretty

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_reading_undoes_writing_and_the_standard_library_agrees(value: Any) -> None:
    assert decode(encode(value)) == value == decode(encode_pretty(value))
    assert json.loads(encode(value)) == value
    assert decode(encode(value).decode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "NaN", "Infinity", "-Infinity", "{'a':1}", "[1,]", '{"a":1,}', "01", "1.",
        ".5", "+1", '"\\ud800"', '"\t"',
        "[1] 2", "\ufeff1", "// a\n1", "nul",
    ],
)  # fmt: skip
def test_what_the_standard_forbids_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(text)
    with pytest.raises(ValueError, match=r".+"):
        decode(text.encode())


@pytest.mark.parametrize("text", [b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"', b'"\xf4\x90\x80\x80"'])
def test_bytes_that_are_no_utf_8_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_bounded_so_that_what_is_read_can_be_written(opening: str, closing: str) -> None:
    middle = "1" if opening != "[" else ""
    deepest = opening * DEEPEST + middle + closing * DEEPEST
    assert encode([[[[decode(deepest)]]]]) == b"[[[[" + deepest.encode() + b"]]]]"
    for text in (opening + deepest + closing, (opening + deepest + closing).encode()):
        with pytest.raises(ValueError, match=f"nested deeper than {DEEPEST} levels"):
            decode(text)


def test_width_is_no_depth() -> None:
    assert decode("[" + "[]," * 999 + '{"a":"[[["}]')[-1] == {"a": "[[["}


@pytest.mark.parametrize("value", [object(), {1: 2}, 2**64, "\ud800"])
def test_what_json_cannot_say_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


def test_what_is_no_number_is_written_as_null_as_javascript_does() -> None:
    assert encode([float("nan"), float("inf")]) == b"[null,null]"


def test_two_hundred_levels_are_read_and_one_more_is_not() -> None:
    assert decode("[" * 200 + "]" * 200)
    with pytest.raises(ValueError, match="nested deeper than 200 levels"):
        decode("[" * 201 + "]" * 201)
