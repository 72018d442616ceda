"""One grammar for sources and rules: reading and printing are inverse, and what does not read is told."""

from __future__ import annotations

import dataclasses
import string
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import Scalar, build, parameter, parse, show, values_of

NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KINDS = st.text(string.ascii_lowercase + "_", min_size=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Toy:
    """A kind with a parameter of every sort."""

    count: int = parameter(help="how many", at_least=0, at_most=10)
    rate: float = parameter(0.5, help="how often", at_least=0, at_most=1)
    name: str = parameter("", help="of whom")
    loud: bool = parameter(False, help="whether one hears it")
    colour: str = parameter("red", help="of what colour", choices=("red", "blue"))
    delay: float | None = parameter(None, help="how late")


@given(KINDS, st.dictionaries(NAMES, TEXTS))
def test_reading_undoes_printing(kind: str, values: dict[str, str]) -> None:
    assert parse(show(kind, values)) == (kind, values)


TOYS = st.builds(
    Toy,
    count=st.integers(0, 10),
    rate=st.floats(0, 1),
    name=TEXTS,
    loud=st.booleans(),
    colour=st.sampled_from(["red", "blue"]),
    delay=st.none() | st.floats(-1e9, 1e9),
)


@given(TOYS)
def test_a_record_is_read_back_from_its_printed_values(toy: Toy) -> None:
    kind, values = parse(show("toy", values_of(toy)))
    assert build(Toy, kind, values) == toy
    assert build(Toy, "toy", values_of(toy)) == toy


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("status", "status", {}),
        ("  status  ", "status", {}),
        ("status:", "status", {}),
        ("status:code=503", "status", {"code": "503"}),
        ("status: code = 503 , times=2", "status", {"code": "503", "times": "2"}),
        ('status:message="a, b"', "status", {"message": "a, b"}),
        ('status:message="a \\"quoted\\" word",code=1', "status", {"message": 'a "quoted" word', "code": "1"}),
        ('status:message="\\u00e9\\n"', "status", {"message": "é\n"}),
        ("status:message=", "status", {"message": ""}),
        ("status:path=/a:b=c/d", "status", {"path": "/a:b=c/d"}),
        ("wrong_type:type=text/html; charset=x", "wrong_type", {"type": "text/html; charset=x"}),
    ],
)
def test_a_text_reads_as_its_kind_and_values(text: str, kind: str, values: dict[str, str]) -> None:
    assert parse(text) == (kind, values)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"'': found no kind, expected KIND\[:name=value,...\]"),
        (":code=1", r"found no kind"),
        ("status:code", r"found 'code', expected name=value pairs"),
        ("status:=1", r"found '=1', expected name=value pairs"),
        ("status:1a=1", r"found '1a=1', expected name=value pairs"),
        ("status:code=1,,times=2", r"found ',times=2'"),
        ('status:message=a "b"', r'write a value with a comma or quote as a JSON string: name="a, b"'),
        ('status:message="a', r"found 'message=\"a'"),
        ('status:message="a"b', r"found 'message=\"a\"b'"),
        ('status:message="\\x"', r'found "\\x", expected a JSON string'),
        ('status:message="\\ud800"', r"expected a JSON string"),
        ("status:code=1,code=2", r"found code twice, expected each name once"),
        ("status:code=1,", r"found a comma at the end, expected name=value pairs with commas between"),
    ],
)
def test_what_does_not_read_is_told_with_the_text(text: str, told: str) -> None:
    with pytest.raises(MockserverError, match=told):
        parse(text)


