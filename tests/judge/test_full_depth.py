"""What full depth asks, leaves out and finds was read by a person; ``python -m tests.support.reports`` renews it."""

from __future__ import annotations

import json

from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import directly
from tests.support.reports import FOLDER, PROBED, REQUESTS, full_depth, requests
from tests.support.samples import some_logs


def test_full_depth_asks_and_leaves_out_what_was_read() -> None:
    """Which sizes, pages and odd queries, on deployments of 1 to 150 logs; which probes are left out, and why."""
    made, read = (json.loads(text) for text in (full_depth(), (FOLDER / PROBED).read_text("utf-8")))
    for name in read:
        assert made[name] == read[name], f"read {PROBED}, then renew it"
    assert made.keys() == read.keys()


def test_either_depth_sends_the_requests_that_were_read() -> None:
    assert requests().splitlines() == (FOLDER / REQUESTS).read_text("utf-8").splitlines(), f"renew {REQUESTS}"


def test_each_method_that_writes_and_succeeds_is_a_finding() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return answered if asked.method in ("GET", "HEAD", "OPTIONS") else Answered(204)

    findings = directly(Deployment(some_logs(30), mend=mend), "quick", unsafe=True).failing()
    assert [each.broken.subject for each in findings] == ["DELETE", "PATCH", "POST", "PUT"]
    assert {each.check.name for each in findings} == {"read-only"}
