"""A walk brings each log home once, though the pages shift, tie, fail and break off."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError
from mockserver.judge.answer import Answer
from mockserver.judge.limits import Limits, WallClock
from mockserver.judge.probe import Probe
from mockserver.judge.route import logs_address
from mockserver.judge.target import Gone, Target
from mockserver.record.collection import collection
from mockserver.record.walk import Walk
from tests.support.deployment import Answered, Asked, Deployment, serving
from tests.support.judging import TestClock
from tests.support.samples import Log, a_log, some_logs


@dataclass
class Listed:
    """A target in this process: ``before`` may change its logs before each answer."""

    logs: list[Log]
    before: Callable[[Listed], object] = lambda listed: None
    address: Any = field(default_factory=lambda: logs_address("http://127.0.0.1:1"))
    clock: Any = field(default_factory=TestClock)
    exchanges: list[Any] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def close(self) -> None: ...

    def ask(self, probe: Probe) -> Answer:
        given = dict(probe.parameters)
        page, size = int(given["page"]), int(given["page_size"])
        self.asked.append(page)
        self.before(self)
        body = self.logs[(page - 1) * size : page * size]
        return Answer(200, (("Total-Number", str(len(self.logs))),), json.dumps(body).encode())


def walk(target: Any, count: float = float("inf"), since: float = float("-inf")) -> Walk:
    return Walk(target, (), count, since)


def home(walk: Walk, path: str = "", pages: int = -1) -> list[str]:
    """Returns the ids that a walk brings home; it breaks off behind so many pages."""
    with collection(path, "") as logs:
        for number, _ in enumerate(walk.read(logs, lambda log: log), 1):
            if number == pages:
                raise Gone
        return [json.loads(text)["id"] for text in logs.newest_first()]


def ids(logs: list[Log]) -> list[str]:
    return [log["id"] for log in logs]


@settings(max_examples=20)
@given(st.lists(st.integers(0, 300), max_size=12), st.integers(0, 900))
def test_each_log_comes_once_and_none_is_lost_while_logs_come_in(coming: list[int], count: int) -> None:
    fresh, left = itertools.count(count), iter(coming)

    def grow(listed: Listed) -> None:
        for _ in range(next(left, 0)):
            listed.logs.insert(0, a_log(next(fresh)))

    listed = Listed(some_logs(count), grow)
    begun = walk(listed)
    found = home(begun)
    assert begun.lost == ""
    assert [log for log in found if log < f"log{count:018d}"] == ids(some_logs(count))
    assert len(set(found)) == len(found)
    assert found == sorted(found, reverse=True)
    assert len(listed.asked) <= count / 100 + 2 * len(coming) + 2


@settings(max_examples=20)
@given(st.integers(0), st.integers(2, 60))
def test_logs_of_one_moment_that_change_places_are_looked_for_again(seed: int, tied: int) -> None:
    chance = random.Random(seed)
    logs = [a_log(number) | {"createdAt": number // tied} for number in reversed(range(500))]

    def shuffle(listed: Listed) -> None:
        chance.shuffle(listed.logs)
        listed.logs.sort(key=lambda log: -log["createdAt"])

    begun = walk(Listed(logs, shuffle))
    found = home(begun)
    lost = int(begun.lost.partition(" ")[0] or 0)
    assert len(set(found)) == len(found) == 500 - lost
    assert lost <= 4 * tied / 10


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 120), st.lists(st.integers(0), max_size=120)), max_size=10))
def test_each_log_that_stays_comes_once_while_others_come_and_go(changes: list[tuple[int, list[int]]]) -> None:
    fresh, left = itertools.count(600), iter(changes)

    def change(listed: Listed) -> None:
        coming, going = next(left, (0, []))
        for place in going:
            listed.logs.pop(place % len(listed.logs))
        for _ in range(coming):
            listed.logs.insert(0, a_log(next(fresh)))

    listed = Listed(some_logs(600), change)
    begun = walk(listed)
    found = home(begun)
    assert begun.lost == ""
    assert {log["id"] for log in listed.logs} & set(ids(some_logs(600))) <= set(found)
    assert len(set(found)) == len(found)


def test_a_deletion_that_pulls_a_log_back_over_a_border_costs_one_page() -> None:
    listed = Listed(some_logs(300))
    listed.before = lambda target: target.logs.pop(0) if len(target.asked) == 2 else None
    assert len(home(walk(listed))) == 300
    assert listed.asked == [1, 2, 1, 2, 3]


def test_a_walk_ends_at_a_number_of_logs_or_behind_a_moment() -> None:
    logs = some_logs(450)
    listed = Listed(logs)
    assert home(walk(listed, count=150)) == ids(logs[:200])
    assert home(walk(listed, since=logs[99]["createdAt"])) == ids(logs[:200])
    assert listed.asked == [1, 2, 1, 2]
    assert home(walk(Listed([]))) == []


@pytest.mark.parametrize("coming", [0, 70, 2000])
def test_a_walk_that_broke_off_goes_on_behind_its_last_page(tmp_path: Path, coming: int) -> None:
    path = str(tmp_path / "part")
    listed = Listed(some_logs(450))
    with pytest.raises(Gone):
        home(walk(listed), path, pages=3)
    listed.logs[:0] = reversed([a_log(number) for number in range(450, 450 + coming)])
    found = home(walk(listed), path)
    assert found[-450:] == ids(some_logs(450))
    assert listed.asked[3:] == {0: [4, 5], 70: [4, 5, 6], 2000: [4, 24, 25]}[coming]
    assert not Path(path).exists()


def test_a_target_that_caps_its_pages_is_told_what_was_on_no_page() -> None:
    class Capped(Listed):
        def ask(self, probe: Probe) -> Answer:
            answer = super().ask(probe)
            return Answer(200, answer.headers, json.dumps(answer.value[:20]).encode())

    begun = walk(Capped(some_logs(350)))
    assert len(home(begun)) == 20
    assert begun.lost == "330 of 350 logs were on no page, in 3 walks over all pages"


def test_a_target_that_repeats_itself_is_left() -> None:
    class Liar(Listed):
        def ask(self, probe: Probe) -> Answer:
            super().ask(probe)
            page = json.dumps(self.logs[:100]).encode()
            return Answer(200, (("Total-Number", str(10**15 + 10**6 * len(self.asked))),), page)

    liar = Liar(some_logs(100))
    with pytest.raises(MockserverError, match=r"found the same logs again and again, expected older logs"):
        home(walk(liar))
    assert len(liar.asked) < 20


GZIP = {"Content-Encoding": "gzip"}
LISTING = {"Content-Type": "application/json", "Total-Number": "1"}


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (Answered(401, {"code": "auth.unauthorized"}, LISTING), "found 401 (application/json, code auth.unauth"),
        (Answered(403, raw=b"no", headers={"Content-Type": "text/plain"}), "see --token and --client-id"),
        (Answered(301, headers={"Location": "https://login.example.com"}), "found 301 to https://login.example.com"),
        (Answered(200, raw=b"<html>", headers={"Content-Type": "text/html"}), "is this the base URL of a Logto?"),
        (Answered(200, raw=b"[" * 1_000_000, headers=LISTING), "found 200 (application/json, 1000000 bytes)"),
        (Answered(200, {"logs": []}, LISTING), "found 200 (application/json, 11 bytes), expected 200 with a page"),
        (
            Answered(200, [], {"Content-Type": "a\x1b[31m"}),
            "found 200 (a�[31m, 0 logs), expected 200 with",
        ),
        (Answered(200, [1], LISTING), "(page 1): found something else in the list, expected logs with a text for id"),
        (Answered(200, [{"id": "a", "createdAt": True}], LISTING), "is this Logto's GET /api/logs?"),
        (Answered(200, [{"createdAt": 1}], LISTING), "found something else in the list"),
        (Answered(200, raw=gzip.compress(bytes(10**8)), headers=LISTING | GZIP), "json, 16777216 bytes), expected 200"),
        (Answered(500, {"message": "Internal"}, LISTING), "found 3 failures in a row, the last: 500"),
        (
            Answered(429, headers={"Retry-After": "99999999999"}),
            "wait 1e+11 seconds, beyond the 1e+06 of",
        ),
    ],
)
def test_whatever_else_a_target_answers_is_one_clear_line(
    answered: Answered, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = Deployment(mend=lambda *_: answered)
    monkeypatch.setattr(WallClock, "sleep", staticmethod(lambda seconds: None))
    with serving(deployment) as url:
        begun = walk(Target(logs_address(url), Limits("full", 100, 1e6, 1000), {}, WallClock(), 10))
        with pytest.raises(MockserverError) as error:
            home(begun)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_failure_in_between_is_asked_again() -> None:
    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(502, raw=b"") if len(deployment.asked) % 2 else answered

    deployment = Deployment(some_logs(250), mend=mend)
    with serving(deployment) as url:
        limits = Limits("full", 100, float("inf"), 5)
        target = Target(logs_address(url), limits, {"token": lambda: "good-token"}, clock := TestClock(), 10)
        assert home(walk(target)) == ids(deployment.logs)
    assert len(deployment.asked) == 6
    assert sum(clock.slept) >= 1  # 5 requests a second
