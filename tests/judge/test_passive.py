"""The passive judge: what it says of one answer to somebody else's request."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

from mockserver.judge.passive import PassiveJudge, exchange_of
from tests.support.deployment import Answered, Asked, Deployment, serving


def test_a_finding_repeats_the_request_with_its_token_once_and_by_name() -> None:
    headers = {"Authorization": "Bearer good-token", "X-Request": "seven"}
    with serving(Deployment(content_type="text/plain")) as url:
        response = requests.get(f"{url}/api/logs?page=1&page_size=3", headers=headers, timeout=5)
        told = "".join(finding.exchange.probe.curl(f"{url}/api/logs") for finding in PassiveJudge().breaks(response))
    assert told.count("curl") > 0
    assert (told.count("uthorization"), told.count("$MOCKSERVER_TOKEN"), told.count("good-token")) == (
        told.count("curl"),
        told.count("curl"),
        0,
    )
    assert "page=1&page_size=3" in told
    assert "X-Request: seven" in told


@pytest.mark.parametrize(("token", "bearer"), [("good-token", "token"), ("poor-token", "unknown"), ("", "unknown")])
def test_a_token_that_was_refused_may_have_been_valid(token: str, bearer: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with serving(Deployment()) as url:
        exchange, _ = exchange_of(requests.get(f"{url}/api/logs/_some-id", headers=headers, timeout=5))
        listed, _ = exchange_of(requests.get(f"{url}/api/logs", headers=headers, timeout=5))
    assert (exchange.probe.item, listed.probe.item) == ("_some-id", "")
    assert listed.probe.bearer == bearer


def test_a_token_that_comes_back_is_told() -> None:
    def echoes(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return replace(answered, headers={**answered.headers, "X-Sent": asked.headers["authorization"]})

    with serving(Deployment(mend=echoes)) as url:
        response = requests.get(f"{url}/api/logs", headers={"Authorization": "Bearer good-token"}, timeout=5)
    assert "credential-echoed" in {finding.check.name for finding in PassiveJudge().breaks(response)}
