"""The vendor's TypeScript client, unmodified, against the mock over a real socket."""

from __future__ import annotations

import json

import pytest

from tests.support.node import run
from tests.support.recordings import LOGS

USER = "u0alice00001"


@pytest.mark.parametrize("tenant", ["default", "acme"])
def test_the_vendors_client_gets_a_token_and_pages_through_filtered_logs(documented_port: int, tenant: str) -> None:
    base = f"http://127.0.0.1:{documented_port}" + ("" if tenant == "default" else f"/t/{tenant}")
    seen = run("vendor.mjs", tenant, base, json.dumps({"userId": USER}))
    expected = [log for log in LOGS if log["payload"].get("userId") == USER and log["tenantId"] == "default"]
    assert seen["total"] == len(expected) == len(seen["ids"])
    assert set(seen["ids"]) == {log["id"] for log in expected}
    assert seen["pages"] == -(-len(expected) // 20)
    assert seen["first"]["tenantId"] == tenant


def test_the_vendors_client_sees_an_empty_page_for_a_filter_that_nothing_matches(documented_port: int) -> None:
    seen = run("vendor.mjs", "default", f"http://127.0.0.1:{documented_port}", json.dumps({"logKey": "No.Such.Key"}))
    assert seen == {"total": 0, "ids": [], "pages": 1}
