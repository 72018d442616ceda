"""The documented profile is the page; the observed ones are what was seen, transcribed here a second time."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest

from mockserver.contract.document import Contract, contract
from mockserver.contract.jsontext import encode
from mockserver.contract.profile import DOCUMENTED, Cap, Profile, Window, observed, profile, version_of

LISTED = ("ExchangeTokenBy", "RevokeToken", "Interaction", "JwtCustomizer", "SamlApplication", "Unknown")


def test_the_documented_profile_adds_nothing_to_the_page() -> None:
    assert profile("documented") is DOCUMENTED
    assert Profile() == Profile(
        numbers="integer",
        empty_number=False,
        page_size_cap=None,
        parameter_limit=None,
        spare_question_mark=False,
        prefixes=None,
        nul_breaks=False,
        link_order=("first", "last", "prev", "next"),
        link_loses="",
        link_lines=False,
        link_indices_first=False,
        link_drops=(),
        origin="sent",
        strict_base64=False,
        etag="opaque",
        etag_on_head=True,
        etag_defeated=False,
        loose_path=False,
        text_errors=False,
        encodings=("gzip",),
        compress_from=1024,
        negotiation="standard",
        vary="Accept-Encoding",
        headers=(),
        window=None,
        cap=None,
    )


def test_the_observed_profile_is_what_was_seen_of_1_36() -> None:
    assert profile("observed") == Profile(
        numbers="javascript",
        empty_number=True,
        page_size_cap=100,
        parameter_limit=1000,
        spare_question_mark=False,
        prefixes=LISTED,
        nul_breaks=True,
        link_order=("first", "last", "prev", "next"),
        link_loses="/api",
        link_lines=True,
        link_indices_first=True,
        link_drops=(),
        origin="checked",
        strict_base64=False,
        etag="body",
        etag_on_head=False,
        etag_defeated=True,
        loose_path=True,
        text_errors=True,
        encodings=("br", "gzip", "deflate"),
        compress_from=1024,
        negotiation="koa-compress",
        vary="Accept-Encoding, Origin",
        headers=(
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Origin-Agent-Cluster", "?1"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("X-Download-Options", "noopen"),
            ("X-Frame-Options", "SAMEORIGIN"),
            ("X-Permitted-Cross-Domain-Policies", "none"),
            ("X-XSS-Protection", "0"),
        ),
        window=None,
        cap=None,
    )


def test_the_newer_profile_differs_by_what_was_seen_of_1_42() -> None:
    assert profile("observed-1.42") == dataclasses.replace(
        profile("observed"),
        parameter_limit=None,
        spare_question_mark=True,
        prefixes=(*LISTED, "RevokeGrants", "Action"),
        link_order=("first", "prev", "last", "next"),
        link_drops=("__proto__",),
        origin="parsed",
        strict_base64=True,
        window=Window("start_time", "end_time", "log.invalid_time_window"),
        cap=Cap("enableCap", ("1", "true", "y", "yes", "yep", "yeah"), 10_000),
    )


def test_two_versions_differ_by_nothing_but_facts_that_are_marked_with_versions() -> None:
    marked = {field for fact in contract().facts.values() if fact.since or fact.before for field in fact.sets}
    one, other = (dataclasses.asdict(profile(name)) for name in ("observed", "observed-1.42"))
    assert {field for field in one if one[field] != other[field]} == marked
    document = copy.deepcopy(contract().document)
    _unmark(document)
    unmarked = Contract(encode(document))
    assert observed(unmarked, "1.36.0") == observed(unmarked, "1.42.0")


def _unmark(node: Any) -> None:
    """Removes every fact that is marked with a version."""
    if isinstance(node, dict):
        facts = node.get("x-observed", {})
        for name in [name for name, fact in facts.items() if {"since", "before"} & fact.keys()]:
            del facts[name]
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _unmark(value)


def test_a_third_version_costs_one_row() -> None:
    document = copy.deepcopy(contract().document)
    row = {"documented": "x", "observed": "x", "since": "1.50.0", "seen": ["1.50.0"], "sets": {"page_size_cap": 50}}
    document["paths"]["/api/logs"]["get"]["x-observed"]["page-size-cap-newest"] = row
    third, before = (observed(Contract(encode(document)), version) for version in ("1.50.0", "1.42.0"))
    assert third == dataclasses.replace(before, page_size_cap=50)
    assert before == profile("observed-1.42")


@pytest.mark.parametrize(("name", "version"), [("documented", ""), ("observed", "1.36.0"), ("observed-1.42", "1.42.0")])
def test_the_name_of_a_profile_says_its_version(name: str, version: str) -> None:
    assert version_of(name) == version


def test_a_profile_is_read_once() -> None:
    assert profile("observed") is profile("observed")
