"""Users and applications of a file: the traffic is theirs, whatever the file leaves out; a bad file is explained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.contract.grammar import show
from mockserver.contract.jsontext import decode
from mockserver.logs.source import Opening, read_source
from mockserver.logs.traffic import roster
from mockserver.logs.traffic.day import compose
from mockserver.logs.traffic.roster import MOST_APPLICATIONS, MOST_USERS, read_roster
from tests.support.traffic import NOW, Log

# As GET /api/users and GET /api/applications answer, shortened.
ANNA = {
    "id": "anna00000001",
    "username": "anna",
    "primaryEmail": "anna@corp.example.com",
    "primaryPhone": "15555550101",
    "name": "Anna Example",
    "avatar": "https://example.com/anna.png",
    "customData": {"theme": "dark"},
    "lastSignInAt": 1_700_000_000_000,
    "isSuspended": False,
}
USERS = [
    ANNA,
    {"id": "mail", "username": None, "primaryEmail": "mail@example.org", "primaryPhone": None, "name": "Mail Only"},
    {"id": "phone", "primaryPhone": "15555550103", "name": ""},
    {"id": "name", "name": "Björn Name"},
    {"id": "bare"},
]
APPLICATIONS = [
    {"id": "portal", "name": "Portal", "type": "Traditional", "secret": "s", "customClientMetadata": {}},
    {"id": "app", "type": "Native"},
    {"id": "saml", "type": "SAML"},
    {"id": "job", "type": "MachineToMachine"},
    {"id": "bare", "type": None},
]
TEAM = {"users": USERS, "applications": APPLICATIONS, "roles": [{"id": 3}]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "team.json"


def logs_of(file: Path, value: Any, **parameters: Any) -> list[Log]:
    """Two days of logs, oldest first."""
    file.write_text(json.dumps(value), encoding="utf-8")
    text = show("faker", {"people": str(file), "count": 4000, **parameters})
    logs = read_source(text).open(Opening(NOW)).logs("default")
    return [decode(log) for log in logs.slice(EVERYTHING, 0, 4000)][::-1]


def ids(logs: list[Log], name: str) -> set[str]:
    return {log["payload"][name] for log in logs if name in log["payload"]}


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from objects(inner)


def identifiers(logs: list[Log]) -> set[tuple[str, str]]:
    """What users signed in with, and where codes went to."""
    kinds = ("username", "email", "phone")
    found = (each for log in logs for each in objects(log["payload"]) if each.get("type") in kinds and "value" in each)
    return {(each["type"], each["value"]) for each in found}


def test_the_users_and_applications_of_a_file_are_all_that_come(file: Path) -> None:
    logs = logs_of(file, TEAM)
    assert ids(logs, "userId") == {each["id"] for each in USERS}
    assert ids(logs, "applicationId") == {each["id"] for each in APPLICATIONS}
    assert all(contract().is_valid(log) for log in logs)


@pytest.mark.parametrize("rate", [0.0, 0.5, 0.95, 1.0])
def test_all_of_them_come_at_any_error_rate_even_many_of_one_kind(file: Path, rate: float) -> None:
    users = [{"id": f"u{number}"} for number in range(40)]
    rest = [{"id": f"{kind}{number}", "type": kind} for kind in ("MachineToMachine", "SAML") for number in range(9)]
    applications = [{"id": "u1", "type": "SPA"}, *rest]
    file.write_text(json.dumps({"users": users, "applications": applications}))
    pairs = [dict(log.traits.pairs) for log in compose(3, 1, 1, rate, read_roster(file)).logs]
    assert {pair.get("userId") for pair in pairs} - {None} == {each["id"] for each in users}
    assert {pair["applicationId"] for pair in pairs} == {each["id"] for each in applications}


def test_an_array_names_users_and_a_file_of_applications_leaves_users_made_up(file: Path) -> None:
    logs = logs_of(file, USERS[:2], applications=3)
    assert ids(logs, "userId") == {"anna00000001", "mail"}
    assert len(ids(logs, "applicationId")) == 3
    logs = logs_of(file, {"applications": APPLICATIONS[:1]}, users=4)
    assert ids(logs, "applicationId") == {"portal"}
    assert {len(each) for each in ids(logs, "userId")} == {12}
    assert len(ids(logs, "userId")) == 4


def test_a_log_shows_what_the_file_says_of_its_user(file: Path) -> None:
    logs = logs_of(file, [ANNA])
    assert identifiers(logs) == {("username", "anna"), ("email", "anna@corp.example.com")}
    account = next(log["payload"]["user"] for log in logs if "user" in log["payload"])
    assert {name: account[name] for name in roster.PROFILE} == {name: ANNA[name] for name in roster.PROFILE}
    company = next(each for log in logs for each in objects(log) if "issuer" in each and "type" in each)
    person = {"id": ANNA["primaryEmail"], "email": ANNA["primaryEmail"], "name": ANNA["name"]}
    assert (company["enterpriseSsoUserInfo"], company["issuer"]) == (person, "https://login.corp.example.com")


def test_a_user_without_a_username_signs_in_with_an_address(file: Path) -> None:
    assert identifiers(logs_of(file, [USERS[1]])) == {("email", "mail@example.org")}
    logs = logs_of(file, [USERS[2]])
    assert identifiers(logs) == {("phone", "15555550103")}
    keys = {log["key"] for log in logs}
    assert "Interaction.SignIn.Verification.PhoneVerificationCode.Submit" in keys
    assert not any("EmailVerificationCode" in key for key in keys)
    taken = {each["code"] for log in logs for each in objects(log) if str(each.get("code")).endswith("in_use")}
    assert taken == {"user.phone_already_in_use"}


def test_what_the_file_leaves_out_is_made_up_from_what_it_says(file: Path) -> None:
    made_up = identifiers(logs_of(file, [USERS[3]]))
    assert {kind for kind, _ in made_up} == {"username", "email"}
    assert all(value.partition("@")[0] == "björn_name_name" for _, value in made_up)
    (name,), (address,) = (
        [v for k, v in identifiers(logs_of(file, [USERS[4]])) if k == kind] for kind in ("username", "email")
    )
    assert address.startswith(f"{name}@example.")


def test_kinds_of_applications_decide_their_logs(file: Path) -> None:
    keys = {
        name: {log["key"] for log in logs_of(file, TEAM) if log["payload"]["applicationId"] == name}
        for name in ("job", "saml", "app")
    }
    assert {key.partition(".")[0] for key in keys["job"]} == {"ExchangeTokenBy"}
    assert "SamlApplication.AuthnRequest" in keys["saml"]
    assert not any(key.startswith("SamlApplication") for key in keys["app"])


def test_equal_content_gives_equal_logs_and_other_content_another_version(file: Path) -> None:
    def version(value: Any) -> str:
        file.write_text(json.dumps(value, indent=len(str(value)) % 3))
        return read_source(f"faker:people={file}").open(Opening(NOW)).logs("default").version()

    first = version(TEAM)
    assert version(TEAM | {"roles": []}) == first == version(TEAM)
    assert version(TEAM | {"users": USERS[1:]}) != first
    assert version(TEAM | {"users": [ANNA | {"name": "Anna Other"}, *USERS[1:]]}) != first
    assert logs_of(file, TEAM) == logs_of(file, dict(reversed(TEAM.items())))


TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs", "Co"]), max_size=40)
PEOPLE = st.builds(
    lambda number, **rest: {"id": f"u{number}"} | rest,
    st.integers(0, 10**6), name=TEXTS, username=TEXTS, primaryPhone=TEXTS,
    primaryEmail=st.none() | TEXTS.map(lambda text: f"{text or 'a'}@example.com"),
)  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(people=st.lists(PEOPLE, min_size=1, max_size=4, unique_by=lambda each: each["id"]))
def test_whatever_the_texts_are_logs_keep_the_contract(
    people: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    logs = logs_of(tmp_path_factory.mktemp("people") / "a.json", people)
    assert all(contract().is_valid(log) for log in logs)
    assert ids(logs, "userId") == {each["id"] for each in people}


USER = '{"users": [%s]}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ": found no JSON (Input is a zero-length, empty document"),
        ("[1", ": found no JSON ("),
        ("\ufeff3", ": found 3 without users and applications, expected JSON such as"),
        ('{"people": []}', ": found an object without users and applications, expected JSON such as"),
        ("[]", ": users: found 0 entries, expected an array of 1 to 1,000 entries"),
        (json.dumps({"applications": [{}] * 101}), ": applications: found 101 entries, expected an array of 1 to 100"),
        (USER % "1", ': users[0]: found 1, expected an object such as {"id": "a1"}'),
        (USER % "{}", ": users[0].id: found nothing, expected a text of 1 to 21 characters"),
        (USER % '{"id": 7}', ": users[0].id: found 7, expected a text of 1 to 21 characters"),
        (USER % '{"id": "0123456789012345678901"}', ": users[0].id: found 22 characters, expected at most 21"),
        (USER % '{"id": "a"}, {"id": "b"}, {"id": "a"}', ": users[2].id: found 'a' again, first at "),
        (USER % '{"id": "a", "name": ["A"]}', ": users[0].name: found an array, expected a text of 1 to 128"),
        (USER % '{"id": "a", "name": "\ue0001:2;"}', ": users[0].name: found the character U+E000, expected a text"),
        (USER % '{"id": "a", "primaryEmail": "a@"}', ": users[0].primaryEmail: found 'a@', expected an e-mail address"),
        ('{"applications": [{"id": "a", "type": "spa"}]}', "applications[0].type: found 'spa', expected one of SPA, "),
        ('{"applications": [{"id": "a", "type": "SAML"}]}', ": applications: found none that people use, expected one"),
        ('{"users": 3, "applications": [{"id": ""}]}', ": applications[0].id: found nothing"),
    ],
)  # fmt: skip
def test_a_bad_file_is_explained(file: Path, text: str, told: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MockserverError) as error:
        read_source(f"faker:people={file}").open(Opening(NOW))
    assert told in str(error.value)
    assert error.value.expected or ", expected " in str(error.value)
    assert all(line.startswith(str(file)) for line in str(error.value).splitlines())


def test_every_problem_of_a_file_is_told_up_to_twenty(file: Path) -> None:
    file.write_text(json.dumps([{"id": number} for number in range(25)]))
    with pytest.raises(MockserverError) as error:
        read_roster(file)
    assert len(str(error.value).splitlines()) == 21
    assert str(error.value).endswith("and 5 more")


def test_a_file_that_is_too_large_or_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, told in (
        (tmp_path, "found a directory"),
        (tmp_path / "none.json", "found no such file"),
        (Path("a\0b"), "the name of a file"),
    ):
        with pytest.raises(MockserverError, match=told):
            read_roster(place)
    monkeypatch.setattr(roster, "MOST_BYTES", 10)
    (tmp_path / "large.json").write_text('[{"id": "a"}]')
    with pytest.raises(MockserverError, match=r"found over 10 bytes, expected less; leave out fields"):
        read_roster(tmp_path / "large.json")


def test_a_file_may_have_as_many_users_and_applications_as_can_be_made_up(file: Path) -> None:
    entries = {"users": MOST_USERS, "applications": MOST_APPLICATIONS}
    file.write_text(json.dumps({name: [{"id": f"{n}"} for n in range(most)] for name, most in entries.items()}))
    assert {name: len(getattr(read_roster(file), name)) for name in entries} == entries
    assert read_roster(file).named == set(entries)


@pytest.mark.parametrize(("name", "count"), [("users", 5), ("applications", 2)])
def test_a_number_beside_the_entries_of_a_file_is_refused(file: Path, name: str, count: int) -> None:
    with pytest.raises(MockserverError) as error:
        logs_of(file, TEAM, **{name: count})
    assert str(error.value) == (
        f"faker: {name}: found {name}={count} beside the {name} of {file}, expected one of the two; leave out {name}="
    )
