"""What looks personal in a log is told with its place, and what nobody has is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from mockserver.contract.jsontext import encode
from mockserver.logs.traffic.agents import agents
from mockserver.record import personal
from mockserver.record.personal import personal_places
from mockserver.record.pseudonyms import Pseudonyms
from mockserver.strategies import logs
from tests.support.samples import Log

TOKEN = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJhIn0.c2ln"  # it opens nothing


def told(path: Path, *logs: Any) -> list[str]:
    """Returns what is told of logs, without the name of their file."""
    path.write_bytes(b"".join(encode(log) + b"\n" for log in logs))
    return [str(problem).removeprefix(f"{path}:") for problem in personal_places(path)]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"a": "write to anna@corp.de"}, "a: found an e-mail address (an…), expected one such as name@example.com"),
        ({"a": {"anna@corp.de": 1}}, "a: found an e-mail address (an…), expected one such as name@example.com"),
        ({"b": ["at https://sso.corp.de:8080/x"]}, "b.0: found a host (ss…), expected one such as app.example.com"),
        ({"ip": "93.184.216.34"}, "ip: found an IP address (93…), expected one of "),
        ({"u": "http://93.184.216.34/"}, "u: found an IP address (93…)"),
        ({"ip": "2606:2800:220::1"}, "ip: found an IP address (26…)"),
        ({"_a": "anna@corp.de"}, "_a: found an e-mail address (an…)"),
        ({"phone": "call +4930123456 now"}, "phone: found a phone number (+4…), expected one that begins with +0"),
        ({"h": f"Bearer {TOKEN}"}, "h: found a token (ey…), expected none"),
        ({"error": json.dumps({"m": ["anna@corp.de"]})}, "error: found an e-mail address (an…)"),
        ({"q": "next=%2Fu%3Fm%3Danna%40corp.de"}, "q: found an e-mail address"),
    ],
)
def test_a_value_that_could_lead_to_somebody_is_told_with_its_place(tmp_path: Path, value: Any, line: str) -> None:
    (problem,) = told(tmp_path / "logs", value)
    assert problem.startswith(f"1: {line}")


def test_each_kind_is_told_with_what_to_put_in_its_place(tmp_path: Path) -> None:
    networks = "192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32"
    whole = ["anna@corp.de", "https://sso.corp.de/x", "93.184.216.34", "call +4930123456 now", TOKEN]
    assert [told(tmp_path / "logs", {"a": text}) for text in whole] == [
        ["1: a: found an e-mail address (an…), expected one such as name@example.com"],
        ["1: a: found a host (ss…), expected one such as app.example.com"],
        [f"1: a: found an IP address (93…), expected one of {networks}"],
        ["1: a: found a phone number (+4…), expected one that begins with +0"],
        ["1: a: found a token (ey…), expected none"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.com", "a@mail.test", "https://logto.example.com/a.b", "http://localhost:3001", "http://db/x",
        "192.0.2.7", "http://198.18.0.1/", "2001:db8::1", "127.0.0.1", "10.1.2.3", "+015550123", "Chrome/120.0.0.0",
        "at 12:34:56", '{"not": json', "https://default.logto.app/api", "%", "eyJ", "user12345678", agents()[0].text,
    ],
)  # fmt: skip
def test_what_nobody_has_is_not_told(tmp_path: Path, text: str) -> None:
    log = {"a": text, "userAgentParsed": agents()[0].parsed, "version": "120.1.1.1"}
    assert told(tmp_path / "logs", log) == []


def test_nothing_under_a_pseudonym_looks_personal(tmp_path: Path) -> None:
    @settings(max_examples=30)
    @given(logs())
    def law(log: Log) -> None:
        assert told(tmp_path / "logs", Pseudonyms("k").log(log)) == []

    law()


def test_a_file_tells_its_lines_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "logs.jsonl"
    path.write_bytes(b"{\n" + encode({"ip": "93.184.216.34"}) + b"\n[]\n" + encode(["a@corp.de"]) + b"\n")
    places = [str(problem).partition(": found")[0] for problem in personal_places(path)]
    assert places == [f"{path}:2: ip", f"{path}:4: 0"]
    monkeypatch.setattr(personal, "MOST_BAD_LINES", 1)
    assert len(personal_places(path)) == 1
    path.write_bytes(b"\x1f\x8b")
    assert personal_places(path) == []
