"""What the judge looks for in texts, and by which names it tells things: each word, and its neighbours."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Answer, Break, ProbeExchange, identity, times
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.listing import resembles
from mockserver.judge.findings import Finding, Ledger
from mockserver.judge.inventory import Known, _values, value_in
from mockserver.judge.probe import NUMERIC, PLAIN, NearMiss, Probe, Value, Variable, asking
from mockserver.judge.probes.authorization import TAMPERED, UNSIGNED, UNSIGNED_TOO, _claims
from mockserver.judge.route import address
from mockserver.judge.secrets import Secrets, personal_values
from mockserver.judge.verdict import Verdict
from tests.judge.test_checks import JSON, breaks_of, page, refusal
from tests.judge.test_probe import SHELL
from tests.support.samples import a_log


@pytest.mark.parametrize("miss", [*TAMPERED, *NUMERIC], ids=lambda miss: miss.name)
@pytest.mark.parametrize("text", ["eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl", "aaaa.bbbb.cccccccc"])
def test_a_shell_changes_a_token_and_a_number_as_the_judge_does(miss: NearMiss, text: str) -> None:
    changed = miss.of(Value(text, Variable("V", "", ()), "$V"))
    done = subprocess.run([SHELL, "-c", f'V={text}; printf %s "{changed.shell}"'], capture_output=True, text=True)
    assert done.stdout == changed.text == miss.change(text) != text


def decoded(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_token_that_nobody_signed_says_so_and_names_somebody_with_the_scope() -> None:
    assert decoded(UNSIGNED) == {"alg": "none"}
    assert decoded(UNSIGNED_TOO) == {"alg": "nOnE"}
    assert _claims("a.b.c") == "b"
    for opaque in ("token", "a.b"):
        assert decoded(_claims(opaque)) == {"sub": "nobody", "scope": "all"}


def test_a_tampered_token_has_other_characters_at_each_place() -> None:
    changed = {miss.name: miss.change("head.body.signature") for miss in TAMPERED}
    assert changed == {
        "unsigned": f"{UNSIGNED}.body.", "with an empty signature": "head.body.", "cut short": "head.body.signa",
        "beginning otherwise": "AAAA.body.signature", "in another case": "HEAD.BODY.SIGNATURE",
        "without a signature": "head.body", "unsigned in another case": f"{UNSIGNED_TOO}.body.",
        "with more after it": "head.body.signatureAAAA",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("probe", "line"),
    [
        (PLAIN, 'curl -gsS -i -H "Authorization: Bearer $MOCKSERVER_TOKEN" http://h/api/logs'),
        (
            Probe(bearer="forbidden", method="HEAD"),
            'curl -gsS -I -H "Authorization: Bearer $MOCKSERVER_FORBIDDEN_TOKEN" http://h/api/logs',
        ),
        (Probe(bearer="none", method="PUT", body=b"{}"), "curl -gsS -i -X PUT --data-binary '{}' http://h/api/logs"),
        (Probe(bearer="none", item="a/b").under(X_A="b"), "curl -gsS -i -H 'X-A: b' http://h/api/logs/a%2Fb"),
    ],
)
def test_a_curl_line_is_this(probe: Probe, line: str) -> None:
    assert probe.curl("http://h/api/logs") == line


def test_what_there_is_to_read_of_a_probe_are_its_parameters_and_headers_then_its_query() -> None:
    assert asking(page=1, userId="u").under(X="y").size == (3, len("page=1&userId=u"))


@pytest.mark.parametrize("member", ["id", "key", "tenantId", "payload", "createdAt", "result"])
def test_each_documented_member_that_stands_twice_is_found(member: str) -> None:
    text = encode([a_log(1)])
    twice = text.replace(b'"%s":' % member.encode(), b'"%s":0,"%s":' % ((member.encode(),) * 2), 1)
    found = breaks_of("members-unique", PLAIN, Answer(200, (JSON,), twice))
    assert [broken.subject for broken in found or ()] == [member]


@pytest.mark.parametrize(
    ("charset", "breaks"),
    [("utf-8", 0), ("UTF-8", 0), ("utf8", 0), ("us-ascii", 0), ('"utf-8"', 0), ("utf-16", 1), ("latin1", 1)],
)
def test_json_is_utf_8_or_a_part_of_it(charset: str, breaks: int) -> None:
    answer = Answer(200, (("Content-Type", f"application/json; Charset = {charset}"),), b"[]")
    assert len(breaks_of("charset", PLAIN, answer) or ()) == breaks


@pytest.mark.parametrize(
    ("body", "inside"),
    [
        ('File "/x.py", line 3', "a Python traceback"),
        ("require('node_modules/koa')", "a JavaScript stack"),
        ("java.lang.NullPointerException", "a Java stack"),
        (" at com.example.Main.run(Main.java:12)", "a Java stack"),
        ("goroutine 7 [running]", "a Go stack"),
        ("SQLSTATE", "a database's message"),
        ("syntax error at or near", "a database's message"),
        ("no such file: /usr/lib/koa/index.js", "a path on the server"),
        ("see https://example.com/usr/lib/koa", ""),
        ("line 3", ""),
    ],
)
def test_the_inside_of_each_kind_of_server_is_known(body: str, inside: str) -> None:
    found = breaks_of("internals-told", PLAIN, refusal(500, body.encode(), ("Content-Type", "text/plain")))
    assert [broken.subject for broken in found or ()] == [inside] * bool(inside)


@pytest.mark.parametrize(
    ("header", "value", "breaks"),
    [("Server", "nginx/1.27", 1), ("X-Powered-By", "Express/4", 1), ("Server", "nginx", 0), ("Via", "1.1 x/2", 0)],
)
def test_a_version_counts_in_two_headers(header: str, value: str, breaks: int) -> None:
    assert len(breaks_of("server-version", PLAIN, page([], (header, value))) or ()) == breaks


@pytest.mark.parametrize("origin", ["*", "null", "https://attacker.example.com"])
def test_credentials_are_for_named_origins_alone(origin: str) -> None:
    said = (("Access-Control-Allow-Credentials", "True"), ("Access-Control-Allow-Origin", origin))
    (broken,) = breaks_of("cors-credentials", PLAIN, page([], *said)) or []
    assert broken.subject == origin
    named = (said[0], ("Access-Control-Allow-Origin", "https://app.example.com"))
    assert breaks_of("cors-credentials", PLAIN, page([], *named)) == []


@pytest.mark.parametrize(
    ("value", "text", "like"),
    [
        ("Interaction.Create", "interaction.create", True), ("Interaction.Create", "Interaction.", True),
        ("Interaction.Create", "Inter%", True), ("Interaction.Create", "Inter*ate", True),
        ("Interaction.Create", "Interaction_Create", True), ("Interaction.Create", "Interaction.Created", True),
        ("Zoë", "zoe", True), ("a-b_c", "abc", True), ("abc", " abc ", True), ("abc", "abd", False),
        ("Interaction.Create", "RevokeToken", False), (None, "%", True), (None, "abc", False), (7, "*.*", True),
    ],
)  # fmt: skip
def test_a_value_resembles_a_text_if_a_careless_comparison_takes_it_for_that(value: Any, text: str, like: bool) -> None:
    assert resembles(value, text) is like


ODD = ("4711", "0042", "Zoë", "a+b", "c&d", "e,f", "50%", "end ")


def known(texts: list[str]) -> tuple[Known, ...]:
    logs = [{"payload": {"userId": text}} for text in texts]
    return _values("userId", [(PLAIN, logs)])


def test_fourteen_values_are_tried_with_one_of_each_kind_among_them() -> None:
    common = [f"user-{letter}" for letter in "abcdefghijklmnopqrst" for _ in range(3)]
    texts = [each.value.text for each in known([*common, *ODD])]
    assert len(texts) == len(set(texts)) == 14
    assert {*ODD} <= set(texts)
    assert texts[:2] == ["user-a", "a+b"]
    assert [(each.value.text, each.count) for each in known(["a", "b", "b"])] == [("b", 2), ("a", 1)]
    assert known(["", "u" * 501]) == ()


def test_a_personal_value_is_found_again_by_its_place_and_another_is_told() -> None:
    window = asking(page_size=100)
    assert value_in(window, 3, "logKey", "Unknown") == Value("Unknown")
    found = value_in(window, 3, "userId", "u-1")
    assert (found.text, found.shell) == ("u-1", "$USER_3")
    assert found.source == Variable("USER_3", "page_size=100", (3, "payload", "userId"))


def test_a_person_is_told_as_an_address_a_user_and_an_agent() -> None:
    secrets, payload = Secrets(), {"ip": "192.0.2.77", "userId": "user-one", "userAgent": "Browser/1"}
    secrets.learn({"data": [{"payload": payload | {"userAgentParsed": {"ua": "Parsed/1"}}}]})
    assert secrets.clean("192.0.2.77 user-one Browser/1 Parsed/1") == "<ADDRESS 1> <USER 1> <AGENT 1> <AGENT 2>"
    assert list(personal_values(payload)) == [("ip", "192.0.2.77"), ("userId", "user-one"), ("userAgent", "Browser/1")]


def test_a_log_is_identified_by_its_id_or_as_a_whole() -> None:
    assert [identity(each) for each in ({"id": "a", "b": 1}, {"id": 7}, None)] == ["a", '{"id":7}', "null"]
    assert times([{"createdAt": 5}, {}, 7]) == [5, None, None]


def verdict(depth: Any = "quick", logs: int = 1, requests: int = 2, **more: Any) -> Verdict:
    ledger, place = Ledger(frozenset(CHECKS)), address("http://127.0.0.1:1/api/logs")
    plain = Verdict(place, "", "documented", depth, True, (), ledger, logs, requests, 1.26, "", "")
    return replace(plain, **more)


def test_a_summary_counts_logs_and_requests_and_says_whose_they_are() -> None:
    assert verdict().summary == "Kept (1 log and 2 requests judged in 1.3 s, quick depth)"
    assert verdict("traffic", 0, 1).summary == "Kept (0 logs and 1 request judged in 1.3 s, other clients' requests)"
    lost = verdict(vacuous="no log was seen", remedy="give a token")
    scope = "(http://127.0.0.1:1/api/logs, 1 log and 2 requests judged in 1.3 s, quick depth)"
    assert lost.summary == f"Nothing could be judged: no log was seen; give a token {scope}"
    lost.ledger.judge(CHECKS["json"])
    assert lost.summary == f"Not judged to the end: no log was seen; give a token {scope}"
    assert replace(lost, logs=0, remedy="").summary.startswith("Nothing could be judged: no log was seen (http")


def test_a_check_that_was_not_judged_says_the_nearest_reason() -> None:
    told = verdict(vacuous="the token was refused")
    assert told.skipped(CHECKS["json"]) == "the token was refused"
    told.ledger.ended = "7 requests are used up"
    assert told.skipped(CHECKS["json"]) == "7 requests are used up"
    told.ledger.leave("json", "no page came")
    assert told.skipped(CHECKS["json"]) == "no page came"
    told.ledger.judge(CHECKS["json"])
    assert told.skipped(CHECKS["json"]) is None
    assert verdict().skipped(CHECKS["json"]) == "no request could show it"
    few = replace(verdict(), ledger=Ledger(frozenset({"schema"})))
    assert few.skipped(CHECKS["json"]) == "left out by --only or --skip"


@pytest.mark.parametrize(
    ("url", "port", "told"),
    [
        ("http://h/x", 80, "http://h/x"), ("https://h/x", 443, "https://h/x"), ("http://h:80", 80, "http://h"),
        ("https://h:443", 443, "https://h"), ("https://h:444", 444, "https://h:444"), ("http://h:443", 443, "http://h:443"),
    ],
)  # fmt: skip
def test_a_url_without_a_port_has_that_of_its_scheme_and_is_told_without_it(url: str, port: int, told: str) -> None:
    found = address(url)
    assert (found.port, found.url, found.host_and_port) == (port, told, f"h:{port}")


def test_a_finding_is_of_one_break_that_nobody_knew() -> None:
    found = Finding(CHECKS["json"], Break("a", "b"), ProbeExchange(PLAIN, Answer(200)))
    assert (found.times, found.deviation, found.traits, found.weight) == (1, None, {}, "forbidden")
