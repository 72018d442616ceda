"""A file of logs is read again whole or not at all, however it was written, and the server answers meanwhile."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.jsontext import decode
from mockserver.edge import reload
from mockserver.edge.app import create_app
from mockserver.edge.front import open_front
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.edge.test_signals import GENEROUS, port_of, serving
from tests.support.wire import request

TOKEN = [("Authorization", "Bearer dev-token")]


def log(name: str, at: int = 1, **fields: Any) -> dict[str, Any]:
    payload = {"key": "Unknown", "result": "Success"}
    return {"tenantId": "default", "id": name, "key": "Unknown", "payload": payload, "createdAt": at} | fields


def lines(*names: str) -> str:
    return "".join(json.dumps(log(name)) + "\n" for name in names)


def names(port: int, tenant: str = "default") -> tuple[list[str], str | None]:
    """The ids that a tenant lists, and the tag of the answer."""
    reply = request(port, f"/t/{tenant}/api/logs?page_size=100", TOKEN)
    assert reply.status == 200
    return [each["id"] for each in decode(reply.body)], reply.header("etag")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "logs.jsonl"
    path.write_text(lines("a", "b"))
    return path


@pytest.fixture
def port(file: Path) -> Iterator[int]:
    with Server(open_front(Settings(logs=str(file)))) as server:
        yield server.port


def asked(port: int) -> tuple[int, Any]:
    """The answer to a demand to read the file again."""
    reply = request(port, "/__admin/reload", method="POST")
    return reply.status, decode(reply.body)


def test_the_control_api_reads_the_file_again_for_every_tenant(file: Path, port: int) -> None:
    before = [names(port, tenant) for tenant in ("default", "acme")]
    file.write_text(json.dumps([log("c"), log("b"), log("d", 2)]))
    assert asked(port) == (200, {"file": str(file), "logs": 3})
    after = [names(port, tenant) for tenant in ("default", "acme", "new")]
    assert [listed for listed, _ in before + after] == [["a", "b"]] * 2 + [["d", "c", "b"]] * 3
    assert len({tag for _, tag in before + after}) == 5
    assert request(port, "/api/logs/a", TOKEN).status == 404


def test_a_bad_file_keeps_the_old_logs_and_the_answer_tells_its_lines(file: Path, port: int) -> None:
    before = names(port)
    file.write_text(lines("c") + "{\n" + lines("c"))
    status, body = asked(port)
    assert (status, body["code"]) == (400, "admin.invalid_input")
    first, second = body["message"].splitlines()
    assert first.startswith(f"{file}:2: (log): found no JSON")
    assert second == f"{file}:3: id: found 'c' again, first at {file}:1, expected ids that are unique"
    file.unlink()
    assert asked(port)[1]["message"].startswith(f"{file}: found no such file or directory")
    assert names(port) == before


def test_people_of_a_file_are_read_again_and_the_old_ones_kept_when_it_is_bad(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text('[{"id": "anna"}]')

    def seen() -> tuple[set[str], str | None]:
        reply = request(server.port, "/api/logs?page_size=100", TOKEN)
        logs = decode(reply.body)
        return {each["payload"]["userId"] for each in logs if "userId" in each["payload"]}, reply.header("etag")

    with Server(open_front(Settings(logs=f"faker:people={file}"))) as server:
        before = seen()
        file.write_text('[{"id": 5}]')
        status, body = asked(server.port)
        assert (status, body["message"].partition(",")[0]) == (400, f"{file}: users[0].id: found 5")
        assert seen() == before
        file.write_text('[{"id": "anna", "name": "Anna Example"}]')
        assert asked(server.port) == (200, {"file": str(file), "logs": 1000})
        renamed = seen()
        file.write_text('[{"id": "ben"}]')
        assert asked(server.port)[0] == 200
        after = seen()
        assert [users for users, _ in (before, renamed, after)] == [{"anna"}, {"anna"}, {"ben"}]
        assert len({tag for _, tag in (before, renamed, after)}) == 3


def test_added_logs_stay_but_those_that_the_file_has_now(file: Path, port: int) -> None:
    for name in ("x", "y"):
        body = json.dumps(log(name, 5, tenantId="acme")).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        reply = request(port, "/t/acme/__admin/logs", headers, body=body, method="POST")
        assert reply.status == 201
    file.write_text(lines("a", "x"))
    assert asked(port)[0] == 200
    assert names(port, "acme")[0] == ["y", "a", "x"]
    assert names(port)[0] == ["a", "x"]
    assert request(port, "/t/acme/__admin/reset", method="POST").status == 204
    assert names(port, "acme")[0] == ["a", "x"]


def test_an_added_log_goes_when_the_file_has_a_broken_one_with_its_id(tmp_path: Path) -> None:
    file = tmp_path / "logs.jsonl"
    file.write_text(lines("a"))
    app = create_app(Settings(logs=str(file), profile="observed", allow_invalid=True, auth="off"))
    client = app.test_client()
    assert client.post("/__admin/logs", json=log("b")).status_code == 201
    file.write_text(lines("a") + json.dumps(log("b", payload={})))
    assert client.post("/__admin/reload", json={}).json == {"file": str(file), "logs": 2}
    assert (client.get("/api/logs/b").status_code, client.get("/__admin/logs").json) == (500, [])


def test_an_answer_under_way_shows_the_old_logs_to_its_end(file: Path) -> None:
    front = open_front(Settings(logs=str(file)))
    store = front.mock.tenants.get("default").store
    shown = store.readable(0)
    first = decode(next(shown))["id"]
    file.write_text(lines("c", "d"))
    for _ in front.reload.steps():
        pass
    assert [first, *(decode(each)["id"] for each in shown)] == ["a", "b"]
    assert [decode(each)["id"] for each in store.readable(0)] == ["c", "d"]


def test_logs_that_come_from_no_file_are_not_read_again() -> None:
    for logs in ("seeded", "faker:count=1"):
        answer = create_app(Settings(logs=logs)).test_client().post("/__admin/reload", json={})
        assert answer.status_code == 400
        assert answer.json["message"].startswith("reload: found logs that come from no file")


def test_two_demands_follow_each_other(file: Path) -> None:
    front = open_front(Settings(logs=str(file)))
    first, second = front.reload.steps(), front.reload.steps()
    next(first)
    assert [next(second), next(second)] == [reload.PAUSE] * 2
    first.close()
    file.write_text(lines("c"))
    deque(second, maxlen=0)
    assert front.mock.count() == 1


class Slow:
    """A source whose file never gets read to its end: it waits, or it works."""

    file = "slow.jsonl"

    def __init__(self, act: Callable[[Any], object]) -> None:
        self.open = act


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("is_silent", [True, False])
def test_a_file_that_takes_too_long_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch, is_silent: bool) -> None:
    front, released = open_front(Settings(logs=str(file))), threading.Event()

    def work(opening: Any) -> None:
        if is_silent:
            released.wait(GENEROUS)
        assert not any(opening.watch("", 0, iter(int, 1)))

    monkeypatch.setattr(front.reload, "_kind", Slow(work))
    with pytest.raises(reload.MockserverError, match=r"logs: found over 0\.05 s of reading"):
        for _ in front.reload.steps():
            pass
    released.set()
    assert front.mock.count() == 2


class Served:
    """A running ``mockserver serve`` and what it tells, a line at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.port = port_of(process)
        self.process = process
        self.heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.heard.put(line.rstrip("\n"))

    def told(self) -> str:
        return self.heard.get(timeout=GENEROUS)

    def ids(self) -> list[str]:
        return names(self.port)[0]


