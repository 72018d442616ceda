"""Exact bounds of recording: what is asked how often, and how deep texts are followed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.judge.answer import Answer
from mockserver.judge.probe import Probe
from mockserver.record.collection import collection
from mockserver.record.har import Har
from mockserver.record.pseudonyms import Pseudonyms
from mockserver.record.walk import Walk
from tests.record.test_har import encoded, entry, saved
from tests.record.test_walk import Listed, home, walk
from tests.support.samples import a_log, some_logs

KEY = Pseudonyms("k")
INNER = '{"a": 1}'


class Noted(Listed):
    """Notes the sizes of pages beside their numbers."""

    sizes: tuple[int, ...] = ()

    def ask(self, probe: Probe) -> Answer:
        self.sizes += (int(dict(probe.parameters)["page_size"]),)
        return super().ask(probe)


def test_logs_that_were_missed_are_looked_for_with_pages_of_97_and_of_89() -> None:
    """A log that no page shows stays lost; each walk goes to the end: another size puts other logs at the borders."""
    listed = Noted(Missing(some_logs(300)))
    begun = walk(listed)
    assert len(home(begun)) == 299
    assert begun.lost == "1 of 300 logs were on no page, in 3 walks over all pages"
    assert list(zip(listed.asked, listed.sizes, strict=True)) == [
        *((page, 100) for page in (1, 2, 3)), *((page, 97) for page in (1, 2, 3, 4)),
        *((page, 89) for page in (1, 2, 3, 4)),
    ]  # fmt: skip


class Missing(list[Any]):
    """A list of logs that shows its first log in place of its second one."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return [self[0] if log is list(self)[1] else log for log in found] if isinstance(place, slice) else found


@pytest.mark.parametrize(("count", "asked"), [(100, 13), (300, 17)])
def test_ten_pages_may_bring_nothing_new_beside_those_that_known_logs_fill(count: int, asked: int) -> None:
    class Liar(Listed):
        def ask(self, probe: Probe) -> Answer:
            given = dict(probe.parameters)
            super().ask(probe)
            page = (int(given["page"]) - 1) * 100 % count
            total = str(10**15 + 10**6 * (len(self.asked) if len(self.asked) > count // 100 else 0))
            return Answer(200, (("Total-Number", total),), json.dumps(self.logs[page : page + 100]).encode())

    liar = Liar(some_logs(count))
    with pytest.raises(MockserverError, match="again and again"):
        home(walk(liar))
    assert len(liar.asked) == asked


def test_a_second_walk_may_have_as_many_pages_without_a_new_log() -> None:
    class LateLiar(Listed):
        """One log is on no page; the second walk finds the same logs on each of a million pages."""

        def ask(self, probe: Probe) -> Answer:
            super().ask(probe)
            page, size = (int(dict(probe.parameters)[name]) for name in ("page", "page_size"))
            total = 101 if size == 100 else 10**8 * len(self.asked)
            shown = self.logs[:size] if size < 100 or page == 1 else []
            return Answer(200, (("Total-Number", str(total)),), json.dumps(shown).encode())

    liar = LateLiar(some_logs(100))
    with pytest.raises(MockserverError, match="again and again"):
        home(walk(liar))
    assert len(liar.asked) == 2 + 12


@pytest.mark.parametrize(
    ("count", "most", "parts"),
    [(450, float("inf"), [100 / 450, 200 / 450, 300 / 450, 400 / 450, 1]), (450, 200, [0.5, 1]), (0, 5, [0])],
)
def test_the_part_that_is_done_is_that_of_the_logs_that_are_wanted(count: int, most: float, parts: list[float]) -> None:
    with collection("", "") as logs:
        begun: Iterator[float] = Walk(Listed(some_logs(count)), (), most, float("-inf")).read(logs, lambda log: log)  # type: ignore[arg-type]  # a target of this process
        assert list(begun) == parts


@pytest.mark.parametrize(("lists", "is_followed"), [(0, True), (38, True), (39, False)])
def test_json_in_a_text_is_followed_through_forty_levels(lists: int, is_followed: bool) -> None:
    """What is followed is written anew, without blanks; the text itself is the first level."""
    text = "[" * lists + json.dumps(INNER) + "]" * lists
    found: Any = json.loads(KEY.text(text) if lists else json.dumps(KEY.text(INNER)))
    while isinstance(found, list):
        (found,) = found
    assert (" " not in found) is is_followed


@pytest.mark.parametrize(("depth", "is_followed"), [(0, True), (29, True), (30, False), (39, False), (40, False)])
def test_percent_encoding_counts_as_ten_levels(depth: int, is_followed: bool) -> None:
    found = KEY.text(quote(INNER, safe=""), depth)
    assert ("%20" not in found) is is_followed


def test_a_time_up_to_two_to_the_53_is_shifted_and_a_larger_number_stays() -> None:
    times = [2**53, 2**53 + 1, -(2**53), -(2**53) - 1]
    assert [Pseudonyms("k", shift=-7).log({"createdAt": time})["createdAt"] for time in times] == [
        2**53 - 7, 2**53 + 1, -(2**53) - 7, -(2**53) - 1,
    ]  # fmt: skip
    assert [KEY.log({"createdAt": time})["createdAt"] for time in times] == times


@pytest.mark.parametrize(
    ("more", "read", "lost"), [(0, 2, ""), (1, 1, "1 answers about logs have no body that is JSON")]
)
def test_an_answer_that_unpacks_to_sixteen_million_bytes_is_read_and_a_longer_one_is_not(
    tmp_path: Path, more: int, read: int, lost: str
) -> None:
    small, text = json.dumps([a_log(7)]), json.dumps([a_log(8)]).encode()
    packed: dict[str, Any] = {**encoded(gzip.compress(text.rjust(16_000_000 + more)))}
    path = saved(tmp_path / "a.har", entry(text=small), entry(zipped="gzip", **packed))
    with collection("", "") as logs:
        har = Har(path, ())
        assert list(har.read(logs, lambda log: log))[-1] == 1
        assert (len(logs), har.lost) == (read, lost)


def test_a_key_that_is_no_utf_8_is_a_key_too() -> None:
    """As an argument or a variable may be; one replaced letter is as good as another."""
    assert Pseudonyms("\udcff").text("anna") == Pseudonyms("?").text("anna") != "anna"
