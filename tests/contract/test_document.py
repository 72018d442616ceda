"""The document says what the page says; what production reads of it; what breaks it."""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockserver.contract.document import Parameter, contract, promised, read_plain_yaml, read_yaml
from tests.support.page import PAGE, TRANSCRIBED, of_the_page, stated

LOG: dict[str, Any] = {
    "tenantId": "default",
    "id": "a",
    "key": "Unknown",
    "payload": {"key": "Unknown", "result": "Success"},
    "createdAt": 1,
}


def test_the_document_says_what_the_page_says_and_nothing_else() -> None:
    """The whole of openapi.yaml, less what is marked as beyond the page, equals the hand transcription."""
    assert stated(contract().document) == TRANSCRIBED


Change = Callable[[dict[str, Any]], object]


def _get(document: dict[str, Any]) -> Any:
    return document["paths"]["/api/logs"]["get"]


def _log(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Log"]


def _payload(document: dict[str, Any]) -> Any:
    return _log(document)["properties"]["payload"]


ERRORS: dict[str, Change] = {
    "the path renamed": lambda d: d["paths"].update({"/api/log": d["paths"].pop("/api/logs")}),
    "a path more": lambda d: d["paths"].update({"/api/logs/count": {"get": {}}}),
    "a method more": lambda d: d["paths"]["/api/logs"].update(post={"responses": {}}),
    "an empty method more": lambda d: d["paths"]["/api/logs"].update(post={}),
    "a parameter renamed": lambda d: _get(d)["parameters"][4].update(name="pageSize"),
    "a parameter dropped": lambda d: _get(d)["parameters"].pop(1),
    "a parameter more": lambda d: _get(d)["parameters"].append({"name": "limit", "in": "query"}),
    "a parameter in the header": lambda d: _get(d)["parameters"][0].update({"in": "header"}),
    "a parameter required": lambda d: _get(d)["parameters"][2].update(required=True),
    "a parameter marked beyond the page": lambda d: _get(d)["parameters"][0].update({"x-beyond-the-page": True}),
    "page from 0": lambda d: _get(d)["parameters"][3]["schema"].update(minimum=0),
    "page by default 2": lambda d: _get(d)["parameters"][3]["schema"].update(default=2),
    "page a number": lambda d: _get(d)["parameters"][3]["schema"].update(type="number"),
    "page_size at most 100": lambda d: _get(d)["parameters"][4]["schema"].update(maximum=100),
    "page_size by default 10": lambda d: _get(d)["parameters"][4]["schema"].update(default=10),
    "page_size without a minimum": lambda d: _get(d)["parameters"][4]["schema"].pop("minimum"),
    "page_size exclusive": lambda d: _get(d)["parameters"][4]["schema"].update(exclusiveMinimum=1),
    "a filter with a bound": lambda d: _get(d)["parameters"][0]["schema"].update(maxLength=12),
    "a status dropped": lambda d: _get(d)["responses"].pop("403"),
    "a status more": lambda d: _get(d)["responses"].update({"404": {"description": "Not Found"}}),
    "a status marked beyond the page": lambda d: _get(d)["responses"]["401"].update({"x-beyond-the-page": True}),
    "an envelope for the array": lambda d: _get(d)["responses"]["200"]["content"]["application/json"].update(
        schema={"type": "object"}
    ),
    "another media type": lambda d: _get(d)["responses"]["200"]["content"].update({"text/csv": {}}),
    "a header promised": lambda d: _get(d)["responses"]["200"]["headers"]["Link"].pop("x-beyond-the-page"),
    "no token": lambda d: _get(d).update(security=[]),
    "no security": lambda d: d.pop("security"),
    "security by basic": lambda d: d["components"]["securitySchemes"]["bearer"].update(scheme="basic"),
    "the server with brackets": lambda d: d["servers"][0].update(url="https://[tenant_id].logto.app"),
    "a required property dropped": lambda d: _log(d)["required"].remove("createdAt"),
    "a property required": lambda d: _payload(d)["required"].append("userId"),
    "a property dropped": lambda d: _payload(d)["properties"].pop("sessionId"),
    "a property more": lambda d: _payload(d)["properties"].update(organizationId={"type": "string"}),
    "a property in another case": lambda d: _payload(d)["properties"].update(
        userID=_payload(d)["properties"].pop("userId")
    ),
    "an id of 20": lambda d: _log(d)["properties"]["id"].update(maxLength=20),
    "an id that may be empty": lambda d: _log(d)["properties"]["id"].update(minLength=0),
    "createdAt an integer": lambda d: _log(d)["properties"]["createdAt"].update(type="integer"),
    "createdAt nullable": lambda d: _log(d)["properties"]["createdAt"].update(type=["number", "null"]),
    "a result more": lambda d: _payload(d)["properties"]["result"]["enum"].append("Pending"),
    "a result in lower case": lambda d: _payload(d)["properties"]["result"].update(enum=["success", "Error"]),
    "error only an object": lambda d: _payload(d)["properties"]["error"]["oneOf"].pop(),
    "error any of": lambda d: _payload(d)["properties"]["error"].update(
        anyOf=_payload(d)["properties"]["error"].pop("oneOf")
    ),
    "payload closed": lambda d: _payload(d).update(additionalProperties=False),
    "log closed": lambda d: _log(d).update(additionalProperties=False),
    "injected headers of any type": lambda d: _payload(d)["properties"]["injectedHeaders"].pop("additionalProperties"),
}


@pytest.mark.parametrize("change", ERRORS.values(), ids=ERRORS)
def test_an_error_in_the_document_is_noticed(change: Change) -> None:
    document = copy.deepcopy(contract().document)
    change(document)
    assert stated(document) != TRANSCRIBED


def _places(node: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in inner:
        yield (*where, name)
        yield from _places(value, (*where, name))


def test_every_attribute_dropped_changed_or_added_is_noticed() -> None:
    """Each place of the page: dropped, given another value, and, where it is an object, a member more."""
    page = of_the_page(contract().document)
    tried = 0
    for *path, last in _places(page):
        if [*path, last] == ["info", "description"]:
            continue
        for change in ("drop", "replace", "add"):
            document = copy.deepcopy(page)
            owner: Any = document
            for step in path:
                owner = owner[step]
            if change == "drop":
                del owner[last]
            elif change == "replace":
                owner[last] = "another"
            elif isinstance(owner[last], dict):
                owner[last]["more"] = "unheard of"
            else:
                continue
            tried += 1
            assert stated(document) != TRANSCRIBED, (*path, last, change)
    assert tried > 400


def _transcribed() -> list[Parameter]:
    """Returns the parameters in the transcription of Logto's page."""
    parameters = []
    while (place := f"/paths//api/logs/get/parameters/{len(parameters)}") + "/name" in PAGE:
        attributes = ("name", "schema/type", "description", "schema/minimum", "schema/default", "x-looks-at")
        values = [PAGE.get(f"{place}/{attribute}") for attribute in attributes]
        parameters.append(Parameter(*values[:-1], values[-1] or ""))
    return parameters


def test_production_reads_the_parameters_as_documented() -> None:
    """The transcription of Logto's page says what the parameters are."""
    found = contract()
    parameters = _transcribed()
    assert len(parameters) >= 5
    assert list(found.parameters.values()) == parameters
    looks = {parameter.name: tuple(parameter.looks_at.split(".")) for parameter in parameters if parameter.looks_at}
    assert dict(found.filters) == looks
    assert {"userId": ("payload", "userId"), "logKey": ("key",)}.items() <= looks.items()
    assert found.statuses == {200, 400, 401, 403}
    assert found.longest_tenant == 21


def test_each_parameter_that_is_a_text_says_where_it_looks_in_a_log() -> None:
    parameters = contract().parameters.values()
    assert [p.name for p in parameters if p.type == "string"] == [p.name for p in parameters if p.looks_at]


@pytest.mark.parametrize(
    ("host", "tenant"),
    [
        ("acme.logto.app", "acme"),
        ("default.logto.app", "default"),
        (".logto.app", "default"),
        ("a.b.logto.app", "default"),
        ("acmeXlogto.app", "default"),
        ("acme.logto.app.example.com", "default"),
        ("localhost", "default"),
    ],
)
def test_the_host_of_a_published_server_names_its_tenant(host: str, tenant: str) -> None:
    assert contract().tenant_at(host) == tenant
    assert contract().resource("acme") == "https://acme.logto.app/api"


def test_yaml_that_does_not_read_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="flow node"):
        read_yaml(b"a: [")


def test_yaml_of_a_user_is_read_up_to_its_size_and_its_depth() -> None:
    assert read_plain_yaml(b"a: 1".ljust(1_000_000)) == {"a": 1}
    with pytest.raises(ValueError, match="more than 1000000 bytes"):
        read_plain_yaml(b"a: 1".ljust(1_000_001))
    assert read_plain_yaml(b"[" * 20 + b"]" * 20)
    assert len(read_plain_yaml(b"[" + b"[]," * 99 + b"]")) == 99
    with pytest.raises(ValueError, match="nested deeper than 20 levels"):
        read_plain_yaml(b"[" * 21 + b"]" * 21)


def test_every_fact_is_complete() -> None:
    for fact in contract().facts.values():
        assert fact.documented
        assert fact.observed
        assert fact.value is not None or fact.sets
        assert set(fact.seen) <= {"1.36.0", "1.42.0"}
        assert fact.seen
        assert all(map(fact.holds, fact.seen))


def test_a_fact_holds_since_a_version_and_before_another() -> None:
    fact = dataclasses.replace(contract().facts["order"], since="1.37.0", before="1.42.0")
    held = [fact.holds(version) for version in ("1.36.9", "1.37.0", "1.41.10", "1.42.0", "2.0.0")]
    assert held == [False, True, True, False, False]
    assert all(map(contract().facts["order"].holds, ("0.1.0", "99.0.0")))


def test_no_two_facts_have_one_name() -> None:
    assert _names_of_facts(contract().document) == Counter(contract().facts.keys())


def _names_of_facts(node: Any) -> Counter[str]:
    """Returns how often each name of a fact stands in a part of the document."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    parts = [Counter(part.keys()) if key == "x-observed" else _names_of_facts(part) for key, part in items]
    return sum(parts, Counter())


PROBLEMS: dict[str, tuple[Any, list[str]]] = {
    "none": (LOG, []),
    "no object": ([], ["(log): found an array, expected an object"]),
    "null": (None, ["(log): found null, expected an object"]),
    "all missing": (
        {},
        [
            "tenantId: found nothing, expected a string", "id: found nothing, expected a string",
            "key: found nothing, expected a string", "payload: found nothing, expected an object",
            "createdAt: found nothing, expected a number",
        ],
    ),
    "empty id": (LOG | {"id": ""}, ["id: found 0 characters, expected at least 1"]),
    "long id": (LOG | {"id": "x" * 22}, ["id: found 22 characters, expected at most 21"]),
    "astral id": (LOG | {"id": "🙂" * 21}, []),
    "long astral id": (LOG | {"id": "🙂" * 22}, ["id: found 22 characters, expected at most 21"]),
    "long key": (LOG | {"key": "x" * 129}, ["key: found 129 characters, expected at most 128"]),
    "true": (LOG | {"createdAt": True}, ["createdAt: found true, expected a number"]),
    "long text": (LOG | {"createdAt": "x" * 99}, [f"createdAt: found '{'x' * 56}..., expected a number"]),
    "no result": (LOG | {"payload": {"key": "k"}}, ["payload.result: found nothing, expected a string"]),
    "result": (
        LOG | {"payload": {"key": "k", "result": "success"}},
        ["payload.result: found 'success', expected one of Success, Error"],
    ),
    "error": (
        LOG | {"payload": {"key": "k", "result": "Error", "error": None}},
        ["payload.error: found null, expected an object or a string"],
    ),
    "deep": (
        LOG | {"payload": {"key": "k", "result": "Error", "userAgentParsed": {"os": {"name": 11}}}},
        ["payload.userAgentParsed.os.name: found 11, expected a string"],
    ),
    "injected": (
        LOG | {"payload": {"key": "k", "result": "Error", "injectedHeaders": {"country": {}}}},
        ["payload.injectedHeaders.country: found an object, expected a string"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("log", "told"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_break_of_the_contract_is_told_with_path_found_and_expected(log: Any, told: list[str]) -> None:
    assert [str(problem) for problem in contract().problems(log)] == told
    assert contract().is_valid(log) == (not told)


def test_what_is_beyond_the_page_is_no_promise() -> None:
    document = contract().document
    kept = promised(document)
    assert stated(kept) == stated(document) == TRANSCRIBED
    responses = _get(kept)["responses"]
    assert [name for name, response in responses.items() if "content" in response] == ["200"]
    assert "headers" not in responses["200"]
    assert "get" not in kept["paths"]["/api/logs/{id}"]
    assert list(kept["components"]["schemas"]) == ["Log"]
