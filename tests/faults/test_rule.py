"""How often rules strike, which requests they match, and that fields and text say the same."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode
from mockserver.faults.fault import Tally
from mockserver.faults.rule import build_rule, read_rule
from mockserver.http.message import Request


def struck(text: str, requests: int, seed: int = 0) -> list[int]:
    """The numbers of the requests that a rule strikes."""
    rule, tally = read_rule(text), Tally()
    return [k for k in range(1, requests + 1) if rule.strikes(seed, 0.0, tally)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (":times=2", [1, 2]),
        (":skip=3", [4, 5, 6, 7, 8, 9, 10]),
        (":every=3", [3, 6, 9]),
        (":skip=1,every=3,times=2", [4, 7]),
        (":rate=0", []),
        (":rate=0,times=1", []),
    ],
)
def test_conditions_count_requests_from_one(conditions: str, expected: list[int]) -> None:
    assert struck("empty" + conditions, 10) == expected


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
def test_a_rate_strikes_its_share_of_the_requests(rate: float) -> None:
    """Five standard deviations of a binomial of 10,000."""
    spread = 5 * (10_000 * rate * (1 - rate)) ** 0.5
    assert len(struck(f"empty:rate={rate}", 10_000)) == pytest.approx(10_000 * rate, abs=spread)


def test_seed_rule_and_number_alone_decide_whether_a_request_is_struck() -> None:
    text = "status:code=503,rate=0.5"
    assert struck(text, 200) == [k for k in struck(text, 400) if k <= 200]
    assert struck(text, 200) != struck(text, 200, seed=1)
    assert struck(text, 200) != struck("status:code=500,rate=0.5", 200)


def test_times_counts_strikes_and_not_requests() -> None:
    assert len(struck("empty:rate=0.5,times=5", 100)) == 5


def test_a_rule_does_not_fire_outside_the_time_of_its_fault() -> None:
    rule, tally = read_rule("outage:period=10,duration=3,times=1"), Tally()
    assert rule.strikes(0, 5.0, tally) is None
    assert tally == Tally(matched=1)
    assert rule.strikes(0, 11.0, tally)
    assert tally.fired == 1


@pytest.mark.parametrize(
    ("text", "query", "matches"),
    [
        ("empty:page=2", "page=2", True),
        ("empty:page=2", "page=02", True),
        ("empty:page=2", "page=3", False),
        ("empty:page=2", "page=2&page=3", True),
        ("empty:page=2", "page=3&page=2", False),
        ("empty:page=2", "page=%32", True),
        ("empty:page=2", "page=two", False),
        ("empty:page=1", "", True),
        ("empty:page_size=20", "page=7", True),
        ("empty:page_size=20", "page_size=", False),
        ("empty:userId=abc", "userId=abc", True),
        ("empty:userId=abc", "userId=abcd", False),
        ("empty:userId=abc", "", False),
        ('empty:userId=""', "", True),
        ("empty:logKey=a b,page=2", "logKey=a+b&page=2", True),
        ("empty:logKey=a b,page=2", "logKey=a+b", False),
        ("empty", "page=x&%ff", True),
    ],
)
def test_a_rule_matches_query_values_and_defaults(text: str, query: str, matches: bool) -> None:
    assert read_rule(text).matches(Request("GET", f"/api/logs?{query}")) is matches


@given(st.text(st.characters(max_codepoint=255)))
def test_any_query_can_be_matched_without_an_error(query: str) -> None:
    has_matched = read_rule("empty:page=2,userId=a").matches(Request("GET", f"/api/logs?{query}"))
    assert not has_matched or ("page" in unquote(query) and "userId" in unquote(query))


def test_fields_are_typed_and_the_text_is_canonical() -> None:
    rule = read_rule(' status: times = 2 ,page=007,code=503,userId="a,b",message="" ')
    assert rule.text == 'status:code=503,times=2,userId="a,b",page=7'
    assert rule.fields == {"code": 503, "times": 2, "userId": "a,b", "page": 7}
    assert build_rule("status", rule.fields) == rule


@pytest.mark.parametrize("text", ["status:code=503,times={}", "reset:after={}", "rate_limit:limit={}", "empty:skip={}"])
def test_a_number_above_64_bits_is_an_error(text: str) -> None:
    """The control API shows rules as JSON, whose integers have 64 bits here."""
    assert encode(read_rule(text.format(2**63 - 1)).fields)
    with pytest.raises(MockserverError, match=r"a whole number from [01] to 9\.22337203685478e\+18"):
        read_rule(text.format(2**63))


@pytest.mark.parametrize(
    "values", [{"page": True}, {"page": 1.5}, {"page": -1}, {"userId": 7}, {"userId": None}, {"nonsense": 1}]
)
def test_a_field_of_a_wrong_type_is_an_error(values: dict[str, object]) -> None:
    with pytest.raises(MockserverError):
        build_rule("empty", values)
