"""The answers about logs in a HAR come home, whatever else the browser saved, and however it encoded them."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import tracemalloc
from pathlib import Path
from typing import Any

import brotli
import pytest

from mockserver.contract.errors import MockserverError
from mockserver.record import har
from mockserver.record.collection import collection
from mockserver.record.har import Har
from tests.conftest import FIXTURES
from tests.support.samples import a_log, some_logs

SAVED = FIXTURES / "saved.har"
URL = "https://logto.example.com/api/logs"


def entry(url: str = URL, method: str = "GET", status: int = 200, zipped: str = "", **content: Any) -> dict[str, Any]:
    headers = [{"name": "content-Encoding", "value": zipped}, None] if zipped else []
    response = {"status": status, "headers": headers, "content": content}
    return {"request": {"method": method, "url": url}, "response": response}


def encoded(raw: bytes) -> dict[str, str]:
    return {"text": base64.b64encode(raw).decode(), "encoding": "base64"}


def saved(path: Path, *entries: Any) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "pages": [{}], "entries": entries, "comment": ""}, "x": 1}))
    return path


def home(path: Path, **filters: str) -> tuple[list[str], str]:
    """Returns the ids that come home, and what is said of the rest."""
    found = Har(path, tuple(filters.items()))
    with collection("", "") as logs:
        done = list(found.read(logs, lambda log: log))
        assert done == sorted(done)
        assert 0 < done[-1] <= 1
        return [json.loads(text)["id"] for text in logs.newest_first()], found.lost


def test_what_a_browser_saved_comes_home_once_newest_first() -> None:
    """Three pages, plain, in base64, and gzip in base64; a page that shifted, a single log, other requests, a 401."""
    found, lost = home(SAVED)
    with collection("", "") as logs:
        list(Har(SAVED, ()).read(logs, lambda log: log))
        times = [json.loads(text)["createdAt"] for text in logs.newest_first()]
    assert (len(found), len(set(found)), lost) == (15, 15, "")
    assert times == sorted(times, reverse=True)


def test_a_filter_leaves_other_logs_out(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.har", entry(text=json.dumps(some_logs(50))))
    found, _ = home(path, logKey="RevokeToken", userId="user00000003")
    wanted = [log for log in some_logs(50) if log["key"] == "RevokeToken"]
    assert found == [log["id"] for log in wanted if log["payload"].get("userId") == "user00000003"]
    assert 0 < len(found) < len(wanted)


TEXT = json.dumps([a_log(7)])


@pytest.mark.parametrize(
    "one",
    [
        entry(text=TEXT),
        entry(text=TEXT, zipped="br"),
        entry(status=304, text=TEXT),
        entry(f"{URL}/?page=1&page_size=20#top", text=TEXT),
        entry("http://127.0.0.1:3001/t/acme/api/logs", text=TEXT),
        entry(f"{URL}/log000000000000000007", text=json.dumps(a_log(7))),
        entry(**encoded(TEXT.encode())),
        entry(zipped="GZIP", **encoded(gzip.compress(TEXT.encode()))),
        entry(zipped="br", **encoded(brotli.compress(TEXT.encode()))),
        entry(zipped="gzip", **encoded(TEXT.encode())),
        entry(text=TEXT.replace('"key"', '"half a letter: \ud800": 1, "key"')),
    ],
    ids=itertools.count(),
)
def test_an_answer_is_read_however_it_was_saved(tmp_path: Path, one: Any) -> None:
    assert home(saved(tmp_path / "a.har", one)) == (["log000000000000000007"], "")


@pytest.mark.parametrize(
    "other",
    [
        entry(method="OPTIONS", text=TEXT),
        entry(status=401, text=TEXT),
        entry("https://logto.example.com/api/applications", text=TEXT),
        entry("https://logto.example.com/?next=/api/logs", text=TEXT),
        entry(f"{URL}/a/b", text=TEXT),
        {"request": {"method": "GET", "url": URL}},
        {"response": [], "request": None},
        7,
    ],
)
def test_any_other_entry_is_passed_over(tmp_path: Path, other: Any) -> None:
    assert home(saved(tmp_path / "a.har", other, entry(text=TEXT), other)) == (["log000000000000000007"], "")
    with pytest.raises(MockserverError, match=r"found no answer about logs, expected a HAR with"):
        home(saved(tmp_path / "a.har", other))


@pytest.mark.parametrize("bad", [{}, {"text": "[1"}, {"text": "é", "encoding": "base64"}, {"text": "\ud800"}])
def test_an_answer_without_a_body_is_told(tmp_path: Path, bad: Any) -> None:
    lost = "answers about logs have no body that is JSON"
    path = saved(tmp_path / "a.har", entry(text=TEXT), entry(**bad))
    assert home(path) == (["log000000000000000007"], f"1 {lost}")
    with pytest.raises(MockserverError, match=rf"found 1 {lost}, expected .*; save it in the browser's devel"):
        home(saved(path, entry(**bad)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "(entry 0): found no HAR (no { where there must be one), expected a HAR with answers"),
        ("hello", "no { where there must be one"),
        ("[]", "no { where there must be one"),
        ("{}", "found no answer about logs"),
        ('{"log": {"entries": {}}}', "no [ where there must be one"),
        ('{"log": {"entries": [1 2]}}', "(entry 1): found no HAR (neither a comma nor ] before it)"),
        ('{"log": {"entries": [1, ', "(entry 1): found no HAR (expecting value)"),
        ('{"log": {"a" 1}}', "no : where there must be one"),
        ('{"log": {"a": 1 "b": 2}}', "no , where there must be one"),
        ('{"log": {"entries": [' + "[" * 100_000, "(entry 0): found no HAR (nested too deeply)"),
        (json.dumps({"log": {"entries": [entry(text="[1]")]}}), "(entry 0): found something else in the list"),
        (json.dumps({"log": {"entries": [entry(text='{"items": []}')]}}), "is this Logto's GET /api/logs?"),
        (json.dumps({"log": {"entries": [entry(text=json.dumps([{"id": 1}]))]}}), "logs with a text for id"),
    ],
)
def test_a_har_of_something_else_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "a.har"
    path.write_text(text)
    with pytest.raises(MockserverError) as error:
        home(path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    if "no HAR" in told or "no answer" in told or " where there must be one" in told:
        assert error.value.expected == "a HAR with answers of GET /api/logs"
        assert error.value.remedy.startswith("save it in the browser's developer tools, with content")


def test_a_har_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"log": {"entries": [entry(text=TEXT)]}}).encode())
    assert home(path) == (["log000000000000000007"], "")


def test_the_memory_follows_the_largest_entry_and_not_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = entry("https://logto.example.com/app.js", text="x" * 200_000)
    path = saved(tmp_path / "a.har", *[other] * 100, entry(text=TEXT))
    tracemalloc.start()
    try:
        assert home(path) == (["log000000000000000007"], "")
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 10
    finally:
        tracemalloc.stop()
    monkeypatch.setattr(har, "LONGEST_ENTRY", 100_000)
    with pytest.raises(MockserverError, match=r"entry 0\): found no HAR \(over 100,000 characters\)"):
        home(path)
