"""Nothing that a target sends stops the judge: whatever comes is a break, or no business of his."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.judge import report
from mockserver.judge.answer import Answer, ProbeExchange
from mockserver.judge.checks import LOCAL
from mockserver.judge.checks.check import Context, SeenLogs
from mockserver.judge.probe import PLAIN, Probe, asking
from mockserver.judge.report import commands, summary, text
from mockserver.judge.report.record import record
from mockserver.judge.secrets import Secrets
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import directly
from tests.support.samples import some_logs

PROBES = (PLAIN, asking(page=2, page_size=5), asking(userId="u", logKey="k"), asking(page=0))
NAMES = (
    "Total-Number", "Link", "Content-Type", "Retry-After", "ETag", "Cache-Control", "Server", "X-Powered-By",
    "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "X-Content-Type-Options", "Content-Encoding",
)  # fmt: skip
# What a header can hold, and what has been too much for somebody.
LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30)
VALUES = LATIN | st.sampled_from(
    [
        "9" * 5000, "\xb2", "-1", "1, 2", "true", "*", "public, s-maxage=" + "9" * 5000, "\x1b[31m",
        "Wed, 21 Oct 2015 07:28:00 -0000", "Wed, 99 Oct 99999 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 -1200",
        '<http://[::1/api/logs>; rel="next"', '<>; rel="first last next prev"', '<?page=\xb2>; rel="next"',
        f'<http://h:99999999/api/logs?page={"9" * 5000}>; rel="last"',
    ]
)  # fmt: skip
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ("id", "tenantId", "key", "payload", "createdAt")
INNER = ("key", "result", "userId", "applicationId", "ip", "userAgent", "userAgentParsed", "error")


@st.composite
def odd_logs(draw: st.DrawFn) -> list[Any]:
    """A page in which members of some logs are of any type, and some logs are none."""
    logs: list[Any] = [{**log, "payload": dict(log["payload"])} for log in some_logs(6)]
    for log in logs:
        for name in draw(st.lists(st.sampled_from(MEMBERS), max_size=2)):
            log[name] = draw(JSON)
        if isinstance(log["payload"], dict):
            for name in draw(st.lists(st.sampled_from(INNER), max_size=2)):
                log["payload"][name] = draw(JSON)
    return logs + draw(st.lists(JSON, max_size=2))


BODIES = odd_logs().map(json.dumps).map(str.encode) | JSON.map(json.dumps).map(str.encode) | st.binary()
ANSWERS = st.builds(
    Answer, st.sampled_from([200, 200, 200, 204, 304, 400, 401, 418, 429, 500]), HEADERS.map(tuple), BODIES
)


@given(st.sampled_from(PROBES), st.lists(ANSWERS, min_size=1, max_size=3))
@settings(max_examples=settings.default.max_examples // 2)
def test_every_local_check_has_an_opinion_on_any_answer(probe: Probe, answers: list[Answer]) -> None:
    memory, credentials = SeenLogs(), Secrets()
    for answer in answers:
        context = Context(ProbeExchange(probe, answer), memory, credentials)
        for check in LOCAL:
            assert all(isinstance(broken.came, str) for broken in check(context) or ())
        memory.learn(answer.logs)
        credentials.learn(answer.logs)
        assert isinstance(answer.said(), str)


def _sometimes(headers: list[tuple[str, str]], body: bytes, status: int) -> Callable[..., Answered]:
    """Honest at first, then the odd answer to every third request."""
    numbers = itertools.count()

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if (number := next(numbers)) < 5 or number % 3:
            return answered
        return Answered(status, headers={**answered.headers, **dict(headers)}, raw=body or answered.content())

    return mend


@given(HEADERS, BODIES | st.just(b""), st.sampled_from([200, 200, 400, 429, 503]))
@example([], b"\t", 200)
@settings(max_examples=settings.default.max_examples // 10)
def test_a_run_comes_to_its_verdict_and_every_report_can_tell_it(
    tmp_path_factory: pytest.TempPathFactory, headers: list[tuple[str, str]], body: bytes, status: int
) -> None:
    verdict = directly(Deployment(mend=_sometimes(headers, body, status)), "quick")
    assert verdict.exit_code in (0, 1, 2)
    told = record(verdict, Secrets(), bodies=True)
    folder = tmp_path_factory.mktemp("reports")
    report.folder(folder)
    report.write(told, folder)
    printed = text(told) + commands(told) + summary(told)
    assert not any(character < " " and character != "\n" for character in printed)
    assert {path.name for path in Path(folder).iterdir()} == {"junit.xml", "report.json", "report.html"}


LONG = 200_000


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (Answer(400, (), b"\n at " + b"a" * LONG), {"valid-request-accepted"}),
        (Answer(400, (), b"\n" * LONG), {"valid-request-accepted"}),
        (Answer(400, (), b"select from " * (LONG // 10)), {"valid-request-accepted"}),
        (
            Answer(200, (("Server", "a" * LONG), ("Link", "<" * LONG), ("Cache-Control", "public" * LONG)), b"[]"),
            {"content-type", "nosniff", "schema"},
        ),
    ],
)
def test_no_text_is_hard_to_search(answer: Answer, shown: set[str]) -> None:
    """Quadratic patterns take hours over these."""
    context = Context(ProbeExchange(PLAIN, answer), SeenLogs(), Secrets())
    began = time.process_time()
    found = {check.name for check in LOCAL if check(context)}
    assert time.process_time() - began < 5
    assert found == shown
