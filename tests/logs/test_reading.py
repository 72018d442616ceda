"""Files of logs: lines or an array give the same logs, and any other file is named for what it is."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.logs import reading
from mockserver.logs.reading import LONGEST, JsonReader, _array, read_file
from mockserver.logs.source import Opening, read_source


def log(name: str = "a", **fields: Any) -> dict[str, Any]:
    payload = {"key": "Unknown", "result": "Success"}
    return {"tenantId": "default", "id": name, "key": "Unknown", "payload": payload, "createdAt": 1} | fields


LOGS = [log(name, text='é,]{"[') for name in "abc"]
LINES = "\n".join(map(json.dumps, LOGS)).encode()
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        MARK + LINES,
        json.dumps(LOGS).encode(),
        json.dumps(LOGS, ensure_ascii=False).encode(),
        MARK + json.dumps(LOGS, indent=2).encode(),
        b"\r\n [\n" + LINES.replace(b"\n", b" ,\r\n\t") + b"\n]\n\n",
    ],
)
def test_lines_and_arrays_however_printed_give_the_same_logs(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logs"
    path.write_bytes(content)
    rows, problems = read_file(path)
    assert ([row.id for row in rows], problems) == (["a", "b", "c"], [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an empty file"),
        (b"\n \n", "an empty file"),
        (MARK, "an empty file"),
        (LINES.decode().encode("utf-16"), "UTF-16 text"),
        (LINES.decode().encode("utf-16-le"), "UTF-16 text"),
        (LINES.decode().encode("utf-16-be"), "UTF-16 text"),
        (gzip.compress(LINES), "a gzip file"),
        (b"PK\x03\x04\x14\x00\x00", "a binary file"),
        (b'{"log":{"entries":[]}}', "a HAR, which holds requests"),
        (b'{\n  "log" : {\n', "a HAR, which holds requests"),
        (json.dumps(LOGS[0], indent=2).encode(), "JSON that is spread over lines"),
    ],
)
def test_any_other_file_is_one_line_that_says_what_it_is_and_what_to_do(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "logs"
    path.write_bytes(content)
    rows, problems = read_file(path)
    assert (rows, len(problems)) == ([], 1)
    assert str(problems[0]).startswith(f"{path}: found {told}, expected a file of logs: JSON lines or one JSON array")
    assert len(str(problems[0]).partition("; ")[2]) > 10


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1]", "[0]: (log): found 1, expected an object"),
        ("[", "[0]: found no JSON (expecting value)"),
        ("[1 ", "[1]: found no JSON (neither a comma nor ] before it)"),
        ("[1, ]", "[1]: found no JSON (expecting value)"),
        ("[1 2]", "[1]: found no JSON (neither a comma nor ] before it)"),
        ("[1,NaN]", "[1]: (log): found no JSON"),
        ('["\udcff"]', "[0]: (log): found no JSON (str is not valid UTF-8"),
        ("[] x", ": found more text behind the array, expected one JSON array"),
        ("[" * 100_000, "[0]: found no JSON (nested too deeply)"),
        (f'["{"x" * 1_500_000}', "[0]: found no JSON (over 1,000,000 characters)"),
        (f'["{"x" * LONGEST}"]', "[0]: (log): found over 1,000,000 bytes, expected a log"),
        (f"[{json.dumps(log())}, {json.dumps(log())}]", "[1]: id: found 'a' again, first at {path}[0]"),
    ],
)
def test_a_problem_of_an_array_names_the_item_from_0(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert str(read_file(path)[1][-1]).startswith(f"{path}{told.format(path=path)}")


@given(st.lists(st.recursive(st.integers() | st.text() | st.none(), lambda inner: st.lists(inner, max_size=3))),
       st.integers(1, 9), st.sampled_from([None, 1]))  # fmt: skip
def test_an_array_is_cut_into_its_items_wherever_the_pieces_end(items: list[Any], piece: int, indent: int) -> None:
    text = json.dumps(items, indent=indent, ensure_ascii=False).encode(errors="backslashreplace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockserver.logs.reading._PIECE", piece)
        found = list(_array(JsonReader(io.BytesIO(text)), Path("page.json")))
    assert [place for place, _ in found] == [f"[{number}]" for number in range(len(items))]
    assert [json.loads(item) for _, item in found if isinstance(item, bytes)] == items


@pytest.mark.parametrize("name", ["logs.jsonl", "a:b.jsonl", "faker.json"])
def test_a_source_may_be_the_name_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(LINES)
    for text in (name, f"./{name}", str(tmp_path / name)):
        source = read_source(text)
        assert (source.file, source.open(Opening(0)).logs("default").count(EVERYTHING)) == (text, 3)


def test_what_looks_like_a_file_is_one_and_anything_else_an_unknown_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MockserverError, match=r"^missing\.jsonl: found no such file or directory, expected a file"):
        read_source("missing.jsonl").open(Opening(0))
    for text in ("fakr", "fakr:error_rate=0.5", "a\0b"):
        with pytest.raises(MockserverError, match=r"^source: found"):
            read_source(text)
    assert (read_source("faker").file, read_source("hypothesis").file, read_source("seeded").file) == ("", "", "")


@pytest.mark.parametrize(("length", "lines"), [(50, [b"a" * 11, b"next\n"]), (1000, [b"a" * 11])])
def test_behind_a_line_that_is_too_long_to_end_nothing_is_read(
    length: int, lines: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONGEST", 10)
    monkeypatch.setattr(reading, "MOST_BYTES_A_LINE", 100)
    file = io.BytesIO(b"a" * length + b"\nnext\n")
    assert list(reading._lines(file)) == lines  # type: ignore[arg-type]  # as a file reads
    assert file.tell() <= 130
