"""Pagination as observed, against an independent model: the formulas of the real deployment, run by Node."""

from __future__ import annotations

import json
import subprocess
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.errors import Refused
from mockserver.contract.numbers import as_text
from mockserver.contract.profile import profile
from mockserver.mock.query import parse_query
from tests.support.tools import tool

TEXTS = [
    "", "0", "1", "2", "7", "20", "100", "101", "-1", "00", "+5", " 4 ", "%", "1_0", "NaN", "Infinity", "1e2", "1E1",
    "3e0", "1e21",
    "1e-7", "0x1F", ".5", "1.05", "1.1", "1.15", "1.25", "2.", "2.50", "3.5", "4.2", "6.4", "50.5", "99.99",
    "33.333333333333336",
    "12345678901234567890", "461168601842738790", "9007199254740993",
]  # fmt: skip

# What koa and PostgreSQL make of two texts: a number above 0, an offset that is a bigint, a page counted from it.
MODEL = """
const positive = (text, most = Infinity) => {
  const number = Number(text);
  return number > 0 && number <= most ? number : undefined;
};
const answer = ([pageText, sizeText]) => {
  const page = pageText ? positive(pageText) : 1;
  const size = sizeText ? positive(sizeText, 100) : 20;
  if (page === undefined || size === undefined) return 400;
  const offset = (page - 1) * size;
  if (![offset, size].every((each) => /^-?[0-9]+$/.test(String(each)))) return 422;
  const bigint = BigInt(String(offset));
  if (bigint < 0n || bigint > 2n ** 63n - 1n) return 500;
  return [String(offset), String(size), String(Math.floor(offset / size) + 1)];
};
console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0)).map(answer)));
"""


def answered(page: str, size: str) -> Any:
    try:
        query = parse_query(urlencode({"page": page, "page_size": size}), profile("observed"))
    except Refused as refusal:
        return refusal.status
    return [str(query.offset), str(query.limit), as_text(float(query.page))]


def test_every_pair_of_page_and_page_size_is_answered_as_the_model_answers_it() -> None:
    pairs = [(page, size) for page in TEXTS for size in TEXTS]
    done = subprocess.run(
        [tool("node"), "-e", MODEL], input=json.dumps(pairs), capture_output=True, text=True, check=True
    )
    assert dict(zip(pairs, json.loads(done.stdout), strict=True)) == {pair: answered(*pair) for pair in pairs}


def test_a_query_too_long_to_be_remembered_is_read_as_any_other() -> None:
    padding = "x=" + "a" * 600
    documented = profile("documented")
    assert parse_query(f"page=3&{padding}", documented).meaning == parse_query("page=3", documented).meaning
