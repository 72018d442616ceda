"""The judge against the mock's offences: a sample of each family, at quick depth; ``make self-test`` tries all."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.cli.self_test import HONEST, Kill, alone, kill, kills
from mockserver.faults.offences import find_offence
from mockserver.judge.checks import CHECKS

# One offence that each check alone catches. The others need other methods, are advice, or no offence breaks them: see
# tests/judge/test_checks.py and tests/strangers.
ALONE = {
    "answered": "broken-by-quote", "status-documented": "status-201", "content-type": "type-text",
    "json": "trailing-comma",
    "schema": "missing-id", "valid-request-accepted": "refused-page-1", "invalid-request-refused": "accepted-page-0",
    "default-page": "default-page-2", "default-page-size": "default-size-10",
    "page-size-exceeded": "page-size-exceeded",
    "page-size-ignored": "page-size-short", "page-ignored": "page-ignored", "past-the-end": "past-the-end-repeats",
    "filter-ignored": "filter-ignored-logKey", "logs-missing": "last-log-lost", "filters-combined": "filters-or",
    "filter-inexact": "filter-prefix-userId", "filter-after-paging": "filter-after-paging", "pages-overlap": "overlap",
    "pages-gap": "gap", "order-stable": "unstable-order", "ids-unique": "duplicate-log", "log-unchanged": "log-changes",
    "one-tenant": "foreign-tenant", "unknown-parameter": "unknown-parameter-filters", "one-log": "item-is-newest",
    "total-number": "total-off-by-one", "link": "link-next-skips", "conditional": "stale-304",
    "token-required": "accepted-no-token", "unauthorized-status": "status-401-as-403",
    "forbidden-status": "status-403-as-401", "error-body": "error-html-as-json", "internals-told": "stack-trace",
    "credential-echoed": "credential-echoed", "shared-caching": "public-caching",
    "cors-credentials": "any-origin-with-credentials", "head": "head-refused",
}  # fmt: skip
ELSEWHERE = {
    "read-only", "server-version", "nosniff", "slow", "throttled", "log-edited", "token-in-query", "answers-apart",
    "scope-required", "charset", "members-unique", "key-repeated", "created-at-unit", "filter-empty", "refusal-tells",
    "bearer-scheme", "markup-echoed", "allow-named", "encoding-taken",
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> dict[str, Kill]:
    return {each.offence: each for each in kills([find_offence(name) for name in ALONE.values()], "quick")}


def test_the_honest_mock_is_found_honest(found: dict[str, Kill]) -> None:
    assert found[HONEST].caught


@pytest.mark.parametrize("name", ALONE)
def test_each_check_has_an_offence_that_it_alone_catches(name: str, found: dict[str, Kill]) -> None:
    each = found[ALONE[name]]
    assert (each.caught, each.checks) == (True, (name,))
    assert ALONE[name] in alone(list(found.values()))[name]


def test_every_check_is_in_the_sample_or_tested_elsewhere() -> None:
    assert ALONE.keys() | ELSEWHERE == CHECKS.keys()


def test_the_command_prints_a_table_and_what_was_missed() -> None:
    names = ["--only", "broken-by-large-page", "--only", "login-page"]
    result = CliRunner().invoke(group, ["self-test", "--depth", "quick", *names])
    assert result.exit_code == 1
    assert "| broken-by-large-page | forbidden | **no** | nothing |" in result.output
    assert "| login-page | forbidden | yes | not this API: 200 (text/html, 56 bytes) | 1 |" in result.output
    assert "2 offences, 1 missed." in result.output


def test_the_command_tells_which_checks_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [Kill(HONEST, "", (), True, 1, 0.1), Kill("overlap", "senseless", ("pages-overlap",), True, 1, 0.1)]
    monkeypatch.setattr("mockserver.cli.self_test.kills", lambda offences, depth: iter(some))
    result = CliRunner().invoke(group, ["self-test"])
    assert result.exit_code == 0
    assert "1 offences, 0 missed." in result.output
    assert "Checks without an offence that they alone catch: answered, " in result.output
    assert "pages-overlap" not in result.output.splitlines()[-1]


def test_an_unknown_offence_lists_the_known_ones() -> None:
    assert "did you mean overlap?" in str(CliRunner().invoke(group, ["self-test", "--only", "overlapp"]).exception)


def test_a_kill_needs_the_offences_own_severity(found: dict[str, Kill]) -> None:
    from mockserver.judge.checks import find_check
    from tests.support.deployment import Answered, Deployment
    from tests.support.judging import judged

    verdict = judged(Deployment(mend=lambda d, a, x: Answered(403) if x.status == 401 else x), "quick")
    assert [f.check for f in verdict.failing()] == [find_check("unauthorized-status")]
    assert kill(find_offence("overlap"), verdict).caught
    assert not kill(find_offence("page-ignored"), verdict).caught
