"""A command: work in steps, ended by the reply to it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import decode, encode
from mockserver.edge import command, reload
from mockserver.edge.app import create_app
from mockserver.edge.command import Command, Steps, answer_reply
from mockserver.edge.front import open_front
from mockserver.edge.server import Server
from mockserver.edge.wsgi import CARRIES
from mockserver.http.message import Reply, Sending
from mockserver.mock.settings import Settings
from tests.support.wire import request

JSON = ("Content-Type", "application/json")
ERROR = MockserverError("limit", "'x'", "a whole number", "write a number")
REFUSAL = Refused(406, "admin.expectation_not_met", "2 requests match", {"count": 2})


def steps(answer: object = None, error: Exception | None = None) -> Steps:
    yield 0
    yield 0
    if error is not None:
        raise error
    return answer


def test_a_command_has_no_reply_until_its_last_step() -> None:
    command = Command(steps({"count": 2}), 201)
    assert [command.advance(), command.advance()] == [0, 0]
    assert command.advance() == Reply(201, (JSON,), b'{"count":2}')


def test_a_command_taken_at_once_has_the_same_reply() -> None:
    assert Command(steps([1])).at_once() == Reply(200, (JSON,), b"[1]")


def test_an_answer_of_none_is_204_without_a_body_whatever_status_was_meant() -> None:
    assert Command(steps(), 201).at_once() == Reply(204)


def test_an_answer_of_bytes_is_sent_as_it_is() -> None:
    assert answer_reply(b"[ 1 ]").body == b"[ 1 ]"


def test_what_the_client_must_mend_is_400_part_by_part() -> None:
    reply = Command(steps(error=ERROR), 201).at_once()
    assert reply.status == 400
    assert decode(reply.content()) == {
        "code": "admin.invalid_input",
        "message": str(ERROR),
        "data": {"place": "limit", "found": "'x'", "expected": "a whole number", "remedy": "write a number"},
    }


def test_what_the_api_refuses_has_its_own_status_and_leaves_out_what_it_does_not_say() -> None:
    reply = Command(steps(error=REFUSAL)).at_once()
    parts = {"code": REFUSAL.code, "message": REFUSAL.message}
    assert (reply.status, decode(reply.content())) == (406, parts | {"data": {"count": 2}})
    silent = Command(steps(error=Refused(404, "admin.not_found", "no such rule"))).at_once()
    assert (silent.status, decode(silent.content())) == (404, {"code": "admin.not_found", "message": "no such rule"})


def test_a_defect_is_not_taken_for_an_answer() -> None:
    with pytest.raises(ZeroDivisionError):
        Command(steps(error=ZeroDivisionError())).at_once()


@pytest.mark.parametrize("error", [None, ERROR, REFUSAL])
def test_the_headers_of_a_command_are_behind_those_of_every_reply(error: Exception | None) -> None:
    more = ("Cache-Control", "no-store")
    assert Command(steps(7, error), headers=(more,)).at_once().headers == (JSON, more)


def test_a_command_that_the_server_carries_out_tells_of_no_defect(caplog: pytest.LogCaptureFixture) -> None:
    with Server(open_front(Settings(logs="seeded"))) as server:
        headers = [("Content-Type", "application/json"), ("Content-Length", "17")]
        answer = request(server.port, "/__admin/logs", headers, "POST", body=b'{"key":"Unknown"}')
    assert answer.status == 201
    assert caplog.records == []


def test_a_command_without_more_is_a_200_that_is_not_held_back() -> None:
    assert Command(steps([1])).at_once() == answer_reply([1]) == Reply(200, (JSON,), b"[1]", Sending(wait=0.0))
    assert Command(steps([1]), wait=2.5).at_once().sending == Sending(wait=2.5)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "logs", [{"key": "Unknown"}] * 300),
        ("GET", "requests", None),
        ("POST", "requests/count", {}),
        ("POST", "requests/verify", {"times": 2}),
        ("PATCH", "settings", {"logs": "faker:count=5"}),
        ("POST", "reload", None),
    ],
)
def test_no_route_of_the_control_api_waits_for_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, method: str, path: str, body: object
) -> None:
    """Between two steps others are answered; a pause is for what a thread does meanwhile, and for nothing else."""
    file = tmp_path / "logs.jsonl"
    payload = {"key": "Unknown", "result": "Success"}
    file.write_bytes(encode({"tenantId": "default", "id": "a", "key": "Unknown", "payload": payload, "createdAt": 1}))
    client = create_app(Settings(logs=str(file))).test_client()
    for _ in range(2):
        client.get("/api/logs", headers={"Authorization": "Bearer dev-token"})
    naps: list[float] = []
    monkeypatch.setattr(command, "time", SimpleNamespace(sleep=naps.append))
    assert client.open(f"/__admin/{path}", method=method, json=body).status_code < 300
    # A thread may be done at once.
    assert naps or path in ("settings", "reload")
    assert set(naps) <= {0, reload.PAUSE if path in ("settings", "reload") else 0}


def test_others_are_answered_for_each_tenant_and_each_5000_rows_of_a_file_that_is_read_again(tmp_path: Path) -> None:
    """To let go of many rows at once would hold the loop, as would to renew all tenants at once."""
    file = tmp_path / "logs.jsonl"
    payload = {"key": "Unknown", "result": "Success"}
    log = {"tenantId": "default", "key": "Unknown", "payload": payload, "createdAt": 1}
    file.write_bytes(b"\n".join(encode({**log, "id": f"a{number}"}) for number in range(5_001)))
    front = open_front(Settings(logs=str(file)))
    for name in ("acme", "globex"):
        front.mock.tenants.get(name)
    turns = [pause for pause in front.reload.steps() if pause != reload.PAUSE]
    assert turns == [0] * (2 + 2)


def test_a_wrong_admin_token_is_told_after_a_second_and_in_two_steps() -> None:
    client = create_app(Settings(logs="seeded", admin_token="right")).test_client()
    held: list[Command] = []
    client.get("/__admin/faults", headers={"Authorization": "Bearer wrong"}, environ_overrides={CARRIES: held.append})
    (refusal,) = held
    assert refusal.advance() == 0
    reply = refusal.advance()
    assert isinstance(reply, Reply)
    assert (reply.status, reply.sending) == (401, Sending(wait=1.0))
