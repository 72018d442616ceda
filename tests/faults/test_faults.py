"""What each kind of fault makes of a reply, without a socket."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.refusals import known_refusal
from mockserver.faults.fault import Case, Chance, Fault, Tally
from mockserver.faults.latency import Latency
from mockserver.faults.rule import read_rule
from mockserver.http.link import read_links
from mockserver.http.message import Reply, Request, Sending, Stream, json_reply

HONEST = json_reply(200, [{"id": "a"}], (("ETag", '"a"'),))


def case(ask: Callable[[Request], Reply] = lambda request: HONEST, now: float = 0.0, k: int = 1) -> Case:
    return Case(Request("GET", "/api/logs"), now, ask, Chance(0, "rule", k))


def fault(text: str) -> Fault:
    return read_rule(text).fault


def made(text: str, reply: Reply = HONEST, now: float = 0.0) -> Reply:
    return fault(text).disturb(case(lambda request: reply, now))


@pytest.mark.parametrize(
    "text", ["status:code=503", "hang", "reset", "empty", "garbage", "rate_limit:limit=0", "outage:period=2,duration=1"]
)
def test_a_fault_that_needs_no_honest_answer_computes_none(text: str) -> None:
    asked: list[Request] = []
    fault(text).disturb(case(lambda request: asked.append(request) or HONEST))
    assert asked == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_status_that_real_deployments_refuse_with_has_their_code_and_message(status: int) -> None:
    body = orjson.loads(made(f"status:code={status}").content())
    known = known_refusal(status)
    assert known is not None
    assert body == {"code": known.code, "message": known.message}


def test_another_status_has_a_message_and_no_code() -> None:
    assert orjson.loads(made("status:code=500").content()) == {"message": "Internal server error."}
    assert orjson.loads(made("status:code=799").content()) == {"message": "Status 799."}


def test_a_status_has_the_code_message_and_retry_after_of_its_rule() -> None:
    reply = made('status:code=429,error=a.b,message="x, y",retry_after=3')
    assert (reply.status, reply.header("retry-after")) == (429, "3")
    assert orjson.loads(reply.content()) == {"code": "a.b", "message": "x, y"}


def test_latency_waits_and_changes_nothing_else() -> None:
    assert made("latency:seconds=2.5") == HONEST.sent(wait=2.5)


def test_latency_adds_to_what_another_fault_waits() -> None:
    assert made("latency:seconds=2", HONEST.sent(wait=1.0)).sending.wait == 3


def test_uniform_latency_lies_between_its_bounds_with_the_right_mean() -> None:
    drawn = Latency(distribution="uniform", min=1, max=3)
    waits = [drawn.draw(Chance(0, "a", k)) for k in range(2000)]
    assert min(waits) >= 1
    assert max(waits) <= 3
    assert statistics.mean(waits) == pytest.approx(2, abs=0.1)


def test_lognormal_latency_has_its_median_and_spread() -> None:
    drawn = Latency(distribution="lognormal", median=2, sigma=0.5)
    logs = [math.log(drawn.draw(Chance(0, "a", k))) for k in range(2000)]
    assert statistics.median(logs) == pytest.approx(math.log(2), abs=0.06)
    assert statistics.stdev(logs) == pytest.approx(0.5, abs=0.05)


def test_lognormal_latency_is_at_most_an_hour() -> None:
    drawn = Latency(distribution="lognormal", median=3600, sigma=10)
    assert max(drawn.draw(Chance(0, "a", k)) for k in range(50)) == 3600


def test_hang_empty_and_reset_send_nothing() -> None:
    assert made("hang:seconds=5").sending == Sending(wait=5, cut=-1, end="close")
    assert made("empty").sending == Sending(cut=-1, end="close")
    assert made("reset").sending == Sending(cut=-1, end="reset")


def test_a_reset_within_the_body_sends_the_bytes_before_it() -> None:
    assert made("reset:after=3") == HONEST.sent(cut=3, end="reset")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("truncate", 6),
        ("truncate:fraction=0", 0),
        ("truncate:fraction=1", 11),
        ("truncate:bytes=3", 3),
        ("truncate:bytes=99", 11),
    ],
)
def test_a_truncated_body_lacks_one_byte_at_least(text: str, kept: int) -> None:
    assert len(HONEST.content()) == 12
    assert made(text).sending == Sending(cut=kept, end="close")


def test_an_empty_body_is_truncated_to_nothing() -> None:
    assert made("truncate", Reply(204)).sending.cut == 0


def test_a_stream_is_cut_after_a_fraction_of_its_first_piece() -> None:
    stream = Reply(200, (), Stream(lambda: (b"abcdef", b"g")))
    assert made("truncate", stream).sending.cut == 3
    assert made("truncate:bytes=100", stream).sending.cut == 100
    assert made("truncate", Reply(200, (), Stream(tuple))).sending.cut == 0


@given(st.integers(1, 300), st.integers(1, 1000))
def test_garbage_is_not_http_and_is_the_same_for_the_same_chance(length: int, k: int) -> None:
    sent = fault(f"garbage:bytes={length}").disturb(case(k=k)).sending
    assert sent.raw is not None
    assert len(sent.raw) == length
    assert sent.raw[:1] == b"\0"
    assert fault(f"garbage:bytes={length}").disturb(case(k=k)).sending == sent


def test_a_malformed_chunk_follows_the_honest_head_under_200() -> None:
    reply = made("malformed_chunk", Reply(404, (("A", "b"), ("Content-Length", "3")), b"abc"))
    assert (reply.status, reply.headers, reply.content()) == (200, (("A", "b"),), b"")
    assert reply.sending.raw is not None
    with pytest.raises(ValueError, match="invalid literal"):
        int(reply.sending.raw.split(b"\r\n")[0], 16)


def test_dribble_changes_only_the_pace() -> None:
    assert made("dribble:seconds=2,chunks=4") == HONEST.sent(over=2.0, chunks=4)


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3), st.lists, max_leaves=5))
def test_malformed_json_never_parses_whatever_it_was(value: Any) -> None:
    reply = made("malformed_json", json_reply(404, value, (("ETag", '"a"'),)))
    assert (reply.status, reply.header("etag")) == (200, None)
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(reply.content())


def test_a_malformed_stream_stays_a_stream() -> None:
    reply = made("malformed_json", Reply(200, (), Stream(lambda: (b"[1,", b"2]"))))
    assert isinstance(reply.body, Stream)
    assert reply.content() == b"[[1,2]"


def test_wrong_type_changes_only_the_content_type() -> None:
    reply = made("wrong_type:type=text/plain")
    assert (reply.status, reply.header("content-type"), reply.body) == (200, "text/plain", HONEST.body)


def test_a_rate_limit_lets_its_number_of_requests_pass_in_each_window() -> None:
    limit, tally = fault("rate_limit:limit=2,window=10"), Tally()
    moments = [1000.0, 1001.0, 1002.0, 1009.9, 1010.0, 1011.0, 1012.0]
    assert [limit.strikes(now, tally) for now in moments] == [False, False, True, True, False, False, True]


@given(st.floats(0, 1e10), st.floats(0.01, 3000))
def test_retry_after_of_a_rate_limit_is_never_before_the_next_window(now: float, window: float) -> None:
    limit = fault(f"rate_limit:limit=0,window={window!r}")
    reply = limit.disturb(case(now=now))
    after = now + int(reply.header("retry-after") or 0)
    assert reply.status == 429
    assert after // window > now // window or after % window == pytest.approx(0, abs=1e-3)


def test_an_outage_recurs_and_says_when_it_ends() -> None:
    outage = fault("outage:period=10,duration=3")
    assert [outage.strikes(now, Tally()) for now in (20.0, 22.9, 23.0, 29.9, 30.0)] == [True, True, False, False, True]
    reply = outage.disturb(case(now=21.5))
    assert (reply.status, reply.header("retry-after")) == (503, "2")


def _listed(link: str) -> Reply:
    return json_reply(200, [{"id": "a"}], (("Total-Number", "9"), ("Link", link), ("ETag", '"a"')))


def test_a_list_without_logs_has_one_page_and_no_tag() -> None:
    link = (
        '<http://h/api/logs?page=1&key=a>; rel="first", <http://h/api/logs?page=3&key=a>; rel="last", '
        '<http://h/api/logs?page=1&key=a>; rel="prev", <http://h/api/logs?page=3&key=a>; rel="next"'
    )
    reply = made("empty_list", _listed(link))
    assert (reply.content(), reply.header("Total-Number"), reply.header("ETag")) == (b"[]", "0", None)
    assert read_links(reply.header("Link") or "") == {
        "first": "http://h/api/logs?page=1&key=a",
        "last": "http://h/api/logs?page=1&key=a",
        "prev": "http://h/api/logs?page=1&key=a",
    }


def test_a_list_without_logs_has_a_line_a_relation_where_the_honest_one_has() -> None:
    one, next_ = '<http://h/logs?page=1>; rel="first"', '<http://h/logs?page=2>; rel="next"'
    honest = json_reply(200, [{"id": "a"}], (("Total-Number", "9"), ("Link", one), ("Link", next_)))
    assert [pair for pair in made("empty_list", honest).headers if pair[0] == "Link"] == [("Link", one)]


def test_a_list_without_logs_is_neither_compressed_nor_conditional() -> None:
    asked: list[Request] = []
    headers = (("accept-encoding", "gzip"), ("if-none-match", '"a"'), ("authorization", "Bearer x"))
    request = Request("GET", "/api/logs", headers)
    fault("empty_list").disturb(Case(request, 0, lambda sent: asked.append(sent) or HONEST, Chance(0, "", 1)))
    assert asked == [request._replace(headers=headers[2:])]


def test_a_deployment_without_logs_refuses_as_any_other_and_finds_no_log() -> None:
    refusal = json_reply(401, {"code": "auth.unauthorized"})
    assert made("empty_list", refusal) == refusal
    missing = made("empty_list", json_reply(200, {"id": "a"}))
    assert (missing.status, orjson.loads(missing.content())["code"]) == (404, "entity.not_exists_with_id")
