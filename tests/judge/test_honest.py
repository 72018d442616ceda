"""Honest deployments raise nothing, however they differ; what nothing can be said of ends as that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.judge.known import known_deviations
from mockserver.judge.limits import Depth
from mockserver.judge.route import address, logs_address
from mockserver.judge.session import STORED
from mockserver.mock.settings import Settings
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.judging import TestClock, broken, directly, judged, told, verdict_on
from tests.support.samples import Log, a_log, some_logs


def _with_a_user(logs: list[Log]) -> list[Log]:
    """Every 33rd log is of one user: a window of 1,000 holds more than one page of those, and no two."""
    for log in logs[::33]:
        log["payload"]["userId"] = "user00000001"
    return logs


def refuses_head(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    return deployment.refusal(405) if asked.method == "HEAD" else answered


VARIANTS = {
    "plain": Deployment,
    "one log": lambda: Deployment(some_logs(1)),
    "exactly one page": lambda: Deployment(some_logs(20)),
    "exactly one reference": lambda: Deployment(some_logs(100)),
    "ties": lambda: Deployment(some_logs(150, tied=True)),
    "oldest first": lambda: Deployment(oldest_first=True),
    "minimal payloads": lambda: Deployment(some_logs(60, minimal=True)),
    "problem+json": lambda: Deployment(error="problem"),
    "text errors": lambda: Deployment(error="text"),
    "empty errors": lambda: Deployment(error="empty"),
    "charset": lambda: Deployment(content_type="application/json; charset=utf-8"),
    "growing": lambda: Deployment(grows_every=7),
    "growing fast": lambda: Deployment(grows_every=2),
    "growing at the end": lambda: Deployment(grows_every=5, oldest_first=True),
    "growing past a page": lambda: Deployment(some_logs(19), grows_every=6),
    "growing past the reference": lambda: Deployment(some_logs(95), grows_every=5),
    "400 before 401": lambda: Deployment(validates_first=True),
    "404 for other methods": lambda: Deployment(other_method=404),
    "405 for HEAD": lambda: Deployment(mend=refuses_head),
    "unknown parameters refused": lambda: Deployment(refuses_unknown=True),
    "empty filter means none": lambda: Deployment(empty_filter="none"),
    "gzip": lambda: Deployment(zips=True),
    "no totals, no tags": lambda: Deployment(tells_total=False, tags=False),
    "no path of one log": lambda: Deployment(items=False),
    "more than is walked": lambda: Deployment(some_logs(1200)),
}


# Differences that do not meet, together, since the full depth takes its time.
TOGETHER = {
    "stable ties, gzip, problem+json, 400 first": lambda: Deployment(
        some_logs(95, tied=True),
        zips=True,
        error="problem",
        validates_first=True,
        content_type="application/json; charset=utf-8",
    ),
    "oldest first, growing, text": lambda: Deployment(
        some_logs(95), oldest_first=True, grows_every=5, empty_filter="none", error="text", other_method=404
    ),
    "minimal, one page, empty, refusing": lambda: Deployment(
        some_logs(20, minimal=True), error="empty", refuses_unknown=True, tells_total=False, tags=False, items=False
    ),
    "growing fast": lambda: Deployment(some_logs(150), grows_every=2),
    "more than is walked, a user of two pages": lambda: Deployment(_with_a_user(some_logs(1010, minimal=True))),
    "one log": lambda: Deployment(some_logs(1)),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_honest_deployment_raises_nothing_at_quick_depth(variant: str) -> None:
    verdict = judged(VARIANTS[variant](), "quick", unsafe=True)
    assert not told(verdict.failing())
    assert verdict.exit_code == 0
    assert verdict.logs


@pytest.mark.parametrize("variants", TOGETHER)
def test_an_honest_deployment_raises_nothing_at_full_depth(variants: str) -> None:
    # A socket alone unpacks gzip.
    verdict = (judged if "gzip" in variants else directly)(TOGETHER[variants](), unsafe=True)
    assert not told(verdict.failing())
    assert verdict.exit_code == 0


def test_quick_depth_keeps_to_its_requests() -> None:
    verdict = judged(Deployment(grows_every=1), "quick", unsafe=True)
    assert verdict.requests <= 150
    assert not broken(verdict)


def test_a_log_that_one_copy_lacks_is_asked_for_again_by_its_id() -> None:
    def lacks(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        is_first = [each.path for each in deployment.asked].count(asked.path) == 1
        is_old = asked.path in {f"/api/logs/{log['id']}" for log in deployment.logs[20:]}
        return deployment.refusal(404) if is_old and is_first else answered

    verdict = directly(Deployment(mend=lacks))
    assert not told(verdict.failing())
    assert verdict.ledger.judged["one-log"] == 5


def test_a_total_that_is_counted_late_is_no_break() -> None:
    def late(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if total := int(answered.headers.get("Total-Number", 0)):
            answered.headers["Total-Number"] = str(max(0, total - 2))
        return answered

    verdict = directly(Deployment(mend=late, grows_every=7))
    assert not told(verdict.failing())
    assert verdict.ledger.unjudged["total-number: count"] == "logs came in, and a total may be counted late"


@pytest.mark.parametrize(("depth", "seconds"), [("quick", 2), ("full", 2), ("quick", 60)])
def test_a_cache_that_keeps_answers_and_tells_their_age_breaks_nothing(depth: Depth, seconds: int) -> None:
    clock, kept = TestClock(), dict[object, tuple[float, Answered]]()

    def keep(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        since, stored = kept.setdefault((asked.method, asked.path, asked.query), (clock.now(), answered))
        if asked.headers.get("authorization") != "Bearer good-token" or "if-none-match" in asked.headers:
            return answered
        if clock.now() - since < seconds:
            return replace(stored, headers={**stored.headers, "Age": f"{clock.now() - since:.0f}"})
        kept[asked.method, asked.path, asked.query] = clock.now(), answered
        return answered

    verdict = directly(Deployment(mend=keep, grows_every=5, tags=False), depth, clock)
    assert not told(verdict.failing())
    # What a cache keeps for a minute cannot be compared with anything.
    assert verdict.exit_code == (0 if seconds == 2 else 2), verdict.summary
    assert set(clock.slept) == {STORED}


def test_an_empty_deployment_proves_nothing() -> None:
    verdict = judged(Deployment([]))
    assert (verdict.exit_code, verdict.vacuous) == (2, "no log was seen, and an empty answer proves nothing")
    assert "proves nothing; give a token that sees logs (" in verdict.summary


def test_a_listing_that_changes_at_every_look_is_inconclusive_and_no_finding() -> None:
    """Another newest log each time: nobody can say what a page should have been."""

    steady = some_logs(150)

    def mend(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        deployment.logs = [a_log(9_000 + len(deployment.asked)), *steady]
        return answered

    verdict = judged(Deployment(mend=mend), "quick")
    assert not told(verdict.failing())
    assert "the logs changed each time it was tried" in verdict.ledger.unjudged.values()


@pytest.mark.parametrize("logs", ["seeded", "faker:count=400,seed=1", "hypothesis:count=60,seed=1"])
def test_the_mock_keeps_its_own_contract(logs: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Server(create_app(Settings(logs=logs))) as server:
        verdict = verdict_on(server.url, "full" if logs.startswith("faker") else "quick")
    assert not told(verdict.failing())
    assert verdict.exit_code == 0


def test_the_growing_mock_keeps_its_contract() -> None:
    with Server(create_app(Settings(logs="faker:count=400,seed=1", growth=5.0, now="live"))) as server:
        verdict = verdict_on(server.url, "quick")
    assert not told(verdict.failing())
    assert verdict.exit_code == 0


def test_the_observed_mock_shows_known_deviations_alone(observed_port: int) -> None:
    known = known_deviations("observed")
    verdict = verdict_on(f"http://127.0.0.1:{observed_port}", deviations=known)
    assert not told(verdict.failing())
    assert {f.deviation.id for f in verdict.findings if f.deviation} == {d.id for d in known if not d.sometimes}
    assert not verdict.ledger.stale()


def test_the_observed_mock_breaks_the_document(observed_port: int) -> None:
    verdict = verdict_on(f"http://127.0.0.1:{observed_port}", "quick")
    expected = {"status-documented", "valid-request-accepted", "invalid-request-refused", "link"}
    assert broken(verdict) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://localhost:3001", "http://localhost:3001/api/logs"),
        ("http://localhost:3001/", "http://localhost:3001/api/logs"),
        ("http://localhost:3001/t/acme", "http://localhost:3001/t/acme/api/logs"),
        ("http://localhost:3001/a_/", "http://localhost:3001/a_/api/logs"),
        ("https://my-tenant.logto.app:443/api/logs", "https://my-tenant.logto.app/api/logs"),
        ("http://[::1]:3001", "http://[::1]:3001/api/logs"),
    ],
)
def test_the_operation_is_found_below_a_base_url(base: str, expected: str) -> None:
    assert logs_address(base).url == expected


@pytest.mark.parametrize(
    ("url", "loopback"),
    [("http://localhost", True), ("http://acme.localhost:1", True), ("http://127.9.9.9", True), ("http://[::1]", True),
     ("http://192.0.2.1", False), ("https://logs.example.com", False), ("http://localhost.example.com", False)],
)  # fmt: skip
def test_loopback_is_this_machine_alone(url: str, loopback: bool) -> None:
    assert address(url).loopback is loopback
