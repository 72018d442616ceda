"""How often a doubt is asked again, how long a run waits, and what arrivals excuse: exact numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar

import pytest

from mockserver.contract.jsontext import encode
from mockserver.judge import target as targets
from mockserver.judge.answer import Answer, Break, Listing, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.headers import total_number
from mockserver.judge.checks.listing import logs_missing, page_ignored
from mockserver.judge.comparisons import Mismatch
from mockserver.judge.findings import Ledger
from mockserver.judge.inventory import Inventory
from mockserver.judge.limits import Limits
from mockserver.judge.probe import PLAIN, Probe, asking
from mockserver.judge.probes import http, values
from mockserver.judge.route import address
from mockserver.judge.secrets import Secrets
from mockserver.judge.session import Session
from mockserver.judge.target import Gone, Spent, Target
from tests.support.judging import TestClock
from tests.support.samples import some_logs

REFERENCE, TEST = asking(page_size=5), asking(page=2, page_size=5)
LOGS = some_logs(40)
WRONG = Mismatch(page_ignored, Break("logs 5-9", "logs 0-4"))
Answers = Callable[[Probe, int], Answer]


def page(logs: Sequence[Any], **headers: str) -> Answer:
    pairs = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Answer(200, (("Content-Type", "application/json"), *pairs), encode(list(logs)))


class Scripted:
    """A target that answers the n-th request of a probe, from 0, as a function says."""

    def __init__(self, answers: Answers) -> None:
        self.limits = Limits("full", 1000, 1000.0, None)
        self.clock = TestClock()
        self.exchanges: list[ProbeExchange] = []
        self.asked: Counter[Probe] = Counter()
        self._answers = answers

    def ask(self, probe: Probe) -> Answer:
        answer = self._answers(probe, self.asked[probe])
        self.asked[probe] += 1
        self.exchanges.append(ProbeExchange(probe, answer))
        return answer


def session(answers: Answers, *selected: str) -> tuple[Session, Any]:
    target: Any = Scripted(answers)
    return Session(target, Ledger(frozenset(selected or CHECKS)), Secrets(), Secrets(), 7), target


def never(listing: Listing, answer: Answer) -> Mismatch:
    return WRONG


def test_a_comparison_is_tried_six_times_while_the_list_changes_at_every_look() -> None:
    """Every second time, one look more comes first."""

    def answers(probe: Probe, turn: int) -> Answer:
        return page(LOGS[2 * turn : 2 * turn + 1] if probe == REFERENCE else LOGS[-1:])

    judge, target = session(answers, "page-ignored")
    judge.relate(REFERENCE, TEST, (page_ignored,), never)
    assert target.asked == {TEST: 6, REFERENCE: 10}
    assert judge.ledger.unjudged == {"page-ignored: page=2&page_size=5": "the logs changed each time it was tried"}
    assert judge.ledger.inconclusive() == ["page-ignored"]
    assert not judge.ledger.judged["page-ignored"]


def test_a_comparison_that_fits_costs_one_request_and_is_a_judgement_of_each_check() -> None:
    judge, target = session(lambda probe, turn: page(LOGS[:5]), "page-ignored", "logs-missing")
    for _ in range(2):
        judge.relate(REFERENCE, TEST, (page_ignored, logs_missing), lambda listing, answer: None)
    assert target.asked == {TEST: 2, REFERENCE: 1}
    assert (judge.ledger.judged["page-ignored"], judge.ledger.judged["logs-missing"]) == (2, 2)
    assert not list(judge.ledger)


@pytest.mark.parametrize(
    ("came", "wavers", "arrived", "asked"),
    [
        # No copy of the list explains logs with a gap: the reference alone is asked twice more.
        ([LOGS[0], LOGS[2]], False, 0, {TEST: 1, REFERENCE: 4}),
        # Neighbours may be another copy's: twice in a row, then eight or twelve times in turns.
        (LOGS[:2], False, 0, {TEST: 7, REFERENCE: 8}),
        (LOGS[:2], True, 0, {TEST: 9, REFERENCE: 10}),
        # Where logs come, the next one would stand first.
        (LOGS[:2], False, 1, {TEST: 3, REFERENCE: 4}),
    ],
)
def test_a_doubtful_break_is_asked_again_as_often_as_copies_may_explain_it(
    came: list[Any], wavers: bool, arrived: int, asked: dict[Probe, int]
) -> None:
    judge, target = session(lambda probe, turn: page(LOGS[:5] if probe == REFERENCE else came), "page-ignored")
    judge._wavers, judge.arrived = wavers, arrived
    for _ in range(2):
        judge.relate(REFERENCE, TEST, (page_ignored,), never)
    # The second time, the break is known: one request, and one look at the reference.
    assert target.asked == {TEST: asked[TEST] + 1, REFERENCE: asked[REFERENCE] + 1}
    assert [(finding.check.name, finding.times) for finding in judge.ledger] == [("page-ignored", 2)]


def test_a_wrong_total_is_a_break_when_it_comes_three_times() -> None:
    judge, target = session(lambda probe, turn: page(LOGS[:20], Total_Number="7"), "total-number")
    for _ in range(2):
        judge.ask(PLAIN)
    judge.conclude()
    assert target.asked == {PLAIN: 3 + 1}
    assert [(finding.check.name, finding.times) for finding in judge.ledger] == [("total-number", 2)]
    for right in (1, 2):
        judge, target = session(
            lambda probe, turn, right=right: page(LOGS[:20], Total_Number="30" if turn == right else "7"),  # type: ignore[misc]  # bound here
            "total-number",
        )
        judge.ask(PLAIN)
        judge.conclude()
        assert target.asked == {PLAIN: right + 1}
        assert not list(judge.ledger)


@pytest.mark.parametrize(
    ("off", "arrived", "counts"),
    [(1, 0, True), (20, 1, False), (21, 1, True), (40, 2, False), (41, 2, True), (None, 2, True)],
)
def test_a_total_may_be_off_by_twenty_times_the_logs_that_came_in(off: int | None, arrived: int, counts: bool) -> None:
    judge, _ = session(lambda probe, turn: page([]))
    broken = Break("a", "b", "count", (("off", off),) if off else ())
    judge._stale, judge.arrived = [(total_number, ProbeExchange(PLAIN, page([])), broken)], arrived
    judge.conclude()
    assert [finding.check.name for finding in judge.ledger] == ["total-number"] * counts
    assert judge.ledger.unjudged == (
        {} if counts else {"total-number: count": "logs came in, and a total may be counted late"}
    )


@pytest.mark.parametrize(
    ("filtered", "plain", "counts"), [(4, 0, False), (5, 0, True), (6, 0, True), (5, 1, False), (0, 0, None)]
)
def test_five_answers_without_logs_all_under_filters_are_no_empty_copy(
    filtered: int, plain: int, counts: bool | None
) -> None:
    judge, _ = session(lambda probe, turn: page([]))
    probes = [asking(userId="u")] * filtered + [PLAIN] * plain
    judge._vanished = [(WRONG, ProbeExchange(probe, page([]))) for probe in probes]
    judge.conclude()
    assert [finding.check.name for finding in judge.ledger] == ["page-ignored"] * bool(counts)
    told = {"answers without logs": f"{len(probes)} came once, as from an empty copy"}
    assert judge.ledger.unjudged == (told if counts is False else {})


def test_the_logs_that_came_in_are_counted_from_the_first_look() -> None:
    judge, _ = session(lambda probe, turn: page(LOGS[6 - 2 * turn : 12 - 2 * turn]))
    for _ in range(3):
        judge.refresh(REFERENCE)
    assert judge.arrived == 4
    assert not judge._wavers


def test_a_list_that_came_back_in_an_earlier_state_wavers() -> None:
    judge, _ = session(lambda probe, turn: page(LOGS[turn : turn + 5]))
    for _ in range(2):
        judge.refresh(REFERENCE)
    assert judge._wavers


@pytest.mark.parametrize(("age", "slept", "asked"), [("", [], 7), ("0", [2.5], 8), ("7", [2.5] * 6, 6)])
def test_what_a_cache_had_must_stay_for_two_and_a_half_seconds(age: str, slept: list[float], asked: int) -> None:
    """And the reference must be new then, or all of it is tried again."""
    judge, target = session(
        lambda probe, turn: page(LOGS[:5], **({"Age": age} if age else {})) if probe == REFERENCE else page(LOGS[:2]),
        "page-ignored",
    )
    judge.relate(REFERENCE, TEST, (page_ignored,), never)
    assert (target.clock.slept, target.asked[TEST]) == (slept, asked)


@pytest.mark.parametrize(("later", "slept"), [(LOGS[:5], []), (LOGS[1:6], [1.1])])
def test_a_weak_tag_may_stand_for_what_a_second_brings(later: list[Any], slept: list[float]) -> None:
    def answers(probe: Probe, turn: int) -> Answer:
        return page(LOGS[:5] if probe.headers else later, ETag='W/"x"')

    judge, target = session(answers)
    target.address = address("http://127.0.0.1:1/api/logs")
    http.conditional(judge, Inventory(5, ((PLAIN, LOGS[:5]),), None, None, {}))
    assert target.clock.slept == slept


def test_generated_requests_take_nine_tenths_of_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr("mockserver.judge.generator.generate", lambda *values: given.extend(values))
    judge, target = session(lambda probe, turn: page([]))
    target.seconds = 400.0
    values.generated(judge, Inventory(5, ((PLAIN, []),), None, None, {}))
    assert given == [judge.ask, 7, pytest.approx(540.0)]


class Line:
    """A connection that remembers how long it would wait, and answers as a list says."""

    made: ClassVar[list[Line]] = []
    answers: ClassVar[list[Answer]] = []

    def __init__(self, place: Any, timeout: float, now: Any) -> None:
        self.timeout, self.waits = timeout, list[float]()
        Line.made.append(self)

    def send(self, *request: Any) -> Answer:
        self.waits.append(self.timeout)
        return Line.answers.pop(0) if len(Line.answers) > 1 else Line.answers[0]

    def close(self) -> None: ...


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    monkeypatch.setattr(targets, "Connection", Line)
    Line.made, Line.answers = [], [page(LOGS[:5])]
    return Line.made


def made(seconds: float, timeout: float = 30.0, rate: float | None = None) -> tuple[Target, TestClock]:
    clock = TestClock()
    place = address("http://127.0.0.1:1/api/logs")
    return Target(place, Limits("full", 100, seconds, rate), {}, clock, timeout), clock


def test_an_answer_has_two_seconds_after_the_end_of_a_run(lines: list[Line]) -> None:
    target, clock = made(10.0)
    for moment in (0.0, 4.0, 10.0):
        clock.moment = moment
        target.ask(PLAIN)
    made(100.0)[0].ask(PLAIN)
    assert [line.waits for line in lines] == [[12.0, 8.0, 2.0], [30.0]]
    clock.moment = 10.1
    with pytest.raises(Spent, match="10 seconds are used up"):
        target.ask(PLAIN)


def test_a_run_of_less_than_a_second_sends_its_first_request(lines: list[Line]) -> None:
    target, _ = made(0.5)
    assert (target.ask(PLAIN).status, target.requests) == (200, 1)


@pytest.mark.parametrize(("status", "ends"), [(429, True), (503, False)])
def test_a_request_is_repeated_three_times_and_then_429_ends_the_run(
    status: int, ends: bool, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "FAILURES_IN_A_ROW", 9)
    Line.answers = [Answer(status)]
    target, clock = made(100.0)
    if ends:
        with pytest.raises(Gone, match="429 again and again"):
            target.ask(PLAIN)
    else:
        assert target.ask(PLAIN).status == 503
    assert (clock.slept, target.requests, len(target.exchanges)) == ([0.5, 1.0, 2.0], 4, 4)


def test_a_moment_that_is_over_and_zero_seconds_are_no_wait(lines: list[Line]) -> None:
    past = format_datetime(datetime(2001, 9, 9, tzinfo=UTC), usegmt=True)
    Line.answers = [Answer(429, (("Retry-After", text),)) for text in (past, "0", " 7 ")] + [page([])]
    target, clock = made(100.0)
    assert target.ask(PLAIN).status == 200
    assert clock.slept == [0.0, 0.0, 7.0]


def test_failures_count_in_a_row_and_an_answer_between_them_begins_anew(lines: list[Line]) -> None:
    Line.answers = [Answer(500), Answer(500), page([]), Answer(500), Answer(500), Answer(500)]
    target, _ = made(100.0)
    assert [target.ask(PLAIN).status for _ in range(5)] == [500, 500, 200, 500, 500]
    with pytest.raises(Gone, match="3 failures in a row, the last: 500"):
        target.ask(PLAIN)


@pytest.mark.parametrize(("status", "tries"), [(0, 3), (500, 1), (501, 1), (502, 3), (503, 3), (504, 3), (505, 1)])
def test_a_run_waits_ten_seconds_for_an_answer_and_half_a_second_between_two(
    status: int, tries: int, lines: list[Line]
) -> None:
    Line.answers, clock = [Answer(status), Answer(status), Answer(401)], TestClock()
    targets.wait([address("http://127.0.0.1:1/api/logs")], 10.6, clock)
    assert clock.slept == [0.5] * (tries - 1)
    assert [line.waits for line in lines] == [[10.0], [10.0], [pytest.approx(9.6)]][:tries]
