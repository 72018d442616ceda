"""Total-Number and Link: what fits a page, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Answer, Break, ProbeExchange
from mockserver.judge.checks.check import Context, SeenLogs
from mockserver.judge.checks.headers import link, to_another_port, total_number
from mockserver.judge.checks.http import head
from mockserver.judge.probe import PLAIN, Probe, asking
from mockserver.judge.secrets import Secrets
from tests.support.samples import some_logs


def seen(probe: Probe, count: int, **headers: str) -> Context:
    pairs = (("Content-Type", "application/json"), *((n.replace("_", "-"), v) for n, v in headers.items()))
    return Context(ProbeExchange(probe, Answer(200, pairs, encode(some_logs(count)))), SeenLogs(), Secrets())


def links(query: str = "", **pages: int) -> str:
    return ", ".join(
        f'<https://logs.example.com/api/logs?{query}page={page}>; rel="{rel}"' for rel, page in pages.items()
    )


def subjects(breaks: object) -> set[str]:
    assert isinstance(breaks, list)
    return {broken.subject for broken in breaks}


def only(breaks: object) -> Break:
    assert isinstance(breaks, list)
    (broken,) = breaks
    assert isinstance(broken, Break)
    return broken


@pytest.mark.parametrize(
    ("probe", "count", "total", "expected"),
    [
        (PLAIN, 20, "45", set()),
        (PLAIN, 20, "20", set()),
        (PLAIN, 5, "5", set()),
        (PLAIN, 0, "0", set()),
        (asking(page=3), 5, "45", set()),
        (asking(page=9), 0, "45", set()),
        (asking(page=3), 5, "46", {"count"}),
        (asking(page=3), 20, "45", {"count"}),
        (PLAIN, 20, "19", {"count"}),
        (PLAIN, 0, "1", {"count"}),
        (PLAIN, 20, "many", {"number"}),
        (PLAIN, 20, "-1", {"number"}),
        (PLAIN, 20, "9" * 5000, {"number"}),
        (asking(page_size=5), 20, "3", set()),
        (asking(page="01"), 20, "3", set()),
    ],
)
def test_a_total_fits_its_page(probe: Probe, count: int, total: str, expected: set[str]) -> None:
    assert subjects(total_number(seen(probe, count, Total_Number=total))) == expected


@pytest.mark.parametrize(
    ("probe", "sent", "expected"),
    [
        (PLAIN, links(first=1, last=3, next=2), set()),
        (asking(page=2), links(first=1, last=3, prev=1, next=3), set()),
        (asking(page=3), links(first=1, last=3, prev=2), set()),
        (asking(page=9), links(first=1, last=3, prev=8), set()),
        (asking(page=9), links(first=1, last=3, prev=3), set()),
        (asking(page=2, logKey="a b"), links("logKey=a+b&", first=1, last=3, prev=1, next=3), set()),
        (PLAIN, "</api/logs?page=2>; rel=next", set()),
        (PLAIN, "<?page=2>; rel=next", set()),
        (PLAIN, links(first=1, last=3, next=2) + ', </style.css>; rel="preload"', set()),
        (PLAIN, links("page=9&", next=2), set()),
        (PLAIN, links("page=2&", next=9), {"next"}),
        (PLAIN, links(next=3), {"next"}),
        (PLAIN, links(first=1, last=3, prev=0, next=2), {"prev"}),
        (PLAIN, links(first=2, last=3, next=2), {"first"}),
        (PLAIN, links(first=1, last=4, next=2), {"last"}),
        (PLAIN, links(first=1, last=3), {"next"}),
        (asking(page=3), links(first=1, last=3, prev=2, next=4), {"next"}),
        (asking(page=2), links(prev=2, next=3), {"prev"}),
        (asking(logKey="x"), links(next=2), {"logKey"}),
        (asking(page_size=20), links("page_size=5&", next=2), {"page_size"}),
        (PLAIN, "</logs?page=2>; rel=next", {"path"}),
        (PLAIN, '<https://x.example.com/api/logs?page=2>; rel="next"; title="x", garbage', set()),
        (asking(page="01"), links("", first=7), set()),
    ],
)
def test_links_lead_where_they_say(probe: Probe, sent: str, expected: set[str]) -> None:
    assert subjects(link(seen(probe, 20, Link=sent, Total_Number="45"))) == expected


@pytest.mark.parametrize(
    ("sent", "scheme", "authority", "wrong"),
    [
        ("<http://localhost/api/logs?page=2>; rel=next", "http", "localhost:3001", True),
        ("<http://localhost:9091/api/logs?page=2>; rel=next", "http", "localhost:3001", True),
        ("<http://localhost:3001/api/logs?page=2>; rel=next", "http", "localhost:3001", False),
        ("<http://localhost:80/api/logs?page=2>; rel=next", "http", "localhost", False),
        ("<https://localhost:443?page=2>; rel=next", "https", "localhost", False),
        ("<http://localhost/api/logs?page=2>; rel=next", "https", "localhost:3001", False),
        ("<http://logs.example.com/api/logs?page=2>; rel=next", "http", "localhost:3001", False),
        ("</api/logs?page=2>; rel=next", "http", "localhost:3001", False),
        ("<http://localhost.example.com/api/logs>; rel=next", "http", "localhost:3001", False),
    ],
)
def test_a_link_to_the_same_host_has_the_port_that_was_asked(
    sent: str, scheme: str, authority: str, wrong: bool
) -> None:
    breaks = to_another_port(Answer(200, (("Link", sent),)), scheme, "localhost", authority)
    assert subjects(breaks) == ({"port"} if wrong else set())


def test_without_a_total_the_last_page_is_anybodys_guess() -> None:
    assert subjects(link(seen(PLAIN, 20, Link=links(first=1, last=99)))) == set()


def test_no_page_comes_before_the_first_with_or_without_a_total() -> None:
    assert subjects(link(seen(PLAIN, 20, Link=links(prev=0, next=2)))) == {"prev"}


@pytest.mark.parametrize(("count", "expected"), [(0, {"next"}), (1, set()), (20, set())])
def test_an_empty_page_has_no_next_page_with_or_without_a_total(count: int, expected: set[str]) -> None:
    assert subjects(link(seen(asking(page=5), count, Link=links(prev=4, next=6)))) == expected


def test_a_link_to_what_is_no_address_leads_elsewhere() -> None:
    assert subjects(link(seen(PLAIN, 20, Link='<http://[::1/api/logs>; rel="next"'))) == {"next"}


def test_what_is_not_sent_is_not_judged() -> None:
    assert total_number(seen(PLAIN, 20)) is None
    assert link(seen(PLAIN, 20)) is None
    refused = Context(ProbeExchange(PLAIN, Answer(400, (("Link", "x"), ("Total-Number", "x")))), SeenLogs(), Secrets())
    assert total_number(refused) is None
    assert link(replace(refused)) is None


@pytest.mark.parametrize(
    ("lengths", "without_match", "expected"),
    [
        (("0", "5"), False, {"length"}),
        (("5", "0"), False, set()),
        (("7", "5"), False, set()),
        (("7", "5"), True, {"length"}),
        (("5", "5"), True, set()),
        ((None, "5"), True, set()),
        (("0", None), False, set()),
    ],
)
def test_head_tells_the_length_of_get_where_every_copy_has_one(
    lengths: tuple[str | None, str | None], without_match: bool, expected: set[str]
) -> None:
    """Other lists may have grown between the two, so that nothing but a length of none is wrong there."""
    answer, get = (Answer(200, (("Content-Length", length),) if length else ()) for length in lengths)
    assert subjects(head(answer, get, without_match)) == expected


@pytest.mark.parametrize(
    ("count", "page", "total", "off"),
    [(20, 1, 19, 1), (20, 3, 45, 15), (20, 1, 0, 20), (5, 3, 46, 1), (5, 3, 50, 5), (0, 1, 7, 7)],
)
def test_a_wrong_total_tells_by_how_many_logs_it_is_off(count: int, page: int, total: int, off: int) -> None:
    """A total that is counted late may be off by some, where logs come in."""
    broken = only(total_number(seen(asking(page=page), count, Total_Number=str(total))))
    assert broken.evidence == (("off", off),)


@pytest.mark.parametrize(("count", "page", "expected"), [
    (20, 1, "from 20"), (20, 3, "from 60"), (5, 1, "5 logs"), (0, 3, "from 0 to 40"), (0, 1, "0 logs"),
])  # fmt: skip
def test_a_wrong_total_tells_which_totals_fit(count: int, page: int, expected: str) -> None:
    broken = only(total_number(seen(asking(page=page), count, Total_Number="10" if count == 20 else "99")))
    assert (broken.expected, broken.subject) == (expected, "count")


@pytest.mark.parametrize(
    ("sent", "total", "expected", "came", "off"),
    [
        (links(next=3), "45", "next: page 2", "next: page 3", True),
        (links(next=3), None, "next: page 2", "next: page 3", False),
        (links(first=1, last=3), "45", "next: page 2", "no next", True),
        (links(last=4, next=2), "45", "last: page 3", "last: page 4", True),
        (links(next=2), "20", "next: none", "next: page 2", True),
        (links(first=7, next=2), None, "first: page 1", "first: page 7", False),
        (links("page_size=20&", next=2).replace("page=2", "page=" + "9" * 81), None, "next: page 2",
         "next: page " + "9" * 80, False),
    ],
)  # fmt: skip
def test_a_wrong_link_tells_which_page_is_right_and_whether_a_total_says_so(
    sent: str, total: str | None, expected: str, came: str, off: bool
) -> None:
    """One that rests on a total may be right, where logs come in."""
    more = {} if total is None else {"Total_Number": total}
    broken = only(link(seen(PLAIN, 20, Link=sent, **more)))
    assert (broken.expected, broken.came, broken.evidence) == (expected, came, (("off", 1),) * off)


@pytest.mark.parametrize(
    ("page", "total", "expected"),
    [(9, 45, "prev: page 3 or page 8"), (4, 45, "prev: page 3"), (2, 40, "prev: page 1"), (1, 20, "prev: none")],
)
def test_beyond_the_last_page_two_pages_may_come_before(page: int, total: int, expected: str) -> None:
    broken = only(link(seen(asking(page=page), 0, Link=links(prev=7), Total_Number=str(total))))
    assert broken.expected == expected


def test_a_link_elsewhere_tells_the_end_of_its_path_alone() -> None:
    broken = only(link(seen(PLAIN, 20, Link="</t/x/audit?page=2>; rel=next")))
    assert (broken.subject, broken.evidence) == ("path", (("leads_to", "audit"),))


@pytest.mark.parametrize(
    ("status", "get", "total", "told"),
    [
        (200, 200, "", []), (405, 200, "", []), (404, 200, "", ["200, as GET"]), (406, 200, "", ["200, as GET"]),
        (400, 400, "", []), (405, 400, "", []), (200, 400, "", ["400, as GET"]), (200, 200, "0", []),
        (200, 200, "7", ["Total-Number: 0"]),
    ],
)  # fmt: skip
def test_head_has_the_status_of_get_or_405_and_counts_nothing_that_matches_nothing(
    status: int, get: int, total: str, told: list[str]
) -> None:
    answer = Answer(status, (("Total-Number", total),) if total else ())
    breaks = head(answer, Answer(get), True)
    assert [broken.expected for broken in breaks] == told
    assert subjects(breaks) == {"count" if total == "7" else "" for _ in told}
    assert head(replace(answer, status=get), Answer(get), False) == []
