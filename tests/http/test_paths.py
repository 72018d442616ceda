"""Paths: what each one names, and which hosts a URL can hold."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.contract.profile import DOCUMENTED, profile
from mockserver.http.paths import LIST, proper, resource

OBSERVED = profile("observed")


@pytest.mark.parametrize(
    ("path", "documented", "observed"),
    [
        ("/api/logs", LIST, LIST),
        ("/api/logs/", None, LIST),
        ("/api/LOGS", None, LIST),
        ("/API/logs", None, None),
        ("/api/logs/a", "a", "a"),
        ("/api/logs/a%2Fb", "a/b", "a/b"),
        ("/api/logs/a/", None, "a"),
        ("/api/logs/a/b", None, None),
        ("/api/logs//", None, None),
        ("/api/logsx", None, None),
        ("", None, None),
    ],
)
def test_a_path_names_the_list_one_log_or_nothing(path: str, documented: str | None, observed: str | None) -> None:
    assert (resource(path, DOCUMENTED), resource(path, OBSERVED)) == (documented, observed)


@given(st.text(min_size=1))
@example("_")
def test_any_id_that_is_percent_encoded_reads_back_and_names_no_list(log_id: str) -> None:
    path = "/api/logs/" + quote(log_id, safe="")
    assert resource(path, DOCUMENTED) == resource(path, OBSERVED) == log_id != LIST


@pytest.mark.parametrize(("raw", "expected"), [("/a#b?c", "/a"), ("/a?b#c", "/a?b"), ("#", ""), ("/a", "/a")])
def test_a_fragment_is_no_part_of_a_target(raw: str, expected: str) -> None:
    assert proper(raw) == expected
