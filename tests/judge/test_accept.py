"""An accepted finding excuses what its exchanges had in common, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.judge.answer import Answer, Break, ProbeExchange
from mockserver.judge.checks import CHECKS
from mockserver.judge.findings import Finding, Ledger, accept
from mockserver.judge.known import known_deviations
from mockserver.judge.probe import PLAIN, Probe, asking

CHECK = CHECKS["content-type"]


def exchange(probe: Probe, status: int = 200, code: str = "") -> ProbeExchange:
    return ProbeExchange(probe, Answer(status, body=f'{{"code": "{code}"}}'.encode()))


def accepted(file: Path, *found: tuple[str, ProbeExchange]) -> Ledger:
    """A file that accepts these breaks, by subject and exchange."""
    ledger = Ledger(frozenset(CHECKS))
    for subject, each in found:
        ledger.find(CHECK, Break("one thing", "another", subject), each)
    accept(file, ledger, str)
    return ledger


def excused(file: Path, subject: str, each: ProbeExchange) -> bool:
    finding = Finding(CHECK, Break("one thing", "another", subject), each)
    return finding.known_among(known_deviations("", file)) is not None


def test_findings_too_many_to_be_told_one_by_one_are_accepted_too(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    found = [(f"subject {n}", exchange(asking(page=n + 3))) for n in range(20)]
    assert len(list(accepted(file, *found))) == 10
    assert all(excused(file, *each) for each in found)
    assert not excused(file, "subject 3", exchange(asking(page=30), 500))


@pytest.mark.parametrize(
    ("subject", "news", "known"),
    [
        ("s", exchange(asking(page_size=300, userId="c")), True),
        ("s", exchange(asking(page_size=101, userId="")), True),
        ("s", exchange(asking(page_size=100, userId="a")), False),
        ("s", exchange(asking(page_size=300)), False),
        ("other", exchange(asking(page_size=300, userId="a")), False),
        ("s", exchange(asking(page_size=300, userId="a"), 400), False),
        ("s", exchange(asking(page_size=300, userId="a"), code="x"), False),
        ("s", exchange(Probe(asking(page_size=300, userId="a").pairs, method="HEAD")), False),
    ],
)
def test_an_entry_demands_what_all_exchanges_had_in_common(
    subject: str, news: ProbeExchange, known: bool, tmp_path: Path
) -> None:
    one = exchange(asking(page_size=101, userId="a", logKey="b"))
    accepted(tmp_path / "known.yaml", ("s", one), ("s", exchange(asking(page_size="1000", userId="inf"))))
    assert excused(tmp_path / "known.yaml", subject, news) is known


def test_exchanges_that_have_little_in_common_demand_little(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    accepted(file, ("s", exchange(PLAIN)), ("s", exchange(Probe(method="HEAD"), 400, "x")))
    assert excused(file, "s", exchange(Probe(method="OPTIONS"), 500, "y"))


def test_no_character_of_a_deployment_controls_a_terminal_that_shows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    accepted(file, ("\u202es\x1b[31m", exchange(PLAIN)))
    assert file.read_text().rstrip("\n").isprintable()
    assert '{"id":"content-type: �s�[31m","check"' in file.read_text()
