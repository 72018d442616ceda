"""Local checks: one answer that breaks one check, and honest answers that break none."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from sys import float_info
from typing import Any

import pytest

from mockserver.contract.jsontext import encode
from mockserver.judge import checks
from mockserver.judge.answer import BEYOND, Answer, Break, ProbeExchange
from mockserver.judge.checks import CHECKS, LOCAL
from mockserver.judge.checks.check import Context, SeenLogs
from mockserver.judge.checks.security import ATTACKER
from mockserver.judge.probe import PLAIN, Probe, Value, asking
from mockserver.judge.secrets import Secrets
from tests.support.samples import some_logs

JSON, PACKED = ("Content-Type", "application/json"), ("Content-Encoding", "gzip")
LOGS = some_logs(30)
KEY = "Interaction.Create"
MATCHING = [log for log in LOGS if log["key"] == KEY]


def page(logs: Any = LOGS[:20], *headers: tuple[str, str]) -> Answer:
    return Answer(200, (JSON, *headers), encode(logs))


def refusal(status: int = 400, body: bytes = b"{}", *headers: tuple[str, str]) -> Answer:
    return Answer(status, headers or (JSON,), body)


def breaks_of(name: str, probe: Probe, answer: Answer, memory: SeenLogs | None = None) -> list[Break] | None:
    """The breaks of one check; None if it does not apply."""
    credentials = Secrets()
    credentials.add_credential("a-good-token", "MOCKSERVER_TOKEN")
    breaks = CHECKS[name](Context(ProbeExchange(probe, answer), memory or SeenLogs(), credentials))
    return None if breaks is None else list(breaks)


def changed(**members: Any) -> list[Any]:
    return [LOGS[0], {**LOGS[1], **members}]


# Names of checks that are also words of HTTP or of a report.
COMMON = {"content-type", "total-number", "link", "json", "head", "schema", "nosniff", "slow", "answered"}
NOBODY = replace(PLAIN, bearer="none")
MISPLACED = replace(PLAIN, bearer="misplaced")
BROKEN: dict[str, tuple[str, Probe, Answer]] = {
    "no answer": ("answered", PLAIN, Answer(0, lost="a reset connection")),
    "a server error": ("answered", PLAIN, refusal(500)),
    "404 for a list": ("status-documented", asking(userId="x"), refusal(404)),
    "201": ("status-documented", PLAIN, replace(page(), status=201)),
    "304 unasked": ("status-documented", PLAIN, Answer(304)),
    "404 without a token": ("status-documented", NOBODY, refusal(404)),
    "no type": ("content-type", PLAIN, Answer(200, (), b"[]")),
    "text": ("content-type", PLAIN, Answer(200, (("Content-Type", "text/plain"),), b"[]")),
    "NaN": ("json", PLAIN, Answer(200, (JSON,), b"[NaN]")),
    "bytes that are no UTF-8": ("json", PLAIN, Answer(200, (JSON,), b'["\xff"]')),
    "a byte order mark": ("json", PLAIN, Answer(200, (JSON,), b"\xef\xbb\xbf[]")),
    "an object": ("schema", PLAIN, page({"data": []})),
    "a missing member": ("schema", PLAIN, page([{name: v for name, v in LOGS[0].items() if name != "id"}])),
    "a long key": ("schema", PLAIN, page(changed(key="k" * 129))),
    "an error that is a number": ("schema", PLAIN, page(changed(payload={"key": "k", "result": "Error", "error": 1}))),
    "another result": ("schema", PLAIN, page(changed(payload={"key": "k", "result": "success"}))),
    "a valid request refused": ("valid-request-accepted", asking(page=1), refusal()),
    "a token refused now and then": ("valid-request-accepted", PLAIN, refusal(401)),
    "page 0": ("invalid-request-refused", asking(page=0), page()),
    "packed for nobody": ("encoding-taken", PLAIN.under(Accept_Encoding="identity"), page([], PACKED)),
    "too many": ("page-size-exceeded", asking(page_size=5), page()),
    "anything goes": ("filter-ignored", asking(userId="nobody-at-all"), page()),
    "a prefix": ("filter-inexact", asking(logKey="Interaction."), page(MATCHING)),
    "an accent": ("filter-inexact", asking(logKey=f"{KEY}\u0301"), page(MATCHING)),
    "another case": ("filter-inexact", asking(logKey=KEY.lower()), page(MATCHING)),
    "one of two filters": ("filters-combined", asking(logKey=KEY, userId="nobody"), page(MATCHING)),
    "an id twice": ("ids-unique", PLAIN, page([LOGS[0], LOGS[0]])),
    "two tenants": ("one-tenant", PLAIN, page(changed(tenantId="other"))),
    "a page that calls itself JSON": ("error-body", PLAIN, refusal(400, b"<html>")),
    "the token": ("credential-echoed", PLAIN, refusal(400, b'{"got":"Bearer a-good-token"}')),
    "the token in a header": ("credential-echoed", PLAIN, page([], ("X-Debug", "YS1nb29kLXRva2Vu"))),
    "the wrong token": (
        "credential-echoed",
        replace(NOBODY, headers=(("Authorization", Value("Bearer no-such-token")),)),
        refusal(401, b"no-such-token?"),
    ),
    "a traceback": ("internals-told", PLAIN, refusal(400, b"Traceback (most recent call last)")),
    "a stack": ("internals-told", PLAIN, refusal(500, b'{"stack":"Error\\n    at f (/x/y.js:1:2)"}')),
    "a query": ("internals-told", PLAIN, refusal(400, b"select id from logs where id = 1")),
    "public": ("shared-caching", PLAIN, page([], ("Cache-Control", "public, max-age=1"))),
    "any origin": (
        "cors-credentials",
        PLAIN.under(Origin=ATTACKER),
        page([], ("Access-Control-Allow-Origin", ATTACKER), ("Access-Control-Allow-Credentials", "true")),
    ),
    "a version": ("server-version", PLAIN, page([], ("Server", "nginx/1.27.0"))),
    "no nosniff": ("nosniff", PLAIN, page()),
    "slow": ("slow", PLAIN, replace(page(), seconds=2.5)),
    "logs without a token": ("token-required", NOBODY, page()),
    "304 without a token": ("token-required", NOBODY.under(If_None_Match="x"), Answer(304)),
    "403 without a token": ("unauthorized-status", NOBODY, refusal(403)),
    "400 without a token": ("unauthorized-status", NOBODY, refusal(400)),
    "403 for a malformed request without a token": (
        "unauthorized-status",
        replace(asking(page=0), bearer="none"),
        refusal(403),
    ),
    "401 without the scope": ("forbidden-status", replace(PLAIN, bearer="forbidden"), refusal(401)),
    "a log that was written": ("read-only", replace(PLAIN, method="POST"), replace(page(), status=201)),
    "another log": ("one-log", replace(PLAIN, item="x"), page({"id": "y"})),
    "another charset": ("charset", PLAIN, Answer(200, (("Content-Type", "application/json; charset=latin1"),), b"[]")),
    "a member twice": ("members-unique", PLAIN, Answer(200, (JSON,), b'[{"id":"a","id":"b"}]')),
    "two keys": ("key-repeated", PLAIN, page(changed(payload={"key": "other", "result": "Success"}))),
    "seconds": ("created-at-unit", PLAIN, page([*changed(createdAt=1_760_000_000), *LOGS[2:20]])),
    "one time for all": ("created-at-unit", PLAIN, page([{**log, "createdAt": 0} for log in LOGS])),
    "microseconds": ("created-at-unit", PLAIN, page([{**log, "createdAt": 1_760_000_000_000_000} for log in LOGS])),
    "logs in a 401": ("token-required", NOBODY, refusal(401, encode(LOGS[:1]))),
    "logs without the scope": ("scope-required", replace(PLAIN, bearer="forbidden"), page()),
    "logs in a 403": ("scope-required", replace(PLAIN, bearer="forbidden"), refusal(403, encode(LOGS[:1]))),
    "logs for another method": ("token-required", replace(NOBODY, method="OPTIONS"), page()),
    "a total in a refusal": ("refusal-tells", NOBODY, refusal(401, b"{}", JSON, ("Total-Number", "7"))),
    "a token behind Basic": (
        "bearer-scheme",
        replace(MISPLACED, headers=(("Authorization", Value("Basic x")),)),
        page(),
    ),
    "a token without a scheme": ("bearer-scheme", replace(MISPLACED, headers=(("Authorization", Value("x")),)), page()),
    "a token in the query": ("token-in-query", MISPLACED.but(access_token="x"), page()),
    "markup": ("markup-echoed", asking(page="<b>x"), refusal(400, b"<p>no <B>x", ("Content-Type", "text/html"))),
    "405 without Allow": ("allow-named", replace(PLAIN, method="OPTIONS"), refusal(405)),
    "429": ("throttled", PLAIN, Answer(429, (("Retry-After", "1"),))),
}


@pytest.mark.parametrize("case", BROKEN)
def test_an_answer_that_breaks_a_check_is_found(case: str) -> None:
    name, probe, answer = BROKEN[case]
    assert breaks_of(name, probe, answer)


@pytest.mark.parametrize("name", [check.name for check in LOCAL if check.name != "nosniff"])
@pytest.mark.parametrize(
    ("probe", "answer"),
    [
        (PLAIN, page()),
        (asking(logKey=KEY, page_size=20), page(MATCHING)),
        (asking(page=0), refusal()),
        (asking(page=""), page()),
        (replace(PLAIN, raw="page=1&page=2"), refusal()),
        (NOBODY, refusal(401, b"")),
        (replace(asking(page=0), bearer="none"), refusal()),
        (replace(NOBODY, method="OPTIONS"), Answer(204)),
        (replace(NOBODY, bearer="unknown"), refusal(403)),
        (replace(PLAIN, bearer="forbidden"), refusal(403)),
        (replace(PLAIN, method="POST"), refusal(405, b"No", ("Content-Type", "text/plain"), ("Allow", "GET"))),
        (PLAIN.under(If_None_Match='"x"'), Answer(304)),
        (PLAIN.under(Accept="text/html"), refusal(406, b"No", ("Content-Type", "text/plain"))),
        (replace(PLAIN, item="x"), page({"id": "x"})),
        (PLAIN.under(Origin=ATTACKER), page([], ("Access-Control-Allow-Origin", "*"))),
        (PLAIN.under(Accept_Encoding="identity"), page([], ("Content-Encoding", "identity"))),
        (PLAIN.under(Accept_Encoding="gzip"), page([], PACKED)),
    ],
)
def test_an_honest_answer_breaks_nothing(name: str, probe: Probe, answer: Answer) -> None:
    assert not breaks_of(name, probe, answer)


def test_nosniff_is_sent_or_does_not_apply() -> None:
    assert breaks_of("nosniff", PLAIN, page([], ("X-Content-Type-Options", "nosniff"))) == []
    assert breaks_of("nosniff", PLAIN, refusal()) is None


def test_json_that_few_readers_take_is_json() -> None:
    """A lone surrogate, numbers beyond a double or 64 bits, and levels beyond what is kept (RFC 8259, 6, 8.2 and 9)."""
    deep = b"[" * 300 + b"]" * 300
    value = Answer(200, (JSON,), b'[{"\\ud800": true}, 1e400, -%d, 1.5, %s]' % (10**400, deep)).value
    assert value[:2] == [{"?": True}, float_info.max]
    assert value[2:4] == [-float_info.max, 1.5]
    assert Answer(200, (JSON,), b"[" * 100_000 + b"]" * 100_000).value is BEYOND


def test_what_is_told_of_a_break_holds_no_value() -> None:
    (broken,) = breaks_of("schema", PLAIN, page(changed(payload={"key": "k", "result": "secret-value"}))) or ()
    assert broken.came == "a string of 12 characters at /1/payload/result"
    assert "secret" not in str(broken)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Answer(0, lost="a refused connection"),
        lambda: refusal(400, b'{"code":"guard.x"}'),
        lambda: page(LOGS[:3]),
        lambda: Answer(200, (), b"x"),
    ],
)
def test_what_came_is_said_in_a_few_words(make: Callable[[], Answer]) -> None:
    expected = {
        0: ["a refused connection"],
        400: ["400 (application/json, code guard.x, 18 bytes)"],
        200: ["200 (application/json, 3 logs)", "200 (no content type, 1 bytes)"],
    }
    assert make().said() in expected[make().status]


def test_a_check_is_declared_in_one_place() -> None:
    """No file of the judge names a check by a string, but for its declaration and the causes that others name."""
    for path in Path(checks.__file__).parent.parent.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        causes = {
            id(cause)
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "consequence_of"
            for cause in call.args
        }
        names = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value in CHECKS and id(n) not in causes]
        declared = [check for check in CHECKS.values() if Path(check.function.__code__.co_filename) == path]
        assert sorted(name.value for name in names if name.value not in COMMON) == sorted(
            check.name for check in declared if check.name not in COMMON
        ), path


def test_a_check_is_called_like_its_function_and_its_causes_exist() -> None:
    for name, check in CHECKS.items():
        assert check.function.__name__.replace("_", "-") == name == check.name
        assert set(check.consequence_of) <= set(CHECKS)
        assert check.function.__doc__


def test_checks_are_in_the_order_of_their_severity() -> None:
    order = ["forbidden", "senseless", "advice"]
    severities = [order.index(check.severity) for check in CHECKS.values()]
    assert severities == sorted(severities)


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'{"error": 5}'])
def test_the_body_of_an_error_is_beyond_the_page_and_binds_nobody(body: bytes) -> None:
    for status in (400, 401, 403):
        assert not breaks_of("schema", PLAIN, refusal(status, body))


# Whoever breaks the first breaks the others too, so that a report counts them once.
FOLLOW = {
    "answered": "head",
    "token-required": "content-type bearer-scheme",
    "content-type": "json",
    "schema": "default-page-size logs-missing filter-after-paging log-unchanged key-repeated one-log",
    "ids-unique": "default-page default-page-size page-size-ignored page-ignored logs-missing answers-apart pages-gap "
    "order-stable log-unchanged",
    "default-page": "page-size-ignored page-ignored logs-missing pages-gap total-number",
    "default-page-size": "logs-missing total-number",
    "page-size-exceeded": "default-page-size page-size-ignored page-ignored past-the-end logs-missing answers-apart "
    "pages-overlap total-number",
    "page-size-ignored": "default-page-size past-the-end logs-missing answers-apart filter-after-paging pages-overlap "
    "pages-gap total-number",
    "page-ignored": "past-the-end logs-missing pages-overlap pages-gap total-number",
    "past-the-end": "pages-gap total-number",
    "filter-ignored": "logs-missing filters-combined filter-inexact filter-after-paging total-number",
    "filters-combined": "logs-missing filter-after-paging pages-overlap total-number",
    "filter-inexact": "default-page-size logs-missing filter-after-paging total-number",
    "filter-after-paging": "default-page-size page-ignored logs-missing pages-overlap total-number",
    "pages-overlap": "past-the-end total-number",
    "logs-missing": "pages-gap total-number",
    "pages-gap": "total-number",
    "unknown-parameter": "total-number",
    "filter-empty": "total-number",
    "invalid-request-refused": "link",
    "total-number": "link head",
    "one-tenant": "log-unchanged one-log",
    "log-unchanged": "one-log",
    "key-repeated": "log-unchanged one-log",
    "created-at-unit": "log-unchanged one-log",
}


def test_what_follows_from_a_break_is_told_and_not_counted() -> None:
    found = {cause: {check.name for check in CHECKS.values() if cause in check.consequence_of} for cause in CHECKS}
    assert {cause: names for cause, names in found.items() if names} == {
        cause: set(names.split()) for cause, names in FOLLOW.items()
    }


def test_a_race_may_look_like_a_break_of_two_checks_and_who_shows_each() -> None:
    """Whoever sent a request shows most; the judge's own probes, or two answers, show the others."""
    assert {check.name for check in LOCAL if check.doubtful} == {"total-number", "link"}
    assert {check.name for check in CHECKS.values() if check.shown_by == "probe"} == {
        "token-required", "scope-required", "read-only", "refusal-tells", "bearer-scheme", "unauthorized-status",
        "forbidden-status", "one-log", "token-in-query",
    }  # fmt: skip
    assert {check.name for check in CHECKS.values()} - {check.name for check in LOCAL} == {
        "default-page", "default-page-size", "page-size-ignored", "page-ignored", "past-the-end", "logs-missing",
        "answers-apart", "filter-after-paging", "pages-overlap", "pages-gap", "order-stable", "unknown-parameter",
        "filter-empty", "head", "conditional",
    }  # fmt: skip
