"""Rosters: the users and applications of a file, in place of made-up ones.

A frontend's other mocks know some users and applications. A roster gives them to the traffic, by the field names of
Logto's Management API, so that the answers of ``GET /api/users`` and ``GET /api/applications`` can be used as they are.
Other fields are passed over; a null or an empty text says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError, named
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.reading import listing, unreadable
from mockserver.logs.traffic.users import KINDS, PROFILE

MOST_USERS, MOST_APPLICATIONS = 1000, 100
# 4 kB a user. The JSON library reads so much in some 20 ms, during which no other thread runs.
MOST_BYTES = 4_000_000
# Characters: Logto's database has 128 for names and addresses, 2,048 for the URL of an avatar.
LONGEST_TEXT, LONGEST_URL = 128, 2_048

_EXPECTED = 'JSON such as {"users": [{"id": "u1"}], "applications": [{"id": "a1"}]}, or an array of users'
_APPLICATION_KINDS = {
    "SPA": "spa",
    "Traditional": "web",
    "Native": "native",
    "MachineToMachine": "machine",
    "Protected": "web",
    "SAML": "saml",
}
_MARK = "\ue000"  # begins the fresh texts of a template

Entries = tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """What a file says of users (id and some of ``PROFILE``) and of applications (id and kind); empty: all made up.

    Rosters with one ``digest`` are equal.
    """

    users: Entries = field(default=(), compare=False)
    applications: Entries = field(default=(), compare=False)
    digest: str = ""

    @property
    def named(self) -> set[str]:
        """Which of ``users`` and ``applications`` the file names."""
        return {name for name in ("users", "applications") if getattr(self, name)}


NOBODY = Roster()


def read_roster(path: Path) -> Roster:
    """Read a file: up to 4 MB, 1,000 users and 100 applications. Raises MockserverError that lists what is wrong (the
    first 20)."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise unreadable(path, error, _EXPECTED) from None
    if len(text) > MOST_BYTES:
        raise MockserverError(str(path), f"over {MOST_BYTES:,} bytes", "less", "leave out fields that no log shows")
    try:
        value = decode(text.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise MockserverError(str(path), f"no JSON ({error})", _EXPECTED) from None
    lists = {"users": value} if isinstance(value, list) else value
    if not isinstance(lists, dict) or not lists.keys() & {"users", "applications"}:
        raise MockserverError(str(path), f"{named(value)} without users and applications", _EXPECTED)
    problems: list[MockserverError] = []
    users = tuple(_entries(f"{path}: users", lists.get("users"), MOST_USERS, PROFILE, problems))
    entries = _entries(f"{path}: applications", lists.get("applications"), MOST_APPLICATIONS, ("type",), problems)
    applications = tuple(
        {"id": entry["id"], "kind": _APPLICATION_KINDS[entry["type"]] if "type" in entry else KINDS[at % len(KINDS)]}
        for at, entry in enumerate(entries)
    )
    if applications and not problems and all(each["kind"] in ("machine", "saml") for each in applications):
        expected = "one that people sign in to, of type SPA, Traditional, Native or Protected"
        problems.append(MockserverError(f"{path}: applications", "none that people use", expected))
    if problems:
        raise MockserverError(listing(problems))
    return Roster(users, applications, blake2b(encode([users, applications]), digest_size=8).hexdigest())


def _entries(
    place: str, value: Any, most: int, names: tuple[str, ...], problems: list[MockserverError]
) -> Iterator[dict[str, str]]:
    """Yield what each entry of a list says under its id and these names; what is wrong goes to the problems."""
    if value is None:
        return
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        found = f"{len(value):,} entries" if isinstance(value, list) else named(value)
        problems.append(MockserverError(place, found, f"an array of 1 to {most:,} entries"))
        return
    first_places: dict[str, str] = {}
    for number, entry in enumerate(value):
        here = f"{place}[{number}]"
        if not isinstance(entry, dict):
            problems.append(MockserverError(here, named(entry), 'an object such as {"id": "a1"}'))
            continue
        said = {name: entry[name] for name in ("id", *names) if entry.get(name) not in (None, "")}
        wrong = [MockserverError(f"{here}.{name}", *_wrong(name, said.get(name))) for name in ("id", *names)]
        wrong = [problem for problem in wrong if problem.found]
        if not wrong and (first := first_places.setdefault(said["id"], here)) is not here:
            wrong.append(
                MockserverError(f"{here}.id", f"{said['id']!r} again, first at {first}", "ids that are unique")
            )
        problems += wrong
        if not wrong:
            yield said


def _wrong(name: str, text: Any) -> tuple[str, str]:
    """Return what was found and what is expected under a name; two empty texts when nothing is wrong."""
    most = {"id": contract().longest_id, "avatar": LONGEST_URL}.get(name, LONGEST_TEXT)
    if text is None:
        return ("nothing", f"a text of 1 to {most} characters") if name == "id" else ("", "")
    if not isinstance(text, str):
        return named(text), f"a text of 1 to {most} characters"
    if len(text) > most:
        return f"{len(text):,} characters", f"at most {most:,}"
    if _MARK in text:
        return "the character U+E000", "a text without it, because the mock uses it for itself"
    if name == "type" and text not in _APPLICATION_KINDS:
        return repr(text), f"one of {', '.join(_APPLICATION_KINDS)}"
    if name == "primaryEmail" and not all(text.rpartition("@")[::2]):
        return named(text), "an e-mail address"
    return "", ""
