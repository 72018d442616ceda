"""Exact bounds of what the judge reads, remembers and tells: the last one that fits, and the first that does not."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode
from mockserver.judge.answer import BEYOND, Answer, Break, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.comparisons import counted
from mockserver.judge.connection import Connection
from mockserver.judge.findings import Ledger
from mockserver.judge.generator import Bridge, probe_of
from mockserver.judge.inventory import filterable
from mockserver.judge.known import Deviation, deviations
from mockserver.judge.limits import Limits, limits
from mockserver.judge.probe import PLAIN, asking
from mockserver.judge.reading import number_legality, read_query
from mockserver.judge.report.record import record
from mockserver.judge.route import address, logs_address
from mockserver.judge.secrets import Secrets
from mockserver.judge.validator import schema_breaks
from mockserver.judge.verdict import Verdict
from tests.support.deployment import Answered, Deployment, serving
from tests.support.judging import TODAY
from tests.support.samples import some_logs

JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(("members", "read"), [(1, 1), (99, 99), (100, 100), (101, 100), (5000, 100)])
def test_a_packed_body_is_read_up_to_its_hundredth_member(members: int, read: int) -> None:
    """Each costs a copy of the bytes after it."""
    packed = Answered(200, headers={"Content-Encoding": "gzip"}, raw=gzip.compress(b"a") * members)
    with serving(Deployment(mend=lambda deployment, asked, answered: packed)) as url:
        connection = Connection(logs_address(url), 10.0, lambda: 0.0)
        answer = connection.send("GET", "/api/logs", [])
        connection.close()
    assert (answer.status, answer.body) == (200, b"a" * read)


@pytest.mark.parametrize(
    ("body", "weight"),
    [(b"", 0), (b"7", 1), (b"[]", 202), (b"{}", 202), (b"[1,2]", 225), (b'[{"a":1},{"b":[2,3]}]', 21 + 800 + 40)],
)
def test_a_body_weighs_its_bytes_200_for_each_array_or_object_and_20_for_each_comma(body: bytes, weight: int) -> None:
    assert Answer(200, (), body).weight == weight


@pytest.mark.parametrize(("more", "is_read"), [(0, True), (1, False)])
def test_a_body_is_parsed_up_to_a_weight_of_32_mib(more: int, is_read: bool) -> None:
    body = b'["' + b"x" * (32 * 1024 * 1024 - 204 + more) + b'"]'
    assert (Answer(200, (), body).value is not BEYOND) is is_read


@pytest.mark.parametrize(
    ("number", "read"),
    [(2**63 - 1, 2**63 - 1), (2**63, float(2**63)), (1 - 2**63, 1 - 2**63), (-(2**63), -float(2**63)), (True, True)],
)
def test_a_number_beyond_63_bits_is_kept_as_a_double(number: int, read: float) -> None:
    """The lone surrogate beside it is what the fast reader refuses."""
    value = Answer(200, (), b'["\\ud800", %s]' % encode(number)).value
    assert value == ["?", read]
    assert type(value[1]) is type(read)


def test_a_total_is_a_number_of_18_digits_at_most() -> None:
    totals = [Answer(200, (("Total-Number", "9" * digits),)).total for digits in (1, 18, 19)]
    assert totals == [9, 10**18 - 1, None]


@pytest.mark.parametrize(("status", "failed"), [(0, True), (1, False), (499, False), (500, True), (599, True)])
def test_an_answer_failed_if_none_came_or_a_server_error(status: int, failed: bool) -> None:
    assert Answer(status).failed is failed


def test_what_the_target_names_is_told_in_80_characters() -> None:
    code = encode({"code": "c" * 81})
    headers = (("Content-Type", "t" * 81), ("Location", "l" * 81))
    assert Answer(302, headers).said() == f"302 to {'l' * 80} ({'t' * 80}, 0 bytes)"
    assert Answer(400, (JSON,), code).said() == f"400 (application/json, code {'c' * 80}, {len(code)} bytes)"


@pytest.mark.parametrize(("status", "told"), [(201, True), (399, True), (400, False), (500, False)])
def test_a_place_to_go_is_told_below_400_alone(status: int, told: bool) -> None:
    assert ("to /login" in Answer(status, (("Location", "/login"),)).said()) is told


@pytest.mark.parametrize(
    ("listed", "total", "is_wrong"),
    [(20, 0, False), (21, 0, True), (40, 20, False), (41, 20, True), (42, 21, False), (43, 21, True), (5, None, False)],
)
def test_a_total_that_lacks_20_logs_or_as_many_as_it_counts_was_counted_before(
    listed: int, total: int | None, is_wrong: bool
) -> None:
    compare = counted(lambda listing, answer: None, read_query([]))
    headers = () if total is None else (("Total-Number", str(total)),)
    found = compare(some_logs(listed), Answer(200, headers, b"[]"))
    assert (found is not None) is is_wrong
    if found:
        assert (found.check.name, found.broken.subject) == ("total-number", "count")
        assert (found.broken.expected, found.broken.came) == (f"from {listed} logs", f"Total-Number: {total}")


def test_a_total_is_compared_only_where_the_query_is_valid() -> None:
    for query, is_wrong in (([("page", "1")], True), ([("page", "0")], False), ([("page", "+1")], False)):
        found = counted(lambda listing, answer: None, read_query(query))(
            some_logs(50), Answer(200, (("Total-Number", "0"),), b"[]")
        )
        assert (found is not None) is is_wrong


@pytest.mark.parametrize(("length", "found"), [(1, True), (500, True), (501, False)])
def test_a_value_of_500_characters_makes_a_filter(length: int, found: bool) -> None:
    log = {"payload": {"userId": "u" * length}}
    assert filterable(log, "userId") == ("u" * length if found else "")


@pytest.mark.parametrize(
    ("text", "legality"),
    [
        ("1", "valid"), (str(2**53 - 1), "valid"), (str(2**53), "open"), ("9" * 400, "open"), ("0", "invalid"),
        ("", "open"), ("-1", "invalid"),
    ],
)  # fmt: skip
def test_numbers_are_valid_from_1_to_the_largest_that_every_integer_type_holds(text: str, legality: str) -> None:
    assert number_legality(text) == legality


def test_values_of_four_characters_are_hidden_and_parts_of_tokens_of_nine() -> None:
    secrets = Secrets()
    for value in ("abc", "wxyz"):
        secrets.add_personal(value, "USER")
    secrets.add_credential("12345678.abcdefghi", "TOKEN")
    assert secrets.clean("abc wxyz 12345678 abcdefghi") == "abc <USER 2> 12345678 $TOKEN"


def test_ten_thousand_values_of_two_thousand_characters_are_replaced() -> None:
    secrets, overflown = Secrets(), []
    for value in ("v" * 2000, *(f"value-{number}" for number in range(9_999)), "one-more"):
        secrets.add_personal(value, "USER")
        overflown.append(secrets.overflown)
    assert overflown == [False] * 10_000 + [True]
    assert secrets.clean(f"{'v' * 2000}, value-9998, one-more") == "<USER 1>, <USER 10000>, one-more"
    others = Secrets()
    others.add_personal("v" * 2001, "USER")
    assert (others.overflown, others.clean("v" * 2001)) == (True, "v" * 2001)


def told(broken: Break, answer: Answer, *, bodies: bool = False, seconds: float = 0.0, **asked: Any) -> dict[str, Any]:
    """The report of a run with one finding."""
    ledger = Ledger(frozenset(CHECKS))
    ledger.find(CHECKS["answered"], broken, ProbeExchange(asking(**asked), answer))
    place = address("http://127.0.0.1:1/api/logs")
    verdict = Verdict(place, "", "documented", "quick", True, tuple(ledger), ledger, 1, 2, seconds, "", "")
    return record(verdict, Secrets(), bodies=bodies)


def test_a_report_tells_500_characters_of_a_text_and_8000_of_a_command() -> None:
    (finding,) = told(Break("e" * 501, "c" * 501, "s" * 501), Answer(500), userId="u" * 9_000)["findings"]
    assert (finding["expected"], finding["came"], finding["subject"]) == ("e" * 500, "c" * 500, "s" * 500)
    assert len(finding["curl"]) == 8_000


def test_a_report_keeps_milliseconds_and_makes_a_tab_four_blanks() -> None:
    report = told(Break("a\tb", "c"), Answer(500), seconds=1.23456)
    assert report["seconds"] == 1.235
    assert report["findings"][0]["expected"] == "a   b"


def test_all_bodies_of_a_report_have_400_000_characters() -> None:
    """A finding keeps 20,000 bytes, so that the bound of a body shows from the 21st finding on."""
    ledger = Ledger(frozenset(CHECKS))
    for name in list(CHECKS)[:30]:
        ledger.find(CHECKS[name], Break("a", "b"), ProbeExchange(PLAIN, Answer(200, (), b"x" * 30_000)))
    place = address("http://127.0.0.1:1/api/logs")
    for findings, length in ((tuple(ledger)[:16], 20_000), (tuple(ledger)[:20], 20_000), (tuple(ledger), 13_333)):
        verdict = Verdict(place, "", "documented", "quick", True, findings, ledger, 1, 2, 0.0, "", "")
        bodies = [finding["body"] for finding in record(verdict, Secrets(), bodies=True)["findings"]]
        assert {len(body) for body in bodies} == {length}


@pytest.mark.parametrize(("length", "shown"), [(58, 60), (59, 60)])
def test_an_error_shows_60_characters_of_a_value(tmp_path: Any, length: int, shown: int) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(f"- {{id: a, check: answered, reason: b, answer: {'x' * length}}}")
    with pytest.raises(MockserverError, match="expected an object") as error:
        deviations(file, TODAY)
    found = str(error.value).partition("found ")[2].partition(", expected")[0]
    assert len(found) == shown
    assert found.endswith("...") is (length > 58)


def test_a_deviation_without_conditions_explains_every_break_of_its_check_for_ever() -> None:
    plain = Deviation("a", "answered", (), (), "because")
    assert (plain.expires, plain.sometimes, plain.expired) == (None, False, False)
    assert plain.explains(PLAIN, {})


@pytest.mark.parametrize(("first", "places"), [(0, {0, 99}), (100, {100, 199}), (150, {150, 199})])
def test_all_broken_logs_of_the_first_hundred_that_has_one_are_told(first: int, places: set[int]) -> None:
    """Schemathesis tells one break of each kind."""
    logs = some_logs(300)
    for number, member in ((299, "payload"), (200, "tenantId"), (199, "createdAt"), (99, "createdAt"), (first, "key")):
        if number >= first:
            logs[number][member] = []
    breaks = list(schema_breaks(ProbeExchange(PLAIN, Answer(200, (JSON,), encode(logs)))))
    assert {int(broken.came.split("/")[1]) for broken in breaks} == places


@pytest.mark.parametrize(("size", "query"), [(99, "page_size=99"), (100, "page_size=100")])
def test_a_generated_page_of_100_logs_is_sent_as_it_is(size: int, query: str) -> None:
    assert probe_of({"QUERY_STRING": f"page_size={size}"}).query == query


def test_a_larger_generated_page_is_sent_with_a_filter() -> None:
    larger = probe_of({"QUERY_STRING": "page_size=101"})
    assert dict(larger.parameters) == {"page_size": "101", "userId": "no-such-value-3f9c"}
    assert probe_of({"QUERY_STRING": "page_size=101&userId=u"}).query == "page_size=101&userId=u"


def test_schemathesis_gets_what_came_and_a_502_where_nothing_came() -> None:
    started: list[tuple[str, Any]] = []

    def start(status: str, headers: Any, *more: Any) -> Any:
        started.append((status, headers))

    for answer, status in ((Answer(0, lost="a reset connection"), "502 -"), (Answer(429, (JSON,)), "429 -")):
        bridge = Bridge(lambda probe, answer=answer: answer)  # type: ignore[misc]  # bound here
        assert list(bridge({"PATH_INFO": "/api/logs", "QUERY_STRING": ""}, start)) == [b""]
        assert started[-1][0] == status
    bridge = Bridge(lambda probe: Answer(200))
    (document,) = bridge({"PATH_INFO": "/openapi.json"}, start)
    assert started[-1] == ("200 -", [JSON])
    assert document.startswith(b"{")


@pytest.mark.parametrize(("more", "is_passed"), [(0, True), (1, False)])
def test_schemathesis_gets_bodies_up_to_a_weight_of_4_mib(more: int, is_passed: bool) -> None:
    body = b'["' + b"x" * (4 * 1024 * 1024 - 204 + more) + b'"]'
    bridge = Bridge(lambda probe: Answer(200, (), body))
    (passed,) = bridge({"PATH_INFO": "/api/logs", "QUERY_STRING": ""}, lambda *started: lambda text: None)
    assert passed == (body if is_passed else b"[]")


@pytest.mark.parametrize(
    ("depth", "requests", "seconds"), [("quick", 150, 120), ("full", 690, 600), ("fuzz", 4000, 300)]
)
def test_each_depth_has_its_bounds(depth: Any, requests: int, seconds: float) -> None:
    assert limits(depth, True, None, None, None) == Limits(depth, requests, seconds, None)
    assert limits(depth, False, 1, 0.5, None) == Limits(depth, 1, 0.5, 5.0)
