"""Comparisons: which check an answer breaks that is not the part of the listing it should be."""

from __future__ import annotations

import pytest

from mockserver.contract.jsontext import encode
from mockserver.judge import comparisons
from mockserver.judge.answer import Answer
from mockserver.judge.checks import listing as checks
from mockserver.judge.comparisons import Comparison, spans
from mockserver.judge.reading import read_query
from mockserver.judge.validator import shape
from tests.support.samples import Log, some_logs

LOGS = some_logs(60)
KEY = (("logKey", "Interaction.Create"),)
MATCHING = [log for log in LOGS if log["key"] == "Interaction.Create"]
OTHERS = some_logs(200)[:20]


def default_page(size: int) -> Comparison:
    suspects = (checks.default_page_size, checks.order_stable, checks.default_page)
    return comparisons.part(*suspects, size=size, default=True)


def broken(compare: Comparison, logs: list[Log], listing: list[Log] = LOGS, total: str = "") -> str:
    """The check that an answer with these logs breaks; empty if it is right."""
    headers = (("Total-Number", total),) if total else ()
    mismatch = compare(listing, Answer(200, headers, encode(logs)))
    return mismatch.check.name if mismatch else ""


@pytest.mark.parametrize(
    ("logs", "expected"),
    [
        (LOGS[:20], ""),
        (LOGS[:19], "default-page-size"),
        (LOGS[:21], "default-page-size"),
        (LOGS[20:40], "default-page"),
        (LOGS[:20][::-1], "order-stable"),
    ],
)
def test_the_beginning_of_a_listing(logs: list[Log], expected: str) -> None:
    assert broken(default_page(20), logs) == expected


def test_more_than_was_asked_for_is_found_elsewhere() -> None:
    assert (
        broken(comparisons.part(checks.page_size_ignored, checks.order_stable, checks.default_page, size=5), LOGS[:6])
        == ""
    )


@pytest.mark.parametrize(
    ("number", "size", "logs", "expected"),
    [
        (3, 5, LOGS[10:15], ""),
        (3, 5, LOGS[0:5], "page-ignored"),
        (3, 5, LOGS[15:20], "page-ignored"),
        (3, 5, LOGS[2:7], "page-ignored"),
        (3, 5, LOGS[9:14], "pages-overlap"),
        (3, 5, LOGS[12:17], "pages-gap"),
        (3, 5, LOGS[10:14], "page-size-ignored"),
        (3, 5, LOGS[10:15][::-1], "order-stable"),
        (3, 5, OTHERS[:5], "pages-gap"),
        (3, 5, [], "logs-missing"),
        (3, 5, LOGS[10:16], ""),
        (2, 1, LOGS[0:1], "pages-overlap"),
    ],
)
def test_a_page_of_a_listing(number: int, size: int, logs: list[Log], expected: str) -> None:
    assert broken(comparisons.page(number, size, 60), logs) == expected


def test_a_page_of_matches_is_not_the_matches_of_a_page() -> None:
    compare = comparisons.page(1, 8, 60, KEY)
    assert broken(compare, MATCHING[:8]) == ""
    assert broken(compare, MATCHING[:1]) == "filter-after-paging"
    assert broken(compare, LOGS[:8]) == ""


def test_what_follows_a_full_window_is_not_known() -> None:
    more = [log for log in OTHERS if log["key"] == "Interaction.Create"]
    assert broken(comparisons.page(7, 2, 60, KEY), more[:2]) == ""
    assert broken(comparisons.page(7, 2, 100, KEY), more[:2]) == "pages-gap"


def test_the_first_matches_are_as_many_as_asked() -> None:
    compare = comparisons.page(1, 10, 100, KEY, checks.default_page_size)
    assert broken(compare, MATCHING[:10]) == ""
    assert broken(compare, MATCHING[:5]) == "default-page-size"


@pytest.mark.parametrize(
    ("listing", "logs", "expected"),
    [
        (LOGS, MATCHING, ""),
        (LOGS, [*MATCHING, {**MATCHING[0], "id": "older"}], ""),
        (LOGS, MATCHING[:-1], "logs-missing"),
        (LOGS, MATCHING[::-1], "order-stable"),
        (LOGS, [{**MATCHING[0], "id": "other"}, *MATCHING], "pages-gap"),
        (LOGS[:59], [*MATCHING, {**MATCHING[0], "id": "more"}], "logs-missing"),
        (LOGS, [MATCHING[0], {**MATCHING[0], "id": "other"}, *MATCHING[1:]], "logs-missing"),
        (LOGS, LOGS, ""),
    ],
)
def test_the_matches_of_a_listing_from_the_top(listing: list[Log], logs: list[Log], expected: str) -> None:
    assert broken(comparisons.matching(KEY, 60, 60, from_top=True), logs, listing) == expected


def test_the_matches_of_a_later_window_are_among_an_answer_with_room() -> None:
    compare = comparisons.matching(KEY, 60, 60, from_top=False)
    assert broken(compare, [*MATCHING, *MATCHING]) == ""
    assert broken(compare, MATCHING[1:]) == "logs-missing"
    assert broken(comparisons.matching(KEY, 5, 60, from_top=False), MATCHING[3:8]) == ""


