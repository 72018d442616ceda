"""A sample of the strangers in the ordinary suite; `make night` judges all of them."""

from __future__ import annotations

import random

import pytest

from tests.strangers import STRANGERS
from tests.strangers.__main__ import judged

SEED = 21
SAMPLE = random.Random(SEED).sample(sorted(STRANGERS), 10)


@pytest.mark.parametrize("name", SAMPLE)
def test_the_judge_is_right_about_a_stranger(name: str) -> None:
    outcome = judged(name, "full")
    assert outcome.right, (outcome.graves, outcome.verdict.summary)
