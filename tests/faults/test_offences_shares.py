"""Offences that strike now and then do so as often as their sentences say; the rules of presets are rules."""

from __future__ import annotations

import pytest

from mockserver.contract.jsontext import decode
from mockserver.faults.offences import find_offence
from mockserver.faults.offences.rare import _is_chosen
from mockserver.faults.presets import PRESETS
from mockserver.faults.rule import read_rule
from tests.support.cases import asked, changed, honest


@pytest.mark.parametrize("query", ["", "?page=2&page_size=3"])
def test_one_list_in_ten_is_a_500(query: str) -> None:
    request = asked(query)
    replies = [changed("status-500-sometimes", request, k) for k in range(1, 1001)]
    assert {reply.status for reply in replies if reply is not None} == {500}
    assert 70 <= sum(reply is not None for reply in replies) <= 130
    assert changed("status-500-sometimes", asked("?page=0")) is None
    assert honest(request).status == 200
    assert find_offence("status-500-sometimes").sentence == "One list in ten is a 500."


@pytest.mark.parametrize("name", PRESETS)
def test_every_rule_of_a_preset_is_written_as_rules_are_written(name: str) -> None:
    for text in PRESETS[name].rules:
        assert read_rule(text).text == text


def test_one_log_in_fifty_is_broken_on_every_page_that_shows_it() -> None:
    found = [_is_chosen({"id": f"log-{number}"}) for number in range(5000)]
    assert 70 <= sum(found) <= 130
    assert found == [_is_chosen({"id": f"log-{number}", "key": "another"}) for number in range(5000)]


@pytest.mark.parametrize(
    ("place", "broken", "right"),
    [
        ("page-2", "?page=2&page_size=5", "?page=1&page_size=5"),
        ("last-page", "?page=3&page_size=40", "?page=2&page_size=40"),
        ("large-page", "?page_size=51", "?page_size=50"),
    ],
)
def test_each_log_of_the_pages_that_an_offence_names_is_broken_and_none_of_others(
    place: str, broken: str, right: str
) -> None:
    reply = changed(f"bad-log-third-result-{place}", asked(broken))
    logs = decode(reply.content()) if reply else []
    results = {log["payload"]["result"] for log in logs}
    assert len(results) == 1
    assert not results & {log["payload"]["result"] for log in decode(honest(asked(broken)).content())}
    assert changed(f"bad-log-third-result-{place}", asked(right)) is None
