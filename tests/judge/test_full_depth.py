"""What full depth asks, leaves out and finds is what a person has read; ``python -m tests.support.reports`` renews it."""

from __future__ import annotations

import json

from tests.support.reports import FOLDER, PROBED, full_depth


def test_full_depth_asks_and_leaves_out_what_was_read() -> None:
    """Which sizes, pages and odd queries, on deployments of 1 to 150 logs; which probes are left out, and why."""
    made, read = (json.loads(text) for text in (full_depth(), (FOLDER / PROBED).read_text("utf-8")))
    for name in read:
        assert made[name] == read[name], f"read {PROBED}, then renew it"
    assert made.keys() == read.keys()
