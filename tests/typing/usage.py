"""What type checkers know of the public names. Checked by mypy, never executed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_type

import pytest
from hypothesis.strategies import SearchStrategy

from mockserver import strategies
from mockserver.judge.passive import PassiveJudge
from mockserver.judge.verdict import Verdict
from mockserver.testing.harness import ArmedFault, Exchange, Faults, Log, Logs, LogtoMock, Requests
from mockserver.testing.verdicts import Judgement


def a_test(logto_mock: LogtoMock, logto_mock_session: LogtoMock, logto_logs: list[Log]) -> None:
    """Everything that a test holds."""
    assert_type(logto_mock.url, str)
    assert_type(logto_mock.token, str)
    assert_type(logto_mock.tenant, str)
    assert_type(logto_mock.env, Mapping[str, str])
    assert_type(logto_mock.faults, Faults)
    assert_type(logto_mock.logs, Logs)
    assert_type(logto_mock.requests, Requests)
    assert_type(logto_logs[0], dict[str, Any])
    logto_mock.advance(0.5)
    logto_mock_session.reset()
    logto_mock.advance("1")  # type: ignore[arg-type]  # mypy must refuse it
    logto_mock.url = "another"  # type: ignore[misc]  # mypy must refuse it


def its_faults(faults: Faults) -> None:
    """Arm and count."""
    fault = faults.add("status:code=503,times=2")
    assert_type(fault, ArmedFault)
    assert_type((fault.text, fault.fired, fault.matched), tuple[str, int, int])
    assert_type(list(faults), list[ArmedFault])
    fault.remove()
    faults.clear()
    faults.add(503)  # type: ignore[arg-type]  # mypy must refuse it


def its_logs(logs: Logs) -> None:
    """Read and add."""
    assert_type(logs[0], Log)
    assert_type(logs[:3], list[Log])
    assert_type(logs.add("Unknown", userId="u0alice00001", createdAt=1), Log)
    assert_type(logs.add_all([{"key": "Unknown"}]), list[Log])
    logs.add()  # type: ignore[call-arg]  # mypy must refuse it


def its_requests(requests: Requests) -> None:
    """Look back."""
    assert_type(requests[0], Exchange)
    assert_type(requests[1:], tuple[Exchange, ...])
    assert_type(requests.matching(status=200), list[Exchange])
    assert_type((requests[0].status, requests[0].faults), tuple[int | None, tuple[str, ...]])
    assert_type(requests[0].headers["authorization"], str)
    requests.verify(status=503, times=2)


def its_judge(logto_verdict: Judgement, logto_contract: PassiveJudge) -> None:
    """Assert."""
    assert_type((logto_verdict.kept, logto_verdict.text, logto_verdict.verdict), tuple[bool, str, Verdict])
    logto_contract.assert_kept(object())


@pytest.mark.logto(logs="faker:count=50,seed=3", faults=["latency:seconds=1"], profile="observed")
def its_strategies() -> None:
    """Draw."""
    assert_type(strategies.logs(), SearchStrategy[dict[str, Any]])
    assert_type(strategies.pages(max_size=3), SearchStrategy[list[dict[str, Any]]])
    assert_type(strategies.queries(), SearchStrategy[dict[str, str | int]])
