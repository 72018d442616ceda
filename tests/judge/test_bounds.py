"""Bounds: whatever a target or a token endpoint sends, a run costs bounded time and memory, and says little."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode
from mockserver.judge import generator, report, session, target
from mockserver.judge.answer import BEYOND, Answer, Break, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.listing import filter_ignored
from mockserver.judge.credentials import Client, Fetched
from mockserver.judge.findings import MOST_FINDINGS, OTHERS, Ledger
from mockserver.judge.limits import Limits
from mockserver.judge.probe import PLAIN
from mockserver.judge.report.record import record
from mockserver.judge.route import address
from mockserver.judge.secrets import LONGEST_VALUE, MOST_NAMES, Secrets
from mockserver.judge.validator import schema_breaks
from tests.judge.test_connection import judged_at, speaking
from tests.judge.test_exact_doubts import session as scripted
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.judging import TestClock, broken, directly, judged
from tests.support.samples import some_logs

JSON = {"Content-Type": "application/json"}
MEGABYTE = 1_000_000


def always(body: bytes) -> Any:
    """A deployment that answers every list with this body."""
    answer = Answered(200, headers=JSON, raw=body)
    return lambda deployment, asked, honest: answer if honest.status == 200 else honest


def objects(size: int) -> bytes:
    return b"[" + b'{"a":{}},' * (size // 9) + b"{}]"


def test_logs_are_validated_up_to_the_first_broken_ones() -> None:
    """A validator that goes on takes a minute for a million numbers."""
    exchange = ProbeExchange(PLAIN, Answer(200, (), b"[" + b"1," * 500_000 + b"1]"))
    assert len(list(schema_breaks(exchange))) == 1
    logs = [*some_logs(250), {**some_logs(1)[0], "key": 7}]
    (found,) = schema_breaks(ProbeExchange(PLAIN, Answer(200, (), encode(logs))))
    assert found.came == "a number at /250/key"


def test_a_body_that_would_take_gigabytes_is_not_parsed() -> None:
    assert Answer(200, (), objects(13_500_000)).value is BEYOND
    assert Answer(200, (), encode(some_logs(1000))).value is not BEYOND


def test_wrong_elements_by_the_thousand_are_found_and_end_nothing() -> None:
    verdict = directly(Deployment(mend=always(b"[" + b"1," * 3_000 + b"1]")), "quick")
    assert {"schema", "page-size-exceeded"} <= broken(verdict)


def test_what_is_too_heavy_to_read_is_told_and_is_no_finding() -> None:
    verdict = judged(Deployment(mend=always(objects(3 * MEGABYTE))), "quick", TestClock())
    assert (verdict.exit_code, broken(verdict)) == (2, set())
    assert verdict.ledger.unjudged["what some answers hold"].startswith("they are larger")


def test_references_that_are_too_large_to_keep_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_KEPT", 1000)
    verdict = judged(Deployment(), "quick", TestClock())
    assert (verdict.exit_code, verdict.vacuous) == (2, "the answers are too large to be kept and compared")


def test_logs_beyond_what_is_remembered_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST_LEARNED", 0)
    verdict = judged(Deployment(content_type="text/plain"), "quick", TestClock())
    assert (verdict.logs, broken(verdict)) == (0, {"content-type"})


def test_a_code_of_any_length_is_told_in_a_few_words() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if answered.status == 200 and "page_size=2" in asked.query:
            return Answered(400, {"code": "e" * MEGABYTE}, JSON)
        return answered

    verdict = directly(Deployment(mend=mend), "quick")
    told = record(verdict, Secrets(), bodies=True)
    forms = [report.text(told), report.junit(told), report.html(told), report.commands(told), report.summary(told)]
    assert verdict.exit_code == 1
    assert max(map(len, forms)) < MEGABYTE


def test_a_check_has_few_findings_however_many_kinds_a_target_invents() -> None:
    ledger = Ledger(frozenset(CHECKS))
    for number in range(100):
        ledger.find(filter_ignored, Break("a", "b", f"member {number}"), ProbeExchange(PLAIN, Answer(200)))
    findings = list(ledger)
    assert len(findings) == MOST_FINDINGS
    assert findings[-1].broken.subject == OTHERS
    assert sum(finding.times for finding in findings) == 100


def test_an_access_token_that_no_header_holds_is_told_in_one_line() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        token = {"access_token": "t" * (100_000 if "small" in asked.path else MEGABYTE)}
        return Answered(200, token, JSON)

    with serving(Deployment(mend=mend)) as url:
        for path, found in (("small", "200 .application/json"), ("large", "a body too large to judge")):
            client = Client("id", "secret", address(f"{url}/{path}/oidc/token"), "api")
            with pytest.raises(MockserverError, match=found) as raised:
                Fetched(client, Secrets(), 5.0, time.monotonic)()
            assert len(str(raised.value)) < 500


@pytest.mark.parametrize("values", [["v" * (LONGEST_VALUE + 1)], [f"value-{n}" for n in range(MOST_NAMES + 1)]])
def test_bodies_whose_personal_values_cannot_all_be_replaced_are_not_told(values: list[str]) -> None:
    secrets = Secrets()
    for value in values:
        secrets.add_personal(value, "USER")
    assert secrets.overflown
    verdict = judged(Deployment(content_type="text/plain"), "quick", TestClock())
    assert not any("body" in finding for finding in record(verdict, secrets, bodies=True)["findings"])


def test_a_value_too_long_for_a_request_line_is_no_filter() -> None:
    logs = [{**log, "payload": {**log["payload"], "userId": "u" * 5_000}} for log in some_logs(30)]
    deployment = Deployment(logs)
    assert judged(deployment, "quick", TestClock()).ledger.unjudged["filter by userId"].startswith("a filter without")
    assert max(len(asked.query) for asked in deployment.asked) < 2_000


def test_a_heavy_body_is_judged_by_the_session_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "HEAVY", 10)
    environ = {"PATH_INFO": "/api/logs", "QUERY_STRING": ""}
    bridge = generator.Bridge(lambda probe: Answer(200, (), b'[{"a":{}}]'))
    assert list(bridge(environ, lambda status, headers, *more: lambda text: None)) == [b"[]"]


def test_an_answer_that_never_comes_does_not_outlast_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "GRACE", 0.05)
    with speaking(None) as url:
        begun = time.monotonic()
        judged_at(url, limits=Limits("quick", 10, 0.05, None), timeout=60.0)
    assert time.monotonic() - begun < 30


def test_a_finding_keeps_the_beginning_of_a_body_alone() -> None:
    ledger = Ledger(frozenset(CHECKS))
    large = ProbeExchange(PLAIN, Answer(200, (), b"[" + b"1," * MEGABYTE + b"1]"))
    ledger.find(filter_ignored, Break("a", "b"), replace(large, probe=PLAIN))
    (finding,) = ledger
    assert len(finding.exchange.answer.body) < 50_000


@pytest.mark.parametrize(
    ("pages", "seen"),
    [
        ([[0], [1], [2]], 1),
        ([[0], [0], [0]], 1),
        ([[0, 1], [2], [3]], 2),
        ([[0, 1], [0, 1], [2]], 2),
        ([[], [0], [1]], 1),
    ],
)
def test_logs_are_remembered_until_the_pages_that_brought_new_ones_are_heavy_enough(
    pages: list[list[int]], seen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is what the first page with logs weighs: the last page that is learned reaches it."""
    logs = some_logs(4)
    answers = [Answer(200, (), encode([logs[at] for at in page])) for page in pages]
    monkeypatch.setattr(session, "MOST_LEARNED", next(each.weight for each in answers if each.logs))
    judge, _ = scripted(lambda probe, turn: answers[turn], "json")
    for _ in pages:
        judge.ask(PLAIN)
    assert len(judge.memory.logs) == seen
