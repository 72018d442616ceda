"""Exporter with resume: Hypothesis tries to lose or repeat a log, while logs come in and the exporter is stopped."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mockserver import LogtoMock
from tests.examples.exporters import Exporter, NaiveExporter, ResumableExporter

# One log in 1,000 seconds: as many come in as the machine wants, and none while the test itself takes its time.
pytestmark = pytest.mark.logto(logs="faker:count=12,seed=3", growth=0.001, now="live")


class Exporting(RuleBasedStateMachine):
    """What may happen to an exporter. Each example begins with a mock that was reset."""

    def __init__(self, mock: LogtoMock, client: httpx.Client, kind: type[Exporter]) -> None:
        super().__init__()
        mock.reset()
        self.mock, self.client, self.kind = mock, client, kind
        self.exporter = kind(client, {}, [])

    @rule(logs=st.integers(1, 12))
    def logs_come_in(self, logs: int) -> None:
        self.mock.advance(1000 * logs)

    @rule()
    def a_page_is_exported(self) -> None:
        self.exporter.step()

    @rule()
    def it_is_stopped_and_resumed(self) -> None:
        self.exporter = self.kind(self.client, dict(self.exporter.state), list(self.exporter.exported))

    @rule()
    def a_request_fails(self) -> None:
        self.mock.faults.add("status:code=503,times=1")
        with pytest.raises(httpx.HTTPStatusError):
            self.exporter.step()

    @rule()
    def it_runs_to_the_end(self) -> None:
        wanted = {log["id"] for log in self.mock.logs}
        while not self.exporter.step():
            pass
        while not self.exporter.step():
            pass
        assert wanted <= {log["id"] for log in self.exporter.exported}, "a log was lost"

    @invariant()
    def no_log_is_exported_twice(self) -> None:
        ids = [log["id"] for log in self.exporter.exported]
        assert len(ids) == len(set(ids)), "a log was exported twice"


@pytest.fixture
def client(logto_mock: LogtoMock) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=logto_mock.url, headers={"Authorization": f"Bearer {logto_mock.token}"}) as client:
        yield client


def run(mock: LogtoMock, client: httpx.Client, kind: type[Exporter]) -> None:
    bounds = settings(max_examples=25, stateful_step_count=12)
    run_state_machine_as_test(lambda: Exporting(mock, client, kind), settings=bounds)


def test_the_resumable_exporter_loses_and_repeats_nothing(logto_mock: LogtoMock, client: httpx.Client) -> None:
    run(logto_mock, client, ResumableExporter)


def test_hypothesis_finds_the_error_of_the_naive_exporter(logto_mock: LogtoMock, client: httpx.Client) -> None:
    with pytest.raises(AssertionError, match="a log was exported twice"):
        run(logto_mock, client, NaiveExporter)
