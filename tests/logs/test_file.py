"""The seeded source: a file is served whole or not at all, and every bad line is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError, StoredBreak
from mockserver.contract.filters import EVERYTHING
from mockserver.logs.file import Seeded, SeededSource
from mockserver.logs.reading import LONGEST, MOST_BAD_LINES, listing, read_file
from mockserver.logs.row import Row
from mockserver.logs.source import Opening
from tests.support.filters import by

LOG: dict[str, Any] = {
    "tenantId": "default",
    "id": "a",
    "key": "Unknown",
    "payload": {"key": "Unknown", "result": "Success"},
    "createdAt": 1,
}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes lines, each an object, a text or bytes, into a file."""

    def lines(*given: Any, end: bytes = b"\n") -> Path:
        path = tmp_path / "logs.jsonl"
        raw = [
            each if isinstance(each, bytes) else each.encode() if isinstance(each, str) else _line(each)
            for each in given
        ]
        path.write_bytes(end.join(raw))
        return path

    return lines


def _line(log: Any) -> bytes:
    return json.dumps(log).encode()


def nested(depth: int) -> str:
    return json.dumps(LOG)[:-1] + ',"x":' + "[" * depth + "]" * depth + "}"


BAD: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "(log): found no JSON (unexpected end of data"),
    "a word": ("hello", "(log): found no JSON"),
    "NaN": ("NaN", "(log): found no JSON"),
    "a byte order mark": (b"\xef\xbb\xbf" + _line(LOG), "(log): found no JSON"),
    "two values": (_line(LOG) + b" " + _line(LOG), "(log): found no JSON"),
    "no UTF-8": (b'{"id":"\xff"}', "(log): found no JSON"),
    "a lone surrogate": ('{"id":"\\ud800"}', "(log): found no JSON"),
    "too deep": (nested(200), "(log): found no JSON (nested deeper than 200 levels)"),
    "far too deep": (nested(5000), "(log): found no JSON"),
    "an array": ([LOG], "(log): found an array, expected an object"),
    "null": ("null", "(log): found null, expected an object"),
    "a missing key": (dict([*list(LOG.items())[:3], ("createdAt", 1)]), "payload: found nothing, expected an object"),
    "a break": (LOG | {"createdAt": "now"}, "createdAt: found 'now', expected a number"),
    "a boolean for a number": (LOG | {"createdAt": True}, "createdAt: found true, expected a number"),
    "an id too long": (LOG | {"id": "x" * 22}, "id: found 22 characters, expected at most 21"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "told"), BAD.values(), ids=BAD)
def test_a_bad_line_is_reported_with_file_line_path_found_and_expected(write: Write, line: Any, told: str) -> None:
    path = write(LOG | {"id": "first"}, line, LOG | {"id": "third"})
    _, problems = read_file(path)
    assert [str(problem).startswith(f"{path}:2: {told}") for problem in problems] == [True]
    with pytest.raises(MockserverError, match=r"logs\.jsonl:2: "):
        Seeded(str(path)).open(Opening(0))


def test_a_line_of_ten_megabytes_is_reported_and_the_rest_is_still_read(write: Write) -> None:
    path = write(b'{"x":[' + b"1," * 5_000_000 + b"1]}", LOG, "{")
    rows, problems = read_file(path)
    assert [row.id for row in rows] == ["a"]
    assert [str(problem).partition(" (unexpected")[0] for problem in problems] == [
        f"{path}:1: (log): found over 1,000,000 bytes, expected a log",
        f"{path}:3: (log): found no JSON",
    ]


