"""Generated requests: what Schemathesis makes goes through the session, within its budget."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis.engine.events import Interrupted

from mockserver.judge import generator
from mockserver.judge.answer import Answer
from mockserver.judge.generator import Bridge, generate, probe_of, settings
from mockserver.judge.inventory import NOWHERE
from mockserver.judge.limits import Limits
from mockserver.judge.probe import Probe
from mockserver.judge.reading import read_query
from mockserver.judge.target import Gone, Spent
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import broken, judged

BOX = Limits("fuzz", 660, 600.0, None)  # the requests end it, however slow the machine


def test_generated_requests_are_sent_until_the_budget_ends() -> None:
    asked: list[Probe] = []

    def ask(probe: Probe) -> Answer:
        asked.append(probe)
        if len(asked) > 120:
            raise Spent("120 requests are used up")
        return Answer(200, (("Content-Type", "application/json"), ("Link", "x")), b"[]")

    with pytest.raises(Spent, match="120"):
        generate(ask, 0, 600.0)
    assert len(asked) == 121
    validities = {read_query(probe.parameters).legality for probe in asked}
    assert validities == {"valid", "invalid", "open"}
    assert all(probe.method == "GET" for probe in asked)


def test_the_same_seed_generates_the_same_requests() -> None:
    def queries(seed: int) -> list[str]:
        sent: list[str] = []

        def ask(probe: Probe) -> Answer:
            sent.append(probe.query)
            if len(sent) == 80:
                raise Gone("enough")
            return Answer(200, (("Content-Type", "application/json"),), b"[]")

        with pytest.raises(Gone):
            generate(ask, seed, 600.0)
        return sent

    first = queries(1)
    assert queries(1) == first
    assert queries(2) != first


def test_a_second_is_the_least_time() -> None:
    assert settings(3, 0.2) == {
        "seed": 3,
        "max-time": 1,
        # Nothing is kept between two runs.
        "cache": {"enabled": False},
        "generation": {"database": "none", "mode": "all"},
        # What these find is shrunk.
        "checks": {
            "enabled": False,
            "not_a_server_error": {"enabled": True},
            "status_code_conformance": {"enabled": True},
            "content_type_conformance": {"enabled": True},
            "response_schema_conformance": {"enabled": True},
        },
        "phases": {
            "examples": {"enabled": False},
            "coverage": {"unexpected-methods": [], "generate-duplicate-query-parameters": True},
            "stateful": {"enabled": False},
        },
    }
    assert settings(3, 9.7)["max-time"] == 9


def test_a_time_without_end_is_a_day() -> None:
    assert settings(3, float("inf"))["max-time"] == 86_400


def test_a_run_that_the_user_ends_is_not_taken_for_one_that_came_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemathesis makes an event of Ctrl-C. No signal is sent: one that comes late would end the tests instead."""

    class Stopped:
        def execute(self) -> Iterator[Interrupted]:
            return iter([Interrupted(phase=None)])

    monkeypatch.setattr(generator, "from_schema", lambda schema: Stopped())
    with pytest.raises(KeyboardInterrupt):
        generate(lambda probe: Answer(200), 0, 600.0)


def environ(query: str, **headers: str) -> Any:
    return {"PATH_INFO": "/api/logs", "QUERY_STRING": query, "REQUEST_METHOD": "GET", **headers}


def test_nobody_is_made_to_send_a_whole_table() -> None:
    probe = probe_of(environ("page_size=100000&userId="))
    assert probe.parameters == [("page_size", "100000"), ("userId", NOWHERE.text)]
    assert probe_of(environ("page_size=100000&userId=x")).query == "page_size=100000&userId=x"


def test_headers_of_the_connection_and_unspeakable_ones_stay_behind() -> None:
    headers = probe_of(environ("", HTTP_HOST="x", HTTP_AUTHORIZATION="y", HTTP_X_ODD="z", HTTP_X_BAD="\n")).headers
    assert [(name, value.text) for name, value in headers] == [("X-Odd", "z")]


@pytest.mark.parametrize(
    "name",
    [
        "HOST", "CONNECTION", "CONTENT_LENGTH", "USER_AGENT", "ACCEPT_ENCODING", "AUTHORIZATION",
        "X_SCHEMATHESIS_TESTCASEID",
    ],
)  # fmt: skip
def test_what_the_session_or_schemathesis_adds_is_no_part_of_a_generated_request(name: str) -> None:
    assert probe_of(environ("", **{f"HTTP_{name}": "x"})).headers == ()


def test_after_the_end_nothing_is_asked() -> None:
    statuses: list[str] = []

    def ask(probe: Probe) -> Answer:
        raise Spent("over")

    bridge = Bridge(ask)
    for _ in range(2):
        bridge(environ(""), lambda status, headers, _=None: statuses.append(status))  # type: ignore[arg-type,return-value]  # all of a start_response that is called
    assert statuses == ["503 -", "503 -"]


def test_no_answer_is_a_bad_gateway_to_schemathesis() -> None:
    statuses: list[str] = []
    bridge = Bridge(lambda probe: Answer(0, lost="a reset connection"))
    bridge(environ(""), lambda status, headers, _=None: statuses.append(status))  # type: ignore[arg-type,return-value]  # all of a start_response that is called
    assert statuses == ["502 -"]


def test_depth_fuzz_finds_what_no_fixed_probe_asks() -> None:
    """All parameters at once, beside a page that no probe asks for with filters."""

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        given = dict(asked.pairs)
        odd = {"userId", "applicationId", "logKey", "page", "page_size"} <= given.keys()
        return Answered(500) if odd and answered.status == 200 and given["page"] not in ("1", "2") else answered

    verdict = judged(Deployment(mend=mend), limits=BOX)
    assert broken(verdict) == {"answered"}
    (finding,) = verdict.failing()
    assert finding.exchange.probe.raw is not None
    assert 600 < verdict.requests <= 660


def test_when_the_time_is_over_it_ends_by_itself() -> None:
    asked: list[Probe] = []

    def ask(probe: Probe) -> Answer:
        asked.append(probe)
        return Answer(200, (("Content-Type", "application/json"),), b"[]")

    began = time.process_time()
    generate(ask, 0, 1.0)
    assert asked
    assert time.process_time() - began < 15
