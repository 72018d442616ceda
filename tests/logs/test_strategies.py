"""The public strategies: what they draw keeps the contract, reaches its edges, and shrinks to its plainest examples."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.logs import strategies
from tests.support.page import KEYWORDS
from tests.support.traffic import parsed

KNOWN = parsed("faker:count=50")
quick = settings(max_examples=50)
# Explaining takes ten times as long as shrinking, and nobody reads it here.
SHRINK = settings(max_examples=2000, phases=[Phase.generate, Phase.shrink])


@quick
@given(strategies.logs("acme"))
def test_a_log_keeps_the_contract_under_its_tenant(log: dict[str, Any]) -> None:
    assert contract().problems(log) == []
    assert log["tenantId"] == "acme"
    assert log["payload"]["key"] == log["key"]


@quick
@given(strategies.pages(min_size=1, max_size=3))
def test_a_page_is_newest_first_with_unique_ids(page: list[dict[str, Any]]) -> None:
    assert 1 <= len(page) <= 3
    assert len({log["id"] for log in page}) == len(page)
    moments = [log["createdAt"] for log in page]
    assert moments == sorted(moments, reverse=True)
    assert all(contract().is_valid(log) for log in page)


@pytest.mark.parametrize(
    "drawn",
    [strategies.pages(), *(strategies.pages(min_size=size, max_size=size) for size in (20, 50, 100))],
    ids=["default", "20", "50", "100"],
)
def test_pages_of_any_size_fail_no_health_check(drawn: st.SearchStrategy[list[dict[str, Any]]]) -> None:
    """They take few choices. That of time alone is left out: Hypothesis counts what other processes take."""
    sizes = []

    @settings(max_examples=10, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(drawn)
    def draw(page: list[dict[str, Any]]) -> None:
        sizes.append(len(page))

    draw()
    assert len(sizes) == 10


def test_lists_of_logs_fail_no_health_check() -> None:
    sizes = []

    @settings(max_examples=10, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(strategies.logs(), min_size=20))
    def draw(some: list[dict[str, Any]]) -> None:
        sizes.append(len(some))

    draw()
    assert min(sizes) >= 20


def test_the_logs_of_a_page_differ() -> None:
    page = find(strategies.pages(), lambda page: len({str(log["payload"]) for log in page}) >= 3, settings=SHRINK)
    assert len(page) == 3


@quick
@given(strategies.queries())
def test_a_query_is_valid_by_the_document(query: dict[str, Any]) -> None:
    for name, value in query.items():
        parameter = contract().parameters[name]
        assert isinstance(value, str if parameter.type == "string" else int)
        assert parameter.minimum is None or value >= parameter.minimum


def test_queries_by_known_logs_match_something() -> None:
    users = {log["payload"].get("userId") for log in KNOWN} - {None}
    found = find(strategies.queries(KNOWN), lambda query: query.get("userId") in users, settings=SHRINK)
    assert set(found) == {"userId"}


def test_the_simplest_log_is_the_smallest() -> None:
    smallest = find(strategies.logs(), lambda log: True, settings=SHRINK)
    assert smallest == {
        "tenantId": "default",
        "id": "0",
        "key": "0",
        "payload": {"key": "0", "result": "Success"},
        "createdAt": 0,
    }


@pytest.mark.parametrize(
    ("condition", "path", "shrunk"),
    [
        (lambda log: len(log["key"]) >= 100, "key", "0" * 100),
        (lambda log: log["createdAt"] < 0, "createdAt", -1),
        (lambda log: isinstance(log["payload"].get("error"), dict), "payload.error", {}),
        (lambda log: isinstance(log["payload"].get("error"), str), "payload.error", ""),
        (lambda log: log["payload"].get("params"), "payload.params", None),
        (lambda log: any(ord(character) > 127 for character in log["id"]), "id", None),
        (
            lambda log: set(log["payload"]) - set(contract().log_schema["properties"]["payload"]["properties"]),
            "id",
            "0",
        ),
    ],
    ids=["long key", "before 1970", "error object", "error text", "params", "foreign id", "extra property"],
)
def test_a_failure_shrinks_to_its_cause(condition: Any, path: str, shrunk: Any) -> None:
    found = find(strategies.logs(), condition, settings=SHRINK)
    rest = found
    for step in path.split("."):
        rest = rest[step]
    assert (len(rest) == 1) if shrunk is None else (rest == shrunk)
    assert len(found["payload"]) <= 4


@pytest.mark.parametrize(
    "rules",
    [
        {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 3}}},
        {"type": "array", "items": {"type": "number", "minimum": 1}},
        {"type": "object", "additionalProperties": {"type": "string", "minLength": 2}},
        {"oneOf": [{"type": "object"}, {"type": "string", "maxLength": 2}]},
        {"enum": ["a", "b"]},
        {},
    ],
)
@quick
@given(data=st.data())
def test_the_interpreter_of_schemas_agrees_with_a_validator(rules: dict[str, Any], data: st.DataObject) -> None:
    import jsonschema_rs

    assert jsonschema_rs.is_valid(rules, data.draw(strategies.schema(rules)))


@pytest.mark.parametrize(
    ("rules", "brief", "most"),
    [
        ({}, False, 3),
        ({"type": "object", "additionalProperties": {"type": "number"}}, False, 3),
        ({"type": "array", "items": {"type": "number"}}, False, 5),
        ({"type": "array", "items": {"type": "number"}}, True, 2),
    ],
)
@given(data=st.data())
def test_a_container_is_small_at_each_level(rules: dict[str, Any], brief: bool, most: int, data: st.DataObject) -> None:
    def sizes(inner: Any) -> Iterator[int]:
        if isinstance(inner, list | dict):
            yield len(inner)
            for each in inner.values() if isinstance(inner, dict) else inner:
                yield from sizes(each)

    assert max(sizes(data.draw(strategies.schema(rules, brief))), default=0) <= most


@pytest.mark.parametrize("rules", [{"type": "number"}, {"type": "number", "minimum": 0}, {}], ids=str)
def test_no_number_is_infinite_or_none_at_all(rules: dict[str, Any]) -> None:
    """JSON has no text for these."""
    with pytest.raises(NoSuchExample):
        find(strategies.schema(rules), lambda value: isinstance(value, float) and not isfinite(value), settings=SHRINK)


def test_an_unknown_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MockserverError, match="schema type: found 'nul', expected one of array, integer, number"):
        strategies.schema({"type": "nul"})


def test_every_keyword_of_the_contract_is_interpreted() -> None:
    """``default`` says nothing about which values are valid."""
    names = set(Path(strategies.__file__).read_text().split('"'))
    assert KEYWORDS - {"default"} <= names


def test_a_strategy_prints_short_beside_a_failure():
    """Hypothesis warns of a text of over 30,000 characters, which an error would make of the failure."""
    assert all(len(repr(each)) < 2000 for each in (strategies.logs(), strategies.pages(), strategies.queries()))
