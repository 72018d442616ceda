"""Expectations: what matches, and the sentence that says what does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.http.message import Request
from mockserver.mock.expectations import read_expectation
from mockserver.mock.journal import Entry

HEADERS = (("authorization", "Bearer dev-token"), ("accept", "a"), ("accept", "b"))
FIRST = Entry(1, 0.0, Request("GET", "/api/logs?page=1&logKey=a+b", HEADERS), "/api/logs", 200, ())
SECOND = Entry(2, 0.0, Request("GET", "/api/logs?page=2&page=3", HEADERS), "/api/logs", 503, ("status:code=503",))
THIRD = Entry(3, 0.0, Request("POST", "/t/a/api/logs/x"), "/api/logs/x", None, ("empty", "latency:seconds=1"))
ENTRIES = (FIRST, SECOND, THIRD)


def verdict(raw: dict[str, Any], entries: Sequence[Entry] = ENTRIES) -> str | None:
    expectation = read_expectation(raw)
    return expectation.verdict([(entry, expectation.misses(entry)) for entry in entries])


@pytest.mark.parametrize(
    ("raw", "ids"),
    [
        ({}, [1, 2, 3]),
        ({"method": "GET"}, [1, 2]),
        ({"path": "/api/logs"}, [1, 2]),
        ({"query": {"page": "2"}}, [2]),
        ({"query": {"page": "3"}}, [2]),
        ({"query": {"logKey": "a b"}}, [1]),
        ({"query": {"logKey": None}}, [2, 3]),
        ({"headers": {"Authorization": "Bearer dev-token"}}, [1, 2]),
        ({"headers": {"accept": "b"}}, [1, 2]),
        ({"headers": {"accept": None}}, [3]),
        ({"status": 503}, [2]),
        ({"fault": "status"}, [2]),
        ({"fault": "latency:seconds=1"}, [3]),
        ({"fault": "latency", "status": 200}, []),
    ],
)
def test_an_expectation_matches_by_every_field_it_has(raw: dict[str, Any], ids: list[int]) -> None:
    assert [entry.id for entry in ENTRIES if not read_expectation(raw).misses(entry)] == ids


@pytest.mark.parametrize(
    "raw",
    [
        {}, {"times": 3}, {"at_least": 3}, {"at_most": 3}, {"method": "GET", "times": 2}, {"path": "/none", "times": 0},
        {"path": "/none", "at_most": 0}, {"at_least": 1, "at_most": 5}, {"method": "GET", "at_least": 0},
    ],
)  # fmt: skip
def test_an_expectation_that_is_met_has_nothing_to_say(raw: dict[str, Any]) -> None:
    assert verdict(raw) is None


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (
            {"method": "GET", "query": {"page": "4"}},
            (
                "Expected at least 1 request with method 'GET', query {'page': '4'}; 0 of 3 recorded did. The nearest, "
                "GET /api/logs?page=2&page=3 (id 2): query page is '2' and '3', expected '4'."
            ),
        ),
        (
            {"headers": {"prefer": "code=503"}, "method": "POST"},
            (
                "Expected at least 1 request with method 'POST', headers {'prefer': 'code=503'}; 0 of 3 recorded did. "
                "The nearest, POST /api/logs/x (id 3): header prefer is not there, expected 'code=503'."
            ),
        ),
        (
            {"path": "/api/logs/x", "status": 200, "fault": "status", "headers": {"accept": None}},
            (
                "Expected at least 1 request with path '/api/logs/x', headers {'accept': None}, status 200, fault "
                "'status'; 0 of 3 recorded did. The nearest, POST /api/logs/x (id 3): status is None, expected 200; "
                "fault is 'empty' and 'latency:seconds=1', expected 'status'."
            ),
        ),
        ({"times": 2}, "Expected exactly 2 requests; 3 of 3 recorded did."),
        ({"at_most": 1}, "Expected 0 to 1 request; 3 of 3 recorded did."),
        ({"at_least": 4}, "Expected at least 4 requests; 3 of 3 recorded did."),
        ({"method": "GET", "times": 1}, "Expected exactly 1 request with method 'GET'; 2 of 3 recorded did."),
    ],
)
def test_an_expectation_that_is_not_met_says_how(raw: dict[str, Any], sentence: str) -> None:
    assert verdict(raw) == sentence


def test_a_name_that_should_not_be_there_is_named() -> None:
    told = verdict({"query": {"logKey": None}, "path": "/api/logs"}, (FIRST,))
    assert told is not None
    assert told.endswith("query logKey is there, expected none.")


def test_nothing_recorded_is_said_so() -> None:
    assert verdict({}, ()) == "Expected at least 1 request; 0 of 0 recorded did."


def test_a_sentence_does_not_tell_what_was_sent_as_a_credential() -> None:
    told = verdict({"headers": {"authorization": "Bearer other"}, "query": {"page": "1"}})
    assert told is not None
    assert "dev-token" not in told


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([], "expectation: found an array, expected an object"),
        (None, "found null"),
        ("x", "found 'x'"),
        ({"metod": "GET"}, "did you mean method?"),
        ({"method": 1}, "method: found 1, expected a text"),
        ({"times": -1}, "times: found -1, expected a whole number from 0"),
        ({"times": True}, "times"),
        ({"query": {"page": 1}}, "query: found an object, expected an object of texts"),
        ({"headers": []}, "headers: found an array"),
    ],
)
def test_what_is_no_expectation_is_refused(raw: Any, message: str) -> None:
    with pytest.raises(MockserverError) as caught:
        read_expectation(raw)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"times": 1, "at_least": 1}, "expectation: times"),
        ({"times": 0, "at_most": 0}, "expectation: times"),
        ({"at_least": 5, "at_most": 2}, "expectation: at_least"),
    ],
)
def test_counts_that_contradict_each_other_are_refused(raw: dict[str, int], place: str) -> None:
    with pytest.raises(MockserverError) as refused:
        read_expectation(raw)
    assert refused.value.place == place
