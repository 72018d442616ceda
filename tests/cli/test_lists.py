"""The lists of sources, faults, offences and checks, and the option of ``serve`` that arms a fault."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from mockserver.cli import LISTS, group, main
from mockserver.faults.kinds import KINDS
from mockserver.faults.offences import catalogue
from mockserver.judge.checks import CHECKS
from mockserver.logs.source import SOURCES


def lines(*arguments: str) -> list[str]:
    result = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output.splitlines()


def test_a_list_has_a_line_for_each_entry_of_its_registry() -> None:
    registries = {"sources": SOURCES, "faults": KINDS, "offences": catalogue(), "checks": CHECKS}
    assert set(registries) == set(LISTS)
    for command, registry in registries.items():
        names = [re.split(r"[:\t]", line)[0] for line in lines(command) if "\t" in line]
        assert names == list(registry)


def test_faults_are_listed_with_their_parameters_and_then_the_conditions() -> None:
    *listed, conditions = lines("faults")
    assert [re.split(r"[:\t]", line)[0] for line in listed] == list(KINDS)
    assert listed[0] == "status:code,error,message,retry_after\tThe status, with an error body as Logto has it."
    assert listed[2] == "hang:seconds=30.0\tNothing for a time, then a closed connection."
    names = "userId,applicationId,logKey,page,page_size"
    assert conditions == f"Every kind takes rate=1.0,times,skip=0,every=1 and matches on {names}."


def test_offences_are_listed_with_their_severities() -> None:
    listed = [line.split("\t") for line in lines("offences")]
    assert [name for name, _, _ in listed] == list(catalogue())
    assert ["overlap", "senseless"] in [row[:2] for row in listed]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fault", "statuss:code=503"], "did you mean status?"),
        (["--fault", "empty", "--fault", "status:code=503,rate=1.5"], "rate: found '1.5'"),
        (["--fault", "hang:seconds=-1"], "seconds: found '-1'"),
    ],
)
def test_serve_refuses_an_unknown_fault_and_serves_nothing(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["serve", "--port", "0", "--logs", "seeded", *arguments])
    printed = capsys.readouterr()
    assert caught.value.code == 2
    assert message in printed.err
    assert printed.out == ""
