"""Numbers are read and printed as JavaScript does; the tables are what Node 20 said."""

from __future__ import annotations

import json
import math
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.numbers import as_number, as_text
from tests.support.tools import tool

# Text, and String(Number(text)).
READ = {
    "": "0", "0": "0", "-0": "0", "+1": "1", "-1": "-1", "1e2": "100", "1E2": "100", "1e+2": "100", "1e-2": "0.01",
    "0x10": "16", "0X1f": "31", "0x": "NaN", "0b10": "2", "0B2": "NaN", "0o17": "15", "0O8": "NaN", "-0x10": "NaN",
    "+0x10": "NaN", "0x1.8": "NaN", "0x10n": "NaN", "0XG": "NaN", "1.": "1", "1.5": "1.5", ".5": "0.5", "-.5": "-0.5",
    ".": "NaN", "..5": "NaN", "1..": "NaN", "1e": "NaN", "e1": "NaN", "1e5e5": "NaN", "1e1.5": "NaN", " 1": "1",
    "1 ": "1", "\t1\n": "1", "\u00a01": "1", "\ufeff1": "1", "\u180e1": "NaN", "\u00851": "NaN", "\u20281": "1",
    "\u30001": "1", "\u200b1": "NaN", "\x1c1": "NaN", "1_000": "NaN", "1,000": "NaN", "1 0": "NaN", "- 1": "NaN",
    "--1": "NaN", "+-1": "NaN", "NaN": "NaN", "nan": "NaN", "Infinity": "Infinity", "+Infinity": "Infinity",
    "-Infinity": "-Infinity", "infinity": "NaN", "inf": "NaN", "INF": "NaN", "true": "NaN", "null": "NaN", "[1]": "NaN",
    "{}": "NaN", "1n": "NaN", "１": "NaN", "١": "NaN", "1f": "NaN", "0.1e1": "1", "00001": "1", "-00": "0", "0e0": "0",
    "1e308": "1e+308", "1e309": "Infinity", "-1e309": "-Infinity", "5e-324": "5e-324", "1e-400": "0", "1\x00": "NaN",
    "9007199254740993": "9007199254740992", "9" * 400: "Infinity", "0x" + "f" * 300: "Infinity",
    "0b1" + "0" * 53 + "1": "18014398509481984",
}  # fmt: skip

# A number, and String(number).
SHOWN = {
    0.0: "0", 1.0: "1", -1.0: "-1", 1.5: "1.5", 20.0: "20", 100.0: "100", 1e20: "100000000000000000000", 1e21: "1e+21",
    1.2345e21: "1.2345e+21", -1e21: "-1e+21", 999999999999999900000.0: "999999999999999900000", 0.1: "0.1",
    0.000001: "0.000001", 0.0000001: "1e-7", 1.5e-7: "1.5e-7", -1.5e-7: "-1.5e-7", 1e-323: "1e-323", 5e-324: "5e-324",
    1.7976931348623157e308: "1.7976931348623157e+308", 2.0**53: "9007199254740992", 2.0**63: "9223372036854776000",
    2.0**64: "18446744073709552000", 0.1 + 0.2: "0.30000000000000004", 1 / 3: "0.3333333333333333", 1e-5: "0.00001",
    123.456: "123.456", 1e300: "1e+300", 0.00001234: "0.00001234", 180143985094819820.0: "180143985094819800",
    math.inf: "Infinity", -math.inf: "-Infinity",
}  # fmt: skip


@pytest.mark.parametrize(("text", "printed"), READ.items(), ids=ascii)
def test_text_is_read_as_javascript_reads_it(text: str, printed: str) -> None:
    assert as_text(as_number(text)) == printed


@pytest.mark.parametrize(("number", "printed"), SHOWN.items())
def test_a_number_is_printed_as_javascript_prints_it(number: float, printed: str) -> None:
    assert as_text(number) == printed


def test_the_sign_of_zero_is_read_and_not_printed() -> None:
    assert math.copysign(1, as_number("-0")) == -1
    assert as_text(-0.0) == "0"


@given(st.floats())
def test_reading_undoes_printing(number: float) -> None:
    again = as_number(as_text(number))
    assert again == number or (math.isnan(again) and math.isnan(number))


def test_node_agrees_on_the_tables_and_on_a_thousand_numbers_of_any_size() -> None:
    program = """
        const {texts, bits} = JSON.parse(require("fs").readFileSync(0));
        const double = (hex) => Buffer.from(hex, "hex").readDoubleBE();
        const read = texts.map((text) => String(Number(text)));
        console.log(JSON.stringify([read, bits.map((hex) => String(double(hex)))]));
    """
    bits = [f"{0x9E3779B97F4A7C15 * n % 2**64:016x}" for n in range(1000)]
    given_to_node = json.dumps({"texts": list(READ), "bits": bits})
    done = subprocess.run(
        [tool("node"), "-e", program], input=given_to_node, capture_output=True, text=True, check=True
    )
    texts, doubles = json.loads(done.stdout)
    assert texts == list(READ.values())
    assert doubles == [as_text(struct.unpack(">d", bytes.fromhex(each))[0]) for each in bits]
