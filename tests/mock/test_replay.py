"""What a real Logto 1.36 answered, the observed profile answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockserver.contract.document import contract
from tests.support.recordings import EXCHANGES, play, played_facts, recorded_facts

# Where the documented page and the recorded deployment part: the fact that says so, and the cases it explains.
DIFFERENT: dict[str, str] = {
    "number-empty": r"page=|page_size=|q:page=&page_size=",
    "number-reading": r"page=(1e2|0x10|0b10|0o17|%201|1%20|%0A1|%091%09|1\.)|page_size=(0x10|%205|%2B5)",
    "offset-refusal": r"page=(1\.05|1e308|1e309|Infinity|0\.0001|1e-7|9{20}|9007199254740993|461168601842738790)",
    "page-size-cap": r"page_size=(101|9{20})",
    "filter-nul": r"filter\.nul_app",
    "parameter-limit": r"q\.1100params_then_filter",
    "method-refusals": r"method\..*|cors\.options_origin_no_acrm",
    "path-spelling": r"path\.(slash|slash_q|mixed)(\.noauth)?|id\.trailing",
    "not-found-text": (
        r"path\.(dslash|pct|dot|dotdot|extra|api|api_slash|matrix|json|v1|nul|badpct_api|nonascii)(\.noauth)?"
    ),
    "web-page": r"path\.(upper|noapi)(\.noauth)?",
    "link-origin": r"path\.abs_other|host\.(bad|userinfo)",
    "etag": r"id\.head|etag\.head",
    "listed-keys": r"id\.trusted_device_row",
}
# What the observed profile answers otherwise, and why.
LEFT_OUT = {"cors.preflight.admin": "the mock has no admin console at an origin of its own, which alone gets a 204"}


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["case"])
def test_the_observed_profile_answers_as_recorded(exchange: dict[str, Any], observed_port: int) -> None:
    """Status, codes, the sequence of createdAt, total, links, an ETag and the media type agree."""
    same = played_facts(play(observed_port, exchange), exchange) == recorded_facts(exchange)
    assert same == (exchange["case"] not in LEFT_OUT)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["case"])
def test_the_documented_profile_answers_as_recorded_but_for_the_facts_that_say_otherwise(
    exchange: dict[str, Any], listed_port: int
) -> None:
    """Where no fact explains a difference there is none, and where one does there is one."""
    explained = [fact for fact, cases in DIFFERENT.items() if re.fullmatch(cases, exchange["case"])]
    same = played_facts(play(listed_port, exchange), exchange) == recorded_facts(exchange)
    assert same == (not explained)


def test_what_explains_a_difference_is_a_fact_of_the_document() -> None:
    assert set(DIFFERENT) <= set(contract().facts)
