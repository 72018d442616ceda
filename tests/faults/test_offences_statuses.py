"""The status of each offence that sends another one than the honest answer has."""

from __future__ import annotations

import pytest

from mockserver.faults.offences import catalogue
from tests.support.cases import REQUESTS, changed, honest

# By the beginning of the name: the longest that fits counts.
STATUSES = {
    "taken": 200, "status-401-as-empty": 200, "status-401-as-page": 200, "item-of-any-word": 200,
    "status-201": 201, "status-204": 204, "status-206": 206, "range-misread": 206,
    "status-302": 302, "status-401-as-302": 302, "stale-304": 304, "since-misread": 304, "constant-etag": 304,
    "refused": 400, "status-401-as-400": 400, "status-403-as-401": 401, "status-401-as-403": 403,
    "status-404": 404, "status-401-as-404": 404, "head-refused": 404, "head-refused-bare": 405,
    "accept-weight-misread": 406, "if-none-match-misread": 412, "type-without-body": 415, "status-422": 422,
    "broken-by": 500, "status-401-as-500": 500, "status-500": 500, "any-language-misread": 500,
}  # fmt: skip
# Of a product of many, one offence of each status is enough.
MANY = ("accepted", "body-cut", "broken-by")
NAMES = [each.name for each in catalogue().values() if each.family not in MANY and each.name.startswith((*STATUSES,))]


@pytest.mark.parametrize("name", [*NAMES, "broken-by-quote", "broken-by-quote-refused"])
def test_an_offence_sends_the_status_that_belongs_to_it_and_no_other(name: str) -> None:
    """A value that is refused is told by ``-refused`` at the end of a name."""
    expected = 400 if name.endswith("-refused") and name != "head-refused" else _of_the_longest(name)
    draws = (1, 2, 3) if name == "status-500-sometimes" else (1,)
    replies = ((honest(request), changed(name, request, k)) for request in REQUESTS for k in draws)
    # A page that is not modified has no body to change: the whole page is changed instead.
    changes = {sent.status for right, sent in replies if sent and right.status not in (sent.status, 304)}
    assert changes == {expected}


def _of_the_longest(name: str) -> int:
    return STATUSES[max(filter(name.startswith, STATUSES), key=len)]
