"""The judge of other people's requests: what one answer shows, and what two of the same client show."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any

import pytest

from mockserver.contract.jsontext import encode
from mockserver.http.message import Reply, Request
from mockserver.judge import traffic
from mockserver.judge.route import logs_address
from mockserver.judge.traffic import TrafficJudge

BEARER = (("authorization", "Bearer a-token-of-somebody"),)


def log(number: int, created: int | None = None, **payload: Any) -> dict[str, Any]:
    """The log ``number`` from the oldest."""
    content = {"key": "Interaction.SignIn.Submit", "result": "Success", **payload}
    moment = 1_700_000_000_000 + number * 1000 if created is None else created
    return {
        "tenantId": "default",
        "id": f"log{number:018}",
        "key": content["key"],
        "payload": content,
        "createdAt": moment,
    }


LOGS = [log(number) for number in range(60, 0, -1)]


class Client:
    """Sends requests past one judge."""

    def __init__(self, profile: Any = "documented") -> None:
        self.judge = TrafficJudge(logs_address("http://127.0.0.1:3301"), profile)

    def sees(
        self,
        query: str,
        logs: Sequence[Any],
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
        by: Any = BEARER,
    ) -> tuple[str, ...]:
        """The checks that an answer with these logs breaks."""
        request = Request("GET", f"/api/logs?{query}", by)
        kept = headers or (("Content-Type", "application/json; charset=utf-8"), ("Total-Number", "60"))
        return self.judge.judge(request, Reply(status, kept, encode(list(logs))), 0.01)


def test_a_right_answer_breaks_nothing_and_a_wrong_one_is_named_each_time():
    client = Client()
    assert client.sees("page_size=2", LOGS[:2]) == ()
    for _ in range(2):
        assert client.sees("page_size=2", [{"id": 7}]) == ("schema",)
    verdict = client.judge.verdict()
    assert (verdict["outcome"], verdict["exit_code"], verdict["depth"]) == ("broken", 1, "traffic")
    assert verdict["requests"] == 3


def test_equal_answers_in_a_row_are_judged_once_whatever_their_date(monkeypatch: pytest.MonkeyPatch) -> None:
    client, kind, read = Client(), ("Content-Type", "application/json"), list[bytes]()
    decoded = traffic.decoded_start
    monkeypatch.setattr(traffic, "decoded_start", lambda body, *others: read.append(body) or decoded(body, *others))
    for date in ("Thu, 28 May 2026 00:00:00 GMT", "Thu, 28 May 2026 00:00:01 GMT"):
        assert client.sees("page_size=2", [{"id": 7}], headers=(kind, ("Date", date))) == ("schema",)
    assert len(read) == 1


def test_an_answer_with_another_header_is_judged_anew() -> None:
    client, date = Client(), ("Date", "Thu, 28 May 2026 00:00:00 GMT")
    assert client.sees("page_size=2", LOGS[:2], headers=(("Content-Type", "application/json"), date)) == ()
    assert "content-type" in client.sees("page_size=2", LOGS[:2], headers=(("Content-Type", "text/html"), date))


def test_nothing_seen_is_no_green():
    verdict = Client().judge.verdict()
    assert verdict["exit_code"] == 2
    assert "no log passed" in verdict["summary"]


def test_kept_is_0_and_says_whose_requests_these_were():
    client = Client()
    client.sees("", LOGS[:20])
    verdict = client.judge.verdict()
    assert verdict["exit_code"] == 0
    assert "20 logs and 1 request judged" in verdict["summary"]
    assert "other clients' requests" in verdict["summary"]


def test_page_2_that_is_page_1_is_shown_by_a_client_that_polls():
    client = Client()
    assert client.sees("page=1", LOGS[:20]) == ()
    assert client.sees("page=2", LOGS[:20]) == ()
    assert client.sees("page=1", LOGS[:20]) == ("page-ignored",)


def test_a_log_that_came_in_between_explains_what_two_pages_share():
    client = Client()
    client.sees("page=1", LOGS[1:21])
    client.sees("page=2", LOGS[20:40])
    assert client.sees("page=1", LOGS[:20]) == ()
    assert client.judge.verdict()["exit_code"] == 0


def test_pages_that_share_a_log_count_when_it_was_seen_three_times():
    """Copies of the logs that are not equally fresh look like that once or twice."""
    client = Client()
    seen = []
    for _ in range(3):
        client.sees("page=1", LOGS[:20])
        client.sees("page=2", LOGS[19:39])
        seen.append(client.sees("page=1", LOGS[:20]))
    assert seen == [(), (), ("pages-overlap",)]


def test_a_right_second_page_ends_the_row():
    client = Client()
    for second in (LOGS[19:39], LOGS[19:39], LOGS[20:40], LOGS[19:39]):
        client.sees("page=1", LOGS[:20])
        client.sees("page=2", second)
        assert client.sees("page=1", LOGS[:20]) == ()


def test_a_page_of_another_size_and_one_under_a_filter_fit_into_page_1():
    client = Client()
    for _ in range(3):
        client.sees("page_size=50", LOGS[:50])
        client.sees("page_size=10&page=2", LOGS[11:21])
        names = client.sees("page_size=50", LOGS[:50])
    assert names == ("pages-gap",)
    client = Client()
    client.sees("page_size=50&logKey=Interaction.SignIn.Submit", LOGS[:50])
    client.sees("page_size=50", LOGS[:50])
    assert client.sees("page_size=50&logKey=Interaction.SignIn.Submit", LOGS[:50]) == ()
    client.sees("page_size=10&page=2", LOGS[10:20])
    client.sees("page_size=50&logKey=Interaction.SignIn.Submit", LOGS[:50])
    client.sees("page_size=50&userId=nobody", [])
    assert client.sees("page_size=50", LOGS[:50]) == ()


def test_only_requests_with_the_same_token_and_valid_queries_are_compared():
    client = Client()
    other = (("authorization", "Bearer another-token"),)
    client.sees("page=1", LOGS[:20])
    client.sees("page=2", LOGS[:20], by=other)
    client.sees("page=0x2", LOGS[:20])
    assert client.sees("page=1", LOGS[:20]) == ()


def test_logs_of_one_moment_may_swap_places():
    same = [log(number, created=1_700_000_000_000) for number in range(40)]
    client = Client()
    for _ in range(3):
        client.sees("page=1", same[:20])
        client.sees("page=2", same[19:39])
        assert client.sees("page=1", same[:20]) == ()


def test_a_doubtful_break_counts_the_third_time_in_a_row():
    client = Client()
    wrong = (("Content-Type", "application/json; charset=utf-8"), ("Total-Number", "1"))
    names = [client.sees("page_size=2", LOGS[:2], headers=wrong) for _ in range(3)]
    assert names[:2] == [(), ()]
    assert names[2]


def test_no_report_tells_a_token_or_a_person():
    client = Client()
    person = log(1, ip="203.0.113.77", userId="u0someperson", more="x" * 20_000)
    del person["createdAt"]
    client.sees("page_size=1&userId=u0someperson&token=a-token-of-somebody", [person])
    shown = encode(client.judge.verdict()).decode()
    assert client.judge.verdict()["findings"]
    for secret in ("a-token-of-somebody", "203.0.113.77", "u0someperson"):
        assert secret not in shown


@pytest.mark.parametrize("body", [b'["' + b"x" * 600_000 + b'"]', b"[" + b"1," * 10_000 + b"1]"])
def test_an_answer_that_would_take_too_long_is_told_and_not_judged(body: bytes) -> None:
    client = Client()
    zipped = gzip.compress(body)
    for content, headers in ((body, ()), (zipped, (("Content-Encoding", "gzip"),))):
        reply = Reply(200, (("Content-Type", "application/json"), *headers), content)
        assert client.judge.judge(Request("GET", "/api/logs", BEARER), reply, 0.01) == ()
    assert client.judge.verdict()["unjudged"][0]["what"] == "answers that take too long"


def test_a_compressed_answer_is_judged_as_what_it_holds_and_a_false_one_as_it_is() -> None:
    client = Client()
    coded = (("Content-Type", "application/json; charset=utf-8"), ("Total-Number", "60"), ("Content-Encoding", "gzip"))
    plain = encode(LOGS[:20])
    for body, broken in ((gzip.compress(plain), ()), (b"no gzip", ("json",))):
        assert client.judge.judge(Request("GET", "/api/logs", BEARER), Reply(200, coded, body), 0.01) == broken


def test_memory_is_bounded_whatever_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_MOST_LISTS", "_MOST_TOKENS"):
        monkeypatch.setattr(traffic, name, 2)
    client = Client()
    for number in range(30):
        by = (("authorization", f"Bearer token-{number}"),)
        client.sees(f"page=1&page_size={number + 1}", [log(number)], by=by)
        client.sees(f"page={number + 1}", LOGS[:20])
    judge = client.judge
    assert len(judge._first) == len(judge._tokens) == 2
    assert len(judge._pages) == 24


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_no_break(status):
    client = Client()
    request = Request("GET", "/api/logs", BEARER)
    body = encode({"code": "auth.unauthorized", "message": "No."})
    assert client.judge.judge(request, Reply(status, (("Content-Type", "application/json"),), body), 0.01) == ()


@pytest.mark.parametrize("status", [401, 403])
def test_logs_in_a_refusal_are_a_break_whatever_token_was_refused(status: int) -> None:
    assert Client().sees("", LOGS[:20], status) == ("token-required",)


def test_logs_without_a_token_are_a_break():
    assert Client().sees("", LOGS[:20], by=()) == ("token-required",)


def test_a_log_that_holds_the_address_of_the_target_masks_no_line_that_names_it() -> None:
    client = Client()
    client.sees("page_size=1", [log(1, ip="127.0.0.1:3301", userId="a-user-of-the-log")])
    client.sees("page_size=1&userId=a-user-of-the-log", [{"id": 7}])
    curl = next(each["curl"] for each in client.judge.verdict()["findings"] if each["check"] == "schema")
    assert "http://127.0.0.1:3301/api/logs" in curl
    assert "a-user-of-the-log" not in curl


def test_a_log_by_its_id_is_judged_as_a_log_and_not_as_a_list() -> None:
    judge = Client().judge
    kept = (("Content-Type", "application/json; charset=utf-8"),)
    for item, names in (("_log1_", ()), ("_log1_/", ()), ("log1", ("one-log",)), ("", ("schema",))):
        request = Request("GET", f"/api/logs/{item}" if item else "/api/logs", BEARER)
        assert judge.judge(request, Reply(200, kept, encode({**log(1), "id": "_log1_"})), 0.01) == names


@pytest.mark.parametrize(("others", "names"), [(15, ("page-ignored",)), (16, ())])
def test_the_first_pages_of_sixteen_lists_are_remembered(others: int, names: tuple[str, ...]) -> None:
    client = Client()
    client.sees("page=1&page_size=50", LOGS[:50])
    for size in range(1, others + 1):
        client.sees(f"page=1&page_size={size}", LOGS[:size])
    client.sees("page=2&page_size=20", LOGS[:20])
    assert client.sees("page=1&page_size=50", LOGS[:50]) == names


@pytest.mark.parametrize(("others", "names"), [(23, ("page-ignored",)), (24, ())])
def test_twenty_four_pages_are_compared_with_a_first_page(others: int, names: tuple[str, ...]) -> None:
    client = Client()
    client.sees("page=1", LOGS[:20])
    client.sees("page=2", LOGS[:20])
    for number in range(others):
        client.sees(f"page=2&page_size={30 + number}", LOGS[30 + number :])
    assert client.sees("page=1", LOGS[:20]) == names


@pytest.mark.parametrize(("size", "names"), [(2, ()), (3, ("page-ignored",))])
def test_two_pages_of_three_logs_are_the_same_at_once_and_of_two_logs_perhaps(
    size: int, names: tuple[str, ...]
) -> None:
    client = Client()
    client.sees("page=1", LOGS[:20])
    client.sees(f"page=2&page_size={size}", LOGS[:size])
    assert client.sees("page=1", LOGS[:20]) == names


def test_twenty_breaks_of_a_check_by_one_answer_count() -> None:
    client = Client()
    echoes = tuple((f"X-{number}", "a-token-of-somebody") for number in range(25))
    kept = (("Content-Type", "application/json; charset=utf-8"), ("Total-Number", "60"))
    assert client.sees("", LOGS[:20], headers=(*kept, *echoes)) == ("credential-echoed",)
    findings = client.judge.verdict()["findings"]
    assert sum(each["times"] for each in findings if each["check"] == "credential-echoed") == 20


@pytest.mark.parametrize(("others", "is_masked"), [(99, True), (100, False)])
def test_a_hundred_tokens_are_masked_in_reports(others: int, is_masked: bool) -> None:
    """The headers that bring a token are left out of every report; here an answer tells it."""
    client = Client()
    for number in range(others):
        client.sees("", LOGS[:20], by=(("authorization", f"Bearer token-{number}"),))
    client.sees("", LOGS[:20], headers=(("Content-Type", "text/a-token-of-somebody"),))
    told = encode(client.judge.verdict()).decode()
    assert ("a-token-of-somebody" not in told) is is_masked
