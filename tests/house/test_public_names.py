"""Every public name has a docstring and a row in the reference."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support import public


def test_every_public_name_has_a_sentence() -> None:
    assert public.undocumented(public.names()) == []


def test_a_name_without_a_sentence_is_reported() -> None:
    class Bare:
        def method(self) -> None: ...

        @property
        def value(self) -> int: ...

        def _own(self) -> None: ...

    @dataclass
    class Record:
        """It explains ``one`` of its fields."""

        one: int
        two: int

    members = dict(public.members("Bare", Bare)) | dict(public.members("Record", Record))
    assert public.undocumented(members) == ["Bare", "Bare.method", "Bare.value", "Record.two"]


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


def test_each_name_has_one_row_with_its_first_sentence() -> None:
    rows = public.reference()
    assert [name.strip("`") for name, _ in rows] == list(public.names())
    assert all(meaning.endswith(".") and "``" not in meaning for _, meaning in rows)


def test_the_options_and_the_arguments_of_the_mark_have_rows() -> None:
    rows = dict(public.options())
    names = ("--logto-target URL", "logto_logs", "logto_profile", "logto_seed", "logs=", "faults=", "growth=")
    assert {f"`{name}`" for name in names} <= rows.keys()
    assert rows["`logs=`"] == "argument of the mark, 'seeded' unless given"