@pytest.mark.parametrize(
    ("listing", "logs", "total", "expected"),
    [
        (LOGS[:20], [], "", ""),
        (LOGS[:20], OTHERS, "", ""),
        (LOGS[:20], OTHERS, "60", "past-the-end"),
        (LOGS[:20], OTHERS, "61", ""),
        (LOGS[:20], LOGS[19:39], "", "past-the-end"),
        (LOGS[:19], OTHERS, "", "past-the-end"),
    ],
)
def test_past_the_end_there_is_nothing(listing: list[Log], logs: list[Log], total: str, expected: str) -> None:
    assert broken(comparisons.past_the_end(4, 20, OTHERS), logs, listing, total) == expected


def test_a_total_that_counts_too_few_makes_no_page_one_past_the_end() -> None:
    """Logs that were not on any page before are those that follow: what is wrong is the total."""
    assert broken(comparisons.past_the_end(2, 20, LOGS), LOGS[20:40], LOGS[:20], "20") == ""
    assert broken(comparisons.past_the_end(3, 20, LOGS), LOGS[:20], LOGS[20:40], "40") == "past-the-end"


def test_a_page_without_a_size_has_as_many_logs_as_the_default_says() -> None:
    compare = comparisons.page(2, 20, 100, short=checks.default_page_size)
    assert broken(compare, LOGS[20:40]) == ""
    assert broken(compare, LOGS[10:20]) == broken(compare, LOGS[20:45]) == "default-page-size"
    assert broken(compare, LOGS[:20]) == "page-ignored"


def test_logs_have_gone_by_when_a_larger_page_says_that_it_counts_fewer() -> None:
    assert broken(comparisons.beyond(61, 61), LOGS, LOGS) == "page-size-ignored"
    assert broken(comparisons.beyond(61, 61), LOGS, LOGS, total="60") == ""


def test_where_a_larger_page_holds_more_the_next_page_holds_some() -> None:
    assert broken(comparisons.following(59), []) == "logs-missing"
    assert broken(comparisons.following(59), LOGS[59:]) == broken(comparisons.following(60), []) == ""


def test_after_a_short_page_there_is_nothing() -> None:
    compare = comparisons.past_the_end(2, 100, [], checks.page_size_ignored)
    assert broken(compare, []) == ""
    assert broken(compare, LOGS[:20]) == "past-the-end"
    assert broken(compare, OTHERS) == "page-size-ignored"
    assert broken(compare, OTHERS, some_logs(100)) == ""


def test_a_page_larger_than_the_reference_holds_what_there_is() -> None:
    assert broken(comparisons.beyond(61, 150), LOGS) == "page-size-ignored"
    assert broken(comparisons.beyond(61, 60), LOGS) == ""
    assert broken(comparisons.beyond(40, 150), LOGS) == ""


def test_logs_that_a_larger_page_lacks_show_that_a_cap_cut_it() -> None:
    assert broken(comparisons.behind(), LOGS[50:]) == broken(comparisons.behind(), []) == ""
    assert broken(comparisons.behind(), [*LOGS[59:], OTHERS[0]]) == "page-size-ignored"


def test_an_empty_answer_may_be_right_beside_another_that_is() -> None:
    compare = comparisons.unless_empty(comparisons.part(checks.filter_empty))
    assert broken(compare, []) == broken(compare, LOGS) == ""
    assert broken(compare, LOGS[1:]) == "filter-empty"


def test_a_part_of_a_window() -> None:
    assert broken(comparisons.part(checks.order_stable, checks.pages_gap, start=20, size=20), LOGS[20:40]) == ""
    assert (
        broken(comparisons.part(checks.order_stable, checks.pages_gap, start=20, size=20), LOGS[21:41]) == "pages-gap"
    )
    assert broken(comparisons.part(checks.order_stable, checks.pages_gap, start=20, size=20), LOGS[20:41]) == ""


def test_what_should_change_nothing() -> None:
    assert broken(comparisons.part(checks.unknown_parameter), LOGS) == ""
    assert broken(comparisons.part(checks.unknown_parameter), LOGS[1:]) == "unknown-parameter"


def test_ties_are_told_by_their_times() -> None:
    tied = [{**log, "createdAt": 1} for log in LOGS[:2]]
    mismatch = default_page(2)(tied, Answer(200, (), encode(tied[::-1])))
    assert mismatch is not None
    assert dict(mismatch.broken.evidence) == {"ties": True}


def test_positions_are_told_as_spans() -> None:
    assert spans([0, 1, 2, 7, None, None, 9]) == "logs 0-2, 7, 2 other logs, 9"
    assert spans([None, 3]) == "1 other log, 3"
    assert spans([]) == "no logs"


def test_shapes_tell_types_and_lengths() -> None:
    values = [None, True, 1.5, "abc", [1], {"a": 1}]
    assert [shape(value) for value in values] == [
        "null", "a boolean", "a number", "a string of 3 characters", "an array of 1", "an object of 1 members",
    ]  # fmt: skip


@pytest.mark.parametrize(("query", "total", "expected"), [
    ([], "29", "total-number"), ([], "30", ""), ([("logKey", "Interaction.Create")], "0", ""),
    ([("page", "9")], "0", "total-number"), ([("logKey", "Nothing")], "0", ""), ([("other", "1")], "0", ""),
])  # fmt: skip
def test_a_total_lacks_few_logs_that_match_or_fewer_than_it_counts(
    query: list[tuple[str, str]], total: str, expected: str
) -> None:
    """An undocumented parameter may well filter."""
    assert broken(comparisons.counted(lambda listing, answer: None, read_query(query)), [], total=total) == expected
