"""Exact bounds of checks: the last answer that keeps one, and the first that breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Answer
from mockserver.judge.checks.check import SeenLogs
from mockserver.judge.checks.logs import renamed
from mockserver.judge.probe import PLAIN, Probe, Value, asking
from tests.judge.test_checks import JSON, LOGS, MISPLACED, NOBODY, breaks_of, page, refusal
from tests.support.samples import some_logs

POOR = Probe(bearer="forbidden")
HTML = ("Content-Type", "text/html")
LONG = Value("v" * 2000), Value("v" * 2001)


def long_query(length: int) -> Probe:
    """A probe whose request target has so many characters, without the path."""
    return asking(userId="u" * (length - len(asking(userId="").on(""))))


@pytest.mark.parametrize(
    ("name", "probe", "answer", "breaks"),
    [
        ("answered", PLAIN, Answer(499), 0),
        ("answered", PLAIN, Answer(500), 1),
        ("answered", PLAIN, Answer(501), 1),
        ("answered", Probe(method="HEAD"), Answer(501), 1),
        ("answered", Probe(method="OPTIONS"), Answer(501), 0),
        ("answered", Probe(method="OPTIONS"), Answer(502), 1),
        ("status-documented", PLAIN, Answer(201), 1),
        ("status-documented", PLAIN, Answer(402), 1),
        ("status-documented", PLAIN, Answer(499), 1),
        ("status-documented", PLAIN, Answer(500), 0),
        ("status-documented", PLAIN, Answer(429), None),
        ("status-documented", PLAIN, Answer(428), 1),
        ("status-documented", PLAIN, Answer(0), None),
        ("status-documented", PLAIN, Answer(304), 1),
        ("status-documented", PLAIN.under(If_None_Match="x"), Answer(304), None),
        ("status-documented", PLAIN.under(If_Modified_Since="x"), Answer(304), None),
        ("status-documented", PLAIN.under(Range="x"), Answer(304), 1),
        ("status-documented", PLAIN.under(Range="x"), Answer(416), None),
        ("status-documented", PLAIN.under(Accept="x"), Answer(416), 1),
        ("status-documented", PLAIN.under(Range="x"), Answer(206, (("Content-Range", "bytes 0-9/10"),)), None),
        ("status-documented", PLAIN.under(Range="x"), Answer(206), 1),
        ("status-documented", PLAIN.under(Accept="text/html"), Answer(406), None),
        ("status-documented", PLAIN.under(Accept="text/html, */*;q=0.1"), Answer(406), 1),
        ("status-documented", PLAIN.under(Accept="*/*;q=0.0"), Answer(406), None),
        ("status-documented", PLAIN.under(Accept="application/json"), Answer(406), 1),
        ("status-documented", PLAIN, Answer(406), 1),
        ("status-documented", long_query(2000), Answer(414), 1),
        ("status-documented", long_query(2001), Answer(414), None),
        ("status-documented", long_query(2001), Answer(431), 1),
        ("status-documented", Probe(headers=(("X", LONG[0]),)), Answer(431), 1),
        ("status-documented", Probe(headers=(("X", LONG[1]),)), Answer(431), None),
        ("status-documented", Probe(headers=(("X", LONG[1]),)), Answer(414), 1),
        ("status-documented", Probe(headers=(("X", LONG[1]),)), Answer(413), 1),
        ("valid-request-accepted", PLAIN, Answer(199), None),
        ("valid-request-accepted", PLAIN, Answer(200), 0),
        ("valid-request-accepted", PLAIN, Answer(399), 0),
        ("valid-request-accepted", PLAIN, Answer(400), 1),
        ("valid-request-accepted", PLAIN, Answer(403), 1),
        ("valid-request-accepted", PLAIN, Answer(404), 0),
        ("valid-request-accepted", PLAIN, Answer(499), 0),
        ("valid-request-accepted", PLAIN, Answer(500), None),
        ("invalid-request-refused", asking(page=0), Answer(199), None),
        ("invalid-request-refused", asking(page=0), Answer(200), 1),
        ("invalid-request-refused", asking(page=0), Answer(299), 1),
        ("invalid-request-refused", asking(page=0), Answer(300), 0),
        ("invalid-request-refused", asking(page=0), Answer(499), 0),
        ("invalid-request-refused", asking(page=0), Answer(500), None),
        ("content-type", PLAIN, Answer(201), None),
        ("read-only", Probe(method="DELETE"), Answer(199), 0),
        ("read-only", Probe(method="DELETE"), Answer(200), 1),
        ("read-only", Probe(method="DELETE"), Answer(299), 1),
        ("read-only", Probe(method="DELETE"), Answer(300), 0),
        ("read-only", Probe(method="DELETE", bearer="none"), Answer(200), None),
        ("read-only", Probe(method="TRACE"), Answer(200), None),
        ("allow-named", PLAIN, Answer(404), None),
        ("allow-named", PLAIN, Answer(405, (("Allow", ""),)), 0),
        ("nosniff", PLAIN, Answer(201), None),
        ("slow", PLAIN, Answer(200, seconds=2.0), 0),
        ("slow", PLAIN, Answer(200, seconds=2.001), 1),
        ("throttled", PLAIN, Answer(428), 0),
        ("token-required", NOBODY, Answer(199), 0),
        ("token-required", NOBODY, Answer(200), 1),
        ("token-required", NOBODY, Answer(299), 1),
        ("token-required", NOBODY, Answer(300), 0),
        ("token-required", NOBODY, Answer(303), 0),
        ("token-required", NOBODY, Answer(305), 0),
        ("token-required", Probe(method="HEAD", bearer="none"), Answer(200), 1),
        ("token-required", Probe(method="OPTIONS", bearer="none"), Answer(200), 0),
        ("scope-required", POOR, Answer(200), 1),
        ("scope-required", POOR, Answer(304), 1),
        ("scope-required", POOR, Answer(302), 0),
        ("refusal-tells", NOBODY, Answer(403, (("Total-Number", "7"),)), 1),
        ("refusal-tells", NOBODY, Answer(402, (("Total-Number", "7"),)), None),
        ("refusal-tells", POOR, Answer(401, (("Link", "</api/logs?page=2>"), ("Total-Number", "7"))), 2),
        ("refusal-tells", POOR, Answer(401, (("Link", "</sign-in>"),)), 0),
        ("unauthorized-status", NOBODY, Answer(401), 0),
        ("unauthorized-status", NOBODY, Answer(404), 0),
        ("unauthorized-status", NOBODY.under(If_None_Match="x"), Answer(400), 1),
        ("unauthorized-status", NOBODY.under(Range="x"), Answer(400), 0),
        ("unauthorized-status", NOBODY.under(Range="x"), Answer(403), 1),
        ("forbidden-status", POOR, Answer(400), 1),
        ("forbidden-status", POOR, Answer(402), 0),
        ("forbidden-status", POOR, Answer(404), 0),
        ("error-body", PLAIN, Answer(399, (JSON,), b"<"), None),
        ("error-body", PLAIN, Answer(400, (JSON,), b"<"), 1),
        ("error-body", PLAIN, Answer(400, (("Content-Type", "application/problem+json"),), b"<"), 1),
        ("error-body", PLAIN, Answer(400, (JSON,)), 0),
        ("error-body", PLAIN, Answer(400, (HTML,), b"<"), 0),
        ("shared-caching", PLAIN, Answer(200, (("Cache-Control", "s-maxage=0"),)), 0),
        ("shared-caching", PLAIN, Answer(200, (("Cache-Control", "s-maxage=1"),)), 1),
        ("shared-caching", PLAIN, Answer(201, (("Cache-Control", "public"),)), None),
        ("shared-caching", NOBODY, Answer(200, (("Cache-Control", "public"),)), None),
        ("one-log", Probe(item="x"), Answer(201, (JSON,), b'{"id":"y"}'), None),
        ("strong-etag", PLAIN, Answer(201, (("ETag", '"x"'),)), None),
        ("token-in-query", MISPLACED, Answer(200, (JSON,), b"{}"), 0),
    ],
)  # fmt: skip
def test_a_check_applies_and_breaks_at_these_answers_and_at_no_neighbour(
    name: str, probe: Probe, answer: Answer, breaks: int | None
) -> None:
    """None: the check does not apply."""
    found = breaks_of(name, probe, answer)
    assert (None if found is None else len(found)) == breaks


def test_each_header_of_a_page_in_a_refusal_is_a_finding_of_its_own() -> None:
    answer = Answer(401, (("Link", "</api/logs?page=2>"), ("Total-Number", "7")))
    assert [broken.subject for broken in breaks_of("refusal-tells", NOBODY, answer) or ()] == ["Total-Number", "Link"]


@pytest.mark.parametrize(("name", "answer", "told"), [
    ("total-number", page(LOGS[:20], ("Total-Number", "n" * 81)), f"Total-Number: {'n' * 80}"),
    ("encoding-taken", page([], ("Content-Encoding", "e" * 41)), f"Content-Encoding: {'e' * 40}"),
    ("charset", page([]), ""),
    ("charset", Answer(200, (("Content-Type", f"application/json; charset={'c' * 41}"),)), f"charset={'c' * 40}"),
])  # fmt: skip
def test_a_finding_shows_the_beginning_of_a_value(name: str, answer: Answer, told: str) -> None:
    found = breaks_of(name, PLAIN.under(Accept_Encoding="identity"), answer) or []
    assert [broken.came for broken in found] == [told] * bool(told)


@pytest.mark.parametrize(("before", "breaks"), [(65_536 - 4, 1), (65_536 - 3, 0)])
def test_an_error_page_is_searched_in_its_first_64_kib(before: int, breaks: int) -> None:
    body = b" " * before + b"<b>x"
    assert len(breaks_of("markup-echoed", asking(userId="<b>x"), refusal(400, body, HTML)) or ()) == breaks
    assert (
        len(breaks_of("markup-echoed", asking(userId="<b>x"), refusal(400, b"\xff" + body[1:], HTML)) or ()) == breaks
    )
    stack = b" " * (before - 3) + b"panic: "
    assert len(breaks_of("internals-told", PLAIN, refusal(500, stack, HTML)) or ()) == breaks


def remembering(*ids: str) -> SeenLogs:
    memory = SeenLogs()
    memory.learn([{**log, "id": name} for log, name in zip(some_logs(len(ids)), ids, strict=True)])
    return memory


@pytest.mark.parametrize(
    ("ids", "named", "breaks"),
    [
        ([f"log-{number:03}" for number in range(201)], "log-199", 1),
        ([f"log-{number:03}" for number in range(201)], "log-200", 0),
        (["log-10"], "log-10", 1),
        (["log-1"], "log-1", 0),
        (["Success"], "Success", 0),
    ],
)
def test_a_refusal_names_a_log_by_one_of_200_ids_of_six_characters_that_are_no_word(
    ids: list[str], named: str, breaks: int
) -> None:
    told = refusal(401, encode({"message": "No.", "log": named}))
    assert len(breaks_of("token-required", NOBODY, told, remembering(*ids)) or ()) == breaks


@pytest.mark.parametrize(
    ("token", "body", "breaks"),
    [
        ("tok-12", b"it is tok-12.", 1),
        ("tok-1", b"it is tok-1.", 0),
        ("tok-12", b"it is tok-12x", 0),
        ("tok-12", b"it is xtok-12", 0),
        ("tokens", b"it is tokens.", 0),
        ("tok-5678-0123-56", b"xtok-5678-0123-56x", 1),
        ("tok-5678-0123-5", b"xtok-5678-0123-5x", 0),
    ],
)
def test_a_credential_is_an_echo_from_six_characters_alone_and_from_sixteen_within_others(
    token: str, body: bytes, breaks: int
) -> None:
    probe = Probe(bearer="none", headers=(("Authorization", Value(f"Bearer {token}")),))
    assert len(breaks_of("credential-echoed", probe, refusal(400, body)) or ()) == breaks


# The first second of our time and the last one, in each unit; of ticks since 1601 and since the year 1 too.
UNITS: dict[str, tuple[int, int]] = {
    "seconds": (1, 0), "microseconds": (10**6, 0), "nanoseconds": (10**9, 0),
    "ticks since the year 1": (10**7, 62_135_596_800), "ticks since 1601": (10**7, 11_644_473_600),
}  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("second", "is_ours"), [(10**9, False), (10**9 + 1, True), (42 * 10**8 - 1, True), (42 * 10**8, False)]
)
def test_another_unit_is_told_from_september_2001_to_february_2103(unit: str, second: int, is_ours: bool) -> None:
    factor, since = UNITS[unit]
    logs = [{**log, "createdAt": (second + since) * factor} for log in LOGS[:9]]
    found = breaks_of("created-at-unit", PLAIN, page([*logs, LOGS[9]]))
    assert [broken.came for broken in found or ()] == ["another unit in 9 logs"] * is_ours
    assert breaks_of("created-at-unit", PLAIN, page(logs)) == []


@pytest.mark.parametrize(("second", "is_ours"), [(10**9, False), (10**9 + 1, True), (42 * 10**8, False)])
def test_one_time_in_ten_logs_is_none_if_it_is_not_of_our_days(second: int, is_ours: bool) -> None:
    logs = [{**log, "createdAt": second * 1000} for log in LOGS[:10]]
    found = breaks_of("created-at-unit", PLAIN, page(logs))
    assert [broken.subject for broken in found or ()] == ([] if is_ours else ["none"])


@pytest.mark.parametrize(("count", "breaks"), [(9, 0), (10, 1)])
def test_ten_logs_that_come_again_with_other_ids_are_renamed(count: int, breaks: int) -> None:
    before = LOGS[:count]
    after: list[Any] = [{**log, "id": f"new-{log['id']}"} for log in before]
    assert len(renamed(before, after)) == breaks
    assert not renamed(before, [*after[:-1], before[-1]])
    assert not renamed(before, [*after, LOGS[count]])


def test_ids_that_come_twice_are_counted_once_each() -> None:
    found = breaks_of("ids-unique", PLAIN, page([LOGS[0], LOGS[1], LOGS[0], LOGS[1], LOGS[0], LOGS[2]]))
    assert [broken.came for broken in found or ()] == ["2 ids more than once on one page"]


def test_a_log_by_its_id_that_changed_is_told_by_what_changed() -> None:
    probe, listed = Probe(item=LOGS[0]["id"]), remembering(LOGS[0]["id"])
    first = {**some_logs(1)[0], "id": LOGS[0]["id"]}
    found = breaks_of("one-log", probe, page({**first, "key": "k", "createdAt": 7}), listed)
    told = [(broken.subject, broken.came) for broken in found or ()]
    assert told == [("createdAt, key", "another createdAt, key")]
    assert breaks_of("one-log", probe, page(first), listed) == []
    assert breaks_of("one-log", probe, page([first]), listed) is None
