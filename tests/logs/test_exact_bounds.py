"""Exact bounds of what is drawn, read and kept: the largest that comes, and that nothing larger does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.contract.jsontext import encode
from mockserver.logs import strategies
from mockserver.logs.edges import Hypothesis
from mockserver.logs.reading import listing, read_file
from mockserver.logs.row import Row
from mockserver.logs.source import Opening, read_source
from mockserver.logs.tenant_ids import Translation
from mockserver.logs.traffic.roster import read_roster
from tests.support.traffic import opened

LOOK = settings(
    max_examples=300, database=None, phases=[Phase.generate], derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


TEXT: dict[str, Any] = {"type": "string"}
BRIEF: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], float], float]] = {
    "characters of a brief text": (strategies.schema(TEXT, brief=True), len, 8),
    "characters of a brief text of four at least": (strategies.schema(TEXT | {"minLength": 4}, brief=True), len, 8),
    "characters of a brief text of five at most": (strategies.schema(TEXT | {"maxLength": 5}, brief=True), len, 5),
    "characters of a text of 50 at most": (strategies.schema(TEXT | {"maxLength": 50}), len, 50),
    "items of a brief array": (strategies.schema({"type": "array", "items": TEXT}, brief=True), len, 2),
    "items of an array": (strategies.schema({"type": "array", "items": {"type": "integer"}}), len, 5),
    "members that nobody names": (strategies.schema({"type": "object"}, brief=True), len, 3),
    "an integer": (strategies.schema({"type": "integer"}), abs, 2**53 - 1),
    "a brief number": (strategies.schema({"type": "number"}, brief=True), abs, 1e300),
}


@pytest.mark.parametrize("name", BRIEF)
def test_what_is_drawn_reaches_its_bound_and_no_more(name: str) -> None:
    drawn, size, most = BRIEF[name]
    assert size(find(drawn, lambda value: size(value) == most, settings=LOOK)) == most
    with pytest.raises(NoSuchExample):
        find(drawn, lambda value: size(value) > most, settings=LOOK)


def test_a_page_has_twenty_logs_unless_more_are_asked_for() -> None:
    few = settings(LOOK, max_examples=20)
    assert len(find(strategies.pages(min_size=20), lambda page: True, settings=few)) == 20
    assert find(strategies.pages(max_size=0), lambda page: True, settings=few) == []
    with pytest.raises(NoSuchExample):
        find(strategies.pages(min_size=20), lambda page: len(page) > 20, settings=few)


def test_a_number_from_a_minimum_on_is_none_below_it() -> None:
    for brief in (False, True):
        drawn = strategies.schema({"type": "number", "minimum": 3}, brief)
        assert find(drawn, lambda value: value == 3, settings=LOOK) == 3
        with pytest.raises(NoSuchExample):
            find(drawn, lambda value: value < 3, settings=LOOK)


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("hypothesis:count={}", (0, 10_001)), ("hypothesis:count=1,seed={}", (-1, 2**63)),
        ("faker:count={}", (-1, 10**12 + 1)), ("faker:seed={}", (-1, 2**63)), ("faker:users={}", (0, 1001)),
        ("faker:applications={}", (0, 101)), ("faker:error_rate={}", (-0.001, 1.001)),
    ],
)  # fmt: skip
def test_a_parameter_has_a_least_and_a_most_value(text: str, bad: tuple[float, float]) -> None:
    below, above = bad
    step = 0.001 if isinstance(below, float) else 1
    for value in (below, above):
        with pytest.raises(MockserverError, match=f"found '{value}', expected a"):
            read_source(text.format(value))
    for value in (below + step, above - step):
        read_source(text.format(round(value, 3) if step < 1 else value))


def test_a_source_that_says_nothing_has_these_parameters() -> None:
    assert read_source("hypothesis") == Hypothesis(count=100, seed=0)
    faker = read_source("faker")
    assert repr(faker) == "Faker(count=1000, seed=0, users=100, applications=8, error_rate=0.1, people='')"


def test_logs_are_as_many_as_a_log_a_millisecond_gives() -> None:
    assert read_source("faker:count=1").open(Opening(1e9, growth=1000.0))
    with pytest.raises(MockserverError, match="found 1001 logs a second, expected at most 1000, one a millisecond"):
        read_source("faker:count=1").open(Opening(1e9, growth=1001.0))


def test_names_and_versions_have_sixteen_digits_that_stand_for_all_they_depend_on(tmp_path: Path) -> None:
    people = tmp_path / "people.json"
    people.write_text('[{"id": "u1"}]')
    assert re.fullmatch(r"hypothesis-7-3-[0-9a-f]{16}", Hypothesis(count=7, seed=3).name())
    assert re.fullmatch(r"seeded-[0-9a-f]{16}-acme", opened("seeded", "acme").version())
    assert re.fullmatch(r"[0-9a-f]{16}-50", opened("faker:count=50").version())
    assert re.fullmatch(r"[0-9a-f]{16}", read_roster(people).digest)


@pytest.mark.parametrize(("count", "last"), [(0, ""), (1, "0"), (20, "19"), (21, "and 1 more"), (120, "and 100 more")])
def test_twenty_problems_are_told_and_the_others_counted(count: int, last: str) -> None:
    lines = listing(range(count)).splitlines()
    assert (lines or [""])[-1] == last
    assert len(lines) == min(count, 21)


def test_who_watches_a_reading_is_told_a_thousandth_of_the_bytes(tmp_path: Path) -> None:
    told = []

    def watch(title: str, total: int, items: Iterable[Any], /) -> Iterable[Any]:
        told.append((title, total))
        return items

    for size in (999, 1_000, 4_999):
        file = tmp_path / str(size)
        file.write_bytes(b" " * size)
        read_file(file, watch)
    assert told == [("Reading logs", 0), ("Reading logs", 1), ("Reading logs", 4)]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2**53 - 1, b"9007199254740991"), (-(2**53) + 1, b"-9007199254740991"), (2**53, b"9007199254740992"),
        (2**53 + 3, b"9007199254740996"), (2**63, b"9223372036854776000"), (-(2**63) + 1024, b"-9223372036854775000"),
        (18446744073709549568, b"18446744073709550000"),
    ],
)  # fmt: skip
def test_a_number_of_a_row_has_the_digits_of_its_double_as_far_as_64_bits_go(number: int, text: bytes) -> None:
    tail = Row.of({"id": "a", "createdAt": number, "payload": {"n": number}}).tail
    assert tail == b',"id":"a","payload":{"n":%b},"createdAt":%b}' % (text, text)


def test_a_row_that_names_no_tenant_is_of_default() -> None:
    assert Row.of({"id": "a", "createdAt": 1}).tenant == "default"
    assert Row.of({"id": "a", "createdAt": 1, "tenantId": "acme"}).tenant == "acme"


def test_a_character_up_to_127_stays_where_no_order_has_it() -> None:
    own = Translation()
    own.bits = 5
    assert [own[0], own[127], own[128], own[0x5D0]] == [0, 127, 133, 0x5D5]


def test_logs_of_no_tenant_of_the_file_are_those_of_the_tenant_with_the_most(tmp_path: Path) -> None:
    file = tmp_path / "logs.jsonl"
    payload = {"key": "Unknown", "result": "Success"}
    file.write_bytes(b"".join(
        encode({"tenantId": tenant, "id": f"{tenant}{at}", "key": "Unknown", "payload": payload, "createdAt": at})
        + b"\n"
        for tenant, count in (("a", 1), ("b", 3), ("c", 2)) for at in range(count)
    ))  # fmt: skip
    source = read_source(str(file)).open(Opening(0.0))
    assert [source.logs(name).count(EVERYTHING) for name in ("a", "b", "c", "default", "x")] == [1, 3, 2, 3, 3]
    assert source.logs("x").find("b2") is not None


@pytest.mark.parametrize(
    ("name", "most"), [("id", 21), ("username", 128), ("name", 128), ("primaryPhone", 128), ("avatar", 2048)]
)
def test_a_text_of_a_roster_has_so_many_characters(name: str, most: int, tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_bytes(encode([{"id": "u1", name: "x" * most}]))
    assert read_roster(file).users[0][name] == "x" * most
    file.write_bytes(encode([{"id": "u1", name: "x" * (most + 1)}]))
    with pytest.raises(MockserverError, match=f"found {most + 1:,} characters, expected at most {most:,}"):
        read_roster(file)
