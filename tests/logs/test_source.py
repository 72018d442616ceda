"""The table of sources: each entry can be read and described, and an unknown name is refused."""

from __future__ import annotations

import dataclasses

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.grammar import show, values_of
from mockserver.logs.file import Seeded
from mockserver.logs.source import SOURCES, Opening, read_source, source_kind


@pytest.mark.parametrize("name", SOURCES)
def test_each_source_is_a_frozen_record_whose_parameters_are_documented(name: str) -> None:
    record = source_kind(name)
    assert dataclasses.is_dataclass(record)
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]  # every dataclass has them
    assert record.__doc__
    for field in dataclasses.fields(record):
        assert field.metadata["help"]
    assert read_source(show(name, values_of(record()))) == record()


def test_a_source_is_read_from_its_text() -> None:
    assert read_source("seeded:path=a.jsonl") == Seeded("a.jsonl")
    assert read_source("seeded") == Seeded()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seed", r"source: found 'seed', expected one of .*seeded"),
        ("", r"found no kind"),
        ("seeded:file=x", r"seeded parameter: found 'file', expected one of path"),
    ],
)
def test_an_unknown_source_or_parameter_lists_the_known(text: str, told: str) -> None:
    with pytest.raises(MockserverError, match=told):
        read_source(text)


def test_the_filter_of_everything_filters_nothing() -> None:
    assert Filters() == EVERYTHING == ((), None)


def test_items_that_nobody_watches_pass_unchanged() -> None:
    items = [1, 2]
    assert Opening(0.0).watch("reading", 2, items) is items
