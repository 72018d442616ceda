"""What full depth asks, leaves out and finds was read by a person; ``python -m tests.support.reports`` renews it."""

from __future__ import annotations

import json

from tests.support.reports import FILTERED, FOLDER, PROBED, filtered, full_depth


def test_full_depth_asks_and_leaves_out_what_was_read() -> None:
    """Which sizes, pages and odd queries, on deployments of 1 to 150 logs; which probes are left out, and why."""
    made, read = (json.loads(text) for text in (full_depth(), (FOLDER / PROBED).read_text("utf-8")))
    for name in read:
        assert made[name] == read[name], f"read {PROBED}, then renew it"
    assert made.keys() == read.keys()


def test_either_depth_asks_with_the_filters_that_were_read() -> None:
    assert filtered() == (FOLDER / FILTERED).read_text("utf-8"), f"read {FILTERED}, then renew it"
