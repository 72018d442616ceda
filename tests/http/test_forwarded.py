"""Where a server is: what is a host, and what a proxy in front of it says by X-Forwarded-*."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.http.forwarded import forwarded_base, is_base, is_host, is_loopback
from mockserver.http.message import Request

HERE = "http://127.0.0.1:3001"


def base(**headers: str | list[str]) -> str:
    pairs = ((name, text) for name, value in headers.items() for text in ([value] if isinstance(value, str) else value))
    return forwarded_base(Request("GET", "/", tuple((f"x-forwarded-{name}", text) for name, text in pairs), HERE))


@pytest.mark.parametrize(
    "text", ["a", "a.example.com:80", "127.0.0.1", "[::1]:3001", "under_score", "a:", "%41", "a:65535"]
)
def test_these_are_hosts(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize(
    "text", ["", "a b", "a/b", "u@a", "a:b", "a:65536", "[::1", "::1", "é", "a\n", "%", "a?b", "<a>", "a#"]
)
def test_these_are_no_hosts(text: str) -> None:
    assert not is_host(text)
    assert not is_base(f"http://{text}") or "/" in text


@pytest.mark.parametrize("text", ["https://a", "http://a:1/b", "https://a/b/c%20d"])
def test_these_are_base_urls(text: str) -> None:
    assert is_base(text)


@pytest.mark.parametrize(
    "text", ["", "a", "ftp://a", "https://", "https://a/", "https://a?b", "https://a/b#", "https://a//b", "https://a/é"]
)
def test_these_are_no_base_urls(text: str) -> None:
    assert not is_base(text)


def test_a_proxy_names_the_scheme_the_host_and_the_prefix_each_alone_and_all_together() -> None:
    assert base() == HERE
    assert base(proto="https") == "https://127.0.0.1:3001"
    assert base(host="mock.example.com") == "http://mock.example.com"
    assert base(prefix="/logto/") == f"{HERE}/logto"
    assert base(prefix="_a_/") == f"{HERE}/_a_"
    assert base(proto="HTTPS", host="mock.example.com", prefix="logto/a") == "https://mock.example.com/logto/a"


def test_the_value_of_the_nearest_proxy_counts() -> None:
    assert base(host="evil.example.com, mock.example.com") == "http://mock.example.com"
    assert base(host=["evil.example.com", "mock.example.com"]) == "http://mock.example.com"


@pytest.mark.parametrize("wrong", [{"proto": "javascript"}, {"host": "a b"}, {"prefix": "/a b"}, {"prefix": "/a//b"}])
def test_what_makes_no_base_url_counts_for_nothing(wrong: dict[str, str]) -> None:
    assert base(**wrong) == ""


@given(st.text(), st.text(), st.text())
def test_whatever_a_proxy_says_the_answer_is_a_base_url_or_empty(proto: str, host: str, prefix: str) -> None:
    made = base(proto=proto, host=host, prefix=prefix)
    assert made == "" or is_base(made)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LOCALHOST.", "a.localhost"])
def test_names_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "192.0.2.1", "2001:db8::1", "example.com", "localhost.example.com", "2130706433", "_localhost",
     "localhost_"],
)  # fmt: skip
def test_names_of_others(host: str) -> None:
    assert not is_loopback(host)