@pytest.mark.parametrize(
    ("values", "toy"),
    [
        ({"count": "3"}, Toy(3)),
        ({"count": 3}, Toy(3)),
        ({"count": "+3"}, Toy(3)),
        ({"count": "0003"}, Toy(3)),
        ({"count": 0, "rate": "1"}, Toy(0, 1.0)),
        ({"count": 0, "rate": "1e-3"}, Toy(0, 0.001)),
        ({"count": 0, "rate": ".5"}, Toy(0, 0.5)),
        ({"count": 0, "rate": "1."}, Toy(0, 1.0)),
        ({"count": 0, "loud": "TRUE"}, Toy(0, loud=True)),
        ({"count": 0, "loud": False}, Toy(0, loud=False)),
        ({"count": 0, "name": "ü,"}, Toy(0, name="ü,")),
        ({"count": 0, "colour": "blue"}, Toy(0, colour="blue")),
        ({"count": 0, "delay": "-2.5"}, Toy(0, delay=-2.5)),
        ({"count": 10}, Toy(10)),
    ],
)
def test_values_come_as_text_or_as_json(values: dict[str, Any], toy: Toy) -> None:
    assert build(Toy, "toy", values) == toy


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "toy: count: found nothing, expected a value: how many"),
        ({"count": 1, "cuont": 1}, r"toy parameter: found 'cuont', expected one of .*; did you mean count\?"),
        ({"count": "x"}, "toy: count: found 'x', expected a whole number from 0 to 10"),
        ({"count": "1.0"}, "found '1.0', expected a whole number"),
        ({"count": 1.0}, "found 1.0, expected a whole number"),
        ({"count": "１"}, "expected a whole number"),
        ({"count": "1_0"}, "expected a whole number"),
        ({"count": " 1"}, "expected a whole number"),
        ({"count": "1\n"}, "expected a whole number"),
        ({"count": True}, "found True, expected a whole number"),
        ({"count": None}, "found None, expected a whole number"),
        ({"count": [1]}, r"found \[1\], expected a whole number"),
        ({"count": -1}, "found -1, expected a whole number from 0 to 10"),
        ({"count": "11"}, "found '11', expected a whole number from 0 to 10"),
        ({"count": 0, "rate": 1.5}, "toy: rate: found 1.5, expected a number from 0 to 1"),
        ({"count": 0, "rate": "nan"}, "found 'nan', expected a number"),
        ({"count": 0, "rate": float("nan")}, "found nan, expected a number"),
        ({"count": 0, "delay": "1e999"}, "toy: delay: found '1e999', expected a number$"),
        ({"count": 0, "delay": "inf"}, "found 'inf', expected a number"),
        ({"count": 0, "loud": "1"}, "toy: loud: found '1', expected true or false"),
        ({"count": 0, "loud": 1}, "found 1, expected true or false"),
        ({"count": 0, "name": 5}, "toy: name: found 5, expected a text"),
        ({"count": 0, "colour": "green"}, "toy: colour: found 'green', expected one of red, blue"),
    ],
)
def test_a_bad_value_is_told_with_its_bounds(values: dict[str, Any], told: str) -> None:
    with pytest.raises(MockserverError, match=told):
        build(Toy, "toy", values)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "toy"),
        ({"rate": 0.5, "loud": True}, "toy:rate=0.5,loud=true"),
        ({"loud": False}, "toy:loud=false"),
        ({"rate": 1.0}, "toy:rate=1"),
        ({"rate": 0.1 + 0.2}, "toy:rate=0.30000000000000004"),
        ({"name": " a"}, 'toy:name=" a"'),
        ({"name": ""}, 'toy:name=""'),
        ({"name": "a=b"}, "toy:name=a=b"),
    ],
)
def test_values_are_printed_as_a_person_would_write_them(values: dict[str, Scalar], text: str) -> None:
    assert show("toy", values) == text


@pytest.mark.parametrize("text", ['toy:name={}"', "toy:{}=", "toy:name{}", 'toy:name="a"{}"', 'toy:name=a{}b"'])
def test_a_long_text_is_refused_at_once(text: str) -> None:
    """A header may have 16 kB: were blanks tried in every division, one request would hold the server for hours."""
    began = time.process_time()
    with pytest.raises(MockserverError):
        parse(text.format(" " * 16_000))
    assert time.process_time() - began < 0.5


def test_a_text_that_is_no_unicode_is_refused() -> None:
    """As a shell hands over bytes that are no UTF-8."""
    with pytest.raises(MockserverError, match="bytes that are no UTF-8"):
        parse("status:code=503,message=\udcff")
