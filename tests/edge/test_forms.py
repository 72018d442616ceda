"""What the console's forms need: the contract, presets, suggestions, and trials that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from mockserver.contract.document import contract
from mockserver.contract.jsontext import encode
from mockserver.contract.published import TOKENS
from mockserver.edge.app import create_app
from mockserver.faults.offences import catalogue
from mockserver.faults.presets import PRESETS
from mockserver.faults.rule import read_rule
from mockserver.mock.settings import Settings
from mockserver.mock.store import FILLED

LOG = {"key": "A", "payload": {"key": "A", "result": "Success"}}


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with create_app(Settings(logs="seeded"), clock=lambda: 1_767_225_600.0).test_client() as client:
        yield client


def test_the_contract_is_shown_as_forms_need_it(client: FlaskClient) -> None:
    answer = client.get("/__admin/contract").json
    assert [parameter["name"] for parameter in answer["parameters"]] == list(contract().parameters)
    assert answer["parameters"][0]["description"] == "Filter logs by user ID"
    assert answer["log"] == contract().log_schema
    assert answer["filled"] == list(FILLED)


def test_each_published_token_gets_its_published_status(client: FlaskClient) -> None:
    assert client.get("/__admin/contract").json["tokens"] == TOKENS
    for token, status in TOKENS.items():
        assert client.get("/api/logs", headers={"Authorization": f"Bearer {token}"}).status_code == status


def test_the_presets_are_listed_and_every_rule_of_them_can_be_armed(client: FlaskClient) -> None:
    presets = client.get("/__admin/presets").json
    assert [preset["name"] for preset in presets] == list(PRESETS)
    for text in (text for preset in presets for text in preset["rules"]):
        assert client.post("/__admin/faults", json={"rule": text}).json["text"] == text


@pytest.mark.parametrize("text", [text for preset in PRESETS.values() for text in preset.rules])
def test_a_rule_of_a_preset_is_written_as_it_is_printed(text: str) -> None:
    assert read_rule(text).text == text


def test_the_offences_are_listed(client: FlaskClient) -> None:
    offences = client.get("/__admin/offences").json
    assert {offence["name"]: offence["sentence"] for offence in offences} == {
        name: offence.sentence for name, offence in catalogue().items()
    }


def test_a_rule_is_tried_without_being_armed(client: FlaskClient) -> None:
    good = client.post("/__admin/faults/trial", json={"kind": "status", "code": "503", "times": "2"})
    assert good.json == {"text": "status:code=503,times=2", "problems": []}
    bad = client.post("/__admin/faults/trial", json={"kind": "status", "code": "99"})
    assert bad.status_code == 200
    assert bad.json["text"] is None
    assert bad.json["problems"][0]["place"] == "status: code"
    assert client.get("/__admin/faults").json["armed"] == []


def test_a_log_is_tried_without_being_added_and_every_problem_is_listed(client: FlaskClient) -> None:
    assert client.post("/__admin/logs/trial", json=LOG).json == {"problems": []}
    bad = {"key": "", "id": "x" * 22, "payload": {"result": "Maybe"}}
    places = {problem["place"] for problem in client.post("/__admin/logs/trial", json=bad).json["problems"]}
    assert places == {"log.id", "log.key", "log.payload.result"}
    assert client.get("/__admin/logs").json == []


def test_the_trial_of_something_that_is_not_an_object_is_refused(client: FlaskClient) -> None:
    response = client.post("/__admin/logs/trial", json=[])
    assert (response.status_code, response.json["message"]) == (400, "log: found no object, expected an object")


def test_each_suggestion_is_a_value_that_its_filter_finds(client: FlaskClient) -> None:
    suggested = client.get("/__admin/suggestions").json
    assert list(suggested) == list(contract().filters)
    for name, values in suggested.items():
        assert values
        for value in values[:3]:
            reply = client.get("/api/logs", query_string={name: value}, headers={"Authorization": "Bearer dev-token"})
            assert reply.headers["Total-Number"] != "0"


def test_an_added_log_is_suggested_at_once(client: FlaskClient) -> None:
    client.post("/__admin/logs", json={**LOG, "payload": {**LOG["payload"], "userId": "somebody"}})  # type: ignore[dict-item]  # LOG's payload is an object
    assert "somebody" in client.get("/__admin/suggestions").json["userId"]


def test_a_stored_log_that_breaks_the_contract_suggests_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("logs") / "logs.jsonl"
    good = {"tenantId": "default", "id": "good", "createdAt": 1, **LOG}
    file.write_bytes(encode({**good, "id": "bad", "createdAt": 2, "payload": {}}) + b"\n" + encode(good))
    settings = Settings(logs=f"seeded:path={file}", profile="observed", allow_invalid=True)
    client = create_app(settings).test_client()
    assert client.get("/__admin/suggestions").json["logKey"] == ["A"]
