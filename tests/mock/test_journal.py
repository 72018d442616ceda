"""The journal is bounded, in order, and shows no credential."""

from __future__ import annotations

from mockserver.http.message import Request
from mockserver.mock.journal import Journal

REQUEST = Request("GET", "/t/acme/api/logs?page=2", (("authorization", "Bearer dev-token"),))


def filled(count: int, most: int = 3) -> Journal:
    journal = Journal(most=most)
    for _ in range(count):
        journal.record(REQUEST, "/api/logs", 12.5, 200, ())
    return journal


def test_the_oldest_entries_are_forgotten() -> None:
    assert [entry.id for entry in filled(5).entries()] == [3, 4, 5]


def test_a_cursor_sees_each_entry_once_also_after_a_clear() -> None:
    journal = filled(2)
    assert [entry.id for entry in journal.entries(after=1)] == [2]
    journal.clear()
    assert list(journal.entries()) == []
    journal.record(REQUEST, "/api/logs", 13.0, None, ("empty",))
    assert [entry.id for entry in journal.entries(after=journal.last - 1)] == [3]


def test_an_entry_is_shown_without_its_credential_and_its_tenant() -> None:
    entry = filled(1).record(REQUEST, "/api/logs", 12.5, 503, ("status:code=503",))
    entry.milliseconds = 1.23456
    assert entry.shown() == {
        "id": 2, "time": 12.5, "method": "GET", "path": "/api/logs", "query": "page=2",
        "headers": [["authorization", "Bearer ***"]], "status": 503, "faults": ["status:code=503"],
        "milliseconds": 1.235,
    }  # fmt: skip


def test_an_exchange_under_way_has_no_milliseconds_yet() -> None:
    assert filled(1).record(REQUEST, "/", 0.0, 200, ()).shown()["milliseconds"] is None


def test_a_credential_in_a_rule_that_the_request_brought_is_masked() -> None:
    entry = filled(1).record(REQUEST, "/api/logs", 12.5, 503, ("status:code=503,message=dev-token",))
    assert entry.shown()["faults"] == ["status:code=503,message=***"]


def test_the_oldest_entries_are_forgotten_when_they_take_too_much() -> None:
    """But for the newest, however long it is."""
    journal = Journal(most_bytes=3000)
    for target in ["/api/logs", "/api/logs?" + "a" * 1000, "/api/logs?" + "b" * 1000, "/api/logs?" + "c" * 4000]:
        journal.record(Request("GET", target), "/api/logs", 0.0, 200, ())
        assert journal.last in [entry.id for entry in journal.entries()]
    assert [entry.id for entry in journal.entries()] == [4]


def test_a_cleared_journal_has_room_again() -> None:
    journal = Journal(most_bytes=1000)
    for _ in range(2):
        journal.record(Request("GET", "/" + "a" * 90), "/", 0.0, 200, ())
        journal.clear()
    first = journal.record(Request("GET", "/"), "/", 0.0, 200, ())
    second = journal.record(Request("GET", "/"), "/", 0.0, 200, ())
    assert list(journal.entries()) == [first, second]
