"""Drawn logs: at the edges, the same for a seed, kept in the cache folder or drawn again."""

from __future__ import annotations

import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import configuration, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.contract.jsontext import encode
from mockserver.logs import edges, strategies
from mockserver.logs.edges import folder
from mockserver.logs.source import Opening, Source, read_source
from tests.support.traffic import Log, parsed

EDGES = parsed("hypothesis:count=300")
FIELDS = tuple(contract().log_schema["properties"]["payload"]["properties"])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder with nothing in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "mockserver"


class Seen:
    """A watcher that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def __call__(self, title: str, total: int, items: Iterable[Any], /) -> Iterator[Any]:
        self.told.append((title, total))
        return iter(items)


def _lines(source: Source) -> list[bytes]:
    return list(source.logs("default").slice(EVERYTHING, 0, 100))


def test_logs_are_drawn_once_and_kept(cache: Path) -> None:
    seen = Seen()
    first, second = (read_source("hypothesis:count=9,seed=1").open(Opening(0.0, watch=seen)) for _ in range(2))
    assert _lines(first) == _lines(second)
    assert seen.told == [("Drawing logs", 9)]
    assert len(list(cache.glob("hypothesis-9-1-*.jsonl"))) == 1


@pytest.mark.parametrize("damage", [b"", b"{}\n", b'{"tenantId"'])
def test_a_damaged_cache_is_drawn_again(cache: Path, damage: bytes) -> None:
    whole = _lines(read_source("hypothesis:count=3").open(Opening(0.0)))
    (file,) = cache.glob("*.jsonl")
    file.write_bytes(damage)
    assert _lines(read_source("hypothesis:count=3").open(Opening(0.0))) == whole
    assert len(file.read_bytes().splitlines()) == 3


def test_a_cache_that_cannot_be_written_is_no_error(cache: Path) -> None:
    cache.write_text("a file where a folder should be")
    assert len(_lines(read_source("hypothesis:count=3").open(Opening(0.0)))) == 3


def test_the_cache_is_in_the_home_folder_unless_the_environment_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert folder() == Path.home() / ".cache" / "mockserver"


def test_a_user_without_a_home_has_a_temporary_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative cache folder counts for none, as the XDG base directories demand."""
    monkeypatch.setenv("XDG_CACHE_HOME", "somewhere")
    assert folder() == Path(tempfile.gettempdir()) / "mockserver"


def test_the_folder_of_hypothesis_itself_stays_where_it_was(cache: Path) -> None:
    before = configuration.storage_directory(intent_to_write=False).path
    read_source("hypothesis:count=1").open(Opening(0.0))
    assert configuration.storage_directory(intent_to_write=False).path == before


def test_without_hypothesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(MockserverError, match=r"pip install '\.\[check\]'"):
        read_source("hypothesis").open(Opening(0.0))


def test_a_larger_set_begins_with_the_smaller(cache: Path) -> None:
    small, large = (read_source(f"hypothesis:count={count}").open(Opening(0.0)) for count in (5, 8))
    assert set(_lines(small)) < set(_lines(large))


def test_drawn_logs_depend_on_no_loaded_module(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis' engine would draw this constant, of a module of the project, one time in forty."""
    before = _lines(read_source("hypothesis:count=20").open(Opening(0.0)))
    (tmp_path / "local_constants.py").write_text("CONSTANT = 'a constant that is not among the global ones'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("local_constants")
    (file,) = cache.glob("*.jsonl")
    file.unlink()
    assert _lines(read_source("hypothesis:count=20").open(Opening(0.0))) == before
    del sys.modules["local_constants"]


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_payload_is_present_and_absent_where_it_may_be(field: str) -> None:
    present = {field in log["payload"] for log in EDGES}
    assert present == ({True} if field in ("key", "result") else {True, False})


def test_every_stated_length_is_reached() -> None:
    assert {1, 21} <= {len(log["id"]) for log in EDGES}
    assert {1, 128} <= {len(log["key"]) for log in EDGES}


def test_hard_characters_occur_and_nul_does_not() -> None:
    text = "".join(log["key"] for log in EDGES)
    assert any(ord(character) > 0xFFFF for character in text)
    assert any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    assert any(0 < ord(character) < 32 for character in text)
    assert b"\\u0000" not in b"".join(map(encode, EDGES))


def test_created_at_is_negative_fractional_and_huge() -> None:
    moments = [log["createdAt"] for log in EDGES]
    assert min(moments) < 0
    assert max(map(abs, moments)) > 1e20
    assert any(moment % 1 for moment in moments)


def test_results_and_forms_of_errors_are_mixed_and_deep() -> None:
    errors = [log["payload"]["error"] for log in EDGES if "error" in log["payload"]]
    assert {type(error) for error in errors} == {dict, str}
    assert {} in errors
    assert {log["payload"]["result"] for log in EDGES} == {"Success", "Error"}
    assert max(map(_depth, errors)) > 10
    assert max(_depth(log["payload"].get("params", {})) for log in EDGES) > 10


def test_payloads_have_properties_that_no_document_names() -> None:
    assert any(set(log["payload"]) - set(FIELDS) for log in EDGES)


def _depth(value: Log | str) -> int:
    return 1 + max(map(_depth, value.values()), default=0) if isinstance(value, dict) else 0


def test_an_interrupt_while_logs_are_drawn_leaves_nothing_in_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(strategies, "edge_logs", lambda _: st.none().map(interrupted))
    house = settings.get_current_profile_name()
    settings.register_profile("user", database=DirectoryBasedExampleDatabase(tmp_path))
    settings.load_profile("user")
    try:
        fuzz = edges._fuzzer()
        with pytest.raises(KeyboardInterrupt):
            fuzz(bytes(100))
    finally:
        settings.load_profile(house)
    assert not [*tmp_path.iterdir()]
