"""Errors say where, what was found, what was expected and what to do."""

from __future__ import annotations

import pickle

import pytest

from mockserver.contract.errors import MockserverError, Refused, named, needs_check, unknown


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MockserverError("port", "x", "a number", "try 0"), "port: found x, expected a number; try 0"),
        (MockserverError("port", "x", "a number"), "port: found x, expected a number"),
        (MockserverError("port", expected="a number"), "port: expected a number"),
        (MockserverError(found="x"), "found x"),
        (MockserverError("all of it"), "all of it"),
        (MockserverError(remedy="try 0"), "try 0"),
        (MockserverError(), ""),
    ],
)
def test_an_error_is_one_sentence_of_the_parts_it_has(error: MockserverError, sentence: str) -> None:
    assert str(error) == sentence


def test_an_error_keeps_all_its_parts_on_its_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(MockserverError("port", "x", "a number", "try 0")))
    assert (error.place, error.found, error.expected, error.remedy) == ("port", "x", "a number", "try 0")
    assert repr(error) == "MockserverError('port', 'x', 'a number', 'try 0')"


def test_an_unknown_name_lists_the_known_ones_in_order() -> None:
    assert str(unknown("source", "x", ["seeded", "faker"])) == "source: found 'x', expected one of faker, seeded"


def test_an_unknown_name_near_a_known_one_gets_a_guess() -> None:
    assert str(unknown("source", "seeeded", {"seeded": 1, "faker": 2})).endswith("; did you mean seeded?")


def test_an_unknown_name_of_many_is_told_the_nearest_and_who_lists_them() -> None:
    told = str(unknown("number", "x19", (f"x{number}" for number in range(10, 90, 2)), listed_by="numbers"))
    assert told.startswith("number: found 'x19', expected one of 40, such as x1")
    assert told.endswith("? `numbers` lists them")
    assert "such as x10, x12, x14, x16, x18; did you mean x18?" in told
    assert str(unknown("number", "?", ["a"], listed_by="numbers")).endswith("such as a; `numbers` lists them")


def test_an_unknown_name_where_none_is_known() -> None:
    assert str(unknown("source", "x", ())) == "source: found 'x', expected none"


def test_a_refusal_holds_what_the_api_answers() -> None:
    refusal = Refused(401, "auth.unauthorized", "No.", {"code": "x"})
    assert (refusal.status, refusal.code, refusal.message, refusal.data) == (
        401,
        "auth.unauthorized",
        "No.",
        {"code": "x"},
    )


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({}, "an object"), ([1], "an array"), (None, "null"), (True, "true"), (False, "false"), (1.5, "1.5"),
        ("a", "'a'"), ("a" * 99, "'" + "a" * 56 + "..."),
        ("a" * 58, f"'{'a' * 58}'"), ("a" * 59, "'" + "a" * 56 + "..."),
    ],
)  # fmt: skip
def test_an_error_names_a_json_value_by_its_kind_or_shows_it(value: object, name: str) -> None:
    assert named(value) == name


@pytest.mark.parametrize("package", ["schemathesis", "hypothesis", "jinja2", "jinja2.sandbox"])
def test_a_package_of_the_judge_that_is_missing_is_told_with_what_installs_it(package: str) -> None:
    told = f"check: found no package {package}, expected .*; in a clone of the mock: pip install '.\\[check\\]'"
    with pytest.raises(MockserverError, match=told), needs_check():
        raise ModuleNotFoundError(name=package)


@pytest.mark.parametrize("package", ["flask", "jinja", "_jinja2", None])
def test_any_other_package_that_is_missing_is_a_defect(package: str | None) -> None:
    with pytest.raises(ModuleNotFoundError), needs_check():
        raise ModuleNotFoundError(name=package)
