"""Exact bounds of the mock: the last value that is within each, and the first beyond it."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.errors import Refused
from mockserver.contract.profile import DOCUMENTED, profile
from mockserver.http.message import Reply, Request
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening
from mockserver.mock import forwarding, tokens
from mockserver.mock.exchange import Mock, Outcome
from mockserver.mock.expectations import read_expectation
from mockserver.mock.journal import Entry, Excerpt, Journal, excerpt
from mockserver.mock.query import parse_query
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import DEFAULT, Setup, Tenants
from tests.mock.test_exchange import NOW, TOKEN, log, mock

SOURCE = Seeded().open(Opening(0.0))
CLAIMS = tokens.claims("app", "all", NOW, tokens.audience("default"))


@pytest.mark.parametrize(("size", "is_remembered"), [(64 * 1024, True), (64 * 1024 + 1, False)])
def test_a_body_of_64_kib_is_remembered_and_a_larger_one_is_not(size: int, is_remembered: bool) -> None:
    def served(padding: int) -> Outcome:
        server = mock()
        server.tenants.get(DEFAULT).add_logs([{**log(99), "payload": {**log(99)["payload"], "x": "y" * padding}}], NOW)
        return server.exchange(Request("GET", "/api/logs?page_size=1", (TOKEN,)), NOW)

    outcome = served(size - len(served(0).reply.content()))
    assert len(outcome.reply.content()) == size
    assert (outcome.validity is not None) is is_remembered


@pytest.mark.parametrize(("asked", "status"), [(0, 200), (1, 200), (20, 200), (21, 502)])
def test_a_fault_may_ask_a_deployment_for_twenty_answers_to_one_request(
    asked: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disturbed(drawn: object, request: Request, now: float, ask: Any) -> Reply:
        for page in range(asked):
            ask(request._replace(target=f"/api/logs?page={page}"))
        return Reply(200)

    monkeypatch.setattr(forwarding, "disturbed", disturbed)
    server = Mock(Setup(SOURCE))
    going, sent, outcome = forwarding.forwarded(server, Request("GET", "/api/logs"), NOW, True), [], None
    answer: Reply | None = None
    while outcome is None:
        try:
            sent.append(going.send(answer) if answer else next(going))
            answer = Reply(204)
        except StopIteration as end:
            outcome = end.value
    assert (outcome.reply.status, len(set(sent)), len(sent)) == (status, asked, asked)
    assert [entry.status for entry in server.tenants.get(DEFAULT).journal.entries()] == [status]


def test_a_server_keeps_a_thousand_tenants_and_a_tenant_a_thousand_exchanges() -> None:
    tenants = Tenants(Setup(SOURCE))
    for number in range(1001):
        tenants.get(f"t{number}")
    assert tenants.names == [f"t{number}" for number in range(1, 1001)]
    journal = Journal()
    for _ in range(1001):
        journal.record(Request("GET", "/"), "/", 0.0, 200, ())
    assert [entry.id for entry in journal.entries()] == [*range(2, 1002)]


def test_a_journal_keeps_as_many_bytes_as_it_may_and_not_one_more() -> None:
    """An entry counts its target, the names and values of its headers, and what is kept of its reply."""
    plain = Journal().record(Request("GET", "/"), "/", 0.0, 200, ()).size
    longer = Journal().record(Request("GET", "/abc", (("de", "fgh"),)), "/", 0.0, 200, (), Excerpt(size=1000)).size
    assert longer == plain + 3 + 5 + 1000
    for most, kept in ((2 * plain, 2), (2 * plain - 1, 1), (plain, 1), (0, 1)):
        journal = Journal(most_bytes=most)
        for _ in range(3):
            journal.record(Request("GET", "/"), "/", 0.0, 200, ())
        assert len(list(journal.entries())) == kept


def test_what_is_kept_of_a_reply_counts_its_head_and_the_kept_bytes_of_its_body() -> None:
    empty, full = (excerpt(Reply(200, (), b"x" * size), "GET")[0] for size in (0, 4096))
    longer = excerpt(Reply(200, (), b"x" * 5000), "GET")[0]
    assert full.size - empty.size == 4096 + len(full.fields) - len(empty.fields)
    assert (len(full.body), len(longer.body), longer.size) == (4096, 4096, full.size)


def test_the_length_is_the_last_line_of_a_shown_head_as_on_the_wire() -> None:
    kept, _ = excerpt(Reply(200, (("ETag", '"a"'),), b"[]"), "GET")
    names = [name for name, _ in kept.shown(Request("GET", "/"), 200)["headers"]]
    assert (names[0], names[-1], names.count("Content-Length")) == ("ETag", "Content-Length", 1)


@pytest.mark.parametrize("how", [DOCUMENTED, profile("observed")], ids=["documented", "observed"])
@pytest.mark.parametrize("name", ["page", "page_size"])
def test_a_refusal_repeats_forty_characters_of_a_wrong_number(name: str, how: Any) -> None:
    wrong = "x" * 10 + "y" * 30 + "z"
    with pytest.raises(Refused, match=f"{name} is '{wrong[:40]}', expected a"):
        parse_query(f"{name}={wrong}", how)


@pytest.mark.parametrize(
    ("moment", "status"), [(9_224_318_016_000_000, None), (9_224_318_016_000_002, 500), (9_007_199_254_740_993, None)]
)
def test_the_newest_moment_is_the_end_of_the_year_294276(moment: int, status: int | None) -> None:
    """As PostgreSQL has it; the doubles there are two milliseconds apart."""
    if status is None:
        assert parse_query(f"end_time={moment}", profile("observed-1.42")).end == float(moment)
    else:
        with pytest.raises(Refused) as caught:
            parse_query(f"end_time={moment}", profile("observed-1.42"))
        assert caught.value.status == status


def test_a_token_has_an_id_of_20_characters_and_an_opaque_one_has_43() -> None:
    assert (len(CLAIMS["jti"]), len(tokens.opaque("app", NOW))) == (20, 43)


def test_a_tampered_signature_differs_in_one_bit() -> None:
    token = tokens.mint(CLAIMS)
    right, wrong = (
        int.from_bytes(tokens._lenient(each.split(".")[2])) for each in (token, tokens.tamper(token, "signature"))
    )
    assert (right ^ wrong).bit_count() == 1


@pytest.mark.parametrize("seed", [-(2**63), 2**63 - 1])
def test_a_seed_of_64_bits_is_legal(seed: int) -> None:
    assert Settings(seed=seed, growth=0.0).seed == seed


def test_an_empty_value_may_be_expected_and_is_not_a_missing_one() -> None:
    empty, none = (Entry(1, 0.0, Request("GET", f"/api/logs{query}"), "/api/logs", 200, ()) for query in ("?a=", ""))
    for expected, entry, other in (("", empty, none), (None, none, empty)):
        expectation = read_expectation({"query": {"a": expected}})
        assert (expectation.misses(entry), expectation.misses(other)) == ([], [("query", "a")])


def test_a_mock_begins_in_1970_unless_it_is_told_when() -> None:
    assert (Mock(Setup(SOURCE)).since, Mock(Setup(SOURCE), 5.0).since) == (0.0, 5.0)
