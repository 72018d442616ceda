"""Refusals: each has one code and one sentence, and those with a known status are found by it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from mockserver.contract import refusals
from mockserver.contract.document import contract
from mockserver.contract.errors import Refused
from tests.support.records import REFUSALS


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: f"{refusal.status}-{refusal.code}")
def test_a_refusal_is_one_sentence_with_a_code_unless_the_server_broke(refusal: Refused) -> None:
    assert 400 <= refusal.status <= 500
    assert refusal.message.endswith(".")
    assert (refusal.code is None) == (refusal.status == 500)


def test_no_two_refusals_have_the_same_text() -> None:
    assert len({refusal.message for refusal in REFUSALS}) == len(REFUSALS)


def test_every_refusal_of_the_document_is_known_by_its_status_and_418_is_not() -> None:
    for status in [status for status in contract().statuses if status >= 400]:
        refusal = refusals.known_refusal(status)
        assert refusal is not None
        assert refusal.status == status
    assert refusals.known_refusal(418) is None


@pytest.mark.parametrize(
    ("refuse", "shown"),
    [
        (refusals.invalid_host, 40), (refusals.misdirected, 40), (refusals.invalid_tenant, 40),
        (lambda method: refusals.method_not_allowed(method, "GET"), 20),
    ],
)  # fmt: skip
def test_a_refusal_shows_the_beginning_of_what_it_refuses(refuse: Callable[[str], Refused], shown: int) -> None:
    assert re.findall("xx+", refuse("x" * 500).message) == ["x" * shown]