@pytest.fixture
def served(file: Path) -> Iterator[Served]:
    with serving("--logs", str(file)) as process:
        yield Served(process)


def test_a_file_is_read_again_however_an_editor_writes_it(file: Path, served: Served) -> None:
    renamed = file.with_name("new")
    renamed.write_text(lines("c"))
    renamed.replace(file)
    assert (served.told(), served.ids()) == (f"{file}: read again, 1 logs", ["c"])
    with file.open("w") as steps:
        for name in "def":
            steps.write(lines(name))
            steps.flush()
    assert (served.told(), served.ids()) == (f"{file}: read again, 3 logs", ["d", "e", "f"])
    file.unlink()
    assert served.told().startswith(f"{file}: found no such file or directory")
    assert (served.told(), served.ids()) == ("The logs that were read before are still served.", ["d", "e", "f"])
    file.write_text(lines("g"))
    assert (served.told(), served.ids()) == (f"{file}: read again, 1 logs", ["g"])
    file.write_text("no log\n")
    assert served.told().startswith(f"{file}:1: (log): found no JSON")
    assert (served.told(), served.ids()) == ("The logs that were read before are still served.", ["g"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_the_signal_reads_the_file_again_where_it_is_not_watched(file: Path) -> None:
    with serving("--logs", str(file), "--no-reload") as process:
        served = Served(process)
        file.write_text(lines("c"))
        process.send_signal(signal.SIGHUP)
        assert (served.told(), served.ids()) == (f"{file}: read again, 1 logs", ["c"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(GENEROUS) == 0
        served.listener.join(GENEROUS)
        assert served.heard.empty(), "one signal is one reading"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals here")
def test_a_closed_terminal_ends_the_server(file: Path) -> None:
    """It sends SIGHUP too; a server that lived on would hold the port."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--logs", str(file)]
    pipes = {"stdin": theirs, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, start_new_session=True, **pipes)  # type: ignore[call-overload]  # the pipes are Popen's own arguments
    with process:
        try:
            port_of(process)
            os.close(theirs)
            os.close(ours)
            process.send_signal(signal.SIGHUP)
            assert process.wait(GENEROUS) == 0
        finally:
            process.kill()
