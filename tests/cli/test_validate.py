"""``mockserver validate`` judges files line by line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.conftest import FIXTURES

LOG = '{"tenantId":"default","id":"a","key":"K","payload":{"key":"K","result":"Success"},"createdAt":1}\n'


def test_files_that_keep_the_contract_pass(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("[]")
    code, out, err = run("validate", str(FIXTURES / "logs.jsonl"), str(tmp_path / "none.json"))
    count = len((FIXTURES / "logs.jsonl").read_text().splitlines())
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"{FIXTURES / 'logs.jsonl'}: {count} logs keep the contract",
        f"{tmp_path / 'none.json'}: 0 logs keep the contract",
    ]


def test_every_bad_line_is_printed_and_the_good_files_too(run: Run, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad", tmp_path / "good"
    bad.write_text(LOG + "{\n" * 30 + LOG)
    good.write_text(LOG)
    code, out, _ = run("validate", str(bad), str(good))
    lines = out.splitlines()
    assert (code, len(lines)) == (1, 22)
    assert lines[0].startswith(f"{bad}:2: (log): found no JSON")
    assert lines[20:] == ["and 11 more", f"{good}: 1 logs keep the contract"]
    code, _, err = run("serve", "--logs", f"seeded:path={bad}")
    assert (code, len(err.splitlines())) == (2, 21)


def test_an_empty_file_is_said_to_be_one_and_the_next_file_is_still_judged(run: Run, tmp_path: Path) -> None:
    empty, good = tmp_path / "empty", tmp_path / "good"
    empty.touch()
    good.write_text(LOG)
    code, out, err = run("validate", str(empty), str(good))
    assert (code, err) == (1, "")
    assert out.splitlines()[0].startswith(f"{empty}: found an empty file, expected a file of logs")
    assert out.splitlines()[1:] == [f"{good}: 1 logs keep the contract"]


def test_what_looks_personal_is_told_beside_what_breaks_the_contract(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "logs.jsonl"
    file.write_text(LOG + LOG.replace('"a"', '"b"').replace('"Success"', '"Success","ip":"93.184.216.34"') + "{}\n")
    code, out, _ = run("validate", "--private", str(file))
    assert (code, len(out.splitlines())) == (1, 6)
    assert f"\n{file}:2: payload.ip: found an IP address (93…), expected one of 192.0.2.0/24, 198.51.100.0/24, " in out
    assert run("validate", str(file))[1].count("\n") == 5
    file.write_text(LOG)
    code, out, _ = run("validate", "--private", str(file))
    assert (code, out.startswith(f"{file}: 1 logs keep the contract, and hold no address, host,")) == (0, True)
