"""Exact bounds of what the judge reads."""

from __future__ import annotations

import gzip

import pytest

from mockserver.judge.connection import Connection
from mockserver.judge.route import logs_address
from tests.support.deployment import Answered, Deployment, serving


@pytest.mark.parametrize(("members", "read"), [(1, 1), (99, 99), (100, 100), (101, 100), (5000, 100)])
def test_a_packed_body_is_read_up_to_its_hundredth_member(members: int, read: int) -> None:
    """Each costs a copy of the bytes after it."""
    packed = Answered(200, headers={"Content-Encoding": "gzip"}, raw=gzip.compress(b"a") * members)
    with serving(Deployment(mend=lambda deployment, asked, answered: packed)) as url:
        connection = Connection(logs_address(url), 10.0, lambda: 0.0)
        answer = connection.send("GET", "/api/logs", [])
        connection.close()
    assert (answer.status, answer.body) == (200, b"a" * read)