@pytest.mark.parametrize(("length", "bad"), [(LONGEST, 0), (LONGEST + 1, 1)])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n{"])
def test_the_bound_of_a_line_is_exact(write: Write, length: int, bad: int, end: bytes) -> None:
    log = _line(LOG | {"pad": ""})
    path = write(log[:-2] + b"x" * (length - len(log)) + log[-2:] + end)
    assert len(read_file(path)[1]) == bad + end.count(b"{")


def test_a_repeated_id_is_reported_with_its_first_line(write: Write) -> None:
    path = write(LOG, LOG | {"id": "b"}, "", LOG | {"createdAt": 5}, LOG)
    assert [str(problem) for problem in read_file(path)[1]] == [
        f"{path}:{line}: id: found 'a' again, first at {path}:1, expected ids that are unique" for line in (4, 5)
    ]


def test_the_first_twenty_problems_are_listed_and_how_many_more_there_are(write: Write) -> None:
    problems = read_file(write(*["{"] * 23))[1]
    lines = listing(problems).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "and 3 more"
    assert "more" not in listing(problems[:20])


def test_a_line_may_have_more_than_one_problem(write: Write) -> None:
    problems = read_file(write({}))[1]
    assert [str(problem).rpartition(": ")[0].rpartition(": ")[2] for problem in problems] == [
        "tenantId", "id", "key", "payload", "createdAt",
    ]  # fmt: skip


def test_blank_lines_and_windows_line_ends_are_no_problem(write: Write) -> None:
    path = write("", LOG, "   ", LOG | {"id": "b"}, "\t", end=b"\r\n")
    rows, problems = read_file(path)
    assert (sorted(row.id for row in rows), problems) == (["a", "b"], [])


def test_an_empty_array_is_a_source_without_logs(write: Write) -> None:
    logs = Seeded(str(write("[]"))).open(Opening(0)).logs("acme")
    assert (logs.count(EVERYTHING), list(logs.slice(EVERYTHING, 0, 5)), logs.find("a")) == (0, [], None)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    for path, told in (
        ("nowhere", "no such file or directory"),
        ("", "a directory"),
        ("a\0b", "embedded null byte"),
    ):
        with pytest.raises(MockserverError, match=rf"found {told}, expected"):
            read_file(tmp_path / path)


def test_rows_are_newest_first_and_those_of_one_moment_keep_the_order_of_the_file(write: Write) -> None:
    path = write(
        *(LOG | {"id": name, "createdAt": moment} for name, moment in [("b", 1), ("c", 2.5), ("a", 1), ("d", -1)])
    )
    assert [row.id for row in read_file(path)[0]] == ["c", "b", "a", "d"]


INVALID: list[dict[str, Any]] = [
    LOG | {"payload": {}},
    LOG | {"payload": []},
    LOG | {"payload": LOG["payload"] | {"error": None}},
    LOG | {"payload": LOG["payload"] | {"ip": None}},
    LOG | {"payload": LOG["payload"] | {"userId": 5}},
    LOG | {"key": 7},
    LOG | {"id": "x" * 40},
]


@pytest.mark.parametrize("log", INVALID)
def test_invalid_logs_are_stored_when_allowed_and_break_what_would_show_them(write: Write, log: dict[str, Any]) -> None:
    path = write(log, LOG | {"id": "fine", "createdAt": 0})
    logs = Seeded(str(path)).open(Opening(0, allow_invalid=True)).logs("default")
    assert logs.count(EVERYTHING) == 2
    assert next(logs.slice(EVERYTHING, 1, 2)).startswith(b'{"tenantId":"default","id":"fine"')
    with pytest.raises(StoredBreak):
        list(logs.slice(EVERYTHING, 0, 2))
    with pytest.raises(StoredBreak):
        logs.find(log["id"])


@pytest.mark.parametrize("line", ["{", "[]", LOG | {"id": 5}, LOG | {"createdAt": None}, LOG | {"id": "fine"}])
def test_a_line_that_no_deployment_could_have_stored_is_always_refused(write: Write, line: Any) -> None:
    path = write(LOG | {"id": "fine"}, line)
    with pytest.raises(MockserverError, match=r"logs\.jsonl:2: "):
        Seeded(str(path)).open(Opening(0, allow_invalid=True))


def test_a_filter_compares_an_invalid_value_as_a_database_does(write: Write) -> None:
    """As the text of its JSON; null is no value."""
    logs = [LOG | {"id": str(value), "payload": {"userId": value}} for value in (5, True, None, "5.0")]
    found = Seeded(str(write(*logs))).open(Opening(0, allow_invalid=True)).logs("default")
    assert [found.count(by(userId=text)) for text in ("5", "true", "null", "None", "5.0")] == [1, 1, 0, 0, 1]


def source(*tenants: str) -> SeededSource:
    named = [(tenant, number, f"{tenant}{number}") for number, tenant in enumerate(tenants)]
    logs = (LOG | {"id": name, "tenantId": tenant, "createdAt": -at} for tenant, at, name in named)
    return SeededSource(list(map(Row.of, logs)))


@pytest.mark.parametrize(
    ("tenants", "asked", "ids"),
    [
        (("default", "acme", "default"), "default", ["default0", "default2"]),
        (("default", "acme", "default"), "acme", ["acme1"]),
        (("default", "acme", "default"), "other", ["default0", "default2"]),
        (("acme", "beta", "acme"), "default", ["acme0", "acme2"]),
        (("acme", "beta", "acme"), "beta", ["beta1"]),
        ((), "default", []),
    ],
)
def test_a_tenant_has_its_own_logs_else_those_of_the_home_tenant(
    tenants: tuple[str, ...], asked: str, ids: list[str]
) -> None:
    found = [json.loads(each) for each in source(*tenants).logs(asked).slice(EVERYTHING, 0, 9)]
    assert [log["id"] for log in found] == ids
    assert {log["tenantId"] for log in found} <= {asked}


def test_the_version_is_of_the_logs_and_the_tenant() -> None:
    one, other = source("default", "default"), source("default")
    assert one.logs("default").version() == source("default", "default").logs("default").version()
    assert len({one.logs("default").version(), one.logs("acme").version(), other.logs("default").version()}) == 3
    logs = one.logs("default")
    assert logs.at(1e9) is logs


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_reading_ends_on_a_device_without_end() -> None:
    rows, problems = read_file(Path("/dev/zero"))
    assert (rows, [str(each).partition(",")[0] for each in problems]) == ([], ["/dev/zero: found a binary file"])


def test_reading_ends_in_a_line_without_end(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.logs.reading.MOST_BYTES_A_LINE", 2 * LONGEST)
    _, problems = read_file(write(b"x" * (4 * LONGEST), LOG))
    assert [str(each).rpartition(": ")[2] for each in problems] == [f"found over {LONGEST:,} bytes, expected a log"]


def test_a_file_that_holds_no_logs_is_not_read_to_its_end(write: Write) -> None:
    _, problems = read_file(write(*[b"x"] * (MOST_BAD_LINES + 5)))
    assert len(problems) == MOST_BAD_LINES
