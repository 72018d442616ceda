"""Rows: a log is written as a real deployment writes it, documented keys first, numbers as JavaScript prints them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.jsontext import encode
from mockserver.contract.numbers import as_text
from mockserver.logs.row import in_document_order


def test_documented_keys_come_first_in_their_order_and_others_as_they_came() -> None:
    log = {
        "createdAt": 1,
        "extra": {"b": 1, "a": 2},
        "payload": {"z": 1, "result": "Success", "userAgentParsed": {"os": {"version": "1", "name": "n"}}, "key": "k"},
        "tenantId": "t",
    }
    ordered = in_document_order(log, contract().log_schema)
    assert ordered == log
    assert list(ordered) == ["tenantId", "payload", "createdAt", "extra"]
    assert list(ordered["payload"]) == ["key", "result", "userAgentParsed", "z"]
    assert list(ordered["payload"]["userAgentParsed"]["os"]) == ["name", "version"]
    assert list(ordered["extra"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (True, "true"),
        (2**53 - 1, "9007199254740991"),
        (2**53 + 1, "9007199254740992"),
        (12345678901234567890, "12345678901234567000"),
        (2**64 - 1, "1.8446744073709552e+19"),
        (-(2**63), "-9.223372036854776e+18"),
        (10**21, "1e+21"),
        (1e308, "1e+308"),
        ([None, [2.0]], "[null,[2]]"),
        ({"a": [{"b": 3.0}]}, '{"a":[{"b":3}]}'),
    ],
)
def test_a_number_is_written_with_the_digits_of_its_double(value: Any, text: str) -> None:
    # Versions of the library differ in the plus sign of an exponent.
    assert encode(in_document_order(value, {})).decode().replace("e+", "e") == text.replace("e+", "e")


@given(st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_is_the_double_that_javascript_reads(number: float) -> None:
    text = encode(in_document_order(number, {}))
    assert float(json.loads(text)) == float(number)
    assert float(as_text(float(number))) == float(json.loads(text))
