"""Fresh texts: the marks in a log become slots of a template, and a pool fills the slots."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.jsontext import decode
from mockserver.logs.traffic.fresh import ADDRESS_END, LETTERS, TENANT, Fresh, pool, template

ID = b"0123456789abcdefghijk"
POOL = pool(b"key", 3, 4, b"acme")


def _filled(marked: dict[str, Any], created_at: int = 0) -> Any:
    front = b'{"tenantId":"acme","id":"'
    return decode(front + ID + template(marked).render(POOL, created_at))


def test_each_mark_becomes_a_text_of_its_kind() -> None:
    fresh = Fresh()
    marked = {"payload": {"a": fresh.token(21), "b": fresh.lower(21), "ip": f"192.0.2.{ADDRESS_END}", "t": TENANT}}
    filled = _filled(marked, 17)
    assert filled["tenantId"] == filled["payload"]["t"] == "acme"
    assert filled["id"] == ID.decode()
    assert filled["createdAt"] == 17
    assert re.fullmatch(r"[A-Za-z0-9_-]{21}", filled["payload"]["a"])
    assert re.fullmatch(r"[0-9a-z]{21}", filled["payload"]["b"])
    assert re.fullmatch(r"192\.0\.2\.[12]\d\d", filled["payload"]["ip"])


@given(st.text(st.characters(exclude_categories=["Cs", "Co"])))
def test_other_text_stays_as_it_is(text: str) -> None:
    """Percent signs above all: the body of a template is a format."""
    assert _filled({"payload": {"key": text}})["payload"]["key"] == text


def test_a_template_may_have_no_slot_at_all() -> None:
    assert template({"key": "a"}).render(POOL, 1) == b'","key":"a","createdAt":1}'


def test_the_texts_of_one_visit_differ_even_if_it_needs_more_than_a_pool() -> None:
    fresh = Fresh()
    marks = [fresh.token(43) for _ in range(20)]
    filled = _filled({"payload": {str(at): mark for at, mark in enumerate(marks)}})
    assert LETTERS < 20 * 43
    assert len(set(filled["payload"].values())) == 20


def test_each_day_visit_and_key_has_its_own_texts() -> None:
    pools = {pool(key, day, visit, b"") for key in (b"a", b"b") for day in (0, 1) for visit in (0, 1)}
    assert len(pools) == 8
    assert pool(b"a", 1, 1, b"") == pool(b"a", 1, 1, b"")
