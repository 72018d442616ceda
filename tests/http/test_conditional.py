"""Conditional requests: 304 exactly when the client names the tag of the present reply."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.profile import DOCUMENTED, Profile, profile
from mockserver.http.conditional import body_tag, conditional, entity_tag
from mockserver.http.message import JSON, Reply, Request, Stream

OBSERVED = profile("observed")
HEADERS = (JSON, ("Vary", "Accept-Encoding"))
TAG = entity_tag(b"body")
STRONG = TAG.removeprefix("W/")


def answer(*headers: tuple[str, str], method: str = "GET", how: Profile = DOCUMENTED) -> Reply:
    return conditional(Request(method, "/api/logs", headers), HEADERS, b"body", TAG, how)


@given(st.text() | st.binary(), st.text() | st.binary())
def test_equal_values_and_only_they_have_equal_tags(one: str | bytes, other: str | bytes) -> None:
    raw = [value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value for value in (one, other)]
    assert (entity_tag(one) == entity_tag(other)) == (raw[0] == raw[1])
    assert re.fullmatch(r'W/"[0-9a-f]{24}"', entity_tag(one))


def test_a_request_without_a_condition_gets_the_body_and_its_tag() -> None:
    assert answer() == Reply(200, (*HEADERS, ("ETag", TAG)), b"body")


@pytest.mark.parametrize("condition", [TAG, STRONG, "*", " * ", f'"x", {TAG}', f"{TAG},{STRONG}"])
def test_a_client_that_has_the_body_gets_304_without_body_and_type(condition: str) -> None:
    assert answer(("if-none-match", condition)) == Reply(304, (HEADERS[1], ("ETag", TAG)))


@pytest.mark.parametrize("condition", ["", '"x"', STRONG.strip('"'), f"x{TAG}", "**", f"w/{STRONG}"])
def test_a_client_that_has_another_body_gets_this_one(condition: str) -> None:
    assert answer(("if-none-match", condition)).status == 200


@pytest.mark.parametrize("other", [("if-modified-since", "x"), ("cache-control", "max-age=0, no-cache")])
def test_a_second_condition_defeats_the_first_as_observed_only(other: tuple[str, str]) -> None:
    condition, observed = ("if-none-match", TAG), ("if-none-match", body_tag(b"body"))
    assert (answer(condition, other).status, answer(observed, other, how=OBSERVED).status) == (304, 200)
    assert answer(observed, (other[0], ""), how=OBSERVED).status == 304


def test_conditions_that_come_in_two_headers_are_one_list() -> None:
    assert answer(("if-none-match", '"x"'), ("if-none-match", TAG)).status == 304


@pytest.mark.parametrize(
    ("body", "tag"),
    # As the library etag 1.8.1 makes them.
    [(b"", '"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk"'), (b"[]", '"2-l9Fw4VUO7kr8CvBlt4zaMCqXZ0w"')],
)
def test_the_observed_tag_is_made_of_the_length_and_the_hash_of_the_body(body: bytes, tag: str) -> None:
    assert body_tag(body) == tag
    request, stream = Request("GET", "/api/logs"), Stream(lambda: [body])
    assert [conditional(request, (), each, TAG, OBSERVED).header("etag") for each in (body, stream)] == [tag, tag]


def test_head_has_a_tag_as_documented_and_none_as_observed() -> None:
    assert answer(method="HEAD").header("etag") == TAG
    assert answer(method="HEAD", how=OBSERVED) == Reply(200, HEADERS, b"body")
    assert answer(("if-none-match", TAG), method="HEAD", how=OBSERVED).status == 200
