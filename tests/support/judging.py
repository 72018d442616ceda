"""A run of the judge for tests: against a deployment of ours, with time that passes only where it is slept."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from mockserver.judge import target
from mockserver.judge.answer import Answer
from mockserver.judge.limits import Limits, limits
from mockserver.judge.route import logs_address
from mockserver.judge.run import Judge, RunOptions
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict
from tests.support.deployment import Asked, Deployment, serving

TODAY = datetime.date(2026, 11, 23)


class TestClock:
    """A clock that stands still but for what is slept, which it remembers."""

    __test__ = False

    def __init__(self) -> None:
        self.moment = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


def directly(deployment: Deployment, depth: Any = "full", clock: Any = None, **changes: Any) -> Verdict:
    """The verdict on a deployment that is called without a socket, at ten times the speed."""

    class Direct:
        timeout = 0.0

        def __init__(self, *given: Any) -> None:
            self._started: Any = None

        def send(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None) -> Answer:
            path, _, query = target.partition("?")
            asked = Asked(method, path, query, {name.lower(): value for name, value in headers}, body or b"")
            answered = deployment.answer(asked)
            content = b"" if method == "HEAD" or answered.status in (204, 304) else answered.content()
            return Answer(answered.status, tuple(answered.headers.items()), content)

        def start(self, *request: Any) -> None:
            self._started = request

        def finish(self) -> Answer:
            return self.send(*self._started)

        def close(self) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, "Connection", Direct)
        return Judge(case("http://127.0.0.1:1", depth, **changes), Secrets(), clock or TestClock()).run()


def case(url: str, depth: Any = "full", **changes: Any) -> RunOptions:
    """A case as the command makes it for this machine, with every credential."""
    limit = changes.pop("limits", None) or limits(depth, True, None, None, None)
    assert isinstance(limit, Limits)
    plain = RunOptions(
        logs_address(url), limit, token="good-token", forbidden_token="poor-token", strict=True, timeout=30.0
    )
    return replace(plain, **changes)


def verdict_on(url: str, depth: Any = "full", **changes: Any) -> Verdict:
    """The verdict on the mock at a base URL."""
    tokens = {"token": "dev-token", "forbidden_token": "forbidden-token"}
    return Judge(case(url, depth, **(tokens | changes)), Secrets()).run()


def judged(deployment: Deployment, depth: Any = "full", clock: Any = None, **changes: Any) -> Verdict:
    """The verdict on a deployment."""
    with serving(deployment) as url:
        return Judge(case(url, depth, **changes), Secrets(), clock).run()


def broken(verdict: Verdict) -> set[str]:
    """The names of the checks that were found broken and count."""
    return {finding.check.name for finding in verdict.findings if finding.weight in ("forbidden", "senseless")}


def told(findings: Iterable[Any]) -> list[str]:
    """Findings in lines, for a failing test to show."""
    return [f"{f.check.name} | {f.broken} | {f.exchange.probe.query}" for f in findings]
