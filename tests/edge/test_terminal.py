"""The terminal: lines of requests, bursts, and readers that are slow, gone or closed."""

from __future__ import annotations

import asyncio
import http.client
import logging
import socket
from contextlib import suppress

import pytest

from mockserver.contract.jsontext import decode
from mockserver.edge import terminal
from mockserver.edge.front import open_front
from mockserver.edge.server import Server
from mockserver.edge.terminal import (
    MOST_LINES,
    UNREAD,
    RequestLog,
    Warnings,
    Writer,
    coloured_line,
    is_polling,
    json_line,
    shown,
    text_line,
    unrecorded,
)
from mockserver.http.message import Headers, Request
from mockserver.mock.journal import Entry
from mockserver.mock.settings import Settings
from tests.support.wire import request


class Kept(Writer):
    """A writer that keeps the texts, and is busy when a test says so."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.idle = True

    @property
    def is_idle(self) -> bool:
        return self.idle

    def offer(self, text: str) -> None:
        self.texts.append(text)

    @property
    def lines(self) -> list[str]:
        return "".join(self.texts).splitlines()


def entry(target: str = "/api/logs", headers: Headers = (), status: int | None = 200, *faults: str) -> Entry:
    request = Request("GET", target, headers)
    return Entry(1, 1_750_000_000.1239, request, "/api/logs", status, faults, milliseconds=1.2345)


def line(*arguments: object) -> str:
    """The line without its time, which is the local one."""
    return text_line(shown(entry(*arguments), 99)).partition(" ")[2]  # type: ignore[arg-type]  # those of entry


def test_a_line_says_method_target_status_bytes_and_milliseconds() -> None:
    assert line("/api/logs?page=2") == "GET /api/logs?page=2 200 99 B 1.23 ms\n"
    assert line("/api/logs?") == "GET /api/logs? 200 99 B 1.23 ms\n"


def test_a_line_names_another_tenant_and_each_fault() -> None:
    named = line("/t/acme/api/logs", (), None, "reset", "latency:seconds=1")
    assert named == "GET /t/acme/api/logs - 99 B 1.23 ms tenant=acme fault=reset fault=latency:seconds=1\n"


def test_a_text_that_names_no_tenant_is_shown_all_the_same() -> None:
    assert line("/t/NO/api/logs", (), 400) == "GET /t/NO/api/logs 400 99 B 1.23 ms\n"


def test_credentials_are_masked_wherever_they_stand() -> None:
    headers = (("authorization", "Bearer very-secret"),)
    written = line("/api/very-secret?token=other-secret&a=very-secret", headers, 200, "status:message=very-secret")
    assert "secret" not in written
    assert written == "GET /api/***?token=***&a=*** 200 99 B 1.23 ms fault=status:message=***\n"


def test_no_text_of_a_client_steers_the_terminal_or_begins_a_line() -> None:
    written = line("/\x9b31m\xff", (), 200, "status:message=\x1b[2J\nGET")
    assert written.startswith(r"GET /\x9b31m\xff 200")
    assert written.endswith("fault=status:message=\\x1b[2J\\nGET\n")


def test_a_long_target_is_cut() -> None:
    assert line("/" + "x" * 5000) == f"GET /{'x' * 299}... 200 99 B 1.23 ms\n"


@pytest.mark.parametrize(("status", "colour"), [(200, 32), (304, 36), (404, 33), (503, 31), (None, 31)])
def test_on_a_terminal_the_status_has_a_colour(status: int | None, colour: int) -> None:
    assert f"\x1b[{colour}m{status or '-'}\x1b[0m" in coloured_line(shown(entry("/", (), status), 0))


def test_a_line_of_json_has_the_same_values() -> None:
    values = decode(json_line(shown(entry("/t/acme/api/logs?a", (), 503, "status:code=503"), 34)))
    assert values == {
        "time": "2025-06-15T15:06:40.123+00:00", "method": "GET", "target": "/t/acme/api/logs?a", "status": 503,
        "bytes": 34, "milliseconds": 1.23, "tenant": "acme", "faults": ["status:code=503"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "polls"),
    [
        ("GET", "/__admin/requests", True),
        ("HEAD", "/__admin/", True),
        ("POST", "/__admin/faults/trial", True),
        ("POST", "/__admin/requests/verify", True),
        ("POST", "/__admin/faults", False),
        ("DELETE", "/__admin/logs", False),
        ("GET", "/openapi.json", False),
    ],
)
def test_of_the_control_api_only_what_changes_something_is_logged(method: str, path: str, polls: bool) -> None:
    assert is_polling(Request(method, path)) is polls


def in_a_loop(log: RequestLog, count: int) -> None:
    """Notes some exchanges in a loop, which ends when they are written."""

    async def burst() -> None:
        for _ in range(count):
            log.note(entry(), 1)
        while log._is_due:
            await asyncio.sleep(0)

    asyncio.run(burst())


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine shows as many lines as a quick one."""
    monkeypatch.setattr(terminal, "_MOST_WORK", 60.0)


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes come after a millisecond."""
    monkeypatch.setattr(terminal, "TICK", 0.001)


@pytest.mark.usefixtures("fast")
def test_a_burst_is_shown_up_to_a_number_and_counted_beyond_it() -> None:
    kept = Kept()
    in_a_loop(RequestLog(kept, text_line), MOST_LINES + 1234)
    assert len(kept.texts) == 1
    assert kept.lines[:-1] == [text_line(shown(entry(), 1)).rstrip("\n")] * MOST_LINES
    assert kept.lines[-1].endswith(" and 1,234 more")


@pytest.mark.usefixtures("fast")
def test_a_sum_of_json_and_of_colours_says_how_many() -> None:
    for form, text in ((json_line, '"more":1}'), (coloured_line, "\x1b[2mand 1 more\x1b[0m")):
        kept = Kept()
        in_a_loop(RequestLog(kept, form), MOST_LINES + 1)
        assert kept.lines[-1].endswith(text)


def test_a_load_that_lasts_has_fewer_lines_than_a_burst() -> None:
    """After the most lines at once, another write a moment later has hardly any room; a pause restores it."""
    kept, now = Kept(), [0.0]
    log = RequestLog(kept, text_line, lambda: now[0])
    in_a_loop(log, MOST_LINES)
    now[0] += terminal.TICK
    in_a_loop(log, MOST_LINES)
    assert len(kept.lines) < 2 * MOST_LINES
    in_a_loop(log, 1)
    now[0] += 100
    in_a_loop(log, 1)
    kept.texts.clear()
    in_a_loop(log, MOST_LINES)
    assert len(kept.lines) == MOST_LINES


@pytest.mark.usefixtures("fast")
def test_lines_that_cost_too_much_are_counted_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_MOST_WORK", -1.0)
    kept = Kept()
    in_a_loop(RequestLog(kept, text_line), 5)
    assert len(kept.lines) == 2
    assert kept.lines[1].endswith("and 4 more")


@pytest.mark.usefixtures("fast")
def test_while_the_writer_is_busy_exchanges_are_counted_and_the_loop_goes_on() -> None:
    kept = Kept()
    kept.idle = False
    log = RequestLog(kept, text_line)

    async def run() -> None:
        log.note(entry(), 1)
        for _ in range(3):
            await asyncio.sleep(0.002)
        assert not kept.texts
        kept.idle = True
        while log._is_due:
            await asyncio.sleep(0)

    asyncio.run(run())
    assert len(kept.lines) == 1


def test_warnings_of_the_server_go_to_its_writer() -> None:
    kept = Kept()
    logger = logging.Logger("test")
    logger.addHandler(Warnings(kept))
    logger.warning("%d connections", 3)
    assert kept.texts == ["3 connections\n"]


def test_each_way_of_answering_leaves_one_line() -> None:
    """Made, remembered, a stream in pieces, a preflight, no tenant, Flask, a fault, a change, an unreadable request."""
    ended: list[str] = []
    sizes: list[int] = []

    def note(entry: Entry, size: int) -> None:
        ended.append(f"{entry.request.method} {entry.request.target} {entry.status}")
        sizes.append(size)

    front = open_front(Settings(logs="seeded"))
    with Server(front, note=note) as running:
        token = [("Authorization", "Bearer dev-token")]
        bodies = [len(request(running.port, "/api/logs", token).body) for _ in range(3)]
        running.call(list)
        assert sizes == bodies
        ended.clear()
        for target, headers in (
            ("/api/logs", [*token, ("Prefer", 'fault="truncate:bytes=7"')]),
            ("/t/NO/api/logs", token),
            ("/oidc/jwks", []),
            ("/__admin/health", []),
        ):
            with suppress(http.client.IncompleteRead):
                request(running.port, target, headers)
        request(running.port, "/api/logs", [("Access-Control-Request-Method", "GET")], method="OPTIONS")
        request(running.port, "/__admin/reset", [("Content-Length", "0")], method="POST")
        request(running.port, "/ x")
        running.call(list)  # the connections before are done with
    assert ended == [
        "GET /api/logs 200", "GET /t/NO/api/logs 400", "GET /oidc/jwks 200",
        "OPTIONS /api/logs 204", "POST /__admin/reset 204", "- - 400",
    ]  # fmt: skip
    assert sizes[3] == 7


@pytest.mark.parametrize(
    ("rule", "head_ends"), [("malformed_chunk", True), ("garbage:bytes=64", False), ("malformed_head", True)]
)
def test_broken_bytes_end_the_connection_and_are_counted_as_the_client_got_them(rule: str, head_ends: bool) -> None:
    sizes: list[int] = []
    with Server(open_front(Settings(logs="seeded")), note=lambda _, size: sizes.append(size)) as running:
        with socket.create_connection((running.host, running.port), timeout=10) as client:
            lines = ("GET /api/logs HTTP/1.1", "Host: a", "Authorization: Bearer dev-token", f'Prefer: fault="{rule}"')
            client.sendall("".join(f"{line}\r\n" for line in (*lines, "")).encode())
            with client.makefile("rb") as file:
                received = file.read()
        running.call(list)
    assert sizes == [len(received.partition(b"\r\n\r\n")[2] if head_ends else received)]


def test_a_load_that_lasts_has_twenty_lines_with_each_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "TICK", 2**-10)
    kept, now, lines = Kept(), [0.0], []
    log = RequestLog(kept, text_line, lambda: now[0])
    for count in (200, 50, 50, 50, 50):
        before = len(kept.lines)
        in_a_loop(log, count)
        lines.append(sum(" and " not in line for line in kept.lines[before:]))
        now[0] += terminal.TICK
    assert lines == [200, 0, 20, 20, 20]


def test_a_request_that_could_not_be_read_took_no_time() -> None:
    assert shown(unrecorded(UNREAD, 400), 0)["milliseconds"] == 0
