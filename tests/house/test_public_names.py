"""Every public name is documented: where it is made, and in the tables that README is made of."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support import public


def test_every_public_name_has_a_sentence() -> None:
    assert public.undocumented(public.names()) == []


def test_a_name_without_one_is_found() -> None:
    class Bare:
        def method(self) -> None: ...

        @property
        def value(self) -> int: ...

        def _own(self) -> None: ...

    @dataclass
    class Record:
        """It has ``one`` field that is told."""

        one: int
        two: int

    found = dict(public.members("Bare", Bare)) | dict(public.members("Record", Record))
    assert public.undocumented(found) == ["Bare", "Bare.method", "Bare.value", "Record.two"]


@pytest.mark.parametrize(
    "name",
    [
        "logto_mock",
        "LogtoMock.faults",
        "Faults.add",
        "ArmedFault.fired",
        "Logs.add",
        "Exchange",
        "strategies.logs",
    ],
)
def test_the_names_that_users_write_are_among_them(name: str) -> None:
    assert name in public.names()


def test_the_rows_tell_each_name_once_with_its_first_sentence() -> None:
    rows = public.reference()
    assert [name.strip("`") for name, _ in rows] == list(public.names())
    assert all(meaning.endswith(".") and "``" not in meaning for _, meaning in rows)


def test_the_options_and_the_arguments_of_the_mark_have_rows() -> None:
    told = dict(public.options())
    names = ("--logto-target URL", "logto_logs", "logto_profile", "logto_seed", "logs=", "faults=", "growth=")
    assert {f"`{name}`" for name in names} <= told.keys()
    assert told["`logs=`"] == "argument of the mark, 'seeded' unless given"
