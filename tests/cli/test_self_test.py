"""The judge against some of the mock's offences; ``make self-test`` tries more of each family, ``make night`` all."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from click.testing import CliRunner

from mockserver.cli import group
from mockserver.cli.self_test import FILTERING, HONEST, ODD, Kill, deployed, kill, kills
from mockserver.faults.offences import catalogue, find_offence
from mockserver.faults.offences.offence import Offence, pairwise
from mockserver.judge.checks import CHECKS, find_check
from tests.support.deployment import Deployment
from tests.support.judging import directly
from tests.support.samples import some_logs
from tests.support.wire import request

# No offence breaks these: they are advice, or need a cache. See tests/judge/test_checks.py and tests/strangers.
ELSEWHERE = {"server-version", "nosniff", "slow", "throttled", "log-edited", "encoding-taken"}
SEED = 21
# Any two values of a product meet in the sample that this is drawn from.
SAMPLE = random.Random(SEED).sample(pairwise(tuple(catalogue().values()), SEED), 4)
# One that needs requests at once, one of another method, one that is advice, and one that five logs show.
SAMPLE += map(find_offence, ("answers-mixed", "accepted-no-token-TRACE", "accepted-in-query", "page-size-exceeded-5"))


@pytest.fixture(scope="module")
def found() -> dict[str, Kill]:
    return {each.offence: each for each in kills(SAMPLE, "full")}


def test_an_offence_is_caught_by_its_own_check_alone() -> None:
    honest = directly(Deployment(some_logs(30)), "quick")
    unseen = kill(find_offence("status-201"), honest)
    assert (unseen.caught, unseen.wrong, unseen.checks) == (False, False, ())
    created = directly(
        Deployment(some_logs(30), mend=lambda _, asked, answered: replace(answered, status=201)), "quick"
    )
    assert kill(find_offence("link-prev-zero"), created).wrong


@pytest.mark.parametrize(("name", "logs"), [("", 400), ("page-size-exceeded-5", 5), ("answers-mixed", 400)])
def test_a_server_has_as_many_logs_as_its_offence_needs_and_odd_values_where_they_are_many(
    name: str, logs: int
) -> None:
    with deployed(find_offence(name) if name else None) as (server, token, _):
        headers = [("Authorization", f"Bearer {token}")]
        total = int(request(server.port, "/api/logs?page=9&page_size=50", headers).header("Total-Number") or 0)
        odd = request(server.port, "/api/logs?userId=4711", headers).json()
    assert total == logs + (len(ODD) * 3 + 2) * (logs >= 400)
    assert len(odd) == 3 * (logs >= 400)


def test_the_honest_mock_is_found_honest(found: dict[str, Kill]) -> None:
    assert found[HONEST].caught


@pytest.mark.parametrize("offence", SAMPLE, ids=lambda offence: offence.name)
def test_an_offence_is_charged_by_the_check_that_it_names_and_by_no_other(
    offence: Offence, found: dict[str, Kill]
) -> None:
    """A finding that follows from another is no charge."""
    each = found[offence.name]
    assert (each.caught, each.wrong) == (True, False), each.row()
    assert {*each.checks} <= {offence.check} | (FILTERING if offence.family == "filter" else set()), each.row()


def test_each_offence_names_a_check_of_its_own_severity_and_each_check_an_offence() -> None:
    for offence in catalogue().values():
        assert find_check(offence.check).severity == offence.severity, offence.name
    assert {offence.check for offence in catalogue().values()} | ELSEWHERE == CHECKS.keys()
    assert CHECKS.keys() > FILTERING


def test_a_wrong_charge_beside_the_right_one_is_told_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Kill("gap", "senseless", ("link", "pages-gap", "total-number"), True, 1, 0.1, "", wrong=True)
    monkeypatch.setattr("mockserver.cli.self_test.kills", lambda offences, depth: iter([pair]))
    result = CliRunner().invoke(group, ["self-test", "--only", "gap"])
    assert result.exit_code == 1
    assert "| gap | senseless | **wrongly** | link, pages-gap, total-number | 1 | 0.1 |" in result.output
    assert "0 missed, 1 charged wrongly.\nCharged wrongly: gap." in result.output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((), pairwise(tuple(catalogue().values()), 0)), (("--seed", "7"), pairwise(tuple(catalogue().values()), 7)),
     (("--all",), list(catalogue().values())), (("--only", "gap"), [find_offence("gap")])],
    ids=["sample", "seed", "all", "only"],
)  # fmt: skip
def test_the_command_tries_a_sample_by_seed_or_all(
    arguments: tuple[str, ...], expected: list[Offence], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Offence] = []

    def fake(offences: Sequence[Offence], depth: str) -> Iterator[Kill]:
        tried.extend(offences)
        return iter([Kill(HONEST, "", (), True, 1, 0.1, "")])

    monkeypatch.setattr("mockserver.cli.self_test.kills", fake)
    assert CliRunner().invoke(group, ["self-test", *arguments]).exit_code == 0
    assert tried == expected


def test_the_command_prints_a_table_and_what_was_missed() -> None:
    names = ["--only", "broken-by-large-page", "--only", "login-page"]
    result = CliRunner().invoke(group, ["self-test", "--depth", "quick", *names])
    assert result.exit_code == 1
    assert "| (none) |  | yes | nothing |" in result.output
    assert "| broken-by-large-page | forbidden | **no** | nothing |" in result.output
    assert "| login-page | forbidden | yes | not this API: 200 (text/html, 56 bytes) | 1 |" in result.output
    assert (
        f"2 of {len(catalogue())} offences, 1 missed, 0 charged wrongly.\nMissed: broken-by-large-page."
        in result.output
    )


def test_an_unknown_offence_lists_the_known_ones() -> None:
    assert "did you mean overlap?" in str(CliRunner().invoke(group, ["self-test", "--only", "overlapp"]).exception)


def test_a_kill_needs_the_check_that_the_offence_names() -> None:
    from tests.support.deployment import Answered, Deployment
    from tests.support.judging import judged

    verdict = judged(Deployment(mend=lambda d, a, x: Answered(403) if x.status == 401 else x), "quick")
    assert [f.check for f in verdict.failing()] == [find_check("unauthorized-status")]
    assert kill(find_offence("status-401-as-403"), verdict).caught
    assert not kill(find_offence("overlap"), verdict).caught
