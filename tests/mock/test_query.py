"""What the text after the question mark asks for, or the refusal that it earns, in every profile."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import Refused
from mockserver.contract.profile import DOCUMENTED, Profile, profile
from mockserver.edge.app import create_app
from mockserver.mock.query import parse_query
from mockserver.mock.settings import Settings

OBSERVED, NEWER = profile("observed"), profile("observed-1.42")
BAD_PAGE = (400, "guard.invalid_pagination")
BAD_INPUT = (400, "guard.invalid_input")
NO_OFFSET = (422, "entity.invalid_input")
BROKEN = (500, None)


def asked(text: str, how: Profile) -> tuple[Any, ...]:
    """Offset, limit and the page for Link; or the status and code of the refusal."""
    try:
        query = parse_query(text, how)
    except Refused as refusal:
        return refusal.status, refusal.code
    return query.offset, query.limit, query.page


DOCUMENTED_TABLE: dict[str, tuple[Any, ...]] = {
    "": (0, 20, 1),
    "page=1": (0, 20, 1),
    "page=2&page_size=7": (7, 7, 2),
    "page=0007": (120, 20, 7),
    "page_size=1": (0, 1, 1),
    "page_size=101": (0, 101, 1),
    "page_size=1000000000000": (0, 10**12, 1),
    f"page={'9' * 2150}&page_size={'9' * 2150}": ((10**2150 - 2) * (10**2150 - 1), 10**2150 - 1, 10**2150 - 1),
    "page=99999999999999999999": ((10**20 - 2) * 20, 20, 10**20 - 1),
    "p%61ge=%32": (20, 20, 2),
    "pageSize=3&Page=9&limit=4&page[]=2&page%5B%5D=2": (0, 20, 1),
    "&&": (0, 20, 1),
    "=": (0, 20, 1),
    "start_time=abc&enableCap=x&enableCap=y": (0, 20, 1),
    **dict.fromkeys(
        [
            "page=", "page", "page_size=", "page=&page_size=", "page=0", "page_size=0", "page=00", "page=-1", "page=-0",
            "page=%2B1",
            "page=+1", "page=1+", "page=%091", "page=1%0A", "page=1.0", "page=1.", "page=1.5", "page=1e2", "page=0x10",
            "page=0b1",
            "page=1,000", "page=1_000", "page=abc", "page=NaN", "page=Infinity", "page=true", "page=null", "page=1%00",
            "page=%00",
            "page=%D9%A1", "page=%EF%BC%91", "page=%B2", "page=%C2%B2", "page=%FF", "page=1;2", "page=%", "page==2",
            f"page={'1' * 2151}",
            "page=1&page=1", "page=1&page=", "page=&page=", "page_size=5&page_size=5", "page=0&userId=a&userId=b",
        ],
        BAD_PAGE,
    ),
    "userId=a&userId=a": BAD_INPUT,
    "userId=&userId=": BAD_INPUT,
    "userId=a%00": (0, 20, 1),
}  # fmt: skip

OBSERVED_TABLE: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(
        [
            "", "page=", "page=&page_size=", "page=1", "page=+1", "page=%201", "page=1%20", "page=1.", "page=1.0",
            "page=%2B1",
            "page=00001", "page=%EF%BB%BF1", "page=%C2%A01", "page=0x1", "page=.1e1", "page=0.9999999999999999999",
        ],
        (0, 20, 1),
    ),
    "page=1e2": (1980, 20, 100),
    "page=0x10": (300, 20, 16),
    "page=0b10": (20, 20, 2),
    "page=0o17": (280, 20, 15),
    "page_size=2.0": (0, 2, 1),
    "page_size=100": (0, 100, 1),
    "page=1.5": (10, 20, 1),
    "page=2.5": (30, 20, 2),
    "page=1.05&page_size=100": NO_OFFSET,  # 5.000000000000004
    "page=1.25&page_size=100": (25, 100, 1),
    "page=1.5&page_size=2": (1, 2, 1),
    "page=1.5&page_size=1": NO_OFFSET,
    "page=3&page_size=2.": (4, 2, 3),
    "page=9007199254740993": (180143985094819800, 20, 9007199254740991),
    "page=461168601842738700&page_size=20": (9223372036854774000, 20, 461168601842738688),
    "page=9223372036854774784&page_size=1": (9223372036854775000, 1, 9223372036854774784),
    **dict.fromkeys(
        [
            "page=1.05", "page=1e308", "page=1e309", "page=Infinity", "page=99999999999999999999", "page_size=1.5",
            "page_size=.5",
            "page_size=1e-7", "page=1e-7", "page=0.0001", "page=.99", "page=0.95", "page=1e21&page_size=1",
            "page=Infinity&page_size=1.5",
            "page=1&page_size=0.1",
        ],
        NO_OFFSET,
    ),
    **dict.fromkeys(
        [
            "page=.5", "page=.5&page_size=100", "page=461168601842738791", "page=9223372036854775808&page_size=1",
            "page=100000000000000000000&page_size=1", "userId=%00", "userId=a%00b", "logKey=%00&applicationId=x",
            "page=1.05&userId=%00", "page=Infinity&userId=%00",
        ],
        BROKEN,
    ),
    **dict.fromkeys(
        [
            "page=0", "page=-1", "page=-0", "page=0x0", "page=%20", "page=+", "page=abc", "page=NaN", "page=-Infinity",
            "page=1,000",
            "page=1_000", "page=true", "page=null", "page=%00", "page=1%00", "page=%EF%BC%91", "page=1;2", "page=[1]",
            "page=-0x1",
            "page=1e-400", "page_size=101", "page_size=1000", "page_size=100.0001", "page_size=1e3",
            "page_size=Infinity",
            "page=1&page=1", "page=&page=", "page=&page=2", "page_size=5&page_size=", "page=0&userId=a&userId=b",
            "page=0&userId=%00",
        ],
        BAD_PAGE,
    ),
    "userId=a&userId=b&page=.5": BAD_INPUT,
    "userId=%00&userId=a": BAD_INPUT,
    "userId=&userId=": BAD_INPUT,
    "userId[]=a&userId[]=b&foo=1&foo=2": (0, 20, 1),
    "&" * 998 + "page=2": (20, 20, 2),
    "&" * 999 + "page=2": (20, 20, 2),
    "&" * 1000 + "page=2": (0, 20, 1),
    "x=1&" * 999 + "page=0": BAD_PAGE,
    "x=1&" * 1000 + "page=0": (0, 20, 1),
    "start_time=abc&start_time=1&enableCap=1&enableCap=2": (0, 20, 1),
    "?page=2": (0, 20, 1),
    "??page=2": (0, 20, 1),
}  # fmt: skip

# What 1.42 reads otherwise than 1.36.
NEWER_TABLE: dict[str, tuple[Any, ...]] = {
    "&" * 1000 + "page=2": (20, 20, 2),
    "x=1&" * 1000 + "page=0": BAD_PAGE,
    "start_time=abc&start_time=1&enableCap=1&enableCap=2": BAD_INPUT,
    "?page=2": (20, 20, 2),
}


@pytest.mark.parametrize(("text", "answer"), DOCUMENTED_TABLE.items(), ids=lambda value: ascii(value)[:60])
def test_the_documented_profile_reads_integers_and_nothing_else(text: str, answer: tuple[Any, ...]) -> None:
    assert asked(text, DOCUMENTED) == answer


@pytest.mark.parametrize(("text", "answer"), OBSERVED_TABLE.items(), ids=lambda value: ascii(value)[:60])
@pytest.mark.parametrize("how", [OBSERVED, NEWER], ids=["1.36", "1.42"])
def test_the_observed_profiles_read_what_javascript_and_postgresql_read(
    text: str, how: Profile, answer: tuple[Any, ...]
) -> None:
    assert asked(text, how) == (NEWER_TABLE.get(text, answer) if how is NEWER else answer)


@pytest.mark.parametrize("how", [DOCUMENTED, OBSERVED, NEWER], ids=["documented", "1.36", "1.42"])
@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("", None),
        ("a", "a"),
        ("+a+", " a "),
        ("%20a", " a"),
        ("a%2Bb", "a+b"),
        ("%C3%BC", "ü"),
        ("%F0%9F%98%80", "😀"),
        ("%ED%A0%80", "\ufffd\ufffd\ufffd"),
        ("%F0%9F%98", "\ufffd"),
        ("%C3%28", "\ufffd("),
        ("%zz", "%zz"),
        ("%", "%"),
        ("a=b", "a=b"),
        ("a;b", "a;b"),
        ("%252E", "%2E"),
        ("null", "null"),
        ("x" * 15_000, "x" * 15_000),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_filter_is_the_exact_text_and_an_empty_one_filters_nothing(how: Profile, raw: str, value: str | None) -> None:
    filters = parse_query(f"userId={raw}&logKey={raw}", how).filters
    assert filters.values == (() if value is None else (("userId", value), ("logKey", value)))
    assert filters.prefixes == how.prefixes


def test_a_repeated_filter_is_told_an_issue_a_parameter_in_documented_order() -> None:
    with pytest.raises(Refused) as caught:
        parse_query("logKey=a&enableCap=1&userId=b&logKey=a&userId=b&enableCap=1&end_time=1&end_time=1", NEWER)
    assert caught.value.data == {
        "issues": [
            {
                "code": "invalid_type",
                "expected": "string",
                "received": "array",
                "path": [name],
                "message": "a string is expected, this is of type array",
            }
            for name in ("userId", "logKey", "enableCap", "end_time")
        ],
        "name": "ZodError",
    }


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("", (None, None)),
        ("start_time=5", (5.0, None)),
        ("end_time=7", (None, 7.0)),
        ("start_time=5&end_time=5", (5.0, 5.0)),
        ("start_time=&end_time=0x10", (0.0, 16.0)),
        ("start_time=-1.5&end_time=1e3", (-1.5, 1000.0)),
        ("start_time=abc", BAD_INPUT),
        ("start_time=Infinity", BAD_INPUT),
        ("end_time=NaN", BAD_INPUT),
        ("end_time=1e309", BAD_INPUT),
        ("start_time=2&end_time=1", (400, "log.invalid_time_window")),
        ("start_time=abc&end_time=1&page=0", BAD_PAGE),
        ("start_time=2&end_time=1&userId=%00", (400, "log.invalid_time_window")),
        ("start_time=2&end_time=1&page=.5", (400, "log.invalid_time_window")),
        ("start_time=1e300", BROKEN),
        ("end_time=-1e300", BROKEN),
        ("start_time=-210866803200000", (-210866803200000.0, None)),
        ("start_time=-210866803200001", BROKEN),
        ("start_time=1&start_time=1", BAD_INPUT),
    ],
)
def test_the_newer_server_has_a_window_of_time_and_the_others_ignore_it(text: str, window: tuple[Any, Any]) -> None:
    refused = asked(text, NEWER)[:2] if window[0] in (400, 500) else None
    assert window == (refused or parse_query(text, NEWER)[5:7])
    if "page" not in text and "userId" not in text:
        assert parse_query(text, OBSERVED)[5:] == parse_query(text, DOCUMENTED)[5:] == (None, None, None)


@pytest.mark.parametrize(
    ("value", "capped"),
    [("true", True), ("TRUE", True), ("1", True), ("Yes", True), ("y", True), ("yep", True), ("yeah", True)]
    + [(text, False) for text in ("", "false", "0", "on", "true ", "truee", "2")],
)
def test_the_newer_server_counts_no_further_when_asked(value: str, capped: bool) -> None:
    assert parse_query(urlencode({"enableCap": value}), NEWER).most == (10_000 if capped else None)
    assert parse_query(urlencode({"enableCap": value}), OBSERVED).most is None


def test_every_parameter_is_kept_for_link_as_far_as_it_is_read() -> None:
    assert parse_query("b=2&a=1&b=%C3%BC&page=1&c", DOCUMENTED).parameters == (
        ("b", "2"), ("a", "1"), ("b", "ü"), ("page", "1"), ("c", ""),
    )  # fmt: skip
    assert len(parse_query("x=1&" * 2000, OBSERVED).parameters) == 1000
    assert len(parse_query("x=1&" * 2000, DOCUMENTED).parameters) == 2000


@given(st.text(st.characters(max_codepoint=255)), st.sampled_from([DOCUMENTED, OBSERVED, NEWER]))
def test_no_text_breaks_the_reading(text: str, how: Profile) -> None:
    answer = asked(quote(text, safe="&=%+?#;[]"), how)
    statuses = (400,) if how is DOCUMENTED else (400, 422, 500)
    assert len(answer) == 3 or answer[0] in statuses


@given(st.integers(1, 10**30), st.integers(1, 10**12))
def test_any_page_of_any_size_starts_where_the_pages_before_it_end(page: int, size: int) -> None:
    assert asked(f"page={page}&page_size={size}", DOCUMENTED) == ((page - 1) * size, size, page)


@pytest.mark.parametrize(
    ("query", "expected"), [("page=0", "a number above 0."), ("page_size=0", "a number above 0 and at most 100.")]
)
def test_the_observed_bound_of_page_size_is_told_of_it_alone(query: str, expected: str) -> None:
    client = create_app(Settings(logs="seeded", profile="observed-1.42")).test_client()
    answer = client.get(f"/api/logs?{query}", headers={"Authorization": "Bearer dev-token"})
    assert answer.json["message"].endswith(f", expected {expected}")
