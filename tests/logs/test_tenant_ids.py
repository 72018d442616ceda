"""Tenant ids: each tenant has ids of its own for the same drawn logs, and all else stays."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.row import Row, newest_first
from mockserver.logs.source import TenantLogs
from mockserver.logs.tenant_ids import KINDS, DrawnSource, translations
from mockserver.mock.store import Store
from tests.support.filters import by
from tests.support.traffic import opened

TENANTS = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=21)
IDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PAYLOAD = {"key": "Unknown", "result": "Success"}


def source(*named: tuple[str, float]) -> DrawnSource:
    """A source of logs with these ids and moments."""
    logs = (
        {"tenantId": "default", "id": name, "key": "Unknown", "payload": PAYLOAD, "createdAt": at} for name, at in named
    )
    return DrawnSource(newest_first(map(Row.of, logs)))


def ids(logs: TenantLogs) -> list[str]:
    return [log["id"] for log in whole(logs)]


def whole(logs: TenantLogs) -> list[dict[str, Any]]:
    return [decode(each) for each in logs.slice(EVERYTHING, 0, 10_000)]


@given(TENANTS, IDS)
def test_an_own_id_leads_back_to_the_shared_one_and_keeps_its_length(tenant: str, text: str) -> None:
    own, shared = translations(tenant)
    assert text.translate(own).translate(shared) == text == text.translate(shared).translate(own)
    assert len(text.translate(own)) == len(text)


@given(TENANTS, IDS)
def test_every_character_becomes_another_of_its_kind(tenant: str, text: str) -> None:
    """Only NUL stays; a character beyond ASCII becomes one of its fifteen neighbours."""
    for before, after in zip(text, text.translate(translations(tenant)[0]), strict=True):
        kinds = [kind for kind in KINDS if before in kind]
        assert [kind for kind in KINDS if after in kind] == kinds
        assert kinds or ord(before) // 16 == ord(after) // 16
        assert (before == after) == (before == "\0")


def test_the_kinds_are_all_of_ascii_but_nul() -> None:
    assert sorted("".join(KINDS)) == [chr(code) for code in range(1, 128)]


@pytest.mark.parametrize("text", ["hypothesis:count=300", "hypothesis:count=60,seed=2"])
def test_no_log_has_its_id_elsewhere_and_all_else_is_the_same(text: str) -> None:
    """Short ids are excepted: there are few of them."""
    tenants = ("default", "acme", "other")
    found = {
        tenant: {encode([log["createdAt"], log["payload"]]): log for log in whole(opened(text, tenant))}
        for tenant in tenants
    }
    for common in found["default"]:
        logs = [found[tenant][common] for tenant in tenants]
        assert all(contract().is_valid(log) for log in logs)
        assert len({log["key"] for log in logs}) == 1
        if len(logs[0]["id"]) > 2:
            assert len({log["id"] for log in logs}) == 3


def test_a_tenants_logs_are_found_by_its_own_ids() -> None:
    opening = source(("abc", 1), ("def", 2))
    ours, theirs = opening.logs("default"), opening.logs("acme")
    assert ids(ours) == ["def", "abc"]
    for log in whole(theirs):
        assert log["tenantId"] == "acme"
        assert decode(theirs.find(log["id"]) or b"") == log
        assert ours.find(log["id"]) is None
    assert theirs.find("abc") is None


def test_logs_of_one_moment_are_in_the_same_order_for_every_tenant() -> None:
    named = [*((letter, 5.0) for letter in reversed(string.ascii_lowercase)), ("newer", 6.0), ("older", 4.0)]
    names = ["newer", *reversed(string.ascii_lowercase), "older"]
    assert ids(source(*named).logs("default")) == names
    assert ids(source(*named).logs("acme")) == [name.translate(translations("acme")[0]) for name in names]


def test_filters_count_the_same_rows_for_every_tenant() -> None:
    opening = source(("abc", 1), ("def", 2), ("ghi", 2))
    theirs = opening.logs("acme")
    assert [theirs.count(by(logKey=key)) for key in ("Unknown", "no")] == [3, 0]
    assert theirs.newer(EVERYTHING, 1) == 2
    assert theirs.version() != opening.logs("default").version()


def test_an_added_log_may_have_an_id_of_another_tenant_but_none_of_its_own() -> None:
    store = Store("acme", source(("abc", 1), ("def", 2)).logs("acme"))
    own, _ = translations("acme")
    taken = "abc".translate(own)
    with pytest.raises(MockserverError, match="which another log has"):
        store.add_all([{"key": "Unknown", "payload": PAYLOAD, "id": taken}], lambda: "0", 0)
    added = {"key": "Unknown", "payload": PAYLOAD, "id": "abc", "createdAt": 2}
    assert decode(store.add_all([added], lambda: "0", 0)[0])["id"] == "abc"
    names = [decode(log)["id"] for log in store.readable(0)]
    assert names == ["abc", "def".translate(own), taken]


def test_tenants_share_what_they_know_of_the_rows() -> None:
    """A tenant holds nothing but its translation."""
    opening = source(("abc", 1), ("def", 2))
    ours, theirs = (vars(opening.logs(tenant)) for tenant in ("default", "acme"))
    assert ours["_shelf"] is theirs["_shelf"]
